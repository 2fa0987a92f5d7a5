/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The heap index by range: sub-objects, what memory that goes takes with it, what moves along.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "heap/heap.h"

enum { BASE = 0x50000000, FAR = 0x60000000 };

static uint32_t single, array, tail, sub, other_sub;

static uint32_t make_kind(uint32_t elem_size, uint32_t flags)
{
    uint32_t kind = magic__kind_new();
    *magic__kind(kind) = (struct magic__kind) { .elem_size = elem_size, .flags = flags };
    return kind;
}

static int set_up(void **state)
{
    (void) state;
    magic__heap_prepare();
    single = make_kind(48, MAGIC_SITE_SINGLE);
    array = make_kind(24, MAGIC_SITE_ARRAY | MAGIC_SITE_MAPPED);
    tail = make_kind(32, MAGIC_SITE_TAIL);
    sub = make_kind(24, MAGIC_SITE_SINGLE | MAGIC_SITE_POOL);
    other_sub = make_kind(8, MAGIC_SITE_ARRAY | MAGIC_SITE_POOL);
    return 0;
}

static int clear(void **state)
{
    (void) state;
    magic__heap_drop(0, UINTPTR_MAX, 0);
    return 0;
}

/* Size of the object of `kind` that starts at addr; 0 if there is none. */
static size_t size_at(uintptr_t addr, uint32_t kind)
{
    struct magic__object got;
    return magic__heap_find(addr, &got) && got.addr == addr && got.kind == kind ? got.size : 0;
}

static void sub_objects_start_at_each_eighth_byte(void **state)
{
    struct magic__object got;
    (void) state;
    for (uintptr_t at = 0; at < 24 * 400; at += 24)
        assert_int_equal(magic__heap_add_sub(BASE + at, 24, sub), 0);
    for (uintptr_t at = 0; at < 24 * 400; at += 24) {
        assert_int_equal(size_at(BASE + at, sub), 24);
        assert_true(magic__heap_find(BASE + at + 23, &got));
        assert_int_equal(got.addr, BASE + at);
    }
    assert_false(magic__heap_remove(BASE + 24 + 8, NULL));
    assert_true(magic__heap_remove(BASE + 24, NULL));
    assert_false(magic__heap_find(BASE + 24, &got));
    assert_false(magic__heap_find(BASE + 47, &got));
    assert_true(magic__heap_next(BASE + 1, UINTPTR_MAX, &got));
    assert_int_equal(got.addr, BASE + 48);
    assert_true(magic__heap_next(BASE + 65, UINTPTR_MAX, &got));
    assert_int_equal(got.addr, BASE + 72);
    assert_false(magic__heap_next(BASE + 49, BASE + 72, &got));
    assert_int_equal(magic__heap_add_sub(BASE + 4, 24, sub), MAGIC_EINVAL);
}

static void new_sub_objects_replace_older_ones(void **state)
{
    (void) state;
    for (uintptr_t at = 0; at < 96; at += 24)
        assert_int_equal(magic__heap_add_sub(BASE + at, 24, sub), 0);
    assert_int_equal(magic__heap_add_sub(BASE + 40, 16, other_sub), 0);
    assert_int_equal(size_at(BASE, sub), 24);
    assert_int_equal(size_at(BASE + 24, sub), 0);
    assert_int_equal(size_at(BASE + 40, other_sub), 16);
    assert_int_equal(size_at(BASE + 48, sub), 0);
    assert_int_equal(size_at(BASE + 72, sub), 24);
    /* What is left of an array is still an array. */
    assert_int_equal(magic__heap_add_sub(FAR, 80, other_sub), 0);
    assert_int_equal(magic__heap_add_sub(FAR + 40, 24, sub), 0);
    assert_int_equal(size_at(FAR, other_sub), 40);
}

static void blocks_of_known_type_have_no_sub_objects(void **state)
{
    (void) state;
    assert_int_equal(magic__heap_add(BASE, 48, single), 0);
    assert_int_equal(magic__heap_add_sub(BASE, 24, sub), MAGIC_EINVAL);
    assert_int_equal(magic__heap_add_sub(BASE + 16, 24, sub), MAGIC_EINVAL);
    assert_int_equal(size_at(BASE, single), 48);
    assert_int_equal(magic__heap_add_sub(BASE + 48, 24, sub), 0);
}

