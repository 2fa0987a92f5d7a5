/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The heap index against a naive model: addresses are invented, the index never follows them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "heap/heap.h"
#include "heap/heap_layout.h"

#define PAGE ((uintptr_t)4096)
#define GIB ((uintptr_t)1 << 30)
#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static uint64_t seed;

static uint64_t rnd(uint64_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (seed >> 11) % below;
}

static void clear_index(void)
{
    struct magic__object object;
    while (magic__heap_next(0, UINTPTR_MAX, &object))
        assert_true(magic__heap_remove(object.addr, NULL));
}

static void assert_object(const struct magic__object *a, const struct magic__object *b)
{
    assert_int_equal(a->addr, b->addr);
    assert_int_equal(a->size, b->size);
    assert_int_equal(a->kind, b->kind);
}

/* The model: unordered live objects. */
struct model {
    struct magic__object live[512];
    size_t n;
};

/* Where objects of the random test lie: few pages, so that they get full; across the border of
 * two regions; in a far region; where almost all are alike, so that pages are uniform for a while;
 * where they are of few sorts, so that pages are uniform, with others, and again by another sort. */
static const uintptr_t windows[] = { 0x555500000000, GIB * 0x1500 - 4 * PAGE, 0x7ffffff00000,
    0x600000000000, 0x610000000000 };

static uintptr_t random_addr(void)
{
    uintptr_t base = windows[rnd(LENGTH(windows))];
    return base + rnd(8 * PAGE);
}

static size_t random_size(void)
{
    switch (rnd(8)) {
    case 0: return 1 + rnd(3 * PAGE);
    case 1: return 0xfffd + rnd(5);
    case 2: return 1;
    default: return 1 + rnd(96);
    }
}

static struct magic__object *model_find(struct model *model, uintptr_t addr)
{
    for (size_t i = 0; i < model->n; i++)
        if (addr - model->live[i].addr < model->live[i].size)
            return &model->live[i];
    return NULL;
}

static struct magic__object *model_next(struct model *model, uintptr_t from, uintptr_t to)
{
    struct magic__object *best = NULL;
    for (size_t i = 0; i < model->n; i++) {
        struct magic__object *o = &model->live[i];
        if (o->addr >= from && o->addr < to && (!best || o->addr < best->addr))
            best = o;
    }
    return best;
}

/* One object may start in a granule, in its middle too. */
static int model_overlaps(struct model *model, uintptr_t addr, size_t size)
{
    for (size_t i = 0; i < model->n; i++)
        if (addr / 16 == model->live[i].addr / 16 ||
            (addr < model->live[i].addr + model->live[i].size && model->live[i].addr < addr + size))
            return 1;
    return 0;
}

/* Is this where objects are of few sorts? Then have one of them. */
static int few_sorts(struct magic__object *o)
{
    if (o->addr / GIB != 0x610000000000 / GIB)
        return 0;
    uint32_t sort = rnd(6) ? 0 : (uint32_t)rnd(3);
    o->size = 16 + 8 * sort;
    o->kind = 10 + sort;
    return 1;
}

static void step_add(struct model *model)
{
    struct magic__object o = { random_addr() & ~(uintptr_t)(rnd(4) ? 15 : 7), random_size(),
        (uint32_t)(1 + rnd(32767)) };
    if (o.addr / GIB == 0x600000000000 / GIB && rnd(32)) {
        o.size = 40;
        o.kind = 7;
    }
    few_sorts(&o);
    if (model->n == LENGTH(model->live) || model_overlaps(model, o.addr, o.size))
        return;
    assert_int_equal(magic__heap_add(o.addr, o.size, o.kind), 0);
    model->live[model->n++] = o;
}

static void step_remove(struct model *model)
{
    struct magic__object got;
    if (model->n == 0)
        return;
    struct magic__object *o = &model->live[rnd(model->n)];
    assert_true(magic__heap_take(o->addr, &got));
    assert_object(&got, o);
    assert_false(magic__heap_take(o->addr, &got));
    *o = model->live[--model->n];
}

