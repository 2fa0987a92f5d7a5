/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Words of a line, with quotes.
 */
#include "words.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char blanks[] = " \t", special[] = " \t\\\"'";

void words_free(char **words)
{
    for (char **w = words; w && *w; w++)
        free(*w);
    free(words);
}

/* Copy one word to `to` and move behind it. Returns false when it does not end. */
static bool take_word(const char **at, char *to)
{
    char quote = '\0';
    const char *c = *at;
    for (; *c && (quote || !strchr(blanks, *c)); c++) {
        if (*c == quote) {
            quote = '\0';
        } else if (!quote && (*c == '"' || *c == '\'')) {
            quote = *c;
        } else if (*c == '\\' && quote != '\'') {
            if (!*++c)
                return false;
            *to++ = *c;
        } else {
            *to++ = *c;
        }
    }
    *to = '\0';
    *at = c;
    return !quote;
}

static int split(const char *text, size_t max, char *word, char **words)
{
    size_t n = 0;
    for (text += strspn(text, blanks); *text; text += strspn(text, blanks)) {
        if (!take_word(&text, word))
            return -EINVAL;
        if (n == max)
            return -E2BIG;
        words[n] = strdup(word);
        if (!words[n++])
            return -ENOMEM;
    }
    return 0;
}

int words_split(const char *text, size_t max, char ***ret)
{
    size_t len = strlen(text);
    char *word = malloc(len + 1), **words = calloc((len + 1) / 2 + 1, sizeof *words);
    int r = word && words ? split(text, max, word, words) : -ENOMEM;
    free(word);
    if (r < 0)
        words_free(words);
    else
        *ret = words;
    return r;
}

char *words_join(char *const *words)
{
    size_t size = 1;
    for (char *const *w = words; *w; w++)
        size += 2 * strlen(*w) + 1;
    char *ret = malloc(size), *to = ret;
    for (char *const *w = words; ret && *w; w++) {
        if (to > ret)
            *to++ = ' ';
        for (const char *c = *w; *c; c++) {
            if (strchr(special, *c))
                *to++ = '\\';
            *to++ = *c;
        }
    }
    if (ret)
        *to = '\0';
    return ret;
}
