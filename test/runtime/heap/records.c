/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Each function of the malloc family records what is allocated at a typed site, forgets what is
 * freed, and otherwise behaves as the allocator behind it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "heap/wrap.h"
#include "sites.h"

static struct magic_site_rec one = SITE(48, MAGIC_SITE_SINGLE);
static struct magic_site_rec array = SITE(24, MAGIC_SITE_ARRAY);
static struct magic_site_rec tail = SITE(40, MAGIC_SITE_TAIL);
static struct magic_site_rec some = SITE(8, 0);
static struct magic_site_rec chars = SITE(1, MAGIC_SITE_ARRAY);
static struct magic_site_rec leaf = SITE(1, MAGIC_SITE_ARRAY | MAGIC_SITE_LEAF);
static struct magic_site_rec untyped = { .elem_size = 8 };

/* Volatile, so that the compiler does not warn of calls that must fail or are odd. */
static volatile size_t too_much = PTRDIFF_MAX, everything = SIZE_MAX, odd_align = 24;

static void malloc_and_free(void **state)
{
    struct magic__object got;
    (void)state;
    char *p = AT(one, malloc(48));
    assert_true(recorded(p, 48, &one));
    assert_ptr_equal(magic__kind(magic__kind_of_site(&one))->site, &one);
    assert_true(magic__heap_find((uintptr_t)p + 47, &got));
    assert_int_equal(got.addr, (uintptr_t)p);
    free(p);
    assert_true(unrecorded(p));
    free(NULL);
}

static void only_typed_sites_of_fitting_size_record(void **state)
{
    (void)state;
    void *blocks[] = {
        malloc(48), AT(leaf, malloc(48)), AT(untyped, malloc(48)), AT(one, malloc(49)),
        AT(array, malloc(25)), AT(tail, malloc(39)), AT(some, malloc(7)), AT(one, malloc(0)),
    };
    for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
        assert_non_null(blocks[i]);
        assert_true(unrecorded(blocks[i]));
        free(blocks[i]);
    }
    void *p = AT(array, malloc(240)), *q = AT(tail, malloc(41)), *r = AT(some, malloc(12));
    assert_true(recorded(p, 240, &array));
    assert_true(recorded(q, 41, &tail));
    assert_true(recorded(r, 12, &some));
    free(p);
    free(q);
    free(r);
}

static void smallest_objects_do_not_share_granules(void **state)
{
    char *blocks[64];
    (void)state;
    for (int i = 0; i < 64; i++)
        blocks[i] = AT(some, malloc(8));
    for (int i = 0; i < 64; i++)
        assert_true(recorded(blocks[i], 8, &some));
    for (int i = 0; i < 64; i++)
        free(blocks[i]);
}

static void calloc_zeroes(void **state)
{
    (void)state;
    char *p = AT(array, calloc(3, 24));
    assert_true(recorded(p, 72, &array));
    for (int i = 0; i < 72; i++)
        assert_int_equal(p[i], 0);
    free(p);
    errno = 0;
    assert_null(magic__next.calloc(too_much, 24));
    int expected = errno; /* not every allocator sets it */
    errno = 0;
    assert_null(AT(array, calloc(too_much, 24)));
    assert_int_equal(errno, expected);
}

static void realloc_carries_the_record(void **state)
{
    (void)state;
    char *p = AT(array, realloc(NULL, 24));
    assert_true(recorded(p, 24, &array));
    memset(p, 7, 24);
    char *wall = malloc(64), *q = realloc(p, 24 * 1000);
    assert_true(recorded(q, 24 * 1000, &array));
    assert_int_equal(q[23], 7);
    if (q != p)
        assert_true(unrecorded(p));
    q = realloc(q, 48);
    assert_true(recorded(q, 48, &array));
    q = AT(one, realloc(q, 48)); /* another site: another type */
    assert_true(recorded(q, 48, &one));
    q = AT(untyped, realloc(q, 48)); /* knows nothing better */
    assert_true(recorded(q, 48, &one));
    q = realloc(q, 50); /* no longer what it was */
    assert_true(unrecorded(q));
    q = AT(some, realloc(q, 64));
    assert_true(recorded(q, 64, &some));
    q = AT(leaf, realloc(q, 64));
    assert_true(unrecorded(q));
    free(q);
    free(wall);
}

