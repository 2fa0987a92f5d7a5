/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Words of a line: command lines and environments in unit files.
 */
#ifndef SEFD_WORDS_H
#define SEFD_WORDS_H

#include <stddef.h>

/** Split at spaces and tabs. Quotes, single or double, keep them; a backslash, but not between single
 * quotes, keeps the character behind it. The caller frees the vector, which ends in NULL, by
 * words_free(). Returns 0; -EINVAL quote or backslash without end; -E2BIG more than `max` words;
 * -ENOMEM. */
__attribute__((warn_unused_result)) int words_split(const char *text, size_t max, char ***ret);

/** The line that words_split() makes these words of; the caller frees it. NULL when memory is out. */
char *words_join(char *const *words);

void words_free(char **words);

#endif
