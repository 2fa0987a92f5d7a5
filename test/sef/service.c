/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A small service for tests of libsef: reads one-character commands from its standard input and
 * answers with lines. Built twice, with the stand-in runtime (FAKE_RUNTIME) and with none.
 *
 * Its argument says what it waits with: wait, epoll or fd (a loop of its own), or thread
 * (sef_wait() on another thread); others, see service_requests.c, wait as fd. In a new generation the image's name says how it misbehaves.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sef/sef.h>

#ifdef FAKE_RUNTIME
#include "fake_runtime.h"
#endif
#include "service_requests.h"

static const char *mode;
static volatile sig_atomic_t alarms, terms, children;
static bool stopped;

static void on_alarm(int sig)
{
    (void) sig;
    alarms++;
}

static void on_term(int sig)
{
    (void) sig;
    terms++;
}

static void on_child(int sig)
{
    (void) sig;
    children++;
}

static void say(const char *text, long number)
{
    dprintf(STDOUT_FILENO, "%s %ld\n", text, number);
}

static void old_exit_handler(void)
{
    dprintf(STDOUT_FILENO, "exit handler ran\n");
}

static void *idle(void *arg)
{
    for (;;)
        pause();
    return arg;
}

static int init_lu(int type, sef_init_info_t *info)
{
    say("init state", info->prepare_state);
    return sef_cb_init_lu_generic(type, info);
}

static int init_crash(int type, sef_init_info_t *info)
{
    (void) info;
    raise(SIGSEGV);
    return type;
}

/* Hang until SIGUSR1. */
static int init_hang(int type, sef_init_info_t *info)
{
    sigset_t release;
    int sig;

    (void) type;
    (void) info;
    sigemptyset(&release);
    sigaddset(&release, SIGUSR1);
    sigprocmask(SIG_BLOCK, &release, NULL);
    say("hanging", getpid());
    return sigwait(&release, &sig);
}

/* Die while a child lives that holds all descriptors open. */
static int init_orphan(int type, sef_init_info_t *info)
{
    if (fork() == 0)
        _exit(init_hang(type, info));
    raise(SIGSEGV);
    return type;
}

static int init_error(int type, sef_init_info_t *info)
{
    (void) info;
    return type == SEF_INIT_LU ? EPROTO : OK;
}

static int prepare_request_free(int state)
{
    return state == SEF_LU_STATE_REQUEST_FREE ? (stopped ? OK : ENOTREADY) : EPERM;
}

static void changed(int old_state, int state)
{
    dprintf(STDOUT_FILENO, "changed %d %d\n", old_state, state);
}

static void dump(int state)
{
    say("dump", state);
}

static int save(int state, int flags)
{
    (void) flags;
    say("save", state);
    return OK;
}

static int save_error(int state, int flags)
{
    (void) state;
    (void) flags;
    return EIO;
}

static int offline_command(char command)
{
    pthread_t thread;

    switch (command) {
    case 'l': /* talk about the life of a request */
        sef_setcb_lu_state_isvalid(sef_cb_lu_state_isvalid_standard);
        sef_setcb_lu_prepare(prepare_request_free);
        sef_setcb_lu_state_changed(changed);
        sef_setcb_lu_state_dump(dump);
        sef_setcb_lu_state_save(save);
        return 1;
    case 'e':
        sef_setcb_lu_state_save(save_error);
        return 1;
    case 'r':
        stopped = true;
        return 1;
    case 't':
        pthread_create(&thread, NULL, idle, NULL);
        return 1;
    case 'b': /* leave something in a buffer, without a newline */
        printf("buffered ");
        return 1;
    default:
        return 0;
    }
}

/* Signals, timers and children. */
static void signal_command(char command)
{
    struct itimerval timer = { .it_value = { 3600, 0 }, .it_interval = { 7, 0 } };

    switch (command) {
    case 'a':
        setitimer(ITIMER_REAL, &timer, NULL);
        say("alarm", 1);
        break;
    case 'A':
        getitimer(ITIMER_REAL, &timer);
        say("interval", timer.it_interval.tv_sec);
        break;
    case 's':
        say("terms", terms);
        break;
    case 'c':
        say("children", children);
        break;
    case 'i':
        signal(SIGCHLD, SIG_IGN);
        say("ignored", 1);
        break;
    case 'w':
        say("wait", waitpid(-1, NULL, WNOHANG) < 0 ? errno : 0);
        break;
    default:
        break;
    }
}

