/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the user wishes of an update reaches the runtime of the new version, and is forgotten after it;
 * and where a transfer failed is told by its parts.
 */
#include "driver.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char rules_path[] = "/tmp/sef_wishes.XXXXXX";

static int make_rules(void **state)
{
    int fd = mkstemp(rules_path);

    (void) state;
    return fd < 0 || write(fd, "policy removed=refuse\n", 22) != 22 || close(fd) != 0;
}

static int remove_rules(void **state)
{
    (void) state;
    return unlink(rules_path);
}

/* The request to start: an image, and options on lines of their own. */
static const char *request(const char *image, const char *options)
{
    static char text[2 * PATH_MAX];

    snprintf(text, sizeof(text), "%s\n%s", image, options);
    return text;
}

static const char *with_rules(const char *image)
{
    char option[PATH_MAX];

    snprintf(option, sizeof(option), "rules=%s", rules_path);
    return request(image, option);
}

static void test_rules_and_flags_arrive(void **state)
{
    static const int kinds[] = { 0, SEF_LU_REHEARSE };
    struct service s;

    (void) state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        service_start_fresh(&s, SERVICE_FAKE, "wait");
        service_make_ready(&s, kinds[i]);
        service_send_start(&s, kinds[i] | SEF_LU_VERIFY, 20000, with_rules("transfer-wishes"));
        assert_string_equal(service_expect(&s, RS_LU_START, OK).text,
            "flags 0x1, 22 bytes of rules: policy removed=refuse ");
        service_end(&s);
    }
}

/* The next update of the new instance is another one. */
static void test_wishes_are_for_one_update(void **state)
{
    struct service s;

    (void) state;
    service_start_fresh(&s, SERVICE_FAKE, "wait");
    service_make_ready(&s, 0);
    service_send_start(&s, SEF_LU_VERIFY, 20000, with_rules("v2"));
    service_expect(&s, RS_LU_START, OK);
    service_send(&s, RS_LU_COMMIT, 0, 0, "");
    service_expect(&s, RS_LU_COMMIT, OK);
    service_make_ready(&s, 0);
    service_send_start(&s, 0, 20000, "transfer-wishes");
    assert_string_equal(service_expect(&s, RS_LU_START, OK).text, "flags 0, 0 bytes of rules: ");
    service_end(&s);
}

/* Start with this request and see it refused, with this text; the service goes on. */
static void refused(struct service *s, const char *text, int result, const char *why)
{
    service_make_ready(s, 0);
    service_send_start(s, 0, 20000, text);
    assert_string_equal(service_expect(s, RS_LU_ROLLBACK, result).text, why);
    assert_int_equal(service_ask_number(s, 'p', "pid"), s->pid);
    service_ask(s, 'c', "children 0");
}

static void test_refused_requests(void **state)
{
    struct service s;

    (void) state;
    service_start_fresh(&s, SERVICE_FAKE, "wait");
    refused(&s, request("v2", "rules=/nonexistent"), ENOENT,
        "cannot read the rules in /nonexistent: No such file or directory");
    refused(&s, request("v2", "rules=/dev/zero"), EFBIG,
        "cannot read the rules in /dev/zero: File too large");
    refused(&s, request("v2", "colour=red"), EINVAL, "unknown option of the request: colour=red");
    refused(&s, request("v2", ""), EINVAL, "unknown option of the request: ");
    refused(&s, request("", "rules=/x"), EINVAL, "no image to update to");
    refused(&s, "", EINVAL, "no image to update to");
    service_end(&s);
}

static void test_parts_of_an_error(void **state)
{
    static const int kinds[] = { 0, SEF_LU_REHEARSE };
    struct service s;

    (void) state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct sef_packet p;

        service_start_fresh(&s, SERVICE_FAKE, "wait");
        service_make_ready(&s, kinds[i]);
        service_send_start(&s, kinds[i], 20000, "transfer-error");
        p = service_expect(&s, kinds[i] ? RS_LU_START : RS_LU_ROLLBACK, ERANGE);
        assert_string_equal(p.text, "value of 'limit' does not fit");
        assert_true(p.error.code < 0);
        assert_string_equal(p.error.entity, "limit");
        assert_string_equal(p.error.member, "[3].soft");
        assert_string_equal(p.error.type, "unsigned char");
        assert_string_equal(p.error.file, "src/main.c");
        assert_int_equal(p.error.line, 7);
        assert_int_equal(p.error.old_addr, 0x1000);
        assert_int_equal(p.error.new_addr, 0x2000);
        assert_int_equal(p.stats.vars_paired, 11);
        service_end(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules_and_flags_arrive),
        cmocka_unit_test(test_wishes_are_for_one_update),
        cmocka_unit_test(test_refused_requests),
        cmocka_unit_test(test_parts_of_an_error),
    };

    return cmocka_run_group_tests(tests, make_rules, remove_rules);
}
