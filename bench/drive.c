/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Updates a service once, over its control socket, and prints what the update took.
 *
 * usage: bench-drive NEW-IMAGE OLD-IMAGE ARGUMENT...
 * output, one line: pause fork load transfer init (milliseconds), objects, moved objects, scanned
 * MiB. The pause is what a client sees: from the old instance's "ready" to the new one's "I have the
 * socket". The service must end with exit code 0 on SIGTERM afterwards.
 *
 * This plays the supervisor's part of sef/wire.h, so that nothing but the service is measured.
 */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <sef/sef.h>
#include <sef/wire.h>

enum { LIMIT_MS = 60000, SERVICE_FD = 3 };

static int control;
static pid_t service;

static _Noreturn void fail(const char *what, const char *detail)
{
    fprintf(stderr, "bench-drive: %s: %s\n", what, detail);
    if (service > 0)
        kill(service, SIGKILL);
    exit(1);
}

static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double) t.tv_sec * 1e3 + (double) t.tv_nsec / 1e6;
}

static void send_packet(int type, int state, const char *text)
{
    struct sef_packet packet = {
        .magic = SEF_WIRE_MAGIC,
        .version = SEF_WIRE_VERSION,
        .type = type,
        .init_type = SEF_INIT_FRESH,
        .endpoint = 10,
        .state = state,
        .limit_ms = LIMIT_MS,
    };
    size_t len = strlen(text);

    if (len >= sizeof(packet.text))
        fail("text too long", text);
    packet.text_len = (uint16_t) len;
    memcpy(packet.text, text, len);
    if (send(control, &packet, offsetof(struct sef_packet, text) + len + 1, MSG_NOSIGNAL) < 0)
        fail("send", strerror(errno));
}

/** Wait for a packet of a type with result OK. */
static void receive_packet(int type, struct sef_packet *packet)
{
    ssize_t n = recv(control, packet, sizeof(*packet), 0);

    if (n <= (ssize_t) offsetof(struct sef_packet, text))
        fail("receive", n < 0 ? strerror(errno) : "the service is gone");
    packet->text[sizeof(packet->text) - 1] = '\0';
    if (packet->type != type || packet->result != OK)
        fail("the service refused", packet->text);
}

static void start_service(char **command)
{
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) != 0)
        fail("socketpair", strerror(errno));
    service = fork();
    if (service < 0)
        fail("fork", strerror(errno));
    if (service == 0) {
        close(pair[0]);
        if (pair[1] != SERVICE_FD && dup2(pair[1], SERVICE_FD) < 0)
            _exit(126);
        setenv(SEF_CONTROL_FD_ENV, "3", 1);
        execv(command[0], command);
        _exit(127);
    }
    close(pair[1]);
    control = pair[0];
}

/** Update the service. Returns the pause in milliseconds, and what the service measured. */
static double update(const char *image, struct sef_update_stats *ret)
{
    static struct sef_packet packet;
    double start;

    send_packet(RS_LU_PREPARE, SEF_LU_STATE_WORK_FREE, "");
    receive_packet(RS_LU_PREPARE, &packet);
    start = now_ms();
    send_packet(RS_LU_START, 0, image);
    receive_packet(RS_LU_START, &packet);
    *ret = packet.stats;
    send_packet(RS_LU_COMMIT, 0, "");
    receive_packet(RS_LU_COMMIT, &packet);
    start = now_ms() - start;
    if (waitpid(service, NULL, 0) != service)
        fail("wait for the old instance", strerror(errno));
    service = packet.pid;
    return start;
}

static void stop_service(void)
{
    int status = 0;

    if (kill(service, SIGTERM) != 0 || waitpid(service, &status, 0) != service)
        fail("stop the service", strerror(errno));
    service = 0;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail("the service", "its heap is not what it was before the update");
}

int main(int argc, char **argv)
{
    static struct sef_packet packet;
    struct sef_update_stats s;
    double pause;

    if (argc < 3) {
        fputs("usage: bench-drive NEW-IMAGE OLD-IMAGE ARGUMENT...\n", stderr);
        return 2;
    }
    if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
        fail("prctl", strerror(errno));
    start_service(argv + 2);
    send_packet(RS_INIT, 0, "bench");
    receive_packet(RS_INIT, &packet);
    pause = update(argv[1], &s);
    stop_service();
    printf("%.2f %.2f %.2f %.2f %.2f %llu %llu %.1f\n", pause, (double) s.ns_fork / 1e6,
        (double) s.ns_load / 1e6, (double) s.ns_transfer / 1e6, (double) s.ns_init / 1e6,
        (unsigned long long) s.objects, (unsigned long long) s.objects_moved,
        (double) s.bytes_scanned / 1048576);
    return 0;
}
