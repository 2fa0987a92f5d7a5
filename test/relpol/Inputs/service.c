/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A service that stores numbers for its clients, over a Unix socket, a line a request:
 *
 *   add N      store a number                 busy, idle    reach, or do not reach, what updates wait for
 *   get        version, process, endpoint, init callbacks of its own, count and sum of the numbers
 *   buffer     length of the init buffer, what was kept in it, whether the rest has gone
 *   note T S   have the service S, or itself, store the number T + 100, in a message of type T
 *   call T S   likewise, and wait for its reply
 *   crash, hang, exit
 *
 * Argument: how it is restarted, "state" (also without argument), "endpoint" (without its state) or "fresh"
 * (not at all).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <sef/ipc.h>
#include <sef/sef.h>

#include "item.h"

enum { CLIENTS_MAX = 8, LINE_MAX_LEN = 64 };

struct client {
    int fd;
    size_t len;
    char line[LINE_MAX_LEN];
};

static struct client clients[CLIENTS_MAX];
static int n_clients, listener, busy;
static struct item *items;
static int own_calls;     /* initialisations by our callback for updates */
static size_t buffer_len; /* of the init buffer of the last one */
static char *kept;        /* what of it was kept */

static int init_fresh(int type, sef_init_info_t *info)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    const char *path = getenv("RELPOL_SOCKET");
    (void) type, (void) info;
    if (!path)
        return EINVAL;
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    unlink(address.sun_path);
    listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (void *) &address, sizeof address) < 0 ||
        listen(listener, 8) < 0)
        return errno;
    return OK;
}

/* An update to the same image goes by this callback too, and keeps the state. */
static int init_endpoint(int type, sef_init_info_t *info)
{
    return type == SEF_INIT_LU ? sef_cb_init_restart_generic(type, info) : init_fresh(type, info);
}

static int init_lu(int type, sef_init_info_t *info)
{
    int r = sef_cb_init_lu_generic(type, info);
    own_calls++;
    buffer_len = info->init_buff_len;
    kept = info->init_buff_start;
    if (r == OK && kept) {
        memset(kept, 'x', buffer_len);
        strcpy(kept, "kept");
        info->init_buff_cleanup_start = kept + sizeof "kept";
    }
    return r;
}

static int is_valid(int state, int flags)
{
    return SEF_LU_STATE_IS_STANDARD(state) || sef_cb_lu_state_isvalid_generic(state, flags);
}

static int prepare(int state)
{
    (void) state;
    return busy ? ENOTREADY : OK;
}

static int tell_numbers(char *reply, size_t size)
{
    long sum = 0, count = 0;
    for (const struct item *i = items; i; i = i->next, count++)
        sum += i->value;
    return snprintf(reply, size, "%d %d %d %d %ld %ld\n", VERSION, (int) getpid(), sef_self(),
        own_calls, count, sum);
}

static int tell_buffer(char *reply, size_t size)
{
    const size_t page = (size_t) sysconf(_SC_PAGESIZE);
    int gone = buffer_len > page && msync(kept + page, buffer_len - page, MS_ASYNC) < 0;
    return snprintf(reply, size, "%zu %s %s\n", buffer_len, kept ? kept : "-", gone ? "gone" : "-");
}

static void add(int value)
{
    struct item *item = calloc(1, sizeof *item);
    if (!item)
        abort();
    item->value = value;
    item->next = items;
    items = item;
}

/* A message of another service. */
static void on_message(message *m, int status)
{
    add(m->m_type + 100);
    if (IPC_STATUS_CALL(status) == IPC_SENDREC && ipc_sendnb(m->m_source, m) != OK)
        abort();
}

static int send_number(const char *line, char *reply, size_t size)
{
    char label[LINE_MAX_LEN];
    message m = { .m_type = atoi(line + 5) };
    endpoint_t to;
    int r = ENOENT;
    if (sscanf(line, "%*s %*d %63s", label) == 1)
        r = minix_rs_lookup(label, &to);
    if (r == OK)
        r = line[0] == 'c' ? ipc_sendrec(to, &m) : asynsend(to, &m);
    return r == OK ? snprintf(reply, size, "ok\n") : snprintf(reply, size, "error %d\n", r);
}

static void end_badly(const char *line)
{
    volatile int always = 1;
    if (strcmp(line, "crash") == 0)
        *(volatile int *) NULL = 1;
    while (strcmp(line, "hang") == 0 && always)
        continue;
    if (strcmp(line, "exit") == 0)
        exit(3);
}

static void serve_line(struct client *client)
{
    char reply[128] = "ok\n";
    int n = 3;
    end_badly(client->line);
    if (strncmp(client->line, "add ", 4) == 0)
        add(atoi(client->line + 4));
    else if (strncmp(client->line, "note ", 5) == 0 || strncmp(client->line, "call ", 5) == 0)
        n = send_number(client->line, reply, sizeof reply);
    else if (strcmp(client->line, "busy") == 0 || strcmp(client->line, "idle") == 0)
        busy = client->line[0] == 'b';
    else if (strcmp(client->line, "buffer") == 0)
        n = tell_buffer(reply, sizeof reply);
    else
        n = tell_numbers(reply, sizeof reply);
    if (write(client->fd, reply, (size_t) n) != n)
        abort();
}

/* Read byte by byte what is there; false when the client has gone. */
static int serve(struct client *client)
{
    char byte;
    ssize_t n = recv(client->fd, &byte, 1, MSG_DONTWAIT);
    for (; n == 1; n = recv(client->fd, &byte, 1, MSG_DONTWAIT)) {
        if (byte == '\n') {
            client->line[client->len] = '\0';
            client->len = 0;
            serve_line(client);
        } else if (client->len < LINE_MAX_LEN - 1) {
            client->line[client->len++] = byte;
        }
    }
    return n < 0;
}

static void wait_and_serve(void)
{
    struct pollfd fds[CLIENTS_MAX + 1] = { { .fd = listener, .events = POLLIN } };
    for (int i = 0; i < n_clients; i++)
        fds[i + 1] = (struct pollfd) { .fd = clients[i].fd, .events = POLLIN };
    if (sef_wait(fds, (nfds_t) n_clients + 1, -1) <= 0)
        return;
    for (int i = n_clients - 1; i >= 0; i--) {
        if (fds[i + 1].revents && !serve(&clients[i])) {
            close(clients[i].fd);
            clients[i] = clients[--n_clients];
        }
    }
    if (fds[0].revents && n_clients < CLIENTS_MAX)
        clients[n_clients++] = (struct client) { .fd = accept(listener, NULL, NULL) };
}

int main(int argc, char **argv)
{
    const char *restarts = argc > 1 ? argv[1] : "state";
    sef_setcb_init_fresh(init_fresh);
    if (strcmp(restarts, "state") == 0)
        sef_setcb_init_restart(SEF_CB_INIT_RESTART_STATEFUL);
    else if (strcmp(restarts, "endpoint") == 0)
        sef_setcb_init_restart(init_endpoint);
    sef_setcb_message(on_message);
    sef_setcb_init_lu(init_lu);
    sef_setcb_lu_state_isvalid(is_valid);
    sef_setcb_lu_prepare(prepare);
    if (sef_startup() != OK)
        return 1;
    for (;;)
        wait_and_serve();
}
