/* SPDX-License-Identifier: BSD-2-Clause
 *
 * All memory is given out zeroed, up to its usable size, and without that it becomes resident.
 */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const size_t sizes[] = { 1, 15, 16, 17, 24, 31, 32, 33, 48, 64, 65, 100, 1000, 1025, 4000,
    4096, 4111, 5000, 12288, 30000, 100000, 131072, 200000, 1 << 21 };

enum { SIZES = sizeof(sizes) / sizeof(sizes[0]), BLOCKS = 12 };

static void assert_clear(char *p, size_t from)
{
    size_t usable = malloc_usable_size(p);
    assert_non_null(p);
    for (size_t i = from; i < usable; i++)
        if (p[i] != 0)
            fail_msg("byte %zu of %zu is not 0", i, usable);
}

/* Leave something in a block, or only here and there. */
static void use(char *p, int sparsely)
{
    size_t usable = malloc_usable_size(p), step = sparsely ? 3000 : 1;
    for (size_t i = 0; i < usable; i += step)
        p[i] = (char) 0xa5;
    p[usable - 1] = 1;
}

static void *allocate(size_t size, int how)
{
    void *p = NULL;
    if (how == 0)
        return malloc(size);
    assert_int_equal(posix_memalign(&p, how == 1 ? 16 : 4096, size), 0);
    return p;
}

static void reused_blocks_are_clear(void **state)
{
    (void) state;
    for (int round = 0; round < 6; round++) {
        for (size_t i = 0; i < SIZES; i++) {
            char *blocks[BLOCKS];
            for (size_t k = 0; k < BLOCKS; k++) {
                blocks[k] = allocate(sizes[i], round % 3);
                assert_clear(blocks[k], 0);
                use(blocks[k], round % 2);
            }
            for (size_t k = 0; k < BLOCKS; k++)
                free(blocks[k]);
        }
    }
}

static void what_a_block_gains_is_clear(void **state)
{
    (void) state;
    for (size_t i = 0; i + 1 < SIZES; i++) {
        for (size_t k = i + 1; k < SIZES; k++) {
            char *p = malloc(sizes[i]), *q;
            size_t old = malloc_usable_size(p);
            use(p, 0);
            q = realloc(p, sizes[k]);
            assert_clear(q, old);
            assert_int_equal(q[0], sizes[i] > 1 || old > 1 ? (char) 0xa5 : 1);
            use(q, 1);
            free(q);
        }
    }
}

static long resident(void)
{
    long size, pages;
    FILE *f = fopen("/proc/self/statm", "r");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%ld %ld", &size, &pages), 2);
    fclose(f);
    return pages * getpagesize();
}

static void fresh_blocks_cost_nothing(void **state)
{
    enum { N = 512, SIZE = 32768 };
    static void *blocks[N];
    long before = resident();
    (void) state;
    for (int i = 0; i < N; i++)
        assert_non_null(blocks[i] = malloc(SIZE));
    assert_true(resident() - before < (long) N * SIZE / 2);
    for (int i = 0; i < N; i++)
        free(blocks[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fresh_blocks_cost_nothing),
        cmocka_unit_test(reused_blocks_are_clear),
        cmocka_unit_test(what_a_block_gains_is_clear),
    };
    return cmocka_run_group_tests_name("heap zeroes", tests, NULL, NULL);
}
