/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A service that crashes when a client says so. Clients send one word a line and get one line, unless
 * the word is a way to crash. Arguments: how it is restarted, and the file that its TCP port goes to.
 *
 *   state      continues with its state
 *   bad-init   likewise, but crashes in that
 *   same       restarts without state, keeping its endpoint
 *   fresh      has no restart callback
 *   signal     wants SIGTERM by its callback, and ignores the signal
 *   signal-once  likewise, but only in the first version, and does not ignore it
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sef/sef.h>

enum { CLIENTS_MAX = 8 };

static struct pollfd fds[1 + CLIENTS_MAX];
static nfds_t n_fds;
static int variable;
static int *heap;
static int restarts; /* as the restart callback was told */
static const char *mode = "fresh", *port_file;

static int init_fresh(int type, sef_init_info_t *info)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    FILE *file;

    (void) type;
    restarts = info->restarts;
    heap = calloc(1, sizeof(*heap));
    if (fd < 0 || bind(fd, (struct sockaddr *) &address, len) != 0 || listen(fd, 8) != 0 ||
        getsockname(fd, (struct sockaddr *) &address, &len) != 0)
        return errno;
    fds[n_fds++] = (struct pollfd) { .fd = fd, .events = POLLIN };
    file = fopen(port_file, "w");
    if (!file)
        return errno;
    fprintf(file, "%d\n", ntohs(address.sin_port));
    fclose(file);
    return OK;
}

static int init_crash(int type, sef_init_info_t *info)
{
    (void) type;
    (void) info;
    abort();
}

static int init_restart(int type, sef_init_info_t *info)
{
    restarts = info->restarts;
    return sef_cb_init_restart_generic(type, info);
}

static void *crash_thread(void *arg)
{
    *(volatile int *) arg = 1;
    return arg;
}

__attribute__((noinline)) static int overflow(int depth)
{
    volatile char frame[4096];

    frame[0] = (char) depth;
    return depth < 1 << 30 ? overflow(depth + 1) + frame[0] : 0;
}

static void crash(const char *word)
{
    pthread_t thread;
    volatile bool always = true;

    if (strcmp(word, "null") == 0)
        *(volatile int *) NULL = 1;
    if (strcmp(word, "abort") == 0)
        abort();
    if (strcmp(word, "overflow") == 0)
        overflow(0);
    if (strcmp(word, "double-free") == 0) {
        char *volatile p = malloc(2000), *volatile fence = malloc(2000);

        free(p);
        free(p);
        free(fence);
    }
    if (strcmp(word, "thread") == 0 && pthread_create(&thread, NULL, crash_thread, NULL) == 0)
        pthread_join(thread, NULL);
    if (strcmp(word, "hang") == 0)
        while (always)
            continue;
    if (strcmp(word, "exit") == 0)
        exit(3);
}

static void obey(int fd, const char *word)
{
    if (strcmp(word, "add") == 0) {
        variable++;
        ++*heap;
    }
    crash(word);
    dprintf(fd, "%d %d restarts %d endpoint %d\n", variable, *heap, restarts, sef_self());
}

static void serve(void)
{
    char line[64];
    ssize_t n;

    if (sef_wait(fds, n_fds, -1) <= 0)
        return;
    if (fds[0].revents && n_fds < 1 + CLIENTS_MAX)
        fds[n_fds++] = (struct pollfd) { .fd = accept(fds[0].fd, NULL, NULL), .events = POLLIN };
    for (nfds_t i = 1; i < n_fds; i++) {
        if (!fds[i].revents)
            continue;
        fds[i].revents = 0;
        n = read(fds[i].fd, line, sizeof(line) - 1);
        if (n <= 0) {
            close(fds[i].fd);
            fds[i--] = fds[--n_fds];
            continue;
        }
        line[n] = '\0';
        line[strcspn(line, "\r\n")] = '\0';
        obey(fds[i].fd, line);
    }
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    mode = argv[1];
    port_file = argv[2];
    sef_setcb_init_fresh(init_fresh);
    if (strcmp(mode, "state") == 0)
        sef_setcb_init_restart_stateful(init_restart);
    if (strcmp(mode, "bad-init") == 0)
        sef_setcb_init_restart_stateful(init_crash);
    if (strcmp(mode, "same") == 0)
        sef_setcb_init_restart(init_fresh);
    if (strcmp(mode, "signal") == 0)
        signal(SIGTERM, SIG_IGN);
    if (strcmp(mode, "signal") == 0 || (strcmp(mode, "signal-once") == 0 && !getenv("LATER")))
        sef_setcb_signal_handler(sef_cb_signal_handler_term);
    setenv("LATER", "yes", 1);
    if (sef_startup() != OK)
        return 1;
    for (;;)
        serve();
}
