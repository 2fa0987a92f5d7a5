/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The service's part for tests of requests and of crashes. Modes:
 *
 *   requests   says which signals and faults it gets
 *   stateful   continues after a crash
 *   callback   continues by a callback of its own, which fails the third time
 *   fresh      a restart callback that takes no state
 *   asyn-once  replies to its initialisation once by sef_cb_init_response_rs_asyn_once()
 */
#include "service_requests.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sef/sef.h>

#ifdef FAKE_RUNTIME
#include <magic/magic.h>

#include "fake_runtime.h"
#endif

static int counter;
static char *heap;

static void say(const char *text, long number)
{
    dprintf(STDOUT_FILENO, "%s %ld\n", text, number);
}

static void on_signal(int signo)
{
    say("signal", signo);
}

static int on_managed(endpoint_t target, int signo)
{
    dprintf(STDOUT_FILENO, "managed %d %d\n", target, signo);
    return OK;
}

static int on_gcov(message *m_ptr)
{
    say("gcov", m_ptr->m_source);
    return EIO;
}

static int on_restart(int type, sef_init_info_t *info)
{
    dprintf(STDOUT_FILENO, "restart %d of %d from %d, controlled %d\n", info->restarts,
        info->endpoint, info->old_endpoint, sef_controlled_crash);
    return info->restarts == 3 ? EPROTO : sef_cb_init_restart_generic(type, info);
}

static int on_fresh_restart(int type, sef_init_info_t *info)
{
    (void) type;
    say("fresh restart", info->restarts);
    return OK;
}

static void exit_handler(void)
{
    say("exit handler of", counter);
}

void requests_register(const char *mode)
{
    if (strcmp(mode, "requests") == 0) {
        sef_setcb_signal_handler(on_signal);
        sef_setcb_signal_manager(on_managed);
    }
    if (strcmp(mode, "stateful") == 0)
        sef_setcb_init_restart(SEF_CB_INIT_RESTART_STATEFUL);
    if (strcmp(mode, "callback") == 0) {
        sef_setcb_init_restart_stateful(on_restart);
        atexit(exit_handler);
    }
    if (strcmp(mode, "fresh") == 0)
        sef_setcb_init_restart(on_fresh_restart);
    if (strcmp(mode, "asyn-once") == 0)
        sef_setcb_init_response(sef_cb_init_response_rs_asyn_once);
}

#ifdef FAKE_RUNTIME
/* A fault injector, as EDFI would be. */
int edfi_ctl_process_request(void *request);
int edfi_ctl_process_request(void *request)
{
    const struct sef_fi_request *fault = request;

    dprintf(STDOUT_FILENO, "fault %d %s\n", fault->command, fault->text);
    return fault->command == 9 ? MAGIC_EINVAL : OK;
}

static bool runtime_command(char c)
{
    if (c != '~' && c != '-')
        return false;
    fake_set_restart(c == '~' ? MAGIC_EBADMSTATE : MAGIC_ENOTSUP);
    say("restart code", c);
    return true;
}
#else
static bool runtime_command(char c)
{
    (void) c;
    return false;
}
#endif

static bool callback_command(char c)
{
    switch (c) {
    case 'P':
        sef_setcb_ping_reply(sef_cb_ping_reply_null);
        break;
    case 'O':
        sef_setcb_ping_reply(SEF_CB_PING_REPLY_DEFAULT);
        break;
    case 'T':
        sef_setcb_signal_handler(sef_cb_signal_handler_term);
        break;
    case 'D':
        sef_setcb_signal_handler(sef_cb_signal_handler_posix_default);
        break;
    case 'N':
        sef_setcb_signal_handler(SEF_CB_SIGNAL_HANDLER_NULL);
        sef_setcb_signal_manager(NULL);
        break;
    case 'G':
        sef_setcb_gcov(on_gcov);
        break;
    case 'F':
        sef_setcb_init_restart(SEF_CB_INIT_RESTART_STATEFUL);
        break;
    case 'f':
        sef_setcb_init_restart(NULL);
        break;
    default:
        return false;
    }
    say("set", c);
    return true;
}

/* A child of the service's own must die of its crash without a word. */
static void crash_in_child(void)
{
    int status;

    if (fork() == 0)
        raise(SIGSEGV);
    wait(&status);
    say("child", WTERMSIG(status));
}

/* Use the stack up. */
__attribute__((noinline)) static int overflow(int depth)
{
    volatile char frame[4096];

    frame[0] = (char) depth;
    return depth < 1 << 30 ? overflow(depth + 1) + frame[0] : 0;
}

bool requests_command(char c)
{
    if (callback_command(c) || runtime_command(c))
        return true;
    switch (c) {
    case '+':
        if (!heap)
            heap = calloc(1, 16);
        heap[0]++;
        counter++;
        say("counter", heap[0] == counter ? counter : -1);
        return true;
    case 'k':
        *(volatile int *) NULL = 1;
        return true;
    case 'K':
        abort();
    case 'z':
        __builtin_trap();
    case 'y':
        raise(SIGSYS);
        return true;
    case 'o':
        say("depth", overflow(0));
        return true;
    case 'u':
        crash_in_child();
        return true;
    default:
        return false;
    }
}
