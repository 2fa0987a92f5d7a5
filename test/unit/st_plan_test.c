/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Plans, offsets and value conversion of the state transfer, on types made by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "st/number.h"
#include "st/transfer.h"

static char message[256];
static unsigned warned;

int st__fail(struct st__transfer *t, int code, const struct st__path *path,
    const struct magic_type *type, const char *format, ...)
{
    va_list args;

    (void) t, (void) path, (void) type;
    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    return code;
}

/* As under the standard policies: what is removed is dropped, anything else fails. */
int st__judge(struct st__transfer *t, enum st__policy policy, int code, const struct st__path *path,
    const struct magic_type *type, const char *format, ...)
{
    (void) t, (void) path, (void) type, (void) format;
    warned++;
    return policy == ST__POLICY_removed ? 0 : code;
}

int st__callback_call(struct st__transfer *t, const struct st__plan *plan, const unsigned char *o,
    unsigned char *n, const struct st__path *path)
{
    (void) path, (void) t;
    assert_ptr_equal(plan->inner->o, plan->o);
    memset(n, *o, plan->n->size);
    return 0;
}

/* A transfer without live state, and with what st__pair() would have found out. */
static void setup_transfer(struct st__transfer *t)
{
    *t = (struct st__transfer) { .p.arena = &t->arena };
}

static uint32_t next_id;

static struct magic_type number(enum magic_type_kind kind, uint64_t size, uint32_t flags)
{
    return (struct magic_type) { .id = next_id++,
        .kind = kind,
        .size = size,
        .align = (uint32_t) size,
        .flags = flags,
        .name = "",
        .file = "",
        .attrs = "" };
}

static struct magic_type integer(uint64_t size, uint32_t flags)
{
    return number(MAGIC_KIND_INTEGER, size, flags);
}

static struct magic_type structure(const struct magic_member *members, uint32_t n, uint64_t size)
{
    struct magic_type type = number(MAGIC_KIND_STRUCT, size, 0);

    type.members = members;
    type.count = n;
    type.name = "s";
    return type;
}

static struct magic_type array(const struct magic_type *elem, uint64_t n)
{
    struct magic_type type = number(MAGIC_KIND_ARRAY, elem->size * n, 0);

    type.target = elem;
    type.nelems = n;
    return type;
}

static int convert(
    const struct magic_type *o, const struct magic_type *n, const void *from, void *to)
{
    struct st__transfer t;
    int err;

    setup_transfer(&t);
    err = st__convert(&t, st__plan(&t.p, o, n), from, to, NULL);
    magic_arena_deinit(&t.arena);
    return err;
}

static void test_integers_keep_their_value_or_fail(void **state)
{
    struct magic_type i32 = integer(4, 0), u8 = integer(1, MAGIC_TYPE_UNSIGNED),
                      i64 = integer(8, 0), u64 = integer(8, MAGIC_TYPE_UNSIGNED),
                      b = integer(1, MAGIC_TYPE_BOOL);
    int32_t v = -1;
    uint64_t big = UINT64_MAX;
    int64_t wide = 0;
    uint8_t narrow = 0;

    (void) state;
    assert_int_equal(convert(&i32, &i64, &v, &wide), 0);
    assert_int_equal(wide, -1);
    assert_int_equal(convert(&i32, &u64, &v, &wide), MAGIC_ELOST);
    assert_int_equal(convert(&u64, &i64, &big, &wide), MAGIC_ELOST);
    assert_int_equal(convert(&i32, &u8, &v, &narrow), MAGIC_ELOST);
    v = 255;
    assert_int_equal(convert(&i32, &u8, &v, &narrow), 0);
    assert_int_equal(narrow, 255);
    assert_int_equal(convert(&i32, &b, &v, &narrow), MAGIC_ELOST);
    v = 256;
    assert_int_equal(convert(&i32, &u8, &v, &narrow), MAGIC_ELOST);
}