static void a_header_before_a_pool_stays(void **state)
{
    struct magic__object got;
    (void) state;
    assert_int_equal(magic__heap_add(BASE, 4096, tail), 0);
    assert_int_equal(magic__heap_add_sub(BASE + 24, 24, sub), MAGIC_EINVAL); /* in the header */
    assert_int_equal(size_at(BASE, tail), 4096);
    assert_int_equal(magic__heap_add_sub(BASE + 40, 24, sub), 0);
    assert_true(magic__heap_find(BASE + 31, &got));
    assert_int_equal(got.addr, BASE);
    assert_int_equal(got.size, 32);
    assert_int_equal(magic__kind(got.kind)->flags, MAGIC_SITE_SINGLE | MAGIC_SITE_POOL);
    assert_false(magic__heap_find(BASE + 32, &got));
    assert_int_equal(size_at(BASE + 40, sub), 24);
    uint32_t kinds = magic__kind_count();
    assert_int_equal(magic__heap_add(FAR, 4096, tail), 0);
    assert_int_equal(magic__heap_add_sub(FAR + 32, 24, sub), 0);
    assert_int_equal(magic__kind_count(), kinds);
}

static void drop_takes_what_overlaps(void **state)
{
    (void) state;
    magic__heap_add(BASE, 48, single);
    magic__heap_add_sub(BASE + 48, 24, sub);
    magic__heap_add(BASE + 96, 48, single);
    magic__heap_add(BASE + 0x3000, 0x40000, tail);
    assert_int_equal(magic__heap_drop(BASE, BASE + 0x3000, MAGIC_SITE_POOL), 1);
    assert_int_equal(size_at(BASE, single), 48);
    assert_int_equal(magic__heap_drop(BASE + 40, BASE + 97, 0), 2);
    assert_int_equal(size_at(BASE, single), 0);
    assert_int_equal(size_at(BASE + 96, single), 0);
    assert_int_equal(magic__heap_drop(BASE + 0x4000, BASE + 0x5000, 0), 1);
    assert_int_equal(size_at(BASE + 0x3000, tail), 0x1000);
    magic__heap_add(FAR, 24 * 1000, array);
    assert_int_equal(magic__heap_drop(FAR + 0x1000, FAR + 0x2000, 0), 1);
    assert_int_equal(size_at(FAR, array), 0x1000 / 24 * 24);
    assert_int_equal(magic__heap_drop(FAR, FAR, 0), 0);
}

static void objects_move_along(void **state)
{
    struct magic__heap_moved moved;
    (void) state;
    for (uintptr_t at = 0; at < 24 * 1000; at += 24)
        magic__heap_add_sub(BASE + at, 24, sub);
    magic__heap_move_out(BASE, BASE + 24 * 1000, &moved);
    assert_int_equal(moved.n, 1000);
    assert_int_equal(size_at(BASE + 24, sub), 0);
    magic__heap_move_in(&moved, FAR, 24 * 10 + 23);
    for (uintptr_t at = 0; at < 24 * 1000; at += 24)
        assert_int_equal(size_at(FAR + at, sub), at < 240 ? 24 : 0);
    magic__heap_move_out(BASE, BASE + 4096, &moved);
    assert_int_equal(moved.n, 0);
    magic__heap_move_in(&moved, BASE, 4096);
    /* What reaches over the end of the range stays behind in no form. */
    magic__heap_move_out(FAR, FAR + 40, &moved);
    magic__heap_move_in(&moved, BASE, 4096);
    assert_int_equal(size_at(BASE, sub), 24);
    assert_int_equal(size_at(BASE + 24, sub), 0);
    assert_int_equal(size_at(FAR + 24, sub), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(sub_objects_start_at_each_eighth_byte, clear),
        cmocka_unit_test_teardown(new_sub_objects_replace_older_ones, clear),
        cmocka_unit_test_teardown(blocks_of_known_type_have_no_sub_objects, clear),
        cmocka_unit_test_teardown(a_header_before_a_pool_stays, clear),
        cmocka_unit_test_teardown(drop_takes_what_overlaps, clear),
        cmocka_unit_test_teardown(objects_move_along, clear),
    };
    return cmocka_run_group_tests_name("heap_range", tests, set_up, NULL);
}
