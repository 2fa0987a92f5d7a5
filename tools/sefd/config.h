/* SPDX-License-Identifier: BSD-2-Clause
 *
 * How a service is to be run: what starts it, what becomes of it when it ends, how it is updated.
 *
 * Each service owns its configuration. It comes from a request of a client or from a unit file
 * (docs/unit-files.md) and stays for every later instance; service->image, in contrast, is what runs,
 * which an update changes.
 */
#ifndef SEFD_CONFIG_H
#define SEFD_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** What becomes of a service that ended by itself or was ended for not answering. */
enum service_policy {
    SERVICE_POLICY_RESTART, /**< the endpoint stays; with state, if the service can continue */
    SERVICE_POLICY_RESET,   /**< a new endpoint and a fresh start */
    SERVICE_POLICY_NONE,    /**< stays listed as ended */
};

enum {
    CONFIG_ARGS_MAX = 4096,
    CONFIG_ENV_MAX = 16384,
    CONFIG_RESTARTS_MAX = 1000000,
    CONFIG_VARIANTS_MAX = 256,
    CONFIG_PREPARE_MS = 2000, /**< default of prepare_ms */
    CONFIG_START_MS = 10000,  /**< default of start_ms */
};

#define CONFIG_NO_GROUP     ((gid_t) - 1)
#define CONFIG_PREALLOC_MAX ((size_t) 1 << 40)

/** Strings and vectors are owned; vectors end in NULL. */
struct service_config {
    char *unit;  /**< path of the unit file; NULL: came with a request */
    char *image; /**< absolute path of what the next start runs; an update sets it */
    char **argv; /**< the first names the program */
    char *cwd;   /**< absolute path */
    char **env;  /**< NAME=value */

    enum service_policy policy;
    bool no_restart;       /**< stays ended, whatever the policy: `run` */
    bool no_backoff;       /**< restart at once, however often it ended before */
    bool standby;          /**< a second instance is to wait, ready to take over */
    bool start;            /**< unit files: start with the daemon */
    unsigned heartbeat_ms; /**< time between pings, 0: none */
    unsigned restarts;     /**< what the restart counter begins with */
    char *script; /**< absolute path of the recovery script, run in place of a restart; or NULL */

    int state;           /**< SEF_LU_STATE_* in which it is updated if a request names none */
    char *expression;    /**< for SEF_LU_STATE_EVAL, else NULL */
    unsigned prepare_ms; /**< time limit of the preparation of an update, 0: unlimited */
    unsigned start_ms;   /**< time limit of an initialisation, 0: unlimited */
    size_t prealloc;     /**< bytes of the init buffer of a new instance, 0: none */

    char **variants;         /**< absolute paths of images to rerandomize with, or NULL */
    uint64_t rerandomize_ms; /**< time between updates to another variant, 0: none */
    unsigned asr_count;      /**< number of the variant that runs, from 1; 0: none */

    uid_t uid; /**< the service's owner: who may control it besides root and the daemon's user */
    gid_t gid; /**< members of this group too; CONFIG_NO_GROUP: none */
    /* Whether a request of the owner named it, who must be able to read it then: */
    bool image_asked;
    bool files_asked; /**< a variant or the script */
};

/** All defaults: nothing to start, owned by the daemon's user. */
void service_config_init(struct service_config *config);

/** Free what a configuration owns; it is as after service_config_init() then. */
void service_config_deinit(struct service_config *config);

/** Copy a configuration over another one, whose memory is freed. Returns 0, or -ENOMEM with nothing
 * changed. */
__attribute__((warn_unused_result)) int service_config_copy(
    struct service_config *to, const struct service_config *from);

/** Copy a string into a member, whose old one is freed; NULL is copied as NULL. Returns 0 or
 * -ENOMEM. */
__attribute__((warn_unused_result)) int service_config_set(char **member, const char *text);

/** Likewise a vector. */
__attribute__((warn_unused_result)) int service_config_set_vector(
    char ***member, const char *const *strings);

/** Add a string NAME=value to the environment, in place of the one with that name if there is one.
 * Returns 0, -E2BIG beyond CONFIG_ENV_MAX, -ENOMEM. */
__attribute__((warn_unused_result)) int service_config_add_env(
    struct service_config *config, const char *string);

/** The name of a policy. */
const char *service_policy_name(enum service_policy policy);

/** Read the name of a policy. Returns 0 or -EINVAL. */
__attribute__((warn_unused_result)) int service_policy_parse(
    const char *text, enum service_policy *ret);

#endif