static void test_reals_and_integers(void **state)
{
    struct magic_type i64 = integer(8, 0), f32 = number(MAGIC_KIND_FLOAT, 4, 0),
                      f64 = number(MAGIC_KIND_FLOAT, 8, 0), f80 = number(MAGIC_KIND_FLOAT, 16, 0),
                      c64 = number(MAGIC_KIND_FLOAT, 8, MAGIC_TYPE_COMPLEX), i128 = integer(16, 0);
    int64_t exact = 1 << 20, inexact = (1LL << 53) + 1, back = 0;
    double half = 0.5, tenth = 0.1, d = 0;
    long double wide = 0;
    float f = 0, parts[2] = { 1, 1 };
    st__int big = 0;

    (void) state;
    assert_int_equal(convert(&i64, &f64, &exact, &d), 0);
    assert_true(d == 1 << 20);
    assert_int_equal(convert(&i64, &f64, &inexact, &d), MAGIC_ELOST);
    assert_int_equal(convert(&f64, &f32, &half, &f), 0);
    assert_true(f == 0.5f);
    assert_int_equal(convert(&f64, &f32, &tenth, &f), MAGIC_ELOST);
    assert_int_equal(convert(&f64, &i64, &half, &back), MAGIC_ELOST);
    assert_int_equal(convert(&f64, &f80, &half, &wide), 0);
    assert_true(wide == 0.5L);
    assert_int_equal(convert(&f80, &f64, &wide, &d), 0);
    assert_true(d == 0.5);
    assert_int_equal(convert(&f64, &c64, &half, parts), 0);
    assert_true(parts[0] == 0.5f && parts[1] == 0);
    parts[1] = 1;
    assert_int_equal(convert(&c64, &f64, parts, &d), MAGIC_ELOST);
    assert_int_equal(convert(&i64, &i128, &exact, &big), 0);
    assert_true(big == exact);
    big = -(big << 90);
    assert_int_equal(convert(&i128, &f64, &big, &d), 0);
    assert_true(d == -0x1p110);
    big |= 1;
    assert_int_equal(convert(&i128, &f80, &big, &wide), MAGIC_ELOST);
}

/* Only tables that are not the pass's have these. */
static void test_types_that_nobody_knows(void **state)
{
    struct magic_type o = structure(NULL, 0, 4), n = structure(NULL, 0, 4),
                      small = number(MAGIC_KIND_OPAQUE, 4, 0),
                      large = number(MAGIC_KIND_OPAQUE, 8, 0);
    const char from[8] = "value";
    char to[8];

    (void) state;
    n.flags = MAGIC_TYPE_INCOMPLETE;
    assert_int_equal(convert(&o, &n, from, to), MAGIC_ENOTSUP);
    assert_string_equal(message, "the type is declared but not defined: convert it in a callback");
    assert_int_equal(convert(&small, &large, from, to), MAGIC_ENOTSUP);
    assert_string_equal(message, "memory of unknown type changed its size from 4 to 8 bytes: "
                                 "convert it in a callback");
}

static void test_unnamed_enum_value_stays(void **state)
{
    const struct magic_enumerator before[] = { { "A", 1 }, { "B", 2 } },
                                  after[] = { { "A", 4 }, { "B", 2 } };
    struct magic_type o = number(MAGIC_KIND_ENUM, 4, MAGIC_TYPE_UNSIGNED), n = o;
    uint32_t v = 1, r = 0;

    (void) state;
    n.id = next_id++;
    o.enumerators = before, o.count = 2;
    n.enumerators = after, n.count = 2;
    assert_int_equal(convert(&o, &n, &v, &r), 0);
    assert_int_equal(r, 4);
    v = 3;
    assert_int_equal(convert(&o, &n, &v, &r), 0);
    assert_int_equal(r, 3);
}

static void test_equal_structs_are_copied(void **state)
{
    struct magic_type i32 = integer(4, 0);
    const struct magic_member m[] = { { "a", &i32, 0, 0, "" }, { "b", &i32, 32, 0, "" } };
    struct magic_type o = structure(m, 2, 8), n = structure(m, 2, 8);
    const struct st__plan *p;
    struct st__transfer t;

    (void) state;
    setup_transfer(&t);
    p = st__plan(&t.p, &o, &n);
    assert_int_equal(p->cls, ST__COPY);
    assert_false(p->moves);
    assert_ptr_equal(p, st__plan(&t.p, &o, &n));
    magic_arena_deinit(&t.arena);
}

