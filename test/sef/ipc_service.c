/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A small service for tests of messages, with the stand-in runtime: it sends and receives as one-character commands
 * on its standard input say, and tells what came of it.
 *
 * Its argument says what it does without a command: receive (it takes no commands then), wait, or loop (a loop of
 * its own); the latter two have a callback for messages.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sef/ipc.h>

#include "fake_runtime.h"

static const char *mode;

static void say_message(int r, const message *m, int status)
{
    if (r == OK)
        dprintf(STDOUT_FILENO, "got %d %d %s %d\n", m->m_source, m->m_type,
            (const char *) m->m_payload, status);
    else
        dprintf(STDOUT_FILENO, "error %d\n", r);
}

static void on_message(message *m, int status)
{
    say_message(OK, m, status);
}

/* A message from within another call. */
static void on_change(int old_state, int state)
{
    message m = { .m_type = state };

    (void) old_state;
    dprintf(STDOUT_FILENO, "changed %d\n", asynsend(5, &m));
}

static void on_term(int sig)
{
    (void) sig;
    sef_cancel();
}

static int in_child(void)
{
    const pid_t pid = fork();
    message m = { .m_type = 1 };
    int status = 0;

    if (pid == 0)
        _exit(asynsend(5, &m));
    waitpid(pid, &status, 0);
    return WEXITSTATUS(status);
}

static void command(char c)
{
    message m = { .m_source = 99, .m_type = 7, .m_payload = "payload" };
    endpoint_t endpoint = NONE;
    int r = OK, status = 0;

    switch (c) {
    case 's':
        r = ipc_send(5, &m);
        break;
    case 'b':
        r = ipc_sendnb(5, &m);
        break;
    case 'a':
        r = asynsend(5, &m);
        break;
    case 'n':
        r = ipc_notify(5);
        break;
    case 'f':
        r = in_child();
        break;
    case 'l':
        r = minix_rs_lookup("label", &endpoint);
        break;
    case 'c':
        sef_setcb_lu_state_changed(on_change);
        break;
    case 'C':
        r = ipc_sendrec(5, &m);
        say_message(r, &m, 0);
        return;
    case 'r':
        r = ipc_receive(5, &m, &status);
        say_message(r, &m, status);
        return;
    case 'R':
        r = sef_receivenb(5, &m, &status);
        say_message(r, &m, status);
        return;
    default:
        break;
    }
    dprintf(STDOUT_FILENO, "result %d %d\n", r, endpoint);
}

static int wait_for_command(void)
{
    struct pollfd fds[2] = { { .fd = STDIN_FILENO, .events = POLLIN } };

    if (strcmp(mode, "wait") == 0)
        return sef_wait(fds, 1, -1) > 0;
    sef_dispatch();
    fds[1] = (struct pollfd) { .fd = sef_fd(), .events = POLLIN };
    return poll(fds, 2, -1) > 0 && fds[0].revents;
}

static void receive(void)
{
    message m;
    int status, r = sef_receive_status(ANY, &m, &status);

    say_message(r, &m, status);
}

static int service_main(const char *image)
{
    char c;

    signal(SIGTERM, on_term);
    if (strcmp(image, "init-error") == 0)
        sef_setcb_init_lu(sef_cb_init_fail);
    if (sef_startup() != OK)
        return 1;
    if (strcmp(mode, "receive") != 0)
        sef_setcb_message(on_message);
    for (;;) {
        if (strcmp(mode, "receive") == 0) {
            receive();
        } else if (wait_for_command()) {
            if (read(STDIN_FILENO, &c, 1) != 1)
                return 0;
            command(c);
        }
    }
}

int main(int argc, char **argv)
{
    mode = argc > 1 ? argv[1] : "wait";
    fake_run(service_main);
}
