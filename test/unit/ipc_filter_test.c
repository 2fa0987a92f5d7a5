/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Lists of messages: what they let through, and mistakes in them.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ipc_filter.h"

static bool passes(const char *text, bool white, int endpoint, const char *label, int type)
{
    char why[IPC_FILTER_TEXT_MAX];
    struct ipc_filter *filter;
    bool r;

    assert_int_equal(ipc_filter_parse(text, white, &filter, why), 0);
    r = ipc_filters_pass(filter, endpoint, label, type);
    ipc_filters_destroy(filter);
    return r;
}

static void rules_fit(void **state)
{
    static const struct {
        const char *text;
        bool fits;
    } cases[] = {
        { ":", true },
        { "a:", true },
        { "b:", false },
        { ":7", true },
        { ":0x7", true },
        { ":8", false },
        { ":-7", false },
        { "a:7", true },
        { "a:8", false },
        { "b:7", false },
        { "12:", true },
        { "12:7", true },
        { "13:7", false },
        { "ANY_SYS:7", true },
        { "ANY_USR:7", false },
        { "ANY_TSK:", false },
        { "b:7,a:8,a:7", true },
        { "b:7,a:8,c:", false },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(passes(cases[i].text, true, 12, "a", 7), cases[i].fits);
        assert_int_equal(passes(cases[i].text, false, 12, "a", 7), !cases[i].fits);
    }
    assert_false(passes("a:", true, 12, "", 7)); /* a sender that is gone has no label */
    assert_true(ipc_filters_pass(NULL, 12, "a", 7));
}

static void each_list_must_pass(void **state)
{
    char why[IPC_FILTER_TEXT_MAX];
    struct ipc_filter *first, *second;

    (void) state;
    assert_int_equal(ipc_filter_parse("a:", true, &first, why), 0);
    assert_int_equal(ipc_filter_parse(":8", false, &second, why), 0);
    first->next = second;
    assert_true(ipc_filters_pass(first, 12, "a", 7));
    assert_false(ipc_filters_pass(first, 12, "a", 8));
    assert_false(ipc_filters_pass(first, 12, "b", 7));
    ipc_filters_destroy(first);
}

static void mistakes_are_told(void **state)
{
    static const struct {
        const char *text, *why;
    } cases[] = {
        { "", "no SOURCE:TYPE: ''" },
        { "a", "no SOURCE:TYPE: 'a'" },
        { "a:1,", "no SOURCE:TYPE: ''" },
        { "a:b", "no number of a message type: 'b'" },
        { "a:1:2", "no number of a message type: '1:2'" },
        { "a: 1", "no number of a message type: ' 1'" },
        { "a:-", "no number of a message type: '-'" },
        { ":2147483648", "no number of a message type: '2147483648'" },
        { "2147483648:", "no endpoint: 2147483648" },
        { "a/b:", "no label, endpoint, ANY_SYS, ANY_USR or ANY_TSK: a/b" },
    };
    char why[IPC_FILTER_TEXT_MAX], *many = malloc(2 * IPC_FILTER_RULES_MAX + 2);
    struct ipc_filter *filter = NULL;

    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(ipc_filter_parse(cases[i].text, true, &filter, why), -EINVAL);
        assert_string_equal(why, cases[i].why);
    }
    assert_non_null(many);
    for (size_t i = 0; i < IPC_FILTER_RULES_MAX; i++)
        memcpy(many + 2 * i, ":,", 3);
    strcat(many, ":");
    assert_int_equal(ipc_filter_parse(many, true, &filter, why), -E2BIG);
    many[2 * IPC_FILTER_RULES_MAX - 1] = '\0';
    assert_int_equal(ipc_filter_parse(many, true, &filter, why), 0);
    ipc_filters_destroy(filter);
    free(many);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_fit),
        cmocka_unit_test(each_list_must_pass),
        cmocka_unit_test(mistakes_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
