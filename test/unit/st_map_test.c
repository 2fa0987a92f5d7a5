/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The forwarding map: every byte of every object is found, nothing else is, wherever objects lie.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <magic/error.h>

#include "corrupt.h"
#include "st/map.h"

#define GIB ((uintptr_t) 1 << 30)

static void add(struct st__map *map, uintptr_t o, uint64_t size)
{
    assert_int_equal(st__map_add(map, (struct st__moved) { o, o + 8 * GIB, size, 3 }), 0);
}

static void check_found(const struct st__map *map, uintptr_t o, uint64_t size)
{
    const uintptr_t at[] = { o, o + 1, o + size / 2, o + size - 1 };

    for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
        const struct st__moved *m = st__map_find(map, at[i]);

        if (at[i] - o >= size)
            continue;
        assert_non_null(m);
        assert_int_equal(m->o, o);
        assert_int_equal(m->n, o + 8 * GIB);
        assert_int_equal(m->size, size);
    }
}

static void test_finds_what_was_added_and_nothing_else(void **state)
{
    struct st__map *map = st__map_create();

    (void) state;
    add(map, 0x55550000, 24);
    add(map, 0x55550018, 8); /* side by side, as in a pool */
    add(map, 0x55553ff0, 0x3000);
    st__map_close(map);
    check_found(map, 0x55550000, 24);
    check_found(map, 0x55550018, 8);
    check_found(map, 0x55553ff0, 0x3000);
    assert_null(st__map_find(map, 0));
    assert_null(st__map_find(map, 0x5554ffff));
    assert_null(st__map_find(map, 0x55550020));
    assert_null(st__map_find(map, 0x55556ff0));
    assert_null(st__map_find(map, 8 * GIB));
    assert_null(st__map_find(map, UINTPTR_MAX));
    assert_true(st__map_is_valid(map, NULL));
    st__map_destroy(map);
}

static void test_objects_at_the_borders_of_a_gibibyte(void **state)
{
    struct st__map *map = st__map_create();

    (void) state;
    add(map, GIB - 4096, 16);
    add(map, GIB - 16, 16);
    add(map, GIB, 16);
    add(map, 2 * GIB - 8, 2 * GIB); /* over a border, and one without a start in it */
    add(map, 0x7ffffffff000, 4096);
    st__map_close(map);
    check_found(map, GIB - 4096, 16);
    check_found(map, GIB - 16, 16);
    check_found(map, GIB, 16);
    check_found(map, 2 * GIB - 8, 2 * GIB);
    check_found(map, 0x7ffffffff000, 4096);
    assert_null(st__map_find(map, 4 * GIB - 8));
    assert_true(st__map_is_valid(map, NULL));
    st__map_destroy(map);
}

static void test_many_objects(void **state)
{
    struct st__map *map = st__map_create();
    const size_t n = 300000; /* more than a chunk, over more than a GiB */
    uintptr_t at = GIB - 4096;

    (void) state;
    for (size_t i = 0; i < n; i++, at += 16 * (i % 500 + 3))
        add(map, at, i % 40 + 1);
    st__map_close(map);
    assert_int_equal(map->n, n);
    at = GIB - 4096;
    for (size_t i = 0; i < n; i++, at += 16 * (i % 500 + 3)) {
        st__map_prefetch(map, at);
        assert_ptr_equal(st__map_find(map, at + i % 40), st__map_at(map, i));
        if (i % 40 < 15)
            assert_null(st__map_find(map, at + 15));
    }
    assert_true(st__map_is_valid(map, NULL));
    st__map_destroy(map);
}

static void test_refuses_what_is_out_of_order(void **state)
{
    struct st__map *map = st__map_create();

    (void) state;
    add(map, 0x1000, 32);
    assert_int_equal(st__map_add(map, (struct st__moved) { 0x1010, 0, 32, 1 }), MAGIC_EINVAL);
    assert_int_equal(st__map_add(map, (struct st__moved) { 0x800, 0, 32, 1 }), MAGIC_EINVAL);
    assert_int_equal(st__map_add(map, (struct st__moved) { 0x2000, 0, 0, 1 }), MAGIC_EINVAL);
    assert_int_equal(
        st__map_add(map, (struct st__moved) { 0x7ffffffff000, 0, 4097, 1 }), MAGIC_EINVAL);
    assert_int_equal(map->n, 1);
    st__map_destroy(map);
    st__map_destroy(NULL);
}

static struct st__map *broken;

static bool is_valid(struct magic_error *err)
{
    return st__map_is_valid(broken, err);
}

static void corrupt_entry(size_t i, uintptr_t o, uint64_t size, const char *text)
{
    const struct st__moved m = { o, 0, size, 3 };

    corrupt(st__map_at(broken, i), &m, sizeof(m), text);
}

static void test_a_broken_map_is_found_out(void **state)
{
    struct st__map *map = broken = st__map_create();
    uint32_t *pages;

    (void) state;
    add(map, 0x1000, 32);
    add(map, 0x2000, 32);
    st__map_close(map);
    assert_true(st__map_is_valid(map, NULL));
    pages = map->gib[0];
    corrupt_entry(0, 0x1000, 0x2000, "entry 1: it begins before the end of the one before it");
    corrupt_entry(1, 0x800, 32, "entry 1: it begins before the end of the one before it");
    corrupt_entry(0, 0x1000, 0, "entry 0: no user's memory");
    corrupt_entry(1, (uintptr_t) 1 << 47, 1, "entry 1: no user's memory");
    corrupt_entry(1, 5 * GIB, 1, "entry 1: no pages are known where it lies");
    CORRUPT(pages[2], 0, "page 0x2000: its number is 0, should be 1");
    CORRUPT(pages[ST__MAP_PAGES], 1, "page 0x40000000: its number is 1, should be 2");
    CORRUPT(map->filled, 5, "it was not closed");
    st__map_destroy(map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finds_what_was_added_and_nothing_else),
        cmocka_unit_test(test_objects_at_the_borders_of_a_gibibyte),
        cmocka_unit_test(test_many_objects),
        cmocka_unit_test(test_refuses_what_is_out_of_order),
        cmocka_unit_test(test_a_broken_map_is_found_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
