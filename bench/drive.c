/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Updates a service once, over its control socket, and prints what the update took.
 *
 * usage: bench-drive [-c CORES] [-v] NEW-IMAGE OLD-IMAGE ARGUMENT...
 * output, one line: pause fork load transfer init (milliseconds), objects, moved objects, scanned
 * MiB, the transfer's phases pair move convert scan reinstall seal (milliseconds), pointers
 * forwarded, the processor time of the new instance so far; and of reading as many bytes as were
 * scanned, on as many cores, first as it is and then by a process that was just forked, as the new
 * instance is, each time and processor time (milliseconds; all cores together). The pause is what
 * a client sees: from the old instance's "ready" to the new one's "I have the socket". The service
 * must end with exit code 0 on SIGTERM afterwards. With -c all runs on the first CORES cores. With -v
 * the transfer is verified, and one more column is the time of that (milliseconds).
 *
 * This plays the supervisor's part of sef/wire.h, so that nothing but the service is measured.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
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

#include "reading.h"

enum { LIMIT_MS = 600000, SERVICE_FD = 3 };

static bool verify;
static int control;
static pid_t service;

static _Noreturn void fail(const char *what, const char *detail)
{
    fprintf(stderr, "bench-drive: %s: %s\n", what, detail);
    if (service > 0)
        kill(service, SIGKILL);
    exit(1);
}

static double clock_ms(clockid_t clock)
{
    struct timespec t;

    if (clock_gettime(clock, &t) != 0)
        fail("clock_gettime", strerror(errno));
    return (double) t.tv_sec * 1e3 + (double) t.tv_nsec / 1e6;
}

static double now_ms(void)
{
    return clock_ms(CLOCK_MONOTONIC);
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
        .flags = verify ? SEF_LU_VERIFY : 0,
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

/** Update the service. Returns the pause and the new instance's processor time in milliseconds, and
 * what the service measured. */
static double update(const char *image, double *cpu, struct sef_update_stats *ret)
{
    static struct sef_packet packet;
    clockid_t clock;
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
    if (clock_getcpuclockid(packet.pid, &clock) != 0)
        fail("the new instance", "has no clock");
    *cpu = clock_ms(clock);
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

/** Run on the first cores of those that are allowed, and so the service. */
static void use_cores(unsigned cores)
{
    cpu_set_t all, some;
    unsigned n = 0;

    CPU_ZERO(&some);
    if (cores == 0 || cores > READING_CORES_MAX || sched_getaffinity(0, sizeof(all), &all) != 0)
        fail("cores", "not such a number");
    for (int i = 0; i < CPU_SETSIZE && n < cores; i++)
        if (CPU_ISSET(i, &all)) {
            CPU_SET(i, &some);
            n++;
        }
    if (n < cores || sched_setaffinity(0, sizeof(some), &some) != 0)
        fail("cores", "there are fewer");
}

static unsigned cores_allowed(void)
{
    cpu_set_t set;
    int n = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;

    return n < READING_CORES_MAX ? (unsigned) n : READING_CORES_MAX;
}

static void print(double pause, double cpu, const struct sef_update_stats *s)
{
    const uint64_t times[] = { s->ns_fork, s->ns_load, s->ns_transfer, s->ns_init };
    const uint64_t phases[] = { s->ns_pair, s->ns_move, s->ns_convert, s->ns_scan, s->ns_reinstall,
        s->ns_seal };

    struct reading plain, forked;

    printf("%.3f", pause);
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
        printf(" %.3f", (double) times[i] / 1e6);
    printf(" %llu %llu %.1f", (unsigned long long) s->objects,
        (unsigned long long) s->objects_moved, (double) s->bytes_scanned / 1048576);
    for (size_t i = 0; i < sizeof(phases) / sizeof(phases[0]); i++)
        printf(" %.3f", (double) phases[i] / 1e6);
    printf(" %llu %.3f", (unsigned long long) (s->ptrs_precise + s->ptrs_conservative), cpu);
    if (reading_measure(s->bytes_scanned, cores_allowed(), &plain, &forked) != 0)
        fail("read memory", strerror(errno));
    printf(" %.4f %.4f %.4f %.4f", plain.ms, plain.cpu_ms, forked.ms, forked.cpu_ms);
    if (verify)
        printf(" %.3f", (double) s->ns_verify / 1e6);
    printf("\n");
}

int main(int argc, char **argv)
{
    static struct sef_packet packet;
    struct sef_update_stats s;
    double pause, cpu;

    if (argc > 2 && strcmp(argv[1], "-c") == 0) {
        use_cores((unsigned) strtoul(argv[2], NULL, 10));
        argc -= 2;
        argv += 2;
    }
    if (argc > 1 && strcmp(argv[1], "-v") == 0) {
        verify = true;
        argc--;
        argv++;
    }
    if (argc < 3) {
        fputs("usage: bench-drive [-c CORES] [-v] NEW-IMAGE OLD-IMAGE ARGUMENT...\n", stderr);
        return 2;
    }
    if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
        fail("prctl", strerror(errno));
    start_service(argv + 2);
    send_packet(RS_INIT, 0, "bench");
    receive_packet(RS_INIT, &packet);
    pause = update(argv[1], &cpu, &s);
    stop_service();
    print(pause, cpu, &s);
    return 0;
}