static void failed_realloc_keeps_the_record(void **state)
{
    (void)state;
    char *p = AT(array, malloc(24));
    errno = 0;
    assert_null(magic__next.realloc(p, too_much));
    int expected = errno;
    errno = 0;
    assert_null(AT(some, realloc(p, too_much)));
    assert_int_equal(errno, expected);
    assert_true(recorded(p, 24, &array));
    errno = 0;
    assert_null(reallocarray(p, too_much, 3));
    assert_int_equal(errno, ENOMEM);
    assert_true(recorded(p, 24, &array));
    p = AT(array, reallocarray(p, 5, 24));
    assert_true(recorded(p, 120, &array));
    free(p);
}

static void realloc_to_nothing_frees(void **state)
{
    (void)state;
    char *p = AT(array, malloc(24)), *q = realloc(p, 0);
    assert_true(unrecorded(p));
    free(q);
}

static void assert_aligned(void *p, size_t align, size_t size)
{
    assert_non_null(p);
    assert_int_equal((uintptr_t)p % align, 0);
    assert_true(recorded(p, size, &array));
    memset(p, 1, size);
    free(p);
    assert_true(unrecorded(p));
}

static void aligned_allocations(void **state)
{
    void *p = NULL;
    (void)state;
    for (size_t align = 8; align <= 1 << 20; align *= 4) {
        assert_int_equal(AT(array, posix_memalign(&p, align, 72)), 0);
        assert_aligned(p, align, 72);
        assert_aligned(AT(array, aligned_alloc(align, 72)), align, 72);
        assert_aligned(AT(array, memalign(align, 72)), align, 72);
    }
    assert_aligned(AT(array, memalign(odd_align, 72)), 32, 72);
    assert_aligned(AT(array, valloc(72)), 4096, 72);
    assert_true(unrecorded(p = AT(array, pvalloc(72)))); /* 4096 is no multiple of 24 */
    assert_true(malloc_usable_size(p) >= 4096);
    free(p);
    p = &p;
    assert_int_equal(posix_memalign(&p, odd_align, 72), EINVAL);
    assert_int_equal(posix_memalign(&p, 4, 72), EINVAL);
    assert_int_equal(posix_memalign(&p, 64, too_much), ENOMEM);
    assert_ptr_equal(p, &p);
    errno = 0;
    assert_null(memalign(64, too_much));
    assert_int_equal(errno, ENOMEM);
    errno = 0;
    assert_null(memalign(everything, 8));
    assert_int_equal(errno, EINVAL);
    errno = 0;
    assert_null(pvalloc(everything - 5));
    assert_int_equal(errno, ENOMEM);
}

static void what_libc_allocates_takes_the_site(void **state)
{
    char *text = NULL, *line = NULL;
    size_t room = 0;
    (void)state;
    char *copy = AT(chars, strdup("eleven char"));
    assert_true(recorded(copy, 12, &chars));
    assert_int_equal(AT(chars, asprintf(&text, "%s", copy)), 11);
    assert_false(unrecorded(text));
    FILE *in = fmemopen(copy, 11, "r");
    assert_non_null(in);
    assert_int_equal(AT(chars, getline(&line, &room, in)), 11);
    assert_true(recorded(line, room, &chars));
    fclose(in);
    free(copy);
    free(text);
    free(line);
    assert_true(unrecorded(copy));
}

