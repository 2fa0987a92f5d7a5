/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Late typing: of the blocks that were allocated during a call that nobody knows, the one that it
 * returned becomes an object if its size is its type's. Nothing else does, and nothing is left behind.
 * One that is returned again as something else has no type any more.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sites.h"

void __magic_late(void *p, struct magic_site_rec *site, struct magic_site_rec *seen);

static struct magic_site_rec node = SITE(48, MAGIC_SITE_SINGLE | MAGIC_SITE_LATE);
static struct magic_site_rec pointers = SITE(8, MAGIC_SITE_ARRAY | MAGIC_SITE_LATE);
static struct magic_site_rec known = SITE(48, MAGIC_SITE_SINGLE);

static struct magic_site_rec other = SITE(48, MAGIC_SITE_SINGLE | MAGIC_SITE_LATE);
static struct magic_site_rec beginning = SITE(16, MAGIC_SITE_SINGLE | MAGIC_SITE_LATE);

static struct magic_type_rec beginning_type = { .kind = MAGIC_KIND_STRUCT, .hash = 1, .size = 16 };
static struct magic_type_rec other_type = { .kind = MAGIC_KIND_STRUCT, .hash = 2, .size = 48 };
static struct {
    struct magic_type_rec rec;
    struct magic_member_rec first;
} node_type = { { .kind = MAGIC_KIND_STRUCT, .hash = 3, .size = 48, .count = 1 }, { 0 } };

static void refer(magic_ref_t *field, const void *to)
{
    *field = (magic_ref_t) ((const char *) to - (char *) field);
}

static int give_types(void **state)
{
    (void) state;
    refer(&node.type, &node_type);
    refer(&node_type.first.type, &beginning_type);
    refer(&other.type, &other_type);
    refer(&beginning.type, &beginning_type);
    return 0;
}

static struct magic_site_rec *const collect = (struct magic_site_rec *) MAGIC_SITE_COLLECT;
static struct magic_site_rec *const some = (struct magic_site_rec *) MAGIC_SITE_COLLECTED;

/* Do what instrumented code does around a call: returns 1 if blocks were noted. */
#define COLLECTED(...)                                                                  \
    __extension__({                                                                     \
        __magic_site = collect;                                                         \
        __VA_ARGS__;                                                                    \
        int collected = __magic_site == (struct magic_site_rec *) MAGIC_SITE_COLLECTED; \
        __magic_site = NULL;                                                            \
        collected;                                                                      \
    })

static size_t objects(void)
{
    struct magic__heap_stats stats;
    magic__heap_stats(&stats);
    return stats.objects;
}

static void the_returned_block_is_typed(void **state)
{
    void *p, *unreturned;
    size_t before = objects();
    (void) state;
    assert_true(COLLECTED(unreturned = malloc(48); p = malloc(48)));
    __magic_late(p, &node, some);
    assert_true(recorded(p, 48, &node));
    assert_true(unrecorded(unreturned));
    free(p);
    assert_true(COLLECTED(p = calloc(10, 8)));
    __magic_late(p, &pointers, some);
    assert_true(recorded(p, 80, &pointers));
    free(p);
    free(unreturned);
    assert_int_equal(objects(), before);
}

static void other_sizes_and_other_places_are_not(void **state)
{
    char *p;
    size_t before = objects();
    (void) state;
    assert_true(COLLECTED(p = malloc(56)));
    __magic_late(p, &node, some);
    assert_true(unrecorded(p));
    free(p);
    assert_true(COLLECTED(p = malloc(96)));
    __magic_late(p + 48, &node, some);
    assert_true(unrecorded(p + 48));
    __magic_late(p, &node, some);
    assert_true(unrecorded(p));
    free(p);
    assert_int_equal(objects(), before);
}

static void blocks_freed_meanwhile_are_not(void **state)
{
    char *p, *q;
    size_t before = objects();
    (void) state;
    assert_true(COLLECTED(p = malloc(48); free(p)));
    q = malloc(48); /* where the allocator reuses it, it is p */
    __magic_late(q, &node, some);
    assert_true(unrecorded(q));
    free(q);
    assert_int_equal(objects(), before);
}

/* Give a block back, and get one of the same size, which most allocators put into its place. */
static void *swap(void *p)
{
    free(p);
    return malloc(48);
}

static void *swap_noted(void *p)
{
    void *q;
    assert_true(COLLECTED(q = swap(p)));
    return q;
}

static void blocks_of_other_threads_are_not(void **state)
{
    void *(*const bodies[])(void *) = { swap, swap_noted };
    pthread_t thread;
    void *p, *q;
    (void) state;
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        assert_true(COLLECTED(p = malloc(48)));
        assert_int_equal(pthread_create(&thread, NULL, bodies[i], p), 0);
        assert_int_equal(pthread_join(thread, &q), 0);
        __magic_late(q, &node, some);
        assert_true(unrecorded(q));
        free(q);
    }
}

static void blocks_with_a_type_keep_it(void **state)
{
    char *p;
    (void) state;
    assert_false(COLLECTED(p = AT(known, malloc(48)); __magic_site = collect));
    __magic_late(p, &node, some);
    assert_true(recorded(p, 48, &known));
    free(p);
}

