/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Plays the supervisor to one service process. See driver.h.
 */
#include "driver.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIMIT_MS 30000
#define HEADER   offsetof(struct sef_packet, text)

const char *service_resume_path;

static void run_service(const char *program, const char *arg, int in, int out, int control)
{
    char number[16];

    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    fcntl(control, F_SETFD, 0);
    snprintf(number, sizeof(number), "%d", control);
    setenv(SEF_CONTROL_FD_ENV, number, 1);
    if (service_resume_path)
        setenv(SEF_RESUME_SOCKET_ENV, service_resume_path, 1);
    execl(program, program, arg, (char *) NULL);
    _exit(127);
}

void service_start(struct service *s, const char *program, const char *arg)
{
    int in[2], out[2], control[2];

    memset(s, 0, sizeof(*s));
    s->serial = 1;
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control), 0);
    s->pid = fork();
    assert_true(s->pid >= 0);
    if (s->pid == 0)
        run_service(program, arg, in[0], out[1], control[1]);
    close(in[0]);
    close(out[1]);
    close(control[1]);
    s->commands = in[1];
    s->output = out[0];
    s->control = control[0];
}

void service_start_fresh(struct service *s, const char *program, const char *arg)
{
    service_start(s, program, arg);
    service_send(s, RS_INIT, 0, 0, "test");
    assert_int_equal(service_expect(s, RS_INIT, OK).endpoint, 7);
}

void service_end(struct service *s)
{
    if (s->pid)
        kill(s->pid, SIGKILL);
    close(s->commands);
    close(s->control);
    close(s->output);
    /* Whoever took over finds its input at end of file. */
    while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
        continue;
}

static void send_packet(struct service *s, struct sef_packet *p, const char *text)
{
    p->magic = SEF_WIRE_MAGIC;
    p->version = SEF_WIRE_VERSION;
    p->endpoint = 7;
    p->serial = s->serial;
    p->text_len = (uint16_t) snprintf(p->text, sizeof(p->text), "%s", text);
    assert_int_equal(
        send(s->control, p, HEADER + p->text_len + 1u, MSG_NOSIGNAL), HEADER + p->text_len + 1u);
}

void service_send(struct service *s, int type, int state, int flags, const char *text)
{
    struct sef_packet p = { .type = type, .state = state, .flags = flags };

    send_packet(s, &p, text);
}

void service_send_restart(struct service *s, int restarts)
{
    struct sef_packet p = { .type = RS_INIT, .init_type = SEF_INIT_RESTART, .restarts = restarts };

    send_packet(s, &p, "test");
}

void service_send_start(struct service *s, int flags, uint32_t limit_ms, const char *path)
{
    struct sef_packet p = { .type = RS_LU_START, .flags = flags, .limit_ms = limit_ms };

    send_packet(s, &p, path);
}

void service_make_ready(struct service *s, int flags)
{
    service_send(s, RS_LU_PREPARE, SEF_LU_STATE_WORK_FREE, flags, "");
    service_expect(s, RS_LU_PREPARE, OK);
}

static void await(int fd)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };

    if (poll(&p, 1, LIMIT_MS) != 1)
        fail_msg("nothing came from the service within %d ms", LIMIT_MS);
}

struct sef_packet service_expect(struct service *s, int type, int result)
{
    struct sef_packet p;
    ssize_t n;

    await(s->control);
    n = recv(s->control, &p, sizeof(p), 0);
    assert_true(n >= (ssize_t) HEADER + 1);
    assert_int_equal(p.magic, SEF_WIRE_MAGIC);
    assert_int_equal(p.version, SEF_WIRE_VERSION);
    assert_int_equal(n, HEADER + p.text_len + 1u);
    assert_int_equal(strlen(p.text), p.text_len);
    if (p.type == RS_LU_PREPARE && p.result != EBADMSG)
        assert_int_equal(p.serial, s->serial);
    if (p.type != type || p.result != result)
        fail_msg("expected packet %#x result %d, got %#x result %d: %s", (unsigned) type, result,
            (unsigned) p.type, p.result, p.text);
    return p;
}

struct sef_packet service_expect_text(struct service *s, int type, int result, const char *text)
{
    struct sef_packet p = service_expect(s, type, result);

    assert_string_equal(p.text, text);
    return p;
}

void service_expect_hangup(struct service *s)
{
    char byte;

    await(s->control);
    assert_true(recv(s->control, &byte, 1, 0) <= 0);
}

void service_command(struct service *s, char command)
{
    assert_int_equal(write(s->commands, &command, 1), 1);
}

static void take_line(struct service *s, char *line, size_t size)
{
    char *end;

    while (!(end = memchr(s->buffer, '\n', s->buffered))) {
        ssize_t n;

        await(s->output);
        n = read(s->output, s->buffer + s->buffered, sizeof(s->buffer) - s->buffered);
        if (n <= 0)
            fail_msg("the service's output ended");
        s->buffered += (size_t) n;
    }
    *end = '\0';
    assert_true(snprintf(line, size, "%s", s->buffer) < (int) size);
    s->buffered -= (size_t) (end + 1 - s->buffer);
    memmove(s->buffer, end + 1, s->buffered);
}

void service_expect_line(struct service *s, const char *line)
{
    char got[512];

    take_line(s, got, sizeof(got));
    assert_string_equal(got, line);
}

void service_ask(struct service *s, char command, const char *line)
{
    service_command(s, command);
    service_expect_line(s, line);
}

void service_expect_signal(struct service *s, const char *line)
{
    char got[512];

    take_line(s, got, sizeof(got));
    if (strncmp(got, "interrupted", strlen("interrupted")) == 0)
        take_line(s, got, sizeof(got));
    assert_string_equal(got, line);
}

long service_ask_number(struct service *s, char command, const char *word)
{
    service_command(s, command);
    return service_take_number(s, word);
}

long service_take_number(struct service *s, const char *word)
{
    char got[512];
    size_t len = strlen(word);

    take_line(s, got, sizeof(got));
    if (strncmp(got, word, len) != 0 || got[len] != ' ')
        fail_msg("expected %s and a number, got %s", word, got);
    return strtol(got + len + 1, NULL, 10);
}

int service_wait(struct service *s, pid_t pid)
{
    int status = 0;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (pid == s->pid)
        s->pid = 0;
    return status;
}

void service_expect_gone(struct service *s)
{
    char byte;

    await(s->output);
    assert_int_equal(read(s->output, &byte, 1), 0);
    s->pid = 0;
}
