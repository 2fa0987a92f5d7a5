/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Malformed packets: the service goes on, and answers what it can answer without being
 * misunderstood.
 */
#include "driver.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define HEADER offsetof(struct sef_packet, text)

/* A packet to spoil, with the text "abc". */
static struct sef_packet packet(int type)
{
    return (struct sef_packet) { .magic = SEF_WIRE_MAGIC,
        .version = SEF_WIRE_VERSION,
        .type = type,
        .state = SEF_LU_STATE_WORK_FREE,
        .text = "abc",
        .text_len = 3 };
}

static void put(struct service *s, const void *bytes, size_t size)
{
    assert_int_equal(send(s->control, bytes, size, MSG_NOSIGNAL), size);
}

static void refused(struct service *s, const void *bytes, size_t size, const char *reason)
{
    put(s, bytes, size);
    service_expect_text(s, RS_LU_PREPARE, EBADMSG, reason);
}

/* The service still reads and answers: the answer to a bad state is the next thing it says. */
static void still_there(struct service *s)
{
    service_send(s, RS_LU_PREPARE, 99, 0, "");
    service_expect(s, RS_LU_PREPARE, ENOSYS);
    service_ask(s, 'n', "endpoint 7");
}

static void test_packets_that_name_their_type_are_answered(void **state)
{
    struct service s;
    struct sef_packet p;

    (void) state;
    service_start_fresh(&s, SERVICE_PLAIN, "wait");
    p = packet(RS_LU_PREPARE);
    p.version = SEF_WIRE_VERSION + 1;
    refused(&s, &p, HEADER + 4, "packet is of another protocol version");
    p = packet(RS_LU_PREPARE);
    p.text_len = 4000;
    refused(&s, &p, HEADER + 4, "packet's text length does not fit its size");
    p = packet(RS_LU_PREPARE);
    p.text_len = UINT16_MAX;
    refused(&s, &p, HEADER + 4, "packet's text length does not fit its size");
    p = packet(RS_LU_PREPARE);
    refused(&s, &p, HEADER + 3, "packet's text length does not fit its size");
    refused(&s, &p, HEADER, "packet is too short");
    p.text[3] = 'd';
    refused(&s, &p, HEADER + 4, "packet's text is not terminated where it ends");
    p = packet(RS_LU_PREPARE);
    p.text[1] = '\0';
    refused(&s, &p, HEADER + 4, "packet's text is not terminated where it ends");
    still_there(&s);
    service_end(&s);
}

static void test_unrecognisable_packets_are_dropped(void **state)
{
    char large[sizeof(struct sef_packet) + 64];
    struct service s;
    struct sef_packet p;

    (void) state;
    service_start_fresh(&s, SERVICE_PLAIN, "wait");
    p = packet(RS_LU_PREPARE);
    put(&s, &p, 0);
    put(&s, &p, 1);
    put(&s, &p, 11);
    p.magic++;
    put(&s, &p, HEADER + 4);
    memset(large, 0xff, sizeof(large));
    put(&s, large, sizeof(large));
    p = packet(RS_LU_COMMIT);
    put(&s, &p, HEADER + 1);
    still_there(&s);
    service_end(&s);
}

static void test_packets_out_of_place(void **state)
{
    struct service s;

    (void) state;
    service_start_fresh(&s, SERVICE_PLAIN, "wait");
    service_send(&s, RS_LU_COMMIT, 0, 0, "");
    service_send(&s, RS_LU_ROLLBACK, 0, 0, "");
    service_send(&s, RS_INIT, 0, SEF_INIT_CRASH, "");
    still_there(&s);
    service_send(&s, 0x7f1, 0, 0, "");
    service_expect_text(&s, 0x7f1, ENOSYS, "unknown request 0x7f1");
    service_end(&s);
}

static void test_malformed_packet_in_startup(void **state)
{
    struct service s;
    struct sef_packet p = packet(RS_INIT);

    (void) state;
    service_start(&s, SERVICE_PLAIN, "wait");
    put(&s, &p, HEADER + 2);
    service_expect(&s, RS_INIT, EBADMSG);
    service_send(&s, RS_INIT, 0, 0, "");
    service_expect(&s, RS_INIT, OK);
    service_end(&s);
}

static void test_malformed_packet_in_an_update_rolls_back(void **state)
{
    static char large[sizeof(struct sef_packet) + 64];
    struct service s;
    struct sef_packet p = packet(RS_LU_COMMIT);

    (void) state;
    service_start_fresh(&s, SERVICE_FAKE, "wait");
    service_make_ready(&s, 0);
    service_send_start(&s, 0, 20000, "v2");
    service_expect_line(&s, "init state 1");
    service_expect(&s, RS_LU_START, OK);
    put(&s, &p, HEADER + 2);
    service_expect_text(&s, RS_LU_ROLLBACK, EBADMSG,
        "from the supervisor: packet's text length does not fit its size");
    service_ask(&s, 'g', "commits 0");
    /* And while it is only ready. */
    service_make_ready(&s, 0);
    put(&s, &p, 5);
    service_expect_text(&s, RS_LU_ROLLBACK, EBADMSG, "packet is too short");
    service_make_ready(&s, 0);
    memset(large, 0, sizeof(large));
    put(&s, large, sizeof(large));
    service_expect_text(&s, RS_LU_ROLLBACK, EBADMSG, "packet is too long");
    service_make_ready(&s, 0);
    p.magic++;
    put(&s, &p, HEADER + 4);
    service_expect_text(&s, RS_LU_ROLLBACK, EBADMSG, "packet has a wrong magic number");
    still_there(&s);
    service_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_packets_that_name_their_type_are_answered),
        cmocka_unit_test(test_unrecognisable_packets_are_dropped),
        cmocka_unit_test(test_packets_out_of_place),
        cmocka_unit_test(test_malformed_packet_in_startup),
        cmocka_unit_test(test_malformed_packet_in_an_update_rolls_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