static void only_a_few_are_remembered(void **state)
{
    void *many[100];
    size_t before = objects();
    (void) state;
    assert_true(COLLECTED(for (int i = 0; i < 100; i++) many[i] = malloc(48)));
    __magic_late(many[3], &node, some);
    assert_true(unrecorded(many[3]));
    assert_int_equal(objects(), before);
    assert_true(COLLECTED(for (int i = 0; i < 5; i++) free(many[i]), many[i] = malloc(48)));
    __magic_late(many[4], &node, some);
    assert_true(recorded(many[4], 48, &node));
    for (int i = 0; i < 100; i++)
        free(many[i]);
    assert_int_equal(objects(), before);
}

static void realloc_is_followed(void **state)
{
    char *p, *q;
    size_t before = objects();
    (void) state;
    assert_true(COLLECTED(p = malloc(16); p = realloc(p, 2000); p = realloc(p, 48)));
    __magic_late(p, &node, some);
    assert_true(recorded(p, 48, &node));
    assert_true(COLLECTED(q = malloc(40)));
    q = realloc(q, 48); /* by somebody whom this is not about */
    __magic_late(q, &node, some);
    assert_true(unrecorded(q));
    free(p);
    free(q);
    assert_int_equal(objects(), before);
}

static void aligned_blocks_count(void **state)
{
    void *p = NULL;
    (void) state;
    assert_true(COLLECTED(assert_int_equal(posix_memalign(&p, 64, 48), 0)));
    __magic_late(p, &node, some);
    assert_true(recorded(p, 48, &node));
    free(p);
}

static void blocks_returned_as_something_else_lose_it(void **state)
{
    void *p;
    (void) state;
    for (int i = 0; i < 5; i++) {
        assert_true(COLLECTED(p = malloc(48)));
        __magic_late(p, &node, some);
        __magic_late(p, &node, collect);
        assert_true(recorded(p, 48, &node));
        if (i < 2) /* an accessor that returns what is in it, or a view of its beginning */
            __magic_late((char *) p + 8 * i, i ? &other : &beginning, collect);
        else if (i == 2)
            __magic_late(p, &other, collect);
        else
            __magic_late(p, NULL, i == 3 ? collect : some);
        assert_true(i < 2 ? recorded(p, 48, &node) : unrecorded(p));
        free(p);
    }
    __magic_late(NULL, &other, collect);
}

/* What the pass leaves in __magic_site for a site. */
static struct magic_site_rec *tagged(const struct magic_site_rec *site, uintptr_t tag)
{
    return (struct magic_site_rec *) ((uintptr_t) site + tag);
}

static void blocks_that_do_not_fit_the_site_are_not_noted(void **state)
{
    void *p, *many[20];
    (void) state;
    __magic_site = tagged(&node, MAGIC_SITE_COLLECT);
    for (int i = 0; i < 20; i++)
        many[i] = i % 2 ? malloc(56) : calloc(1, 40);
    assert_ptr_equal(__magic_site, tagged(&node, MAGIC_SITE_COLLECT));
    p = malloc(48);
    assert_ptr_equal(__magic_site, tagged(&node, MAGIC_SITE_COLLECTED));
    for (int i = 0; i < 20; i++)
        many[i] = realloc(many[i], 100);
    assert_ptr_equal(__magic_site, tagged(&node, MAGIC_SITE_COLLECTED));
    __magic_site = NULL;
    __magic_late(p, &node, tagged(&node, MAGIC_SITE_COLLECTED));
    assert_true(recorded(p, 48, &node));
    free(p);
    for (int i = 0; i < 20; i++)
        free(many[i]);
}

static void an_object_resized_in_a_call_nobody_knows_is_opaque(void **state)
{
    void *p = AT(known, malloc(48));
    (void) state;
    __magic_site = tagged(&other, MAGIC_SITE_COLLECT);
    p = realloc(p, 56);
    assert_true(unrecorded(p));
    p = realloc(p, 48);
    __magic_site = NULL;
    __magic_late(p, &other, tagged(&other, MAGIC_SITE_COLLECTED));
    assert_true(recorded(p, 48, &other));
    free(p);
    p = AT(known, malloc(48));
    __magic_site = tagged(&beginning, MAGIC_SITE_COLLECT);
    p = realloc(p, 48);
    __magic_site = NULL;
    assert_true(unrecorded(p));
    free(p);
}

static void only_late_types_are_doubted(void **state)
{
    void *p = AT(known, malloc(48));
    (void) state;
    __magic_late(p, &other, collect);
    __magic_late(p, NULL, collect);
    assert_true(recorded(p, 48, &known));
    free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_returned_block_is_typed),
        cmocka_unit_test(other_sizes_and_other_places_are_not),
        cmocka_unit_test(blocks_freed_meanwhile_are_not),
        cmocka_unit_test(blocks_of_other_threads_are_not),
        cmocka_unit_test(blocks_with_a_type_keep_it),
        cmocka_unit_test(only_a_few_are_remembered),
        cmocka_unit_test(realloc_is_followed),
        cmocka_unit_test(aligned_blocks_count),
        cmocka_unit_test(blocks_returned_as_something_else_lose_it),
        cmocka_unit_test(blocks_that_do_not_fit_the_site_are_not_noted),
        cmocka_unit_test(an_object_resized_in_a_call_nobody_knows_is_opaque),
        cmocka_unit_test(only_late_types_are_doubted),
    };
    return cmocka_run_group_tests_name("heap late typing", tests, give_types, NULL);
}
