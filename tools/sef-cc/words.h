/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Growing lists of command-line words, and the reading of response files into them.
 *
 * The wrapper has to see what is inside a response file, because -c or -pie may stand there, but
 * it should hand the file on as it is, because its content may be too long for a command line. So
 * each word remembers which argument it came from. Memory is never given back: the process ends or
 * becomes clang.
 */
#ifndef SEF_CC_WORDS_H
#define SEF_CC_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/** One word of the command line after response files are expanded. */
struct word {
    char *text;   /**< NULL: to be dropped */
    size_t arg;   /**< index in argv of the argument it came from */
    bool changed; /**< its argument cannot be handed on as it was given */
};

/** All words of a command line, in order. */
struct words {
    struct word *v;
    size_t n, cap;
};

/** An argument vector under construction; `v` has a NULL after its `n` entries. */
struct argv_list {
    char **v;
    size_t n, cap;
};

/** Read argv[1] to argv[argc - 1] into `ret`, response files (@file) expanded as clang does it:
 * GNU quoting, nested, and "@file" itself where there is no such file.
 * Errors: does not return when memory is exhausted or the nesting is too deep. */
void words_read(int argc, char **argv, struct words *ret);

/** Replace the text of a word; NULL drops it. */
void words_set(struct word *word, char *text);

/** Append one argument. The text is not copied. */
void argv_push(struct argv_list *list, char *text);

/** printf into new memory. */
char *words_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Say what is wrong on standard error, with the wrapper's name before it, and exit with 1. */
_Noreturn void words_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
