/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Messages as the switch sees them: what a service asks for, what it acknowledges, and that it gives back what it
 * did not take when an update comes in between.
 */
#include "driver.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sef/ipc.h>
#include <sef/ipc_wire.h>

static struct sef_ipc_packet take(struct service *s, int type)
{
    struct pollfd p = { .fd = s->control, .events = POLLIN };
    struct sef_ipc_packet packet;

    assert_int_equal(poll(&p, 1, 30000), 1);
    assert_int_equal(recv(s->control, &packet, sizeof(packet), MSG_TRUNC), sizeof(packet));
    assert_int_equal(packet.magic, SEF_IPC_MAGIC);
    assert_int_equal(packet.version, SEF_WIRE_VERSION);
    assert_int_equal(packet.type, type);
    return packet;
}

static void put(struct service *s, struct sef_ipc_packet packet)
{
    packet.magic = SEF_IPC_MAGIC;
    packet.version = SEF_WIRE_VERSION;
    assert_int_equal(send(s->control, &packet, sizeof(packet), MSG_NOSIGNAL), sizeof(packet));
}

static void answer(struct service *s, int type, uint64_t seq, int result)
{
    put(s, (struct sef_ipc_packet) { .type = (uint16_t) type, .seq = seq, .result = result });
}

static void empty(struct service *s, uint64_t seq)
{
    put(s, (struct sef_ipc_packet) { .type = SEF_IPC_EMPTY, .seq = seq, .endpoint = ANY });
}

static void deliver(struct service *s, uint64_t seq, const char *text)
{
    struct sef_ipc_packet packet = { .type = SEF_IPC_DELIVER, .seq = seq, .call = IPC_SEND };

    packet.message.source = 5;
    packet.message.type = 3;
    strcpy((char *) packet.message.payload, text);
    put(s, packet);
}

static void expect_taken(struct service *s, uint64_t seq)
{
    assert_int_equal(take(s, SEF_IPC_TAKEN).seq, seq);
}

/* Nothing came from the service before what it says next. */
static uint64_t expect_receive(struct service *s, int source, unsigned flags)
{
    struct sef_ipc_packet packet = take(s, SEF_IPC_RECEIVE);

    assert_int_equal(packet.endpoint, source);
    assert_int_equal(packet.flags, flags);
    return packet.seq;
}

/* Have both packets there when the service looks next. */
static void stop(const struct service *s)
{
    int status;

    kill(s->pid, SIGSTOP);
    assert_int_equal(waitpid(s->pid, &status, WUNTRACED), s->pid);
}

static void test_receive(void **state)
{
    struct service s;
    uint64_t seq, next;

    (void) state;
    service_start_fresh(&s, SERVICE_IPC, "receive");
    seq = expect_receive(&s, ANY, 0);
    deliver(&s, seq, "one");
    expect_taken(&s, seq);
    service_expect_line(&s, "got 5 3 one 1");
    next = expect_receive(&s, ANY, 0);
    assert_true(next > seq);
    answer(&s, SEF_IPC_DELIVER, next, EDEADSRCDST);
    service_expect_line(&s, "error 202");
    seq = expect_receive(&s, ANY, 0);
    answer(&s, SEF_IPC_SENT, seq, OK);
    service_expect_line(&s, "error 71");
    service_end(&s);
}

static void test_what_was_not_asked_for_is_not_taken(void **state)
{
    struct service s;
    uint64_t seq;

    (void) state;
    service_start_fresh(&s, SERVICE_IPC, "receive");
    seq = expect_receive(&s, ANY, 0);
    deliver(&s, seq - 1, "stale");
    deliver(&s, seq + 1, "early");
    deliver(&s, 0, "none");
    deliver(&s, seq, "asked");
    deliver(&s, seq, "twice");
    expect_taken(&s, seq);
    service_expect_line(&s, "got 5 3 asked 1");
    expect_receive(&s, ANY, 0);
    service_end(&s);
}

static void test_calls(void **state)
{
    static const struct {
        char command;
        int call;
    } calls[] = { { 's', IPC_SEND }, { 'b', IPC_SENDNB }, { 'a', IPC_SENDA }, { 'n', IPC_NOTIFY } };
    struct service s;
    struct sef_ipc_packet p;

    (void) state;
    service_start_fresh(&s, SERVICE_IPC, "wait");
    empty(&s, expect_receive(&s, ANY, SEF_IPC_NONBLOCK));
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        service_command(&s, calls[i].command);
        p = take(&s, SEF_IPC_SEND);
        assert_int_equal(p.endpoint, 5);
        assert_int_equal(p.call, calls[i].call);
        assert_int_equal(p.message.source, 0); /* not what the service says */
        if (calls[i].call != IPC_NOTIFY)
            assert_string_equal((char *) p.message.payload, "payload");
        answer(&s, SEF_IPC_SENT, p.seq, (int) i);
        service_expect_line(
            &s, (const char *[]) { "result 0 -1", "result 1 -1", "result 2 -1", "result 3 -1" }[i]);
    }
    service_command(&s, 'l');
    p = take(&s, SEF_IPC_LOOKUP);
    assert_string_equal(p.label, "label");
    put(&s, (struct sef_ipc_packet) { .type = SEF_IPC_LOOKUP, .seq = p.seq, .endpoint = 31 });
    service_expect_line(&s, "result 0 31");
    service_end(&s);
}

