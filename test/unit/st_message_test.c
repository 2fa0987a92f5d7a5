/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Messages of the transfer: which parts they have, and that the reason is there however long the names.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "pair/pair.h"

static struct st_error error;

__attribute__((format(printf, 3, 4))) static void set(
    const struct st__subject *subject, const struct st__path *path, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    assert_int_equal(
        st__error_set(&error, MAGIC_ELOST, subject, path, NULL, format, args), MAGIC_ELOST);
    va_end(args);
}

static void test_parts_and_text(void **state)
{
    const struct magic_var var = { .key = "main:hits", .file = "src/main.c", .line = 7 };
    const struct st__subject subject = { .var = &var, .old_addr = 0x10, .new_addr = 0x20 };
    const struct st__path element = { NULL, NULL, 3 }, member = { &element, "n", 0 };

    (void) state;
    set(&subject, &member, "%d does not fit", 300);
    assert_string_equal(error.text, "main:hits[3].n (src/main.c:7): 300 does not fit");
    assert_string_equal(error.entity, "main:hits");
    assert_string_equal(error.member, "[3].n");
    assert_string_equal(error.file, "src/main.c");
    assert_int_equal(error.line, 7);
    assert_int_equal(error.old_addr, 0x10);
    assert_int_equal(error.new_addr, 0x20);
    assert_int_equal(error.code, MAGIC_ELOST);
}

static void test_long_names_leave_room_for_the_reason(void **state)
{
    char name[300], reason[250];
    const struct magic_var var = { .key = name, .file = name, .line = 4294967295u };
    const struct st__subject subject = { .var = &var };
    const struct st__path member = { NULL, name, 0 };

    (void) state;
    memset(name, 'x', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    memset(reason, 'r', sizeof(reason) - 1);
    reason[sizeof(reason) - 1] = '\0';
    set(&subject, &member, "%s!", reason);
    assert_non_null(strstr(error.text, reason));
    assert_int_equal(error.text[strlen(error.text) - 1], '!');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts_and_text),
        cmocka_unit_test(test_long_names_leave_room_for_the_reason),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
