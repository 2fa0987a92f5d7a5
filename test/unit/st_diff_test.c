/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The comparison of two versions, on images made by hand: what compilers do not make of C, and counts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "image_builder.h"
#include "pair/diff.h"

/** Two versions and their comparison. */
struct versions {
    struct image im[2];
    struct magic_view view[2];
    struct magic_arena arena;
    const struct magic_table *table[2];
    const struct st__diff *diff;
};

static void begin(struct versions *v)
{
    memset(v, 0, sizeof(*v));
    for (unsigned i = 0; i < 2; i++)
        image_init(&v->im[i], 32768);
}

static void end(struct versions *v)
{
    for (unsigned i = 0; i < 2; i++)
        image_deinit(&v->im[i]);
    magic_arena_deinit(&v->arena);
}

static void compare(struct versions *v, const char *rules)
{
    struct st__pairing p = { .arena = &v->arena };
    struct magic_error err;

    for (unsigned i = 0; i < 2; i++) {
        int code;

        v->table[i] = image_read(&v->im[i], &v->arena, &v->view[i], &code, &err);
        assert_int_equal(code, 0);
    }
    p.ot = v->table[0];
    p.nt = v->table[1];
    assert_int_equal(
        st__rules_read(rules, strlen(rules), p.ot, p.nt, &v->arena, &p.rules, &err), 0);
    assert_int_equal(st__diff(&p, &v->view[0], &v->view[1], &v->diff), 0);
}

static const struct st__change *find(
    const struct versions *v, enum st__what what, const char *entity)
{
    for (size_t i = 0; i < v->diff->n_changes; i++)
        if (v->diff->changes[i].what == what && strcmp(v->diff->changes[i].entity, entity) == 0)
            return &v->diff->changes[i];
    fail_msg("no change of %s", entity);
    return NULL;
}

static uint64_t integer(struct image *im)
{
    return image_type(im, MAGIC_KIND_INTEGER, "int", 4, 0, 0);
}

/* `struct s` with a member `x`, and with `y` if it is to be longer. */
static uint64_t structure(struct image *im, bool longer)
{
    uint64_t i = integer(im), s = image_type(im, MAGIC_KIND_STRUCT, "s", longer ? 8 : 4, 0, 0);

    image_member(im, s, "x", i, 0, 0);
    if (longer)
        image_member(im, s, "y", i, 32, 0);
    return s;
}

static void test_equal_versions(void **state)
{
    struct versions v;

    (void) state;
    begin(&v);
    image_fill_sample(&v.im[0]);
    image_fill_sample(&v.im[1]);
    compare(&v, "");
    assert_int_equal(v.diff->verdict, ST__UNCHANGED);
    assert_int_equal(v.diff->n_changes, 0);
    assert_int_equal(v.diff->n_types, 0);
    assert_int_equal(v.diff->unchanged[ST__FUNCTION], 2);
    assert_true(v.diff->unchanged[ST__VARIABLE] > 5);
    end(&v);
}

/* What is known of an allocation matters only if some type's layout changes. */
static void test_sites_of_unknown_type(void **state)
{
    (void) state;
    for (unsigned longer = 0; longer < 2; longer++) {
        struct versions v;

        begin(&v);
        for (unsigned i = 0; i < 2; i++) {
            uint64_t s = structure(&v.im[i], i && longer);

            image_site(&v.im[i], "fill", "p", s, i && longer ? 8 : 4, MAGIC_SITE_SINGLE);
            image_site(&v.im[i], "fill", "buf", 0, 0, 0);
            image_site(&v.im[i], "fill", "text", 0, 0, MAGIC_SITE_LEAF);
            image_site(&v.im[i], "fill", "late", 0, 0, MAGIC_SITE_LATE);
        }
        compare(&v, "");
        assert_int_equal(v.diff->unchanged[ST__SITE], longer ? 3 : 4);
        if (longer) {
            const struct st__change *c = find(&v, ST__SITE, "buf = malloc() in fill()");

            assert_int_equal(c->event, ST__OPAQUE);
            assert_int_equal(c->verdict, ST__AUTOMATIC);
            assert_true(c->live);
            assert_true(c->o.file[0] && c->o.line);
        }
        end(&v);
    }
}