static void test_sendrec(void **state)
{
    struct service s;
    struct sef_ipc_packet p;

    (void) state;
    service_start_fresh(&s, SERVICE_IPC, "wait");
    empty(&s, expect_receive(&s, ANY, SEF_IPC_NONBLOCK));
    service_command(&s, 'C');
    p = take(&s, SEF_IPC_SEND);
    assert_int_equal(p.call, IPC_SENDREC);
    kill(s.pid, SIGTERM); /* a call is not interrupted */
    deliver(&s, p.seq, "reply");
    expect_taken(&s, p.seq);
    service_expect_line(&s, "got 5 3 reply 0");
    service_command(&s, 'C');
    answer(&s, SEF_IPC_SENT, take(&s, SEF_IPC_SEND).seq, ELOCKED);
    service_expect_line(&s, "error 208");
    service_command(&s, 'C');
    answer(&s, SEF_IPC_SENT, take(&s, SEF_IPC_SEND).seq, OK);
    service_expect_line(&s, "error 71");
    service_end(&s);
}

static void test_no_supervisor(void **state)
{
    struct service s;

    (void) state;
    service_start_fresh(&s, SERVICE_IPC, "wait");
    empty(&s, expect_receive(&s, ANY, SEF_IPC_NONBLOCK));
    service_ask(&s, 'f', "result 107 -1"); /* a child of the service */
    service_command(&s, 'C');
    take(&s, SEF_IPC_SEND);
    shutdown(s.control, SHUT_RDWR);
    service_expect_line(&s, "error 107");
    service_ask(&s, 'a', "result 107 -1");
    service_ask(&s, 'r', "error 107");
    service_ask(&s, 'R', "error 107");
    service_ask(&s, 'l', "result 107 -1");
    service_end(&s);
}

static void test_interrupted(void **state)
{
    struct service s;
    uint64_t seq;

    (void) state;
    service_start_fresh(&s, SERVICE_IPC, "receive");
    seq = expect_receive(&s, ANY, 0);
    kill(s.pid, SIGTERM);
    assert_int_equal(take(&s, SEF_IPC_CANCEL).seq, seq);
    service_expect_line(&s, "error 4");
    assert_true(expect_receive(&s, ANY, 0) > seq);
    service_end(&s);
}

/* An update begins while the service waits; `crossed` is delivered in the same moment. */
static uint64_t make_ready(struct service *s, bool crossed)
{
    uint64_t seq = expect_receive(s, ANY, 0);

    stop(s);
    if (crossed)
        deliver(s, seq, "crossed");
    service_send(s, RS_LU_PREPARE, SEF_LU_STATE_WORK_FREE, 0, "");
    kill(s->pid, SIGCONT);
    assert_int_equal(take(s, SEF_IPC_CANCEL).seq, seq);
    service_expect(s, RS_LU_PREPARE, OK);
    return seq;
}

static void test_update_while_it_receives(void **state)
{
    struct service s;
    uint64_t seq, next;

    (void) state;
    service_start_fresh(&s, SERVICE_IPC, "receive");
    seq = make_ready(&s, true);
    deliver(&s, seq, "late");
    service_send_start(&s, 0, 20000, "v2");
    deliver(&s, seq, "later");
    service_expect(&s, RS_LU_START, OK);
    put(&s, (struct sef_ipc_packet) { .type = SEF_IPC_PENDING });
    service_send(&s, RS_LU_COMMIT, 0, 0, "");
    service_expect(&s, RS_LU_COMMIT, OK);
    next = expect_receive(&s, ANY, 0);
    assert_true(next > seq);
    deliver(&s, next, "again");
    expect_taken(&s, next);
    service_expect_line(&s, "got 5 3 again 1");
    service_end(&s);
}

static void test_rollback_while_it_receives(void **state)
{
    struct service s;
    uint64_t seq, next;

    (void) state;
    service_start_fresh(&s, SERVICE_IPC, "receive");
    seq = make_ready(&s, true);
    service_send_start(&s, 0, 20000, "init-error");
    service_expect(&s, RS_LU_ROLLBACK, ENOSYS);
    next = expect_receive(&s, ANY, 0);
    assert_true(next > seq);
    deliver(&s, next, "again");
    expect_taken(&s, next);
    service_expect_line(&s, "got 5 3 again 1");
    make_ready(&s, false);
    service_send(&s, RS_LU_PREPARE, SEF_LU_STATE_NULL, 0, "");
    expect_receive(&s, ANY, 0);
    service_end(&s);
}