static void step_retype(struct model *model)
{
    if (model->n == 0)
        return;
    struct magic__object *o = &model->live[rnd(model->n)];
    size_t old = o->size;
    if (!few_sorts(o))
        o->kind = (uint32_t)(1 + rnd(32767));
    if (o->kind > 12 || o->size > old)
        o->size = 1 + rnd(old);
    assert_int_equal(magic__heap_add(o->addr, o->size, o->kind), 0);
}

static void step_look(struct model *model)
{
    struct magic__object got;
    uintptr_t addr = random_addr(), to = addr + rnd(4 * PAGE);
    struct magic__object *o = model_find(model, addr);
    assert_int_equal(magic__heap_find(addr, &got), o != NULL);
    if (o)
        assert_object(&got, o);
    o = model_next(model, addr, to);
    assert_int_equal(magic__heap_next(addr, to, &got), o != NULL);
    if (o)
        assert_object(&got, o);
}

static void assert_batches(struct model *model, uintptr_t from, uintptr_t to)
{
    struct magic__object batch[MAGIC__HEAP_BATCH];
    uintptr_t at = from, seen = from;
    size_t n;
    while ((n = magic__heap_batch(&at, to, batch)) > 0) {
        for (size_t i = 0; i < n; i++) {
            struct magic__object *o = model_next(model, seen, to);
            assert_non_null(o);
            assert_object(&batch[i], o);
            seen = o->addr + 1;
        }
    }
    assert_null(model_next(model, seen, to));
}

static void random_operations(void **state)
{
    static struct model model;
    struct magic__heap_stats stats;
    (void)state;
    for (seed = 1; seed < 9; seed += 7) {
        model.n = 0;
        for (int i = 0; i < 60000; i++) {
            /* Fill and drain in turn, so that records grow and shrink. */
            uint64_t what = rnd(10), filling = i / 6000 % 2;
            if (what < 4)
                step_look(&model);
            else if (what == 4)
                step_retype(&model);
            else if ((what < 9) == (filling == 0))
                step_add(&model);
            else
                step_remove(&model);
            if (i % 1000 == 0) {
                assert_batches(&model, 0, UINTPTR_MAX);
                assert_batches(&model, random_addr(), random_addr());
            }
        }
        magic__heap_stats(&stats);
        assert_int_equal(stats.objects, model.n);
        clear_index();
        magic__heap_stats(&stats);
        assert_int_equal(stats.objects, 0);
        assert_int_equal(stats.pages, 0);
        assert_int_equal(stats.record_bytes, 0);
    }
}

static void interior_of_large_objects(void **state)
{
    struct magic__object big = { GIB * 0x20 - 5 * PAGE + 16, 3 * GIB + 100, 7 };
    struct magic__object got, small = { big.addr - 16, 16, 9 };
    (void)state;
    assert_int_equal(magic__heap_add(big.addr, big.size, big.kind), 0);
    assert_int_equal(magic__heap_add(small.addr, small.size, small.kind), 0);
    for (uintptr_t at = big.addr; at < big.addr + big.size; at += 99 * PAGE + 1) {
        assert_true(magic__heap_find(at, &got));
        assert_object(&got, &big);
    }
    assert_true(magic__heap_find(big.addr + big.size - 1, &got));
    assert_object(&got, &big);
    assert_false(magic__heap_find(big.addr + big.size, &got));
    assert_true(magic__heap_find(big.addr - 1, &got));
    assert_object(&got, &small);
    assert_false(magic__heap_find(small.addr - 1, &got));
    clear_index();
    assert_false(magic__heap_find(big.addr + PAGE, &got));
}

static void full_page(void **state)
{
    struct magic__object got[MAGIC__HEAP_BATCH];
    uintptr_t page = 0x12345000, at = page;
    (void)state;
    for (uintptr_t i = 0; i < 256; i++) /* in an order that jumps about */
        assert_int_equal(magic__heap_add(page + (i * 77 % 256) * 16, 16, (uint32_t)(1 + i)), 0);
    /* The last one becomes a large one: the fullest record there is. */
    assert_int_equal(magic__heap_add(page + 255 * 16, 1 << 20, 5), 0);
    assert_int_equal(magic__heap_batch(&at, page + PAGE, got), 256);
    assert_int_equal(at, page + PAGE);
    for (uintptr_t i = 0; i < 255; i++)
        assert_int_equal(got[i * 77 % 256].kind, got[i * 77 % 256].addr == page + 255 * 16
            ? 5 : 1 + i);
    assert_int_equal(got[255].size, 1 << 20);
    clear_index();
}

