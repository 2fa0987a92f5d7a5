/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Named allocators; see allocators.h.
 *
 * They go through the environment because a plugin's options reach neither assembler inputs nor
 * link-time compilation on clang's command line. They are checked here, where the message can name
 * the option or the line of the file.
 */
#include "allocators.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PASS_OPTIONS "MAGIC_PASS_OPTIONS"
#define COUNT(a)     (sizeof(a) / sizeof((a)[0]))

/** An option: what it is for the pass, and what must follow the function's name. */
static const struct role {
    const char *option, *key, *form;
    unsigned most;
} roles[] = {
    { "--sef-alloc=", "alloc", "NAME:SIZEARG[:COUNTARG]", 2 },
    { "--sef-pool=", "pool", "NAME:SIZEARG[:COUNTARG]", 2 },
    { "--sef-free=", "free", "NAME:PTRARG", 1 },
};

/** The length of a C identifier, with the dots and dollars that symbols may have. */
static size_t name_length(const char *text)
{
    size_t n = 0;

    while (isalnum((unsigned char) text[n]) || (text[n] && strchr("_.$", text[n])))
        n++;
    return n;
}

/** True for ":N" once or up to `most` times, N from 0 to 99. */
static bool are_numbers(const char *text, unsigned most)
{
    unsigned n = 0;

    for (; *text == ':' && n < most; n++) {
        size_t digits = strspn(text + 1, "0123456789");

        if (digits < 1 || digits > 2)
            return false;
        text += 1 + digits;
    }
    return n > 0 && !*text;
}

static bool is_well_formed(const struct role *role, const char *text)
{
    size_t n = name_length(text);

    return n > 0 && are_numbers(text + n, role->most) &&
           (role->most != 1 || strcmp(text + n, ":0") != 0);
}

static void add(char **options, const struct role *role, const char *text, const char *where)
{
    if (!is_well_formed(role, text))
        words_fail("%s'%s' is not %s%s with arguments counted from 1", where, text, role->option,
            role->form);
    *options = words_format("%s%s%s=%s", *options, **options ? ";" : "", role->key, text);
}

/** Take blanks and a comment off a line; what is left is in `line` itself. */
static char *bare(char *line)
{
    size_t n = strcspn(line, "#\r\n");

    while (n > 0 && isspace((unsigned char) line[n - 1]))
        n--;
    line[n] = '\0';
    return line + strspn(line, " \t");
}

static void add_file(char **options, const struct role *role, const char *path)
{
    FILE *in = fopen(path, "re");
    char *line = NULL;
    size_t cap = 0;

    if (!in)
        words_fail("%s@%s: %s", role->option, path, strerror(errno));
    for (unsigned number = 1; getline(&line, &cap, in) >= 0; number++) {
        char *text = bare(line);

        if (*text)
            add(options, role, text, words_format("%s:%u: ", path, number));
    }
    if (ferror(in))
        words_fail("%s@%s: %s", role->option, path, strerror(errno));
    free(line);
    fclose(in);
}

static const struct role *role_of(const char *text)
{
    for (size_t i = 0; i < COUNT(roles); i++)
        if (!strncmp(text, roles[i].option, strlen(roles[i].option)))
            return &roles[i];
    return NULL;
}

void allocators_take(struct words *words)
{
    const char *given = getenv(PASS_OPTIONS);
    char *options = words_format("%s", given ? given : "");
    bool any = false;

    for (size_t i = 0; i < words->n; i++) {
        char *text = words->v[i].text;
        const struct role *role = text ? role_of(text) : NULL;

        if (text && !strncmp(text, "--sef-", 6) && !role)
            words_fail("unknown option %s", text);
        if (!role)
            continue;
        text += strlen(role->option);
        if (*text == '@')
            add_file(&options, role, text + 1);
        else
            add(&options, role, text, role->option);
        words_set(&words->v[i], NULL);
        any = true;
    }
    if (any && setenv(PASS_OPTIONS, options, 1) != 0)
        words_fail("out of memory");
}