static void test_not_ready_within_a_call(void **state)
{
    struct service s;
    struct sef_ipc_packet p;

    (void) state;
    service_start_fresh(&s, SERVICE_IPC, "wait");
    empty(&s, expect_receive(&s, ANY, SEF_IPC_NONBLOCK));
    service_ask(&s, 'c', "result 0 -1");
    service_command(&s, 'C');
    p = take(&s, SEF_IPC_SEND);
    service_send(&s, RS_LU_PREPARE, SEF_LU_STATE_WORK_FREE, 0, "");
    service_expect_line(&s, "changed 16"); /* and a message from there would replace the call */
    deliver(&s, p.seq, "reply");
    expect_taken(&s, p.seq);
    service_expect_line(&s, "got 5 3 reply 0");
    service_expect(&s, RS_LU_PREPARE, OK);
    service_end(&s);
}

static void test_callback(void **state)
{
    struct service s;
    uint64_t seq;

    (void) state;
    service_start_fresh(&s, SERVICE_IPC, "wait");
    empty(&s, expect_receive(&s, ANY, SEF_IPC_NONBLOCK));
    put(&s, (struct sef_ipc_packet) { .type = SEF_IPC_PENDING });
    seq = expect_receive(&s, ANY, SEF_IPC_NONBLOCK);
    deliver(&s, seq, "one");
    expect_taken(&s, seq);
    service_expect_line(&s, "got 5 3 one 1");
    seq = expect_receive(&s, ANY, SEF_IPC_NONBLOCK);
    stop(&s);
    empty(&s, seq);
    put(&s, (struct sef_ipc_packet) { .type = SEF_IPC_PENDING }); /* is not lost behind it */
    service_send(&s, RS_LU_PREPARE, 99, 0, "");                   /* nor is this */
    kill(s.pid, SIGCONT);
    service_expect(&s, RS_LU_PREPARE, ENOSYS);
    empty(&s, expect_receive(&s, ANY, SEF_IPC_NONBLOCK));
    service_make_ready(&s, 0);
    service_end(&s);
}

/* A request to prepare that comes in while the service looks for messages is attended to before it sleeps. */
static void test_request_between_messages(void **state)
{
    static const char *const modes[] = { "wait", "loop" };
    struct service s;
    uint64_t seq;

    (void) state;
    for (size_t i = 0; i < 2; i++) {
        service_start_fresh(&s, SERVICE_IPC, modes[i]);
        seq = expect_receive(&s, ANY, SEF_IPC_NONBLOCK);
        stop(&s);
        service_send(&s, RS_LU_PREPARE, SEF_LU_STATE_WORK_FREE, 0, "");
        empty(&s, seq);
        kill(s.pid, SIGCONT);
        service_expect(&s, RS_LU_PREPARE, OK);
        service_end(&s);
    }
}

/* A loop of the service's own gets its turn, and the socket tells of the rest. */
static void test_dispatch_is_bounded(void **state)
{
    struct service s;
    uint64_t seq;

    (void) state;
    service_start_fresh(&s, SERVICE_IPC, "loop");
    for (int i = 0; i < 64; i++) {
        seq = expect_receive(&s, ANY, SEF_IPC_NONBLOCK);
        deliver(&s, seq, "one");
        expect_taken(&s, seq);
        service_expect_line(&s, "got 5 3 one 1");
    }
    take(&s, SEF_IPC_WATCH);
    put(&s, (struct sef_ipc_packet) { .type = SEF_IPC_PENDING });
    expect_receive(&s, ANY, SEF_IPC_NONBLOCK);
    service_end(&s);
}

static void test_malformed(void **state)
{
    struct service s;
    struct sef_ipc_packet p = { .magic = SEF_IPC_MAGIC, .version = SEF_WIRE_VERSION };
    uint64_t seq;

    (void) state;
    service_start_fresh(&s, SERVICE_IPC, "receive");
    seq = expect_receive(&s, ANY, 0);
    p.type = SEF_IPC_DELIVER;
    p.seq = seq;
    send(s.control, &p, sizeof(p) - 1, MSG_NOSIGNAL);
    p.version++;
    send(s.control, &p, sizeof(p), MSG_NOSIGNAL);
    p.version--;
    p.magic++;
    send(s.control, &p, sizeof(p), MSG_NOSIGNAL);
    answer(&s, 0x7ff, seq - 1, OK);
    deliver(&s, seq, "good");
    expect_taken(&s, seq);
    service_expect_line(&s, "got 5 3 good 1");
    service_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_receive),
        cmocka_unit_test(test_what_was_not_asked_for_is_not_taken),
        cmocka_unit_test(test_calls),
        cmocka_unit_test(test_sendrec),
        cmocka_unit_test(test_no_supervisor),
        cmocka_unit_test(test_interrupted),
        cmocka_unit_test(test_update_while_it_receives),
        cmocka_unit_test(test_rollback_while_it_receives),
        cmocka_unit_test(test_not_ready_within_a_call),
        cmocka_unit_test(test_callback),
        cmocka_unit_test(test_request_between_messages),
        cmocka_unit_test(test_dispatch_is_bounded),
        cmocka_unit_test(test_malformed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