static void unseen_frees_leave_nothing_behind(void **state)
{
    struct magic__object got;
    (void)state;
    assert_int_equal(magic__heap_add(0x40000100, 0x20000, 1), 0);
    /* Both can only be if the large object is gone. */
    assert_int_equal(magic__heap_add(0x40000200, 32, 2), 0);
    assert_false(magic__heap_find(0x40000100, &got));
    assert_true(magic__heap_find(0x40000200, &got));
    assert_int_equal(magic__heap_add(0x40000080, 0x20000, 3), 0);
    assert_true(magic__heap_find(0x40000200, &got));
    assert_int_equal(got.kind, 3);
    clear_index();
}

static void refused(void **state)
{
    struct magic__object got;
    (void)state;
    assert_int_equal(magic__heap_add(0x1004, 16, 1), MAGIC_EINVAL);
    assert_int_equal(magic__heap_add((uintptr_t)1 << 47, 16, 1), MAGIC_EINVAL);
    assert_int_equal(magic__heap_add(((uintptr_t)1 << 47) - 16, 17, 1), MAGIC_EINVAL);
    assert_int_equal(magic__heap_add(0x1000, SIZE_MAX, 1), MAGIC_EINVAL);
    assert_int_equal(magic__heap_add(0x1000, 16, 0), MAGIC_EINVAL);
    assert_int_equal(magic__heap_add(0x1000, 16, 32768), MAGIC_EINVAL);
    assert_int_equal(magic__heap_add(0x1000, 16, 4), 0);
    assert_int_equal(magic__heap_add(0x1000, 0, 4), 0); /* 0 bytes: forgotten */
    assert_false(magic__heap_next(0, UINTPTR_MAX, &got));
    static const uintptr_t odd[] = { 0, 1, 0x1008, UINTPTR_MAX, (uintptr_t)1 << 47,
        ((uintptr_t)1 << 63) + 0x1000 };
    for (size_t i = 0; i < LENGTH(odd); i++) {
        assert_false(magic__heap_find(odd[i], &got));
        assert_false(magic__heap_remove(odd[i], NULL));
        assert_false(magic__heap_marked(odd[i]));
        assert_false(magic__heap_owns(odd[i]));
    }
}

static void out_of_memory_keeps_errno(void **state)
{
    struct rlimit old, tight;
    (void)state;
    assert_int_equal(getrlimit(RLIMIT_AS, &old), 0);
    tight = (struct rlimit){ .rlim_cur = 1 << 20, .rlim_max = old.rlim_max };
    assert_int_equal(setrlimit(RLIMIT_AS, &tight), 0);
    errno = EXDEV;
    int result = magic__heap_add(GIB * 0x333, 16, 1), error = errno;
    assert_int_equal(setrlimit(RLIMIT_AS, &old), 0);
    assert_int_equal(result, MAGIC_ENOMEM);
    assert_int_equal(error, EXDEV);
    assert_int_equal(magic__heap_add(GIB * 0x333, 16, 1), 0);
    clear_index();
}

static void marks_cover_flagged_objects(void **state)
{
    static const uint32_t flag = 1u << 16;
    static struct magic_site_rec sites[2] = {
        { .elem_size = 8, .type = 4 }, { .elem_size = 8, .type = 4 },
    };
    uint32_t plain = magic__kind_of_site(&sites[0]), chosen = magic__kind_of_site(&sites[1]);
    (void)state;
    assert_int_equal(magic__heap_add(GIB * 5 - PAGE, 3 * PAGE, chosen), 0);
    assert_int_equal(magic__heap_add(GIB * 5 + 3 * PAGE, 64, plain), 0);
    assert_int_equal(magic__heap_add(GIB * 5 + 4 * PAGE, 64, chosen), 0);
    assert_int_equal(magic__heap_mark(flag), 0);
    magic__kind(chosen)->flags |= flag;
    assert_int_equal(magic__heap_mark(flag), 2);
    for (long i = -3; i < 8; i++)
        assert_int_equal(magic__heap_marked(GIB * 5 + (uintptr_t)i * PAGE + 99),
            (i >= -1 && i <= 1) || i == 4);
    magic__kind(chosen)->flags &= ~flag;
    assert_int_equal(magic__heap_mark(flag), 0);
    assert_false(magic__heap_marked(GIB * 5));
    clear_index();
}

