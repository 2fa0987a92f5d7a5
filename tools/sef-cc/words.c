/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Words of a command line; see words.h.
 *
 * Response files follow clang's GNU rules: words end at white space, a backslash takes the next
 * character literally, single and double quotes group, and a backslash escapes inside both.
 */
#include "words.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_NESTING 32

_Noreturn void words_fail(const char *format, ...)
{
    va_list ap;

    fputs("sef-cc: error: ", stderr);
    va_start(ap, format);
    vfprintf(stderr, format, ap);
    va_end(ap);
    fputc('\n', stderr);
    exit(1);
}

char *words_format(const char *format, ...)
{
    va_list ap;
    char *text;
    int n;

    va_start(ap, format);
    n = vasprintf(&text, format, ap);
    va_end(ap);
    if (n < 0)
        words_fail("out of memory");
    return text;
}

/** Make room for one more entry of `size` bytes in an array that holds `n`. */
static void *grow(void *v, size_t n, size_t *cap, size_t size)
{
    if (n < *cap)
        return v;
    *cap = *cap ? *cap * 2 : 64;
    v = reallocarray(v, *cap, size);
    if (!v)
        words_fail("out of memory");
    return v;
}

void argv_push(struct argv_list *list, char *text)
{
    list->v = grow(list->v, list->n + 1, &list->cap, sizeof(*list->v));
    list->v[list->n++] = text;
    list->v[list->n] = NULL;
}

void words_set(struct word *word, char *text)
{
    word->text = text;
    word->changed = true;
}

static void words_push(struct words *words, char *text, size_t arg, bool changed)
{
    words->v = grow(words->v, words->n, &words->cap, sizeof(*words->v));
    words->v[words->n++] = (struct word) { text, arg, changed };
}

/** The whole file as a string, or NULL if it cannot be read; `once`: it cannot be read again. */
static char *read_text(const char *path, bool *once)
{
    size_t size = 0, cap = 0, n;
    FILE *file = fopen(path, "re");
    char *text = NULL;
    struct stat st;

    if (!file)
        return NULL;
    *once |= fstat(fileno(file), &st) != 0 || !S_ISREG(st.st_mode);
    do {
        text = grow(text, size + 1, &cap, 1);
        n = fread(text + size, 1, cap - size - 1, file);
        size += n;
    } while (n > 0);
    text[size] = '\0';
    if (ferror(file)) {
        free(text);
        text = NULL;
    }
    fclose(file);
    return text;
}

/** Take the next word off `*pos`, unquoted, in place. NULL at the end of the text. */
static char *next_word(char **pos)
{
    char *in = *pos + strspn(*pos, " \t\r\n\f\v"), *out = in, *start = in;
    char quote = 0;

    if (!*in) {
        *pos = in;
        return NULL;
    }
    for (; *in && (quote || !strchr(" \t\r\n\f\v", *in)); in++) {
        if (*in == '\\' && in[1])
            *out++ = *++in;
        else if (quote ? *in == quote : *in == '"' || *in == '\'')
            quote = quote ? 0 : *in;
        else
            *out++ = *in;
    }
    *pos = *in ? in + 1 : in;
    *out = '\0';
    return start;
}

static void read_word(struct words *words, char *text, size_t arg, bool once, unsigned depth)
{
    char *content = text[0] == '@' ? read_text(text + 1, &once) : NULL;
    char *word;

    if (!content) {
        words_push(words, text, arg, once);
        return;
    }
    if (depth == MAX_NESTING)
        words_fail("response file '%s' is nested too deeply", text + 1);
    while ((word = next_word(&content)))
        read_word(words, word, arg, once, depth + 1);
}

void words_read(int argc, char **argv, struct words *ret)
{
    for (int i = 1; i < argc; i++)
        read_word(ret, argv[i], (size_t) i, false, 0);
}