static void big_blocks(void **state)
{
    struct magic__object got;
    (void)state;
    char *p = AT(chars, malloc(3 << 20));
    assert_true(recorded(p, 3 << 20, &chars));
    assert_true(magic__heap_find((uintptr_t)p + (3 << 20) - 1, &got));
    p = AT(chars, realloc(p, 9 << 20));
    assert_true(recorded(p, 9 << 20, &chars));
    free(p);
    assert_true(unrecorded(p + (4 << 20)));
}

static void errno_and_usable_size(void **state)
{
    (void)state;
    errno = EXDEV;
    char *p = AT(one, malloc(48));
    assert_true(malloc_usable_size(p) >= 48);
    assert_int_equal(magic__heap_usable(p), malloc_usable_size(p));
    assert_int_equal(magic__heap_usable(NULL), 0);
    p = realloc(p, 48);
    free(p);
    assert_int_equal(errno, EXDEV);
}

static void transfer_allocations_have_no_record(void **state)
{
    (void)state;
    char *p = AT(one, magic__heap_alloc(48, 0)), *q = magic__heap_alloc(48, 256);
    assert_true(unrecorded(p));
    assert_int_equal((uintptr_t)q % 256, 0);
    magic__heap_free(p);
    free(q);
}

static void start_up_blocks_are_recognised(void **state)
{
    char *p = magic__boot_alloc(30, 0), *q = magic__boot_alloc(8, 256);
    (void)state;
    assert_true(magic__boot_owns(p) && magic__boot_owns(q));
    assert_int_equal((uintptr_t)p % 16, 0);
    assert_int_equal((uintptr_t)q % 256, 0);
    assert_true(magic__boot_usable(p) >= 30 && p + magic__boot_usable(p) <= q);
    assert_int_equal(magic__heap_usable(p), magic__boot_usable(p));
    strcpy(p, "kept");
    char *r = realloc(p, 3000);
    assert_false(magic__boot_owns(r));
    assert_string_equal(r, "kept");
    free(r);
    free(q);
    assert_null(magic__boot_alloc(1 << 20, 0));
    while ((q = magic__boot_alloc(1000, 0)))
        memset(q, 1, 1000);
    free(magic__boot_alloc(0, 0));
}

static void libraries_loaded_later(void **state)
{
    void *(*late_malloc)(size_t);
    void (*late_free)(void *);
    (void)state;
    void *lib = dlopen(HEAP_LATE, RTLD_LAZY | RTLD_LOCAL);
    assert_non_null(lib);
    assert_int_equal(magic__heap_rebind(), 0);
    *(void **)&late_malloc = dlsym(lib, "late_malloc");
    *(void **)&late_free = dlsym(lib, "late_free");
    void *(**table)(size_t) = (void *(**)(size_t))dlsym(lib, "late_table");
    void *p = AT(one, late_malloc(48)), *q = AT(one, table[0](48));
    assert_true(recorded(p, 48, &one));
    assert_true(recorded(q, 48, &one));
    late_free(p);
    late_free(q);
    assert_true(unrecorded(p));
    assert_true(unrecorded(q));
    dlclose(lib);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(malloc_and_free),
        cmocka_unit_test(only_typed_sites_of_fitting_size_record),
        cmocka_unit_test(smallest_objects_do_not_share_granules),
        cmocka_unit_test(calloc_zeroes),
        cmocka_unit_test(realloc_carries_the_record),
        cmocka_unit_test(failed_realloc_keeps_the_record),
        cmocka_unit_test(realloc_to_nothing_frees),
        cmocka_unit_test(aligned_allocations),
        cmocka_unit_test(what_libc_allocates_takes_the_site),
        cmocka_unit_test(big_blocks),
        cmocka_unit_test(errno_and_usable_size),
        cmocka_unit_test(transfer_allocations_have_no_record),
        cmocka_unit_test(start_up_blocks_are_recognised),
        cmocka_unit_test(libraries_loaded_later),
    };
    return cmocka_run_group_tests_name("heap records", tests, NULL, NULL);
}