/* Of all holders of a type two variables are named, others are counted. */
static void test_holders(void **state)
{
    struct versions v;
    char name[8];

    (void) state;
    begin(&v);
    for (unsigned i = 0; i < 2; i++) {
        uint64_t s = structure(&v.im[i], i);

        for (unsigned n = 0; n < 4; n++) {
            snprintf(name, sizeof(name), "v%u", n);
            image_var(&v.im[i], name, NULL, s, 0, image_take(&v.im[i], IMAGE_DATA, 8), i ? 8 : 4);
        }
        image_site(&v.im[i], "f", "p", s, i ? 8 : 4, MAGIC_SITE_SINGLE);
    }
    compare(&v, "");
    assert_int_equal(v.diff->n_types, 1);
    assert_string_equal(v.diff->types[0].name, "struct s");
    assert_non_null(
        strstr(v.diff->types[0].holders, "v0, v1 and 2 more variables, 1 allocation site"));
    assert_true(find(&v, ST__TYPE, "struct s")->held);
    assert_int_equal(v.diff->unchanged[ST__VARIABLE], 0);
    end(&v);
}

/* Pointers to pointers in a circle, which no C has, end the search for what may have been renamed. */
static void test_pointers_in_a_circle(void **state)
{
    struct versions v;

    (void) state;
    begin(&v);
    for (unsigned i = 0; i < 2; i++) {
        uint64_t p = image_type(&v.im[i], MAGIC_KIND_POINTER, NULL, 8, 0, 0);

        image_ref(&v.im[i], p + offsetof(struct magic_type_rec, target), p);
        image_var(
            &v.im[i], i ? "after" : "before", NULL, p, 0, image_take(&v.im[i], IMAGE_DATA, 8), 8);
    }
    compare(&v, "");
    assert_int_equal(find(&v, ST__VARIABLE, "var before")->event, ST__REMOVED);
    end(&v);
}

/* So many that are gone and so many that are new: guesses end, the comparison does not. */
static void test_guesses_are_bounded(void **state)
{
    struct versions v;
    char name[16];
    enum { MANY = 3000 };

    (void) state;
    memset(&v, 0, sizeof(v));
    for (unsigned i = 0; i < 2; i++) {
        uint64_t type;

        image_init(&v.im[i], MANY * 64);
        type = integer(&v.im[i]);
        for (unsigned n = 0; n < MANY; n++) {
            snprintf(name, sizeof(name), "%c%u", i ? 'n' : 'o', n);
            image_var(&v.im[i], name, NULL, type, 0, image_take(&v.im[i], IMAGE_DATA, 8), 4);
        }
    }
    compare(&v, "");
    assert_int_equal(v.diff->n_changes, 2 * MANY);
    assert_int_equal(v.diff->verdict, ST__DECISION);
    assert_true(v.diff->count[ST__DECISION] > 0 && v.diff->count[ST__DECISION] < MANY);
    end(&v);
}

/* Decisions first, then what is impossible; the counts are those of the list. */
static void test_order_and_counts(void **state)
{
    static const enum st__verdict order[] = { ST__DECISION, ST__IMPOSSIBLE, ST__AUTOMATIC };
    struct versions v;
    size_t at = 0;

    (void) state;
    begin(&v);
    for (unsigned i = 0; i < 2; i++) {
        struct image *im = &v.im[i];
        uint64_t n = integer(im), s = structure(im, false);

        image_var(im, "kind", NULL, i ? s : n, 0, image_take(im, IMAGE_DATA, 8), 4);
        image_var(im, i ? "renamed" : "name", NULL, n, 0, image_take(im, IMAGE_DATA, 8), 4);
    }
    compare(&v, "");
    assert_int_equal(v.diff->verdict, ST__IMPOSSIBLE);
    assert_int_equal(v.diff->n_changes, 3);
    for (size_t i = 0; i < v.diff->n_changes; i++)
        assert_int_equal(v.diff->changes[i].verdict, order[at++]);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(v.diff->count[order[i]], 1);
    assert_int_equal(v.diff->live, 1);
    end(&v);
}

static void test_names(void **state)
{
    (void) state;
    assert_string_equal(st__verdict_name(ST__UNCHANGED), "unchanged");
    assert_string_equal(st__verdict_name(ST__IMPOSSIBLE), "impossible");
    assert_string_equal(st__what_name(ST__SITE), "site");
    assert_string_equal(st__event_name(ST__OPAQUE), "opaque");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal_versions),
        cmocka_unit_test(test_sites_of_unknown_type),
        cmocka_unit_test(test_holders),
        cmocka_unit_test(test_pointers_in_a_circle),
        cmocka_unit_test(test_guesses_are_bounded),
        cmocka_unit_test(test_order_and_counts),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
