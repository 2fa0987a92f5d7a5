/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Errors of the runtime as errno values, and the texts of errors that only SEF has.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sef_internal.h"

#include <magic/error.h>

static void every_code_of_the_runtime_is_an_error(void **state)
{
    static const int codes[] = {
#define CODE(name, code, text) MAGIC_##name,
        MAGIC_ERROR_MAP(CODE)
#undef CODE
    };

    (void) state;
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        assert_true(sef__errno_of(codes[i]) > 0);
    assert_int_equal(sef__errno_of(MAGIC_ELOST), ERANGE);
    assert_int_equal(sef__errno_of(-1), EGENERIC);
    assert_int_equal(sef__errno_of(0), OK);
    assert_int_equal(sef__errno_of(EIO), EIO);
}

static void errors_have_texts(void **state)
{
    (void) state;
    assert_string_equal(sef__strerror(ERESTART_SEF), "restart needed");
    assert_string_equal(sef__strerror(ENOTREADY), "not ready");
    assert_string_equal(sef__strerror(EGENERIC), "failed");
    assert_string_equal(sef__strerror(EBADCALL), "bad call");
    assert_string_equal(sef__strerror(EDEADSRCDST), "source or destination does not exist");
    assert_string_equal(sef__strerror(ELOCKED), "would wait for each other for ever");
    assert_string_equal(sef__strerror(ECALLDENIED), "call denied");
    assert_string_equal(sef__strerror(EIO), "Input/output error");
    assert_string_equal(sef__strerror(99999), "unknown error");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_of_the_runtime_is_an_error),
        cmocka_unit_test(errors_have_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