static void command(char c)
{
    if (offline_command(c)) {
        say("done", c);
        return;
    }
    switch (c) {
    case 'p':
        say("pid", getpid());
        break;
    case 'd':
        say("fd", sef_fd());
        break;
    case 'n':
        say("endpoint", sef_self());
        break;
    case 'v':
        dprintf(STDOUT_FILENO, "environment %s\n", getenv("SEF_CONTROL_FD") ? "set" : "clean");
        break;
    case 'x':
        say("cloexec", fcntl(sef_fd(), F_GETFD));
        break;
#ifdef FAKE_RUNTIME
    case 'g':
        say("commits", fake_commits());
        break;
    case '0':
    case '1':
        fake_set_value(c - '0');
        say("value", c - '0');
        break;
    case 'm':
        dup2(STDOUT_FILENO, STDERR_FILENO);
        fake_log("a message");
        break;
#endif
    case 'q':
        exit(0);
    default:
        if (requests_command(c))
            break;
        signal_command(c);
        break;
    }
}

/* Wait as the mode says. Returns whether there is a command, or -1 as poll() does. */
static int wait_for_command(void)
{
    static int epfd = -1;
    struct epoll_event event = { .events = EPOLLIN };
    struct pollfd fds[3] = { { .fd = -1 }, { .fd = STDIN_FILENO, .events = POLLIN } };
    int r;

    if (strcmp(mode, "wait") == 0 || strcmp(mode, "thread") == 0) {
        r = sef_wait(fds, 2, -1);
        return r < 0 ? r : (fds[1].revents != 0 && fds[0].revents == 0);
    }
    if (strcmp(mode, "epoll") == 0) {
        if (epfd < 0) {
            epfd = epoll_create1(EPOLL_CLOEXEC);
            epoll_ctl(epfd, EPOLL_CTL_ADD, STDIN_FILENO, &event);
        }
        return sef_epoll_wait(epfd, &event, 1, -1);
    }
    fds[2].fd = sef_fd();
    fds[2].events = POLLIN;
    sef_dispatch();
    fds[2].fd = sef_fd();
    r = poll(fds, 3, -1);
    if (r > 0 && fds[2].revents)
        sef_dispatch();
    return r < 0 ? r : fds[1].revents != 0;
}

static int serve(void)
{
    char c;
    int r;

    for (;;) {
        r = wait_for_command();
        if (r < 0)
            say("interrupted", errno);
        if (r <= 0)
            continue;
        if (read(STDIN_FILENO, &c, 1) != 1)
            return 0;
        command(c);
    }
}

static void *serve_on_thread(void *arg)
{
    serve();
    return arg;
}

/* To the old version, whose socket was opened last and closed its neighbours': the first there is. A
 * supervisor that got it too would end the service. */
static void send_garbage(void)
{
    int fd = 3;

    while (fd < 32 && send(fd, "x", 1, MSG_NOSIGNAL) < 0)
        fd++;
    for (;;)
        pause();
}

/* How a new version goes wrong before sef_startup(), or what it registers. */
static void misbehave(const char *image)
{
    static const struct {
        const char *image;
        sef_cb_init_t init;
    } inits[] = {
        { "init-crash", init_crash },
        { "init-hang", init_hang },
        { "init-orphan", init_orphan },
        { "init-error", init_error },
    };

    pid_t pid;

    for (size_t i = 0; i < sizeof(inits) / sizeof(inits[0]); i++)
        if (strcmp(image, inits[i].image) == 0)
            sef_setcb_init_lu(inits[i].init);
    if (strcmp(image, "main-exit") == 0)
        exit(3);
    if (strcmp(image, "main-crash") == 0)
        raise(SIGBUS);
    if (strcmp(image, "main-hang") == 0)
        init_hang(0, NULL);
    if (strcmp(image, "main-garbage") == 0)
        send_garbage();
    if (strcmp(image, "main-fork") == 0 && (pid = fork()) != 0) {
        waitpid(pid, NULL, 0);
        _exit(0);
    }
    if (strcmp(image, "no-response") == 0)
        sef_setcb_init_response(sef_cb_init_response_null);
}

static int service_main(const char *image)
{
    pthread_t thread;
    int r;

    if (image[0] == '\0') {
        signal(SIGTERM, on_term);
        signal(SIGALRM, on_alarm);
        signal(SIGCHLD, on_child);
        atexit(old_exit_handler);
    }
    sef_setcb_init_lu(init_lu);
    requests_register(mode);
    misbehave(image);
    r = sef_startup();
    if (r != OK) {
        say("startup", r);
        return 1;
    }
    if (strcmp(mode, "thread") == 0 && pthread_create(&thread, NULL, serve_on_thread, NULL) == 0)
        return pthread_join(thread, NULL);
    return serve();
}

int main(int argc, char **argv)
{
    mode = argc > 1 ? argv[1] : "wait";
#ifdef FAKE_RUNTIME
    fake_run(service_main);
#else
    return service_main("");
#endif
}
