/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A service for tests of messages. It does what a line on its socket asks for and answers with a line.
 *
 * usage: talk SOCKET
 */
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "talk.h"

struct talk talk = { .listener = -1, .conn = -1, .reached = ENOTREADY };

void say(const char *format, ...)
{
    char line[sizeof(talk.got) + 64];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof(line) - 1, format, args);
    va_end(args);
    strcat(line, "\n");
    send(talk.conn, line, strlen(line), MSG_NOSIGNAL);
}

static void on_message(message *m, int status)
{
    size_t used = strlen(talk.got);

    if (talk.mode == MODE_SINK_CALLBACK)
        sink_take(m, status);
    else
        snprintf(talk.got + used, sizeof(talk.got) - used, " %d/%d/%ld/%d", m->m_source, m->m_type,
            (long) number_of(m), status);
}

static void on_signal(int sig)
{
    (void) sig;
    sef_cancel();
}

static void say_message(int r, const message *m, int status)
{
    if (r == OK)
        say("0 %d/%d/%ld/%d", m->m_source, m->m_type, (long) number_of(m), status);
    else
        say("%d", r);
}

static void receive(const char *word, endpoint_t src)
{
    message m;
    int status = 0, r;

    if (strcmp(word, "receive") == 0)
        r = sef_receive_status(src, &m, &status);
    else if (strcmp(word, "receivenb") == 0)
        r = sef_receivenb(src, &m, &status);
    else
        r = ipc_receive(src, &m, &status);
    say_message(r, &m, status);
}

static void send_one(const char *word, endpoint_t dst, int type, long number)
{
    message m = message_of(type, number);
    int r;

    if (strcmp(word, "send") == 0)
        r = ipc_send(dst, &m);
    else if (strcmp(word, "sendnb") == 0)
        r = ipc_sendnb(dst, &m);
    else if (strcmp(word, "asyn") == 0)
        r = asynsend(dst, &m);
    else
        r = ipc_notify(dst);
    say("%d", r);
}

static void call(endpoint_t dst, int type, long number)
{
    message m = message_of(type, number);
    int r = ipc_sendrec(dst, &m);

    say_message(r, &m, 0);
}

static void look_up(const char *label)
{
    endpoint_t endpoint;
    int r = minix_rs_lookup(label, &endpoint);

    if (r == OK)
        say("0 %d", endpoint);
    else
        say("%d", r);
}

static void flow(enum mode mode, endpoint_t to, long end)
{
    talk.mode = mode;
    talk.to = to;
    talk.next = 1;
    talk.end = end;
    if (mode == MODE_SINK_CALLBACK)
        sef_setcb_message(on_message);
    if (mode != MODE_SOURCE)
        say("ready");
}

/* A source goes on, up to another number. */
static void flow_on(endpoint_t to, long end)
{
    talk.mode = MODE_SOURCE;
    talk.to = to;
    talk.end = end;
}

/* Commands about the service itself. */
static bool about_self(const char *word)
{
    if (strcmp(word, "version") == 0) {
        say("%d", VERSION);
    } else if (strcmp(word, "callback") == 0) {
        talk.callback = true;
        sef_setcb_message(on_message);
        say("ok");
    } else if (strcmp(word, "got") == 0) {
        say("got%s", talk.got);
        talk.got[0] = '\0';
    } else if (strcmp(word, "reach") == 0 || strcmp(word, "unreach") == 0) {
        talk.reached = word[0] == 'r' ? OK : EPERM;
        say("ok");
    } else if (strcmp(word, "close") == 0) {
        close_all();
        say("ok");
    } else if (strcmp(word, "kept") == 0) {
        say(others_are_kept() ? "ok" : "touched");
    } else if (strcmp(word, "garbage") == 0) {
        char bytes[128] = "SEFM";

        for (size_t n = 0; n < sizeof(bytes); n++)
            send(3, bytes, n, MSG_NOSIGNAL);
        say("ok");
    } else {
        return false;
    }
    return true;
}

