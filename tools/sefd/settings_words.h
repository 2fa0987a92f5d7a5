/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Settings whose values are words; for settings.c alone, whose table says what the functions are for.
 */
#ifndef SEFD_SETTINGS_WORDS_H
#define SEFD_SETTINGS_WORDS_H

#include "config.h"

/* Return 0, or a negative errno value: with -EINVAL the reason is in `why`. */
int settings__set_program(struct service_config *config, void *field, const char *value, char *why);
int settings__set_environment(
    struct service_config *config, void *field, const char *value, char *why);
int settings__set_variants(
    struct service_config *config, void *field, const char *value, char *why);
int settings__set_owner(struct service_config *config, void *field, const char *value, char *why);

/** The variants as one text, the caller's to free; NULL: none. */
char *settings__get_variants(const struct service_config *config, const void *field);

/** Say in `why`, of SETTINGS_TEXT_MAX bytes, what is wrong with a value. Returns -EINVAL. */
int settings__bad(char *why, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