static void test_offsets_follow_members(void **state)
{
    struct magic_type i32 = integer(4, 0), i64 = integer(8, 0);
    const struct magic_member before[] = { { "a", &i32, 0, 0, "" }, { "gone", &i32, 32, 0, "" },
        { "b", &i64, 64, 0, "" } };
    const struct magic_member after[] = { { "new", &i64, 0, 0, "" }, { "b", &i64, 64, 0, "" },
        { "a", &i32, 128, 0, "" } };
    struct magic_type o = structure(before, 3, 16), n = structure(after, 3, 24);
    struct magic_type os = array(&o, 3), ns = array(&n, 3);
    const struct st__plan *p;
    struct st__transfer t;
    uint64_t off = 99;

    (void) state;
    setup_transfer(&t);
    p = st__plan(&t.p, &os, &ns);
    assert_int_equal(st__plan_offset(p, 0, NULL, &off), 0);
    assert_int_equal(off, 0);
    assert_int_equal(st__plan_offset(p, 0, &n, &off), 0);
    assert_int_equal(off, 0);
    assert_int_equal(st__plan_offset(p, 0, &i32, &off), 0);
    assert_int_equal(off, 16);
    assert_int_equal(st__plan_offset(p, 16 + 8, NULL, &off), 0);
    assert_int_equal(off, 24 + 8);
    assert_int_equal(st__plan_offset(p, 32, NULL, &off), 0);
    assert_int_equal(off, 48);
    assert_int_equal(st__plan_offset(p, 48, NULL, &off), 0);
    assert_int_equal(off, 72);
    assert_int_equal(st__plan_offset(p, 4, NULL, &off), MAGIC_EUNPAIRED);
    magic_arena_deinit(&t.arena);
}

static void test_offset_in_cut_array(void **state)
{
    struct magic_type i32 = integer(4, 0), o = array(&i32, 4), n = array(&i32, 2);
    const struct st__plan *p;
    struct st__transfer t;
    uint64_t off = 0;

    (void) state;
    setup_transfer(&t);
    p = st__plan(&t.p, &o, &n);
    assert_int_equal(st__plan_offset(p, 4, NULL, &off), 0);
    assert_int_equal(off, 4);
    assert_int_equal(st__plan_offset(p, 12, NULL, &off), MAGIC_EUNPAIRED);
    assert_int_equal(st__plan_offset(p, 16, NULL, &off), 0);
    assert_int_equal(off, 8);
    magic_arena_deinit(&t.arena);
}

static void test_removed_member_warns_if_set(void **state)
{
    struct magic_type i32 = integer(4, 0);
    const struct magic_member before[] = { { "a", &i32, 0, 0, "" }, { "gone", &i32, 32, 0, "" } };
    struct magic_type o = structure(before, 2, 8), n = structure(before, 1, 4);
    int32_t from[2] = { 1, 0 }, to = 0;

    (void) state;
    warned = 0;
    assert_int_equal(convert(&o, &n, from, &to), 0);
    assert_int_equal(to, 1);
    assert_int_equal(warned, 0);
    from[1] = 7;
    assert_int_equal(convert(&o, &n, from, &to), 0);
    assert_int_equal(warned, 1);
}

static void test_many_plans_are_found_again(void **state)
{
    static struct magic_type types[300];
    struct st__transfer t;
    static const struct st__plan *plans[300];

    (void) state;
    setup_transfer(&t);
    for (unsigned i = 0; i < 300; i++)
        types[i] = integer(1u << (i % 4), 0);
    for (unsigned i = 0; i < 300; i++)
        assert_non_null(plans[i] = st__plan(&t.p, &types[i], &types[299 - i]));
    for (unsigned i = 0; i < 300; i++)
        assert_ptr_equal(plans[i], st__plan(&t.p, &types[i], &types[299 - i]));
    magic_arena_deinit(&t.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_integers_keep_their_value_or_fail),
        cmocka_unit_test(test_reals_and_integers),
        cmocka_unit_test(test_types_that_nobody_knows),
        cmocka_unit_test(test_unnamed_enum_value_stays),
        cmocka_unit_test(test_equal_structs_are_copied),
        cmocka_unit_test(test_offsets_follow_members),
        cmocka_unit_test(test_offset_in_cut_array),
        cmocka_unit_test(test_removed_member_warns_if_set),
        cmocka_unit_test(test_many_plans_are_found_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
