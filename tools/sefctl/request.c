/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Making a request and exchanging it with the daemon.
 */
#include "sefctl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sef/sef.h>

#include "control.h"
#include "rules_text.h"

static const char *const command_names[] = {
    [COMMAND_UP] = "up",
    [COMMAND_RUN] = "run",
    [COMMAND_DOWN] = "down",
    [COMMAND_REFRESH] = "refresh",
    [COMMAND_RESTART] = "restart",
    [COMMAND_CLONE] = "clone",
    [COMMAND_UNCLONE] = "unclone",
    [COMMAND_EDIT] = "edit",
    [COMMAND_UPDATE] = "update",
    [COMMAND_UPD_RUN] = "upd_run",
    [COMMAND_UPD_STOP] = "upd_stop",
    [COMMAND_UPD_STATUS] = "upd_status",
    [COMMAND_RERANDOMIZE] = "rerandomize",
    [COMMAND_FI] = "fi",
    [COMMAND_GCOV] = "gcov",
    [COMMAND_STATUS] = "status",
    [COMMAND_RELOAD] = "reload",
    [COMMAND_SHUTDOWN] = "shutdown",
};

static json_t *vector(char *const *strings, bool skip_bad)
{
    json_t *array = json_array();
    for (; array && *strings; strings++) {
        json_t *string = json_string(*strings);
        if (!string && skip_bad)
            continue;
        if (json_array_append_new(array, string) < 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

/* A path as the daemon, which works elsewhere, must have it. Links stay: their names mean
 * something to the user. */
static json_t *absolute(const char *cwd, const char *path)
{
    if (path[0] == '/')
        return json_string(path);
    while (strncmp(path, "./", 2) == 0)
        path += 2;
    return json_sprintf("%s/%s", strcmp(cwd, "/") == 0 ? "" : cwd, path);
}

/* Set a member; false when its value could not be made. */
static bool set(json_t *request, const char *key, json_t *value)
{
    return json_object_set_new(request, key, value) == 0;
}

static bool add_members(
    json_t *request, const struct options *o, const char *cwd, const char *rules)
{
    bool ok = true;
    if (o->label)
        ok = ok && set(request, "label", json_string(o->label));
    if (o->image && !o->self)
        ok = ok && set(request, "image", absolute(cwd, o->image));
    if (o->settings)
        ok = ok && set(request, "settings", json_incref(o->settings));
    if (o->members)
        ok = ok && json_object_update(request, o->members) == 0;
    if (o->args) {
        ok = ok && set(request, "args", vector(o->args, false));
        ok = ok && set(request, "cwd", json_string(cwd));
        ok = ok && set(request, "env", vector(environ, true));
    }
    if (o->expression)
        ok = ok && set(request, "eval", json_string(o->expression));
    if (o->expression || o->state)
        ok =
            ok && set(request, "state", json_integer(o->expression ? SEF_LU_STATE_EVAL : o->state));
    if (o->rehearse)
        ok = ok && set(request, "rehearse", json_true());
    if (o->explain)
        ok = ok && set(request, "explain", json_true());
    if (o->no_block)
        ok = ok && set(request, "no_block", json_true());
    if (rules && *rules)
        ok = ok && set(request, "rules", json_string(rules));
    return ok;
}

json_t *request_new(const struct options *o)
{
    char cwd[PATH_MAX], *rules = NULL;
    if (!getcwd(cwd, sizeof cwd)) {
        fprintf(stderr, "sefctl: no working directory: %s\n", strerror(errno));
        return NULL;
    }
    if ((o->rules || o->policies) && !(rules = rules_text("sefctl", o->rules, o->policies)))
        return NULL;
    json_t *request =
        json_pack("{s:i, s:s}", "version", CONTROL_VERSION, "command", command_names[o->command]);
    bool ok = request && add_members(request, o, cwd, rules);
    free(rules);
    if (ok)
        return request;
    fprintf(stderr, "sefctl: paths, arguments, expressions and rules must be UTF-8\n");
    json_decref(request);
    return NULL;
}

static int connect_to(const struct options *o, const char **path)
{
    static char standard[PATH_MAX];
    char dir[PATH_MAX];
    struct sockaddr_un address;
    *path = o->socket;
    if (!o->socket) {
        int r = control_runtime_dir(dir);
        if (r < 0)
            return r;
        if (snprintf(standard, sizeof standard, "%s/control", dir) >= (int) sizeof standard)
            return -ENAMETOOLONG;
        *path = standard;
    }
    int r = control_address(*path, &address);
    if (r < 0)
        return r;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (connect(fd, (struct sockaddr *) &address, sizeof address) < 0) {
        r = -errno;
        close(fd);
        return r;
    }
    return fd;
}

/* The image of an update as a descriptor: the daemon is to read what this user can. -1 if there is none; the daemon
 * then tells what is wrong with the path. */
static int open_image(const struct options *o)
{
    if (o->command != COMMAND_UPDATE || !o->image || o->self)
        return -1;
    return open(o->image, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

/* Send bytes and, unless it is -1, a descriptor. */
static ssize_t send_some(int fd, const unsigned char *bytes, size_t len, int file)
{
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control = { .header = { .cmsg_len = CMSG_LEN(sizeof(int)),
                      .cmsg_level = SOL_SOCKET,
                      .cmsg_type = SCM_RIGHTS } };
    union {
        const unsigned char *from;
        void *base;
    } at = { .from = bytes }; /* sendmsg() writes to none of it */
    struct iovec iov = { .iov_base = at.base, .iov_len = len };
    struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
    if (file >= 0) {
        memcpy(CMSG_DATA(&control.header), &file, sizeof file);
        message.msg_control = &control;
        message.msg_controllen = sizeof control;
    }
    return sendmsg(fd, &message, MSG_NOSIGNAL);
}

static int send_all(int fd, const unsigned char *bytes, size_t len, int file)
{
    while (len > 0) {
        ssize_t n = send_some(fd, bytes, len, file);
        if (n < 0 && errno != EINTR)
            return -errno;
        if (n > 0) {
            bytes += n;
            len -= (size_t) n;
            file = -1;
        }
    }
    return 0;
}

static int receive(int fd, json_t **ret)
{
    struct control_reader reader = { .max = CONTROL_REPLY_MAX };
    char why[JSON_ERROR_TEXT_LENGTH];
    int r;
    do
        r = control_reader_fill(&reader, fd);
    while (r == 0);
    if (r > 0)
        r = control_reader_parse(&reader, ret, why);
    control_reader_deinit(&reader);
    return r;
}

/* Replies up to the final one. A daemon that refuses a request early may close before it has read
 * all of it; its reply is still there to be read. */
static int exchange(const struct options *o, int fd, const json_t *request, json_t **ret)
{
    unsigned char *frame;
    size_t len;
    int r = control_frame(request, CONTROL_REQUEST_MAX, &frame, &len);
    if (r < 0)
        return r;
    int file = open_image(o), sent = send_all(fd, frame, len, file);
    if (file >= 0)
        close(file);
    free(frame);
    for (;;) {
        json_t *reply;
        r = receive(fd, &reply);
        if (r < 0)
            return sent < 0 ? sent : r;
        const char *type = json_string_value(json_object_get(reply, "type"));
        if (type && strcmp(type, "reply") == 0) {
            *ret = reply;
            return 0;
        }
        const char *phase = json_string_value(json_object_get(reply, "phase"));
        if (phase && o->verbose)
            fprintf(stderr, "%s: %s\n", o->label ? o->label : "sefctl", phase);
        json_decref(reply);
    }
}

/* What the error of a connect() tells about the daemon. */
static const char *explain(int error)
{
    switch (error) {
    case ENOENT:
        return "; no sefd uses this socket (see --socket)";
    case ECONNREFUSED:
        return "; sefd was killed, services that it left come back to the next sefd";
    case EACCES:
    case EPERM:
        return "; it belongs to another user";
    default:
        return "";
    }
}

static void no_answer(const struct options *o, int error)
{
    fprintf(stderr, "sefctl: no answer from sefd: %s\n",
        error == ENODATA || error == ECONNRESET || error == EPIPE ? "it closed the connection"
        : error == EMSGSIZE                                       ? "the request is too large"
                                                                  : strerror(error));
    if (o->label && o->command != COMMAND_STATUS && error != EMSGSIZE)
        fprintf(stderr, "%s: what became of it is not known, see \"sefctl status %s\"\n", o->label,
            o->label);
}

/* Another user's daemon starts services with its own environment, and need not know this one. */
static void keep_to_oneself(int fd, json_t *request)
{
    struct ucred peer;
    socklen_t len = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 && peer.uid == geteuid())
        return;
    (void) json_object_del(request, "env");
    (void) json_object_del(request, "cwd");
}

json_t *request_send(const struct options *o, json_t *request)
{
    const char *path;
    json_t *reply = NULL;
    int fd = connect_to(o, &path);
    if (fd < 0) {
        fprintf(
            stderr, "sefctl: cannot reach sefd at %s: %s%s\n", path, strerror(-fd), explain(-fd));
        return NULL;
    }
    keep_to_oneself(fd, request);
    int r = exchange(o, fd, request, &reply);
    close(fd);
    if (r < 0)
        no_answer(o, -r);
    return reply;
}
