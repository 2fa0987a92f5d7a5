/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What an update is to: the image is copied and compared beside the event loop.
 *
 * Files are opened and made here, with what the daemon knows; the thread has descriptors, names and rules only.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sef/sef.h>

#include "client.h"
#include "images.h"
#include "preflight.h"
#include "service.h"
#include "update.h"
#include "worker.h"

struct update_check {
    struct job job;
    struct update *update; /* NULL: nobody waits */
    struct client *client; /* who wants it explained, or NULL */
    char label[LABEL_MAX + 1];
    int from, to; /* what is copied; -1: nothing */
    int old;      /* what runs; negative: it cannot be read */
    bool self, wants_diff;
    char *old_name, *new_name, *rules;
    char copy[PATH_MAX];
    /* Findings. */
    int result;
    char text[PREFLIGHT_TEXT_MAX];
    json_t *diff;
    bool same;
    char old_id[BUILD_ID_MAX], new_id[BUILD_ID_MAX];
};

static void close_files(struct update_check *check)
{
    int *const fds[] = { &check->from, &check->to, &check->old };
    for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++) {
        if (*fds[i] >= 0)
            close(*fds[i]);
        *fds[i] = -1;
    }
}

static void check_free(struct update_check *check)
{
    close_files(check);
    free(check->old_name);
    free(check->new_name);
    free(check->rules);
    json_decref(check->diff);
    free(check);
}

static struct update_check *check_new(
    const struct service *service, const struct update_request *request)
{
    struct update_check *check = calloc(1, sizeof *check);
    if (!check)
        return NULL;
    check->from = check->to = check->old = -1;
    check->self = request->flags & SEF_LU_SELF;
    check->old_name = strdup(service->image);
    check->new_name = strdup(request->image);
    check->rules = strdup(request->rules);
    if (!check->old_name || !check->new_name || !check->rules) {
        check_free(check);
        return NULL;
    }
    check->old = images_open_running(service);
    return check;
}

/* ---- In the thread ----------------------------------------------------------------------- */

static int compare(struct update_check *check, int new)
{
    const struct preflight_files files = { check->old, new, check->old_name, check->new_name };
    return preflight(&files, check->rules, check->wants_diff ? &check->diff : NULL, check->text);
}

static void copy_and_compare(struct update_check *check)
{
    check->result = images_copy(check->from, check->to);
    if (check->result < 0) {
        snprintf(check->text, sizeof check->text, "cannot copy %.256s: %s", check->new_name,
            strerror(-check->result));
        return;
    }
    check->result = compare(check, check->to);
    if (check->result < 0)
        return;
    check->same = !check->self && images_same(check->old, check->to);
    if (check->old >= 0)
        build_id_read(check->old, check->old_id);
    build_id_read(check->to, check->new_id);
}

/* It takes long to remove a large file too. */
static void run(struct job *job)
{
    struct update_check *check = (struct update_check *) job;
    copy_and_compare(check);
    if (check->result < 0)
        (void) unlink(check->copy);
    close_files(check);
}

static void run_explain(struct job *job)
{
    struct update_check *check = (struct update_check *) job;
    check->result = compare(check, check->from);
    close_files(check);
}

/* ---- Updates ----------------------------------------------------------------------------- */

static void done(struct job *job)
{
    struct update_check *check = (struct update_check *) job;
    struct update *update = check->update;
    if (update) {
        update->check = NULL;
        update->diff = json_incref(check->diff);
        update->same_image = check->same;
        memcpy(update->from.build_id, check->old_id, sizeof check->old_id);
        memcpy(update->to.build_id, check->new_id, sizeof check->new_id);
        if (check->result < 0)
            update_finish(update, -check->result, UPDATE_REFUSED "%s", check->text);
        else
            update_checked(update);
    }
    check_free(check);
}

void update_check_forget(struct update_check *check)
{
    check->update = NULL;
}

