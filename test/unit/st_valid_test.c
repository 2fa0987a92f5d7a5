/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A transfer whose table, pairing or forwarding map is malformed in the end is refused, and told why.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "corrupt.h"
#include "image_builder.h"
#include "st/transfer.h"

enum { LIVE = 1, GONE = 2, KINDS = 3 };

static struct image im;
static struct magic_view view;
static struct magic_arena arena;
static struct st__transfer t;
static struct st__kind_plan kinds[KINDS];
static struct magic_error failure;

int st__fail_plain(struct st__transfer *transfer, int code, const char *format, ...)
{
    va_list args;

    (void) transfer;
    failure.code = code;
    va_start(args, format);
    vsnprintf(failure.text, sizeof(failure.text), format, args);
    va_end(args);
    return code;
}

static bool is_valid(struct magic_error *err)
{
    failure = (struct magic_error) { 0 };
    assert_int_equal(st__check_structures(&t), failure.code);
    assert_true(failure.code == 0 || strstr(failure.text, "malformed after the transfer: "));
    if (err)
        *err = failure;
    return failure.code == 0;
}

static int setup(void **state)
{
    static const struct st__plan plan;
    struct magic_error err;
    int code;

    (void) state;
    image_init(&im, 4096);
    image_fill_sample(&im);
    t = (struct st__transfer) { .p = { .arena = &arena }, .kinds = kinds, .n_kinds = KINDS };
    t.p.ot = t.p.nt = image_read(&im, &arena, &view, &code, &err);
    assert_int_equal(code, 0);
    assert_int_equal(st__pair(&t.p), 0);
    kinds[LIVE] = (struct st__kind_plan) { .o = t.p.ot->types, .plan = &plan };
    kinds[GONE] = (struct st__kind_plan) { .o = t.p.ot->types };
    t.map = st__map_create();
    assert_int_equal(st__map_add(t.map, (struct st__moved) { 0x1000, 0x8000, 16, LIVE }), 0);
    assert_int_equal(st__map_add(t.map, (struct st__moved) { 0x2000, 0x2000, 16, GONE }), 0);
    st__map_close(t.map);
    return 0;
}

static int teardown(void **state)
{
    (void) state;
    st__map_destroy(t.map);
    magic_arena_deinit(&arena);
    image_deinit(&im);
    return 0;
}

static void test_each_structure_is_walked(void **state)
{
    (void) state;
    assert_true(is_valid(NULL));
    CORRUPT(t.p.ot->types[0].id, 7, "state table: type 0: its number is another one");
    CORRUPT(t.p.var_pair[0], NULL, "pairing: variable ");
    CORRUPT(t.map->filled, 0, "forwarding map: it was not closed");
}

static void test_objects_are_of_known_kinds(void **state)
{
    (void) state;
    CORRUPT(kinds[LIVE].o, NULL, "forwarding map: entry 0: it is of no kind");
    CORRUPT(t.n_kinds, 2, "forwarding map: entry 1: it is of no kind");
    CORRUPT(kinds[LIVE].plan, NULL, "forwarding map: entry 0: it has a successor");
}

static void test_nothing_moved(void **state)
{
    (void) state;
    st__map_destroy(t.map);
    t.map = NULL;
    assert_true(is_valid(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_each_structure_is_walked, setup, teardown),
        cmocka_unit_test_setup_teardown(test_objects_are_of_known_kinds, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nothing_moved, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
