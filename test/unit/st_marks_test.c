/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The marks that the scan asks for every word, and the cores it runs on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "os/os_parallel.h"
#include "st/transfer.h"

static void test_only_what_was_marked_is(void **state)
{
    const uintptr_t lo = 0x7f0000001230, hi = lo + 0x40;
    struct st__transfer t = { 0 };

    (void) state;
    assert_int_equal(st__mark(&t, &t.marks, lo, hi), 0);
    assert_true(st__is_marked(t.marks, lo));
    assert_true(st__is_marked(t.marks, hi - 1));
    assert_false(st__is_marked(t.marks, lo - 1));
    assert_false(st__is_marked(t.marks, hi));
    magic_arena_deinit(&t.arena);
}

static void test_ranges_cross_a_gibibyte(void **state)
{
    const uintptr_t border = (uintptr_t) 5 << 30;
    struct st__transfer t = { 0 };

    (void) state;
    assert_int_equal(st__mark(&t, &t.marks, border - 16, border + 16), 0);
    assert_true(st__is_marked(t.marks, border - 16));
    assert_true(st__is_marked(t.marks, border + 15));
    assert_false(st__is_marked(t.marks, border - 17));
    assert_false(st__is_marked(t.marks, border + 16));
    magic_arena_deinit(&t.arena);
}

static void test_odd_words_are_not_marked(void **state)
{
    struct st__transfer t = { 0 };

    (void) state;
    assert_int_equal(st__mark(&t, &t.marks, 4096, 4096), 0); /* empty, but makes the marks */
    assert_false(st__is_marked(t.marks, 0));
    assert_false(st__is_marked(t.marks, 4096));
    assert_false(st__is_marked(t.marks, UINTPTR_MAX));
    assert_false(st__is_marked(t.marks, (uintptr_t) 1 << 47));
    magic_arena_deinit(&t.arena);
}

static void count(void *ctx)
{
    __atomic_fetch_add((unsigned *) ctx, 1, __ATOMIC_RELAXED);
}

static void test_all_cores_run_and_have_ended(void **state)
{
    unsigned ran = 0;

    (void) state;
    assert_true(magic__os_cores() >= 1);
    magic__os_parallel(4, count, &ran);
    assert_int_equal(ran, 4);
    magic__os_parallel(1, count, &ran);
    assert_int_equal(ran, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_what_was_marked_is),
        cmocka_unit_test(test_ranges_cross_a_gibibyte),
        cmocka_unit_test(test_odd_words_are_not_marked),
        cmocka_unit_test(test_all_cores_run_and_have_ended),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