/* Open the image and make the file for its copy. */
static int open_files(struct update_check *check, struct update *update,
    const struct update_request *request, char *why)
{
    const struct service *service = update->service;
    const char *name = check->self ? check->old_name : check->new_name;
    if (check->self) {
        check->from = images_open_running(service);
        if (check->from < 0)
            snprintf(
                why, PREFLIGHT_TEXT_MAX, "cannot read %.256s: %s", name, strerror(-check->from));
    } else {
        check->from = images_open_new(service, name, request->file, request->asked, why);
    }
    if (check->from < 0)
        return check->from;
    check->to = images_create(service, update->to.generation, name, update->copy);
    strcpy(check->copy, update->copy);
    if (check->to < 0)
        snprintf(why, PREFLIGHT_TEXT_MAX, "cannot copy %.256s: %s", name, strerror(-check->to));
    return check->to < 0 ? check->to : 0;
}

int update_check(struct update *update, const struct update_request *request,
    char why[static PREFLIGHT_TEXT_MAX])
{
    struct service *service = update->service;
    struct update_check *check = check_new(service, request);
    snprintf(why, PREFLIGHT_TEXT_MAX, "%s", strerror(ENOMEM));
    if (!check)
        return -ENOMEM;
    int r = open_files(check, update, request, why);
    if (r == 0 && strchr(update->copy, '\n')) { /* paths go into lines of a request */
        snprintf(why, PREFLIGHT_TEXT_MAX, "the path of an image must not have a newline");
        r = -EINVAL;
    }
    if (r == 0 && request->rules[0])
        r = images_rules(service, update->to.generation, request->rules, update->rules, why);
    check->job = (struct job) { .run = run, .done = done };
    check->update = update;
    check->wants_diff = request->flags & SEF_LU_REHEARSE;
    if (r == 0 && (r = worker_submit(service->daemon, &check->job)) < 0)
        snprintf(why, PREFLIGHT_TEXT_MAX, "cannot be checked: %s", strerror(-r));
    if (r < 0)
        check_free(check);
    else
        update->check = check;
    return r;
}

/* ---- What an update would do, told without one ------------------------------------------- */

static void explained(struct job *job)
{
    struct update_check *check = (struct update_check *) job;
    json_t *reply;
    /* An update that is refused is explained as well as others are. */
    if (check->diff) {
        reply = client_reply_new(0, check->result ? check->text : "explained");
        (void) json_object_set_new(reply, "label", json_string(check->label));
        (void) json_object_set(reply, "diff", check->diff);
        (void) json_object_set_new(reply, "refused", json_boolean(check->result != 0));
    } else if (check->result == 0) {
        reply = client_reply_new(ENOTSUP,
            "the running version has no state table that can be read: nothing can be compared");
    } else {
        reply = client_reply_new(-check->result, check->text);
    }
    client_finish(&check->client, reply);
    check_free(check);
}

void update_explain(
    struct service *service, struct client *client, const struct update_request *request)
{
    char why[UPDATE_TEXT_MAX] = "";
    int error = update_refusal(service, why);
    if (error) {
        client_refuse(client, error, "%s", why);
        return;
    }
    struct update_check *check = check_new(service, request);
    if (!check) {
        client_refuse(client, ENOMEM, "out of memory");
        return;
    }
    check->job = (struct job) { .run = run_explain, .done = explained };
    check->from = images_open_new(service, request->image, request->file, request->asked, why);
    if (check->from < 0) {
        client_refuse(client, -check->from, "%s", why);
        check_free(check);
        return;
    }
    check->wants_diff = true;
    snprintf(check->label, sizeof check->label, "%s", service->label);
    int r = worker_submit(service->daemon, &check->job);
    if (r < 0) {
        client_refuse(client, -r, "cannot be compared: %s", strerror(-r));
        check_free(check);
        return;
    }
    client_bind(client, &check->client);
}
