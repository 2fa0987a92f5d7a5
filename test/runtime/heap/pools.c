/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What a pool gives out is a sub-object of the block that it lies in: recorded exactly, replaced when
 * the bytes are given out again, and gone with the block. It is never one outside of the heap.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "sites.h"

void __magic_pool(void *p, size_t size, size_t count, struct magic_site_rec *site);
void __magic_pool_free(void *p);

static struct magic_site_rec node = SITE(24, MAGIC_SITE_SINGLE | MAGIC_SITE_POOL);
static struct magic_site_rec words = SITE(8, MAGIC_SITE_ARRAY | MAGIC_SITE_POOL);
static struct magic_site_rec bytes = { .elem_size = 1, .flags = MAGIC_SITE_LEAF | MAGIC_SITE_POOL };
static struct magic_site_rec block = SITE(512, MAGIC_SITE_SINGLE);

static char variable[256];

static void objects_are_replaced_where_bytes_are_given_out_again(void **state)
{
    char *p = malloc(512);
    (void) state;
    for (size_t at = 0; at < 480; at += 24)
        __magic_pool(p + at, 24, 1, &node);
    assert_true(recorded(p, 24, &node));
    assert_true(recorded(p + 24, 24, &node));
    __magic_pool(p + 48, 8, 4, &words);
    assert_true(recorded(p + 48, 32, &words));
    assert_true(unrecorded(p + 48 + 32));
    assert_true(recorded(p + 96, 24, &node));
    __magic_pool(p + 96, 30, 1, &bytes); /* a call without type */
    assert_true(unrecorded(p + 96));
    assert_true(unrecorded(p + 120));
    assert_true(recorded(p + 144, 24, &node));
    __magic_pool(p + 144, 23, 1, &node); /* not the size of its type */
    assert_true(unrecorded(p + 144));
    __magic_pool(p + 148, 24, 1, &node); /* no place for a pointer */
    assert_true(unrecorded(p + 148));
    __magic_pool(p + 144, 0, 1, &node); /* one of its type */
    assert_true(recorded(p + 144, 24, &node));
    free(p);
    for (size_t at = 0; at < 480; at += 8)
        assert_true(unrecorded(p + at));
}

static void objects_given_back_are_forgotten(void **state)
{
    char *p = malloc(512);
    (void) state;
    __magic_pool(p, 24, 1, &node);
    __magic_pool(p + 24, 24, 1, &node);
    __magic_pool_free(p + 24);
    __magic_pool_free(p + 8);
    __magic_pool_free(NULL);
    assert_true(unrecorded(p + 24));
    assert_true(recorded(p, 24, &node));
    free(p);
}

static void objects_follow_realloc(void **state)
{
    char *p = malloc(1024), *q;
    (void) state;
    for (size_t at = 0; at < 960; at += 24)
        __magic_pool(p + at, 24, 1, &node);
    char *wall = malloc(64);
    q = realloc(p, 100000);
    assert_ptr_not_equal(p, q);
    for (size_t at = 0; at < 960; at += 24) {
        assert_true(unrecorded(p + at));
        assert_true(recorded(q + at, 24, &node));
    }
    q = realloc(q, 100);
    assert_true(recorded(q + 72, 24, &node));
    assert_true(unrecorded(q + 96));
    assert_null(realloc(q, (size_t) PTRDIFF_MAX - 100));
    assert_true(recorded(q + 72, 24, &node));
    q = realloc(q, 1 << 20); /* another size class of every allocator */
    assert_true(recorded(q + 72, 24, &node));
    free(q);
    assert_true(unrecorded(q + 72));
    free(wall);
}

static void large_blocks_lose_all(void **state)
{
    char *p = malloc(3 << 20);
    (void) state;
    __magic_pool(p + (2 << 20), 24, 1, &node);
    __magic_pool(p + (1 << 20), 8, 20000, &words);
    assert_true(recorded(p + (1 << 20), 160000, &words));
    free(p);
    assert_true(unrecorded(p + (2 << 20)));
    assert_true(unrecorded(p + (1 << 20) + 80000));
}

static void typed_blocks_keep_their_type(void **state)
{
    char *p = AT(block, malloc(512));
    (void) state;
    __magic_pool(p + 24, 24, 1, &node);
    assert_true(recorded(p, 512, &block));
    assert_true(recorded(p, 512, &block));
    free(p);
}

static void only_the_heap_has_objects(void **state)
{
    char local[256];
    (void) state;
    __magic_pool(local, 24, 1, &node);
    __magic_pool(variable, 24, 1, &node);
    __magic_pool(NULL, 24, 1, &node);
    assert_true(unrecorded(local));
    assert_true(unrecorded(variable));
}

static void shared_memory_is_no_heap(void **state)
{
    (void) state;
    char *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(p, MAP_FAILED);
    __magic_pool(p + 64, 24, 1, &node);
    assert_true(unrecorded(p + 64));
    assert_int_equal(munmap(p, 8192), 0);
    char *q = mmap(p, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    __magic_pool(q + 64, 24, 1, &node);
    assert_true(recorded(q + 64, 24, &node));
    munmap(q, 8192);
}

static void *on_a_thread(void *ctx)
{
    char local[256];
    __magic_pool(local, 24, 1, &node);
    *(int *) ctx = unrecorded(local);
    char *p = malloc(512);
    __magic_pool(p, 24, 1, &node);
    *(int *) ctx &= recorded(p, 24, &node);
    free(p);
    return NULL;
}

static void thread_stacks_are_no_heap(void **state)
{
    pthread_t thread;
    int right = 0;
    (void) state;
    assert_int_equal(pthread_create(&thread, NULL, on_a_thread, &right), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(right);
}

static void sites_of_pools_record_no_blocks(void **state)
{
    void *p = AT(node, malloc(24));
    (void) state;
    assert_true(unrecorded(p));
    free(p);
}

static void objects_in_mappings_go_with_them(void **state)
{
    (void) state;
    char *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(p, MAP_FAILED);
    __magic_pool(p + 100 * 8, 24, 1, &node);
    __magic_pool(p + 4096, 24, 1, &node);
    assert_int_equal(munmap(p + 4096, 4096), 0);
    assert_true(recorded(p + 800, 24, &node));
    assert_true(unrecorded(p + 4096));
    assert_int_equal(munmap(p, 4096), 0);
    assert_true(unrecorded(p + 800));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_are_replaced_where_bytes_are_given_out_again),
        cmocka_unit_test(objects_given_back_are_forgotten),
        cmocka_unit_test(objects_follow_realloc),
        cmocka_unit_test(large_blocks_lose_all),
        cmocka_unit_test(typed_blocks_keep_their_type),
        cmocka_unit_test(only_the_heap_has_objects),
        cmocka_unit_test(shared_memory_is_no_heap),
        cmocka_unit_test(thread_stacks_are_no_heap),
        cmocka_unit_test(sites_of_pools_record_no_blocks),
        cmocka_unit_test(objects_in_mappings_go_with_them),
    };
    return cmocka_run_group_tests_name("heap pools", tests, NULL, NULL);
}