static void index_memory_is_known(void **state)
{
    uintptr_t lo, hi, from = 0;
    size_t total = 0;
    struct magic__heap_stats stats;
    const struct magic__heap_root *root = magic__heap_root();
    (void)state;
    assert_int_equal(magic__heap_add(0x1000, 16, 1), 0);
    magic__heap_stats(&stats);
    for (; magic__heap_owned(from, &lo, &hi); from = hi) {
        assert_true(lo >= from && lo < hi);
        assert_true(magic__heap_owns(lo) && magic__heap_owns(hi - 1));
        total += hi - lo;
    }
    assert_int_equal(total, stats.mapped_bytes);
    assert_true(magic__heap_owns(root->kinds) && magic__heap_owns(root->regions));
    assert_true(magic__heap_owns(((const uint64_t *)root->regions)[0]));
    assert_false(magic__heap_owns((uintptr_t)&stats));
    clear_index();
}

static void cost_per_object(void **state)
{
    struct magic__heap_stats stats;
    (void)state;
    /* Blocks of 64 bytes as glibc lays them out. */
    for (uintptr_t i = 0; i < 200000; i++)
        assert_int_equal(magic__heap_add(0x600000000010 + i * 80, 64, 1), 0);
    magic__heap_stats(&stats);
    assert_true(stats.record_bytes <= stats.objects * 4 + stats.pages * (32 + 12));
    clear_index();
}

/* Uses up all kinds: the last test. */
static void kinds_run_out(void **state)
{
    struct magic_site_rec *sites = calloc(32800, sizeof(*sites));
    struct magic_site_rec leaf = { .elem_size = 1, .type = 8, .flags = MAGIC_SITE_LEAF },
        untyped = { .elem_size = 8 }, empty = { .type = 8 },
        huge = { .type = 8, .elem_size = (uint64_t)1 << 32 };
    (void)state;
    assert_non_null(sites);
    for (int again = 0; again < 2; again++) {
        assert_int_equal(magic__kind_of_site(&leaf), 0);
        assert_int_equal(magic__kind_of_site(&untyped), 0);
        assert_int_equal(magic__kind_of_site(&empty), 0);
        assert_int_equal(magic__kind_of_site(&huge), 0);
    }
    uint32_t first = magic__kind_count();
    for (uint32_t i = 0; i < 32800; i++) {
        sites[i] = (struct magic_site_rec){ .elem_size = 1 + i, .type = 8,
            .flags = MAGIC_SITE_ARRAY | MAGIC_SITE_WRAPPER };
        uint32_t kind = magic__kind_of_site(&sites[i]);
        assert_int_equal(kind, first + i < 32768 ? first + i : 0);
        assert_int_equal(magic__kind_of_site(&sites[i]), kind);
        if (!kind)
            continue;
        assert_ptr_equal(magic__kind(kind)->site, &sites[i]);
        assert_ptr_equal(magic__kind(kind)->type, (const char *)&sites[i].type + 8);
        assert_int_equal(magic__kind(kind)->elem_size, 1 + i);
        assert_int_equal(magic__kind(kind)->flags, MAGIC_SITE_ARRAY);
    }
    assert_int_equal(magic__kind_count(), 32768);
    free(sites);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_operations),
        cmocka_unit_test(interior_of_large_objects),
        cmocka_unit_test(full_page),
        cmocka_unit_test(unseen_frees_leave_nothing_behind),
        cmocka_unit_test(refused),
        cmocka_unit_test(out_of_memory_keeps_errno),
        cmocka_unit_test(marks_cover_flagged_objects),
        cmocka_unit_test(index_memory_is_known),
        cmocka_unit_test(cost_per_object),
        cmocka_unit_test(kinds_run_out),
    };
    magic__heap_prepare();
    return cmocka_run_group_tests_name("heap_index", tests, NULL, NULL);
}
