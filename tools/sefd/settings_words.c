/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Settings whose values are words: the program, its environment, its variants, its owner.
 */
#include "settings_words.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "settings.h"
#include "words.h"

int settings__bad(char *why, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(why, SETTINGS_TEXT_MAX, format, args);
    va_end(args);
    return -EINVAL;
}

int settings__set_program(struct service_config *config, void *field, const char *value, char *why)
{
    char **words;
    (void) field;
    int r = words_split(value, CONFIG_ARGS_MAX, &words);
    if (r == -EINVAL)
        return settings__bad(why, "has a quote or backslash without end");
    if (r < 0)
        return r;
    if (!words[0] || words[0][0] != '/' || strlen(words[0]) >= PATH_MAX)
        r = settings__bad(why, "begins with the absolute path of the image");
    if (r == 0)
        r = service_config_set(&config->image, words[0]);
    if (r == 0)
        r = service_config_set_vector(&config->argv, (const char *const *) words);
    words_free(words);
    return r;
}

/* Adds to what there is; a later value of a name replaces an earlier one. */
int settings__set_environment(
    struct service_config *config, void *field, const char *value, char *why)
{
    char **words = NULL;
    (void) field;
    int r = words_split(value, CONFIG_ENV_MAX, &words);
    if (r == -EINVAL)
        return settings__bad(why, "has a quote or backslash without end");
    for (char **w = words; r == 0 && w && *w; w++) {
        const char *equals = strchr(*w, '=');
        if (!equals || equals == *w)
            r = settings__bad(why, "has words NAME=value, not \"%.100s\"", *w);
        else
            r = service_config_add_env(config, *w);
    }
    words_free(words);
    return r;
}

int settings__set_variants(struct service_config *config, void *field, const char *value, char *why)
{
    char **words;
    (void) config;
    int r = words_split(value, CONFIG_VARIANTS_MAX, &words);
    if (r == -EINVAL)
        return settings__bad(why, "has a quote or backslash without end");
    if (r == -E2BIG)
        return settings__bad(why, "has up to %d paths", CONFIG_VARIANTS_MAX);
    if (r < 0)
        return r;
    for (char **w = words; r == 0 && *w; w++) {
        if (**w != '/' || strlen(*w) >= PATH_MAX)
            r = settings__bad(why, "has absolute paths, not \"%.100s\"", *w);
    }
    if (r == 0)
        r = service_config_set_vector(field, words[0] ? (const char *const *) words : NULL);
    words_free(words);
    return r;
}

char *settings__get_variants(const struct service_config *config, const void *field)
{
    (void) field;
    return config->variants ? words_join(config->variants) : NULL;
}

static int parse_owner(char *user, struct service_config *config, char *why)
{
    char *group = strchr(user, ':');
    if (group)
        *group++ = '\0';
    const struct passwd *pw = getpwnam(user);
    if (!pw)
        return settings__bad(why, "names a user that there is not: \"%.100s\"", user);
    uid_t uid = pw->pw_uid;
    gid_t gid = CONFIG_NO_GROUP;
    if (group) {
        const struct group *gr = getgrnam(group);
        if (!gr)
            return settings__bad(why, "names a group that there is not: \"%.100s\"", group);
        gid = gr->gr_gid;
    }
    config->uid = uid;
    config->gid = gid;
    return 0;
}

int settings__set_owner(struct service_config *config, void *field, const char *value, char *why)
{
    (void) field;
    char *copy = strdup(value);
    int r = copy ? parse_owner(copy, config, why) : -ENOMEM;
    free(copy);
    return r;
}
