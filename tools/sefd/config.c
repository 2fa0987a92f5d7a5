/* SPDX-License-Identifier: BSD-2-Clause
 *
 * How a service is to be run: defaults, copies and the names of policies.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sef/sef.h>

static const char *const policy_names[] = {
    [SERVICE_POLICY_RESTART] = "restart",
    [SERVICE_POLICY_RESET] = "reset",
    [SERVICE_POLICY_NONE] = "none",
};
enum { N_POLICIES = sizeof policy_names / sizeof policy_names[0] };

const char *service_policy_name(enum service_policy policy)
{
    return policy_names[policy];
}

int service_policy_parse(const char *text, enum service_policy *ret)
{
    for (int i = 0; i < N_POLICIES; i++) {
        if (strcmp(text, policy_names[i]) == 0) {
            *ret = (enum service_policy) i;
            return 0;
        }
    }
    return -EINVAL;
}

static void free_vector(char **strings)
{
    for (char **s = strings; s && *s; s++)
        free(*s);
    free(strings);
}

int service_config_set(char **member, const char *text)
{
    char *copy = text ? strdup(text) : NULL;
    if (text && !copy)
        return -ENOMEM;
    free(*member);
    *member = copy;
    return 0;
}

int service_config_set_vector(char ***member, const char *const *strings)
{
    char **copy = NULL;
    size_t n = 0;
    while (strings && strings[n])
        n++;
    if (strings && !(copy = calloc(n + 1, sizeof *copy)))
        return -ENOMEM;
    for (size_t i = 0; i < n; i++) {
        copy[i] = strdup(strings[i]);
        if (!copy[i]) {
            free_vector(copy);
            return -ENOMEM;
        }
    }
    free_vector(*member);
    *member = copy;
    return 0;
}

int service_config_add_env(struct service_config *config, const char *string)
{
    size_t n = 0, name = strcspn(string, "=") + 1;
    for (; config->env && config->env[n]; n++) {
        if (strncmp(config->env[n], string, name) == 0)
            return service_config_set(&config->env[n], string);
    }
    if (n >= CONFIG_ENV_MAX)
        return -E2BIG;
    char **env = realloc(config->env, (n + 2) * sizeof *env);
    if (!env)
        return -ENOMEM;
    config->env = env;
    env[n + 1] = NULL;
    env[n] = strdup(string);
    return env[n] ? 0 : -ENOMEM;
}

void service_config_init(struct service_config *config)
{
    *config = (struct service_config) {
        .policy = SERVICE_POLICY_NONE,
        .state = SEF_LU_STATE_WORK_FREE,
        .prepare_ms = CONFIG_PREPARE_MS,
        .start_ms = CONFIG_START_MS,
        .uid = geteuid(),
        .gid = CONFIG_NO_GROUP,
    };
}

void service_config_deinit(struct service_config *config)
{
    free(config->unit);
    free(config->image);
    free_vector(config->argv);
    free(config->cwd);
    free_vector(config->env);
    free_vector(config->variants);
    free(config->script);
    free(config->expression);
    service_config_init(config);
}

int service_config_copy(struct service_config *to, const struct service_config *from)
{
    struct service_config copy = *from;
    copy.unit = copy.image = copy.cwd = copy.script = copy.expression = NULL;
    copy.argv = copy.env = copy.variants = NULL;
    int r = service_config_set(&copy.unit, from->unit);
    if (r == 0)
        r = service_config_set(&copy.image, from->image);
    if (r == 0)
        r = service_config_set(&copy.cwd, from->cwd);
    if (r == 0)
        r = service_config_set(&copy.script, from->script);
    if (r == 0)
        r = service_config_set(&copy.expression, from->expression);
    if (r == 0)
        r = service_config_set_vector(&copy.argv, (const char *const *) from->argv);
    if (r == 0)
        r = service_config_set_vector(&copy.env, (const char *const *) from->env);
    if (r == 0)
        r = service_config_set_vector(&copy.variants, (const char *const *) from->variants);
    if (r < 0) {
        service_config_deinit(&copy);
        return r;
    }
    service_config_deinit(to);
    *to = copy;
    return 0;
}