static void run(const char *line)
{
    char word[32] = "", arg[80] = "";
    long type = 0, number = 0;
    int endpoint;

    sscanf(line, "%31s %79s %ld %ld", word, arg, &type, &number);
    endpoint = strcmp(arg, "any") == 0 ? ANY : atoi(arg);
    if (about_self(word))
        return;
    if (strcmp(word, "lookup") == 0)
        look_up(arg);
    else if (strcmp(word, "source") == 0)
        flow(MODE_SOURCE, endpoint, type);
    else if (strcmp(word, "more") == 0)
        flow_on(endpoint, type);
    else if (strcmp(word, "sink") == 0)
        flow(MODE_SINK, NONE, 0);
    else if (strcmp(word, "sink-callback") == 0)
        flow(MODE_SINK_CALLBACK, NONE, 0);
    else if (strcmp(word, "sendrec") == 0)
        call(endpoint, (int) type, number);
    else if (strstr(word, "receive"))
        receive(word, endpoint);
    else
        send_one(word, endpoint, (int) type, number);
}

static void read_command(void)
{
    char line[256];
    size_t n = 0;

    while (n < sizeof(line) - 1 && read(talk.conn, line + n, 1) == 1 && line[n] != '\n')
        n++;
    line[n] = '\0';
    if (n > 0) {
        run(line);
        return;
    }
    close(talk.conn);
    talk.conn = -1;
}

static void wait_for_command(void)
{
    struct pollfd fds[2] = { { .fd = talk.listener, .events = POLLIN },
        { .fd = talk.conn, .events = POLLIN } };

    if (sef_wait(fds, 2, -1) < 0)
        return;
    if (fds[0].revents && talk.conn < 0)
        talk.conn = accept(talk.listener, NULL, NULL);
    if (fds[1].revents)
        read_command();
}

static void sink(void)
{
    message m;
    int status;

    if (sef_receive_status(ANY, &m, &status) == OK)
        sink_take(&m, status);
}

static int prepare(int state)
{
    const int r = talk.reached;

    (void) state;
    talk.reached = ENOTREADY;
    return r;
}

static int is_valid(int state, int flags)
{
    return state > 0 && flags >= 0;
}

/* Go on as another user, and a group of the same number. */
static void become(const char *id)
{
    if (id && (setgid((gid_t) atoi(id)) != 0 || setuid((uid_t) atoi(id)) != 0))
        exit(1);
}

static int init_fresh(int type, sef_init_info_t *info)
{
    (void) info;
    close_all_at("init");
    become(getenv("TALK_BECOMES"));
    return type == SEF_INIT_FRESH ? OK : EINVAL;
}

/* Messages are refused while nothing may leave a trace. */
static int init_lu(int type, sef_init_info_t *info)
{
    message m;
    int r = sef_cb_init_lu_generic(type, info);

    if (r == OK && (asynsend(sef_self(), &m) != EPERM || sef_receivenb(ANY, &m, NULL) != EPERM ||
                       sef_receive(ANY, &m) != EPERM))
        return EDOM;
    return r == OK ? INIT_RESULT : r;
}

static void open_listener(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    unlink(path); /* of an instance that was killed */
    talk.listener = socket(AF_UNIX, SOCK_STREAM, 0);
    if (bind(talk.listener, (struct sockaddr *) &address, sizeof(address)) != 0 ||
        listen(talk.listener, 1) != 0)
        exit(1);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    close_all_at("first");
    sef_setcb_init_fresh(init_fresh);
    sef_setcb_init_lu(init_lu);
    sef_setcb_lu_prepare(prepare);
    sef_setcb_lu_state_isvalid(is_valid);
    if (sef_startup() != OK)
        return 1;
    signal(SIGUSR1, on_signal);
    if (talk.listener < 0)
        open_listener(argv[1]);
    if (talk.callback || talk.mode == MODE_SINK_CALLBACK)
        sef_setcb_message(on_message);
    for (;;) {
        if (talk.mode == MODE_SOURCE) {
            sef_dispatch();
            source_step();
        } else if (talk.mode == MODE_SINK) {
            sink();
        } else {
            wait_for_command();
        }
    }
}
