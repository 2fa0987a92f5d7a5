/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Whatever is malformed in a pairing or a plan is found, and named.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "corrupt.h"
#include "image_builder.h"
#include "pair/valid.h"

static struct image im[2];
static struct magic_view view[2];
static struct magic_arena arena;
static struct st__pairing p;

static bool is_valid(struct magic_error *err)
{
    return st__pairing_is_valid(&p, err);
}

/* What the sample has not: a structure that changes, with a union that a rule tells of and an array at
 * its end, and an array of it. */
static void add_structure(struct image *to, bool longer)
{
    uint64_t i = image_type(to, MAGIC_KIND_INTEGER, "int", 4, 0, 0),
             l = image_type(to, MAGIC_KIND_INTEGER, "long", 8, 0, 0),
             c = image_type(to, MAGIC_KIND_INTEGER, "char", 1, 0, MAGIC_TYPE_CHAR),
             tail = image_array(to, c, 1, 0),
             u = image_type(to, MAGIC_KIND_UNION, "u", longer ? 8 : 4, 0, 0), s;
    unsigned size = longer ? 24 : 12;

    image_member(to, u, "a", longer ? l : i, 0, 0);
    s = image_type(to, MAGIC_KIND_STRUCT, "s", size, 0, 0);
    image_member(to, s, "tag", i, 0, 0);
    image_member(to, s, "u", u, longer ? 64 : 32, 0);
    image_member(to, s, "kept", i, longer ? 128 : 64, 0);
    image_member(to, s, "text", tail, size * 8, 0);
    image_var(to, "s", NULL, s, 0, image_take(to, IMAGE_DATA, size), size);
    image_var(to, "list", NULL, image_array(to, s, size, 3), 0,
        image_take(to, IMAGE_DATA, 3 * size), 3 * size);
}

static int setup(void **state)
{
    static const char rules[] = "struct s.u: union_by=tag: 1=a";
    const struct magic_table *table[2];
    struct magic_error err;
    int code = 0;

    (void) state;
    for (unsigned i = 0; i < 2; i++) {
        image_init(&im[i], 8192);
        image_fill_sample(&im[i]);
        add_structure(&im[i], i);
        table[i] = image_read(&im[i], &arena, &view[i], &code, &err);
        assert_int_equal(code, 0);
    }
    p = (struct st__pairing) { .ot = table[0], .nt = table[1], .arena = &arena };
    assert_int_equal(
        st__rules_read(rules, sizeof(rules) - 1, p.ot, p.nt, &arena, &p.rules, &err), 0);
    assert_int_equal(st__pair(&p), 0);
    for (size_t i = 0; i < p.ot->n_vars; i++) {
        assert_non_null(st__plan_var(&p, &p.ot->vars[i], p.var_pair[i]));
        (void) st__pair_type(&p, p.ot->vars[i].type, NULL);
    }
    return 0;
}

static int teardown(void **state)
{
    (void) state;
    magic_arena_deinit(&arena);
    for (unsigned i = 0; i < 2; i++)
        image_deinit(&im[i]);
    return 0;
}

static const struct st__plan *plan_of(const char *name)
{
    const struct magic_var *v = NULL;

    assert_int_equal(magic_table_find_var(p.ot, name, strlen(name), &v, NULL), 0);
    return st__plan_var(&p, v, p.var_pair[v->id]);
}

static void test_a_pairing_as_made(void **state)
{
    struct magic_error err;

    (void) state;
    assert_true(is_valid(&err));
    assert_true(is_valid(NULL));
}

static void test_pairs(void **state)
{
    (void) state;
    CORRUPT(p.var_pair[1], p.ot->vars, "its pair is none of the new version's");
    CORRUPT(p.var_pair[1], p.var_pair[2], "its pair continues another one");
    CORRUPT(p.var_pair[1], NULL, "what it continues is not its pair");
    CORRUPT(p.var_from[1], NULL, "its pair continues another one");
    CORRUPT(p.func_pair[0], p.ot->funcs, "function main: its pair is none");
}

static void test_pairs_of_types(void **state)
{
    size_t looked = 0;

    (void) state;
    while (!p.type_pair[looked])
        looked++;
    CORRUPT(p.type_pair[looked], p.ot->types, "its pair is none of the new version's");
    CORRUPT(p.type_looked[looked], false, "it has a pair that nobody looked for");
    for (size_t i = 0; i < p.nt->n_types; i++)
        if (p.nt->types[i].kind != p.ot->types[looked].kind) {
            CORRUPT(p.type_pair[looked], &p.nt->types[i], "its pair is of another kind");
            break;
        }
    CORRUPT(p.new_by_name[1], p.ot->types, "an entry is none of the new version's");
    CORRUPT(p.new_by_name[1], p.new_by_name[0], "out of order in the index by name");
}

static void test_plans(void **state)
{
    const struct st__plan *s = plan_of("s"), *list = plan_of("list"), *head = plan_of("head");

    (void) state;
    CORRUPT(s->n, p.ot->types, "its types are not those of the tables");
    CORRUPT(head->cls, (enum st__class) 99, "plan for struct entry *: there is no such class");
    CORRUPT(head->cls, ST__CALL, "nobody to call");
    CORRUPT(head->cls, ST__REFUSE, "refused for no reason");
    CORRUPT(s->cls, ST__COPY, "plan for struct s: copied, but of another size");
    CORRUPT(list->elem, NULL, "plan for struct s[3]: the plan of its elements");
    CORRUPT(list->elem, head, "plan for struct s[3]: the plan of its elements");
    CORRUPT(s->tail, &(struct st__tail) { 0 }, "the array at the end lies elsewhere");
    CORRUPT(p.n_plans, p.n_plans + 1, "their number is another one");
    for (size_t i = 0; i < p.ot->n_types; i++)
        if (p.ot->types[i].kind == MAGIC_KIND_TYPEDEF)
            CORRUPT(s->o, &p.ot->types[i], "it is for a typedef");
}

static void test_plans_of_structures(void **state)
{
    const struct st__plan *s = plan_of("s"), *head = plan_of("head");
    const struct st__member *u = &s->members[1];

    (void) state;
    assert_non_null(u->choice);
    CORRUPT(s->n_members, 1, "not one entry for each member");
    CORRUPT(s->members[0].o, s->members[1].o, "an entry is of another member");
    CORRUPT(s->members[0].n, s->members[0].o, "the pair of a member is none");
    CORRUPT(s->members[0].plan, NULL, "the plan of a member is for other types");
    CORRUPT(s->members[0].plan, head, "the plan of a member is for other types");
    CORRUPT(s->runs[0].len, 100, "what is copied reaches past its end");
    CORRUPT(u->choice->tag, p.nt->types[0].members, "what tells of a union is none");
    CORRUPT(u->choice->cases[0].member, s->members, "a case of a union is none");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_pairing_as_made, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pairs, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pairs_of_types, setup, teardown),
        cmocka_unit_test_setup_teardown(test_plans, setup, teardown),
        cmocka_unit_test_setup_teardown(test_plans_of_structures, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
