/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The rules of an update as a command line gives them: a file, and policies behind it.
 */
#ifndef SEF_TOOLS_RULES_TEXT_H
#define SEF_TOOLS_RULES_TEXT_H

/** Append a line of rules for the policy `arg` (NAME=ACTION) to `*lines`, which may be NULL and is the
 * caller's to free. Returns 0, -EINVAL when it is none, -ENOMEM. */
__attribute__((warn_unused_result)) int rules_add_policy(char **lines, const char *arg);

/** The text of a file (NULL: none) with lines of policies (NULL: none) behind it. The caller frees it.
 * NULL after a message on standard error, which begins with `tool`, when the file cannot be read or all
 * have more than SEF_WIRE_RULES_MAX bytes. */
char *rules_text(const char *tool, const char *file, const char *policies);

#endif
