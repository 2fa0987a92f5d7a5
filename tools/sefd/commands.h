/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The commands of the control protocol, and what they share. For command*.c alone.
 */
#ifndef SEFD_COMMANDS_H
#define SEFD_COMMANDS_H

#include <jansson.h>

struct client;
struct daemon;
struct service;

/* A command answers its client itself, now or later. */

/* command_up.c */
void command_up(struct daemon *daemon, struct client *client, const json_t *request);
void command_run_once(struct daemon *daemon, struct client *client, const json_t *request);
void command_reload(struct daemon *daemon, struct client *client, const json_t *request);

/* command_service.c */
void command_down(struct daemon *daemon, struct client *client, const json_t *request);
void command_refresh(struct daemon *daemon, struct client *client, const json_t *request);
void command_restart(struct daemon *daemon, struct client *client, const json_t *request);
void command_clone(struct daemon *daemon, struct client *client, const json_t *request);
void command_unclone(struct daemon *daemon, struct client *client, const json_t *request);
void command_edit(struct daemon *daemon, struct client *client, const json_t *request);
void command_fi(struct daemon *daemon, struct client *client, const json_t *request);
void command_gcov(struct daemon *daemon, struct client *client, const json_t *request);
void command_shutdown(struct daemon *daemon, struct client *client, const json_t *request);

/* command_update.c */
void command_update(struct daemon *daemon, struct client *client, const json_t *request);
void command_rerandomize(struct daemon *daemon, struct client *client, const json_t *request);
void command_upd_run(struct daemon *daemon, struct client *client, const json_t *request);
void command_upd_status(struct daemon *daemon, struct client *client, const json_t *request);
void command_upd_stop(struct daemon *daemon, struct client *client, const json_t *request);

/* command_status.c */
void command_status(struct daemon *daemon, struct client *client, const json_t *request);

/** The result of reading a member that has a default: absent is fine, wrong is not. */
int command_optional(int r);

/** Answer that a member is missing or wrong. */
void command_refuse_member(struct client *client, int error, const char *key);

/** Members of a request; return as json_get_string(). */
int command_get_label(const json_t *request, const char **ret);
int command_get_path(const json_t *request, const char *key, const char **ret);

/** The service that a request names; answers the client if there is none. */
struct service *command_find_service(
    struct daemon *daemon, struct client *client, const json_t *request);

/** Likewise; answers the client also if it may not control the service. */
struct service *command_get_service(
    struct daemon *daemon, struct client *client, const json_t *request);

/** Answer at once, without further members. */
void command_answer(struct client *client, const char *label, const char *text);

#endif
