/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The runtime's messages reach the supervisor in an update, and standard error at other times.
 */
#include "driver.h"

#include <string.h>

static struct sef_packet update(struct service *s, const char *image, int flags)
{
    service_start_fresh(s, SERVICE_FAKE, "wait");
    service_make_ready(s, flags);
    service_send_start(s, flags, 20000, image);
    return service_expect(s, RS_LU_START, OK);
}

static void test_messages_of_a_transfer(void **state)
{
    static const int flags[] = { 0, SEF_LU_REHEARSE };
    struct service s;

    (void) state;
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        assert_string_equal(update(&s, "transfer-warnings", flags[i]).text,
            "'limit' was dropped\nhandler of signal 3: dropped");
        service_end(&s);
    }
}

/* Those that fit are whole. */
static void test_too_many_messages(void **state)
{
    struct service s;
    struct sef_packet p;
    size_t n = 0;

    (void) state;
    p = update(&s, "transfer-much", 0);
    for (char *line = strtok(p.text, "\n"); line; line = strtok(NULL, "\n")) {
        char want[256];

        snprintf(want, sizeof(want), "%zu %0100d", n++, 0);
        assert_string_equal(line, want);
    }
    assert_true(n > 120 && n < 400);
    service_end(&s);
}

/* A warning comes with its parts; what is no text in them becomes spaces. */
static void test_parts_of_a_warning(void **state)
{
    struct service s;

    (void) state;
    assert_string_equal(update(&s, "transfer-parts", 0).text,
        "s limit.soft (a b.c:7): dropped\ts limit\t.soft\tint\ta b.c\t7\nsomething else");
    service_end(&s);
}

/* What was logged before an initialisation failed comes behind the reason. */
static void test_messages_of_a_failure(void **state)
{
    static const int flags[] = { 0, SEF_LU_REHEARSE };
    struct service s;

    (void) state;
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        service_start_fresh(&s, SERVICE_FAKE, "wait");
        service_make_ready(&s, flags[i]);
        service_send_start(&s, flags[i], 20000, "transfer-difference");
        assert_string_equal(
            service_expect(&s, flags[i] ? RS_LU_START : RS_LU_ROLLBACK, ERANGE).text,
            "value of 'limit' does not fit\n"
            "difference: limit.hard (c.c:9): was 1, comes back as 2\tlimit\t.hard\tint\tc.c\t9");
        service_end(&s);
    }
}

static void test_too_many_messages_of_a_failure(void **state)
{
    struct service s;
    struct sef_packet p;
    const char *last;

    (void) state;
    service_start_fresh(&s, SERVICE_FAKE, "wait");
    service_make_ready(&s, 0);
    service_send_start(&s, 0, 20000, "transfer-much-error");
    p = service_expect(&s, RS_LU_ROLLBACK, ERANGE);
    last = strrchr(p.text, '\n');
    assert_true(strncmp(p.text, "value of 'limit' does not fit\n0 0", 32) == 0);
    assert_true(p.text_len > SEF_WIRE_TEXT_MAX - 256);
    assert_int_equal(strlen(strchr(last, ' ') + 1), 100);
    service_end(&s);
}

static void test_last_message_of_a_crash(void **state)
{
    struct service s;

    (void) state;
    service_start_fresh(&s, SERVICE_FAKE, "wait");
    service_make_ready(&s, 0);
    service_send_start(&s, 0, 20000, "transfer-stale");
    assert_string_equal(service_expect(&s, RS_LU_ROLLBACK, ERESTART_SEF).text,
        "new version crashed with SIGSEGV during init; its last message: "
        "stale pointer: access to 'limit'");
    service_end(&s);
}

/* Messages of an update that failed do not show up in the next. */
static void test_messages_are_of_one_update(void **state)
{
    struct service s;

    (void) state;
    service_start_fresh(&s, SERVICE_FAKE, "wait");
    service_make_ready(&s, 0);
    service_send_start(&s, 0, 20000, "transfer-stale");
    service_expect(&s, RS_LU_ROLLBACK, ERESTART_SEF);
    service_make_ready(&s, 0);
    service_send_start(&s, 0, 20000, "v2");
    assert_string_equal(service_expect(&s, RS_LU_START, OK).text, "");
    service_end(&s);
}

static void test_messages_at_other_times(void **state)
{
    struct service s;

    (void) state;
    update(&s, "v2", 0);
    service_expect_line(&s, "init state 1");
    service_send(&s, RS_LU_COMMIT, 0, 0, "");
    service_expect(&s, RS_LU_COMMIT, OK);
    service_ask(&s, 'm', "a message");
    service_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages_of_a_transfer),
        cmocka_unit_test(test_too_many_messages),
        cmocka_unit_test(test_parts_of_a_warning),
        cmocka_unit_test(test_messages_of_a_failure),
        cmocka_unit_test(test_too_many_messages_of_a_failure),
        cmocka_unit_test(test_last_message_of_a_crash),
        cmocka_unit_test(test_messages_are_of_one_update),
        cmocka_unit_test(test_messages_at_other_times),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
