/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Messages when the supervisor dies: a request is made again, under its number, to the next one, which also hears
 * what was taken last.
 */
#include "driver.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <sef/ipc.h>
#include <sef/ipc_wire.h>

static char directory[] = "/tmp/sef-ipc-resume.XXXXXX";
static char path[64], hidden[80];
static int listener;

static int begin(void **state)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    (void) state;
    if (!mkdtemp(directory))
        return -1;
    snprintf(path, sizeof(path), "%s/socket", directory);
    snprintf(hidden, sizeof(hidden), "%s/hidden", directory);
    strcpy(address.sun_path, path);
    listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    service_resume_path = path;
    return bind(listener, (struct sockaddr *) &address, sizeof(address)) || listen(listener, 4);
}

static int end(void **state)
{
    (void) state;
    close(listener);
    unlink(path);
    return rmdir(directory);
}

/* The service comes to the next supervisor, which has not answered yet. */
static void expect_back(struct service *s)
{
    s->control = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    assert_true(s->control >= 0);
    service_expect_text(s, RS_RESUME, OK, "test");
}

/* The supervisor dies, and the next one is there at once. */
static void replace(struct service *s)
{
    close(s->control);
    expect_back(s);
    service_send(s, RS_RESUME, 0, 0, "");
}

static struct sef_ipc_packet take(struct service *s, int type)
{
    struct pollfd p = { .fd = s->control, .events = POLLIN };
    struct sef_ipc_packet packet;

    assert_int_equal(poll(&p, 1, 30000), 1);
    assert_int_equal(recv(s->control, &packet, sizeof(packet), MSG_TRUNC), sizeof(packet));
    assert_int_equal(packet.type, type);
    return packet;
}

static void put(struct service *s, int type, uint64_t seq)
{
    struct sef_ipc_packet packet = {
        .magic = SEF_IPC_MAGIC,
        .version = SEF_WIRE_VERSION,
        .type = (uint16_t) type,
        .seq = seq,
        .call = IPC_SEND,
        .endpoint = ANY,
    };

    packet.message.source = 5;
    packet.message.type = 3;
    strcpy((char *) packet.message.payload, "text");
    assert_int_equal(send(s->control, &packet, sizeof(packet), MSG_NOSIGNAL), sizeof(packet));
}

static void test_receive(void **state)
{
    struct service s;
    uint64_t seq, next;

    (void) state;
    service_start_fresh(&s, SERVICE_IPC, "receive");
    seq = take(&s, SEF_IPC_RECEIVE).seq;
    replace(&s);
    assert_int_equal(take(&s, SEF_IPC_RECEIVE).seq, seq);
    put(&s, SEF_IPC_DELIVER, seq);
    service_expect_line(&s, "got 5 3 text 1");
    replace(&s); /* which did not hear that it was taken */
    assert_int_equal(take(&s, SEF_IPC_TAKEN).seq, seq);
    next = take(&s, SEF_IPC_RECEIVE).seq;
    assert_true(next > seq);
    put(&s, SEF_IPC_DELIVER, seq); /* not taken twice */
    put(&s, SEF_IPC_DELIVER, next);
    assert_int_equal(take(&s, SEF_IPC_TAKEN).seq, next);
    service_expect_line(&s, "got 5 3 text 1");
    service_end(&s);
}

static void test_calls(void **state)
{
    static const char *const lines[] = { "result 0 -1", "result 0 -1", "got 5 3 text 0" };
    struct service s;
    struct sef_ipc_packet p;

    (void) state;
    service_start_fresh(&s, SERVICE_IPC, "wait");
    put(&s, SEF_IPC_EMPTY, take(&s, SEF_IPC_RECEIVE).seq);
    for (int i = 0; i < 3; i++) {
        service_command(&s, "asC"[i]);
        p = take(&s, SEF_IPC_SEND);
        replace(&s);
        assert_int_equal(take(&s, SEF_IPC_SEND).seq, p.seq);
        if (i == 2) {
            put(&s, SEF_IPC_DELIVER, p.seq);
            assert_int_equal(take(&s, SEF_IPC_TAKEN).seq, p.seq);
        } else {
            struct sef_ipc_packet sent = { .magic = SEF_IPC_MAGIC,
                .version = SEF_WIRE_VERSION,
                .type = SEF_IPC_SENT,
                .seq = p.seq };

            assert_true(send(s.control, &sent, sizeof(sent), MSG_NOSIGNAL) > 0);
        }
        service_expect_line(&s, lines[i]);
        /* Something may have come to the old one. */
        put(&s, SEF_IPC_EMPTY, take(&s, SEF_IPC_RECEIVE).seq);
    }
    service_end(&s);
}

/* Without anybody to send to a call waits, and a look for messages does not. */
static void test_between(void **state)
{
    struct service s;

    (void) state;
    service_start_fresh(&s, SERVICE_IPC, "wait");
    take(&s, SEF_IPC_RECEIVE);                 /* it looks, and has no answer yet */
    assert_int_equal(rename(path, hidden), 0); /* it cannot come back yet */
    close(s.control);
    service_ask(&s, 'R', "error 201");
    service_command(&s, 'a');
    assert_int_equal(rename(hidden, path), 0);
    expect_back(&s);
    take(&s, SEF_IPC_SEND);
    /* This one does not know the service: nobody will. */
    service_send(&s, RS_RESUME, 0, 0, "");
    close(s.control);
    expect_back(&s);
    take(&s, SEF_IPC_SEND);
    struct sef_packet no = {
        .magic = SEF_WIRE_MAGIC, .version = SEF_WIRE_VERSION, .type = RS_RESUME, .result = ESRCH
    };
    assert_true(send(s.control, &no, offsetof(struct sef_packet, text) + 1, 0) > 0);
    service_expect_line(&s, "result 107 -1");
    service_end(&s);
}

/* A socket that is kept for the next supervisor takes what comes, and nobody answers yet. */
static void test_kept_socket(void **state)
{
    struct service s;

    (void) state;
    service_start_fresh(&s, SERVICE_IPC, "wait");
    put(&s, SEF_IPC_EMPTY, take(&s, SEF_IPC_RECEIVE).seq);
    close(s.control);
    expect_back(&s);
    service_ask(&s, 'R', "error 201");
    service_command(&s, 'a');
    take(&s, SEF_IPC_SEND);
    service_send(&s, RS_RESUME, 0, 0, "");
    close(s.control);
    expect_back(&s);
    take(&s, SEF_IPC_SEND);
    service_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_receive),
        cmocka_unit_test(test_calls),
        cmocka_unit_test(test_between),
        cmocka_unit_test(test_kept_socket),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
