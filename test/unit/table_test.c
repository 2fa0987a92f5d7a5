/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The table reader on valid images: what it returns, what it merges, and all lookups.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <magic/table.h>

#include "image_builder.h"

#define UNIT 4096

struct fixture {
    struct image im;
    struct magic_arena arena;
    struct magic_view view;
    struct magic_error err;
};

static int setup(void **state)
{
    static struct fixture fx;

    memset(&fx, 0, sizeof(fx));
    image_init(&fx.im, UNIT);
    *state = &fx;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fx = *state;

    magic_arena_deinit(&fx->arena);
    image_deinit(&fx->im);
    return 0;
}

static const struct magic_table *read_table(struct fixture *fx)
{
    int code;
    const struct magic_table *table = image_read(&fx->im, &fx->arena, &fx->view, &code, &fx->err);

    if (code)
        print_error("%s\n", fx->err.text);
    assert_int_equal(code, 0);
    return table;
}

static const struct magic_var *find_var(const struct magic_table *table, const char *name)
{
    const struct magic_var *var = NULL;

    assert_int_equal(magic_table_find_var(table, name, strlen(name), &var, NULL), 0);
    return var;
}

static void assert_spelled(const struct magic_type *type, const char *expected)
{
    char buf[128];

    assert_string_equal(magic_type_spell(type, buf, sizeof(buf)), expected);
}

static void sample_has_what_was_written(void **state)
{
    struct fixture *fx = *state;
    const struct magic_table *table;
    const struct magic_type *entry;

    image_fill_sample(&fx->im);
    table = read_table(fx);
    assert_int_equal(table->n_vars, 9);
    assert_int_equal(table->n_funcs, 2);
    assert_int_equal(table->n_sites, 3);
    assert_int_equal(table->main, IMAGE_TEXT * UNIT);
    assert_int_equal(table->hi - table->lo, IMAGE_SECTIONS * UNIT + UNIT);
    entry = magic_type_strip(find_var(table, "first")->type);
    assert_int_equal(entry->kind, MAGIC_KIND_STRUCT);
    assert_int_equal(entry->count, 8);
    assert_string_equal(entry->members[3].name, "low");
    assert_int_equal(entry->members[3].bit_size, 3);
    assert_true(entry->flags & MAGIC_TYPE_HAS_POINTERS);
    assert_ptr_equal(entry->members[0].type->target, entry);
    assert_ptr_equal(table->sites[0].type, entry);
    assert_null(table->sites[2].type);
}

static void variables_are_sorted_and_keyed(void **state)
{
    struct fixture *fx = *state;
    const struct magic_table *table;
    size_t i;

    image_fill_sample(&fx->im);
    table = read_table(fx);
    for (i = 1; i < table->n_vars; i++)
        assert_true(table->vars[i - 1].addr < table->vars[i].addr);
    for (i = 0; i < table->n_vars; i++)
        assert_int_equal(table->vars[i].id, i);
    assert_string_equal(find_var(table, "head")->key, "head");
    assert_string_equal(find_var(table, "counter")->key, "src/unit.c:counter");
    assert_string_equal(find_var(table, "calls")->key, "src/unit.c:handle::calls");
    assert_int_equal(find_var(table, "blob")->type->kind, MAGIC_KIND_OPAQUE);
    assert_int_equal(find_var(table, "blob")->type->size, 24);
}

static void variables_are_found_by_any_c_name(void **state)
{
    struct fixture *fx = *state;
    const struct magic_table *table;
    const struct magic_var *var;

    image_fill_sample(&fx->im);
    table = read_table(fx);
    var = find_var(table, "calls");
    assert_ptr_equal(find_var(table, "handle::calls"), var);
    assert_ptr_equal(find_var(table, "unit.c:calls"), var);
    assert_ptr_equal(find_var(table, "unit.c:handle::calls"), var);
    assert_ptr_equal(find_var(table, "src/unit.c:handle::calls"), var);
    assert_int_equal(magic_table_find_var(table, "nit.c:calls", 11, &var, &fx->err), MAGIC_ENOENT);
    assert_int_equal(magic_table_find_var(table, "other::calls", 12, &var, &fx->err), MAGIC_ENOENT);
    assert_int_equal(magic_table_find_var(table, "call", 4, &var, &fx->err), MAGIC_ENOENT);
    assert_int_equal(magic_table_find_var(table, "", 0, &var, &fx->err), MAGIC_ENOENT);
    assert_int_equal(magic_table_find_var(table, "x::", 3, &var, &fx->err), MAGIC_ENOENT);
    assert_string_equal(fx->err.text, "no variable 'x::'");
}

static void equal_names_are_ambiguous_within_a_rank(void **state)
{
    struct fixture *fx = *state;
    const struct magic_table *table;
    const struct magic_var *var;
    uint64_t i = image_type(&fx->im, MAGIC_KIND_INTEGER, "int", 4, 0, 0);

    image_var(&fx->im, "x", NULL, i, MAGIC_VAR_STATIC, image_bss(&fx->im), 4);
    image_var(&fx->im, "x", "f", i, MAGIC_VAR_STATIC, image_bss(&fx->im) + 4, 4);
    image_var(&fx->im, "y", "f", i, MAGIC_VAR_STATIC, image_bss(&fx->im) + 8, 4);
    fx->im.string_file = image_string(&fx->im, "lib/other.c");
    image_var(&fx->im, "y", "g", i, MAGIC_VAR_STATIC, image_bss(&fx->im) + 12, 4);
    image_var(&fx->im, "z", NULL, i, MAGIC_VAR_STATIC, image_bss(&fx->im) + 16, 4);
    image_var(&fx->im, "z", NULL, i, 0, image_bss(&fx->im) + 20, 4);
    table = read_table(fx);
    assert_string_equal(find_var(table, "x")->key, "src/unit.c:x");
    assert_string_equal(find_var(table, "z")->key, "z");
    assert_string_equal(find_var(table, "g::y")->key, "lib/other.c:g::y");
    assert_int_equal(magic_table_find_var(table, "y", 1, &var, &fx->err), MAGIC_EAMBIGUOUS);
    assert_string_equal(fx->err.text, "'y' may be src/unit.c:f::y, lib/other.c:g::y");
}

static void functions_are_found_by_name_and_address(void **state)
{
    struct fixture *fx = *state;
    const struct magic_table *table;
    const struct magic_func *func, *other;

    image_fill_sample(&fx->im);
    table = read_table(fx);
    assert_int_equal(magic_table_find_func(table, "handle", 6, &func, NULL), 0);
    assert_string_equal(func->key, "src/unit.c:handle");
    assert_int_equal(magic_table_find_func(table, "unit.c:handle", 13, &other, NULL), 0);
    assert_ptr_equal(func, other);
    assert_ptr_equal(magic_table_func_at(table, func->addr), func);
    assert_null(magic_table_func_at(table, func->addr + 1));
    assert_int_equal(magic_table_find_func(table, "nothing", 7, &func, &fx->err), MAGIC_ENOENT);
}

static void variables_are_found_by_address(void **state)
{
    struct fixture *fx = *state;
    const struct magic_table *table;
    const struct magic_var *first;

    image_fill_sample(&fx->im);
    table = read_table(fx);
    first = find_var(table, "first");
    assert_ptr_equal(magic_table_var_at(table, first->addr), first);
    assert_ptr_equal(magic_table_var_at(table, first->addr + 55), first);
    assert_ptr_not_equal(magic_table_var_at(table, first->addr + 56), first);
    assert_null(magic_table_var_at(table, 0));
    assert_null(magic_table_var_at(table, UINT64_MAX));
    assert_null(magic_table_var_at(table, image_bss(&fx->im) + 72));
}

static void enumerators_are_found(void **state)
{
    struct fixture *fx = *state;
    const struct magic_table *table;
    uint64_t clash;
    int64_t value;

    image_fill_sample(&fx->im);
    clash = image_type(&fx->im, MAGIC_KIND_ENUM, "other", 4, 0, 0);
    image_enumerator(&fx->im, clash, "RED", 1);
    image_enumerator(&fx->im, clash, "GREEN", 5);
    table = read_table(fx);
    assert_int_equal(magic_table_find_enumerator(table, "BLUE", 4, &value, NULL), 0);
    assert_int_equal(value, -1);
    assert_int_equal(magic_table_find_enumerator(table, "GREEN", 5, &value, NULL), 0);
    assert_int_equal(value, 5);
    assert_int_equal(
        magic_table_find_enumerator(table, "RED", 3, &value, &fx->err), MAGIC_EAMBIGUOUS);
    assert_string_equal(fx->err.text, "enumerator 'RED' is 0 in one enum and 1 in another");
    assert_int_equal(magic_table_find_enumerator(table, "RE", 2, &value, &fx->err), MAGIC_ENOENT);
    assert_string_equal(fx->err.text, "no enumerator 'RE'");
}

static void types_are_spelled_in_c(void **state)
{
    struct fixture *fx = *state;
    const struct magic_table *table;
    char small[8];

    image_fill_sample(&fx->im);
    table = read_table(fx);
    assert_spelled(find_var(table, "head")->type, "struct entry *");
    assert_spelled(find_var(table, "conns")->type, "conn_t[4]");
    assert_spelled(magic_type_strip(find_var(table, "conns")->type->target), "conn_t");
    assert_spelled(find_var(table, "handler")->type, "int (*)(int, char *)");
    assert_spelled(find_var(table, "handler")->type->target, "int (int, char *)");
    assert_spelled(find_var(table, "scratch")->type, "u32[8]");
    assert_string_equal(magic_type_spell(find_var(table, "head")->type, small, 8), "struct ");
    assert_ptr_equal(magic_type_spell(find_var(table, "head")->type, small, 0), small);
}

static void spelling_of_a_pointer_to_itself_ends(void **state)
{
    struct fixture *fx = *state;
    uint64_t p = image_type(&fx->im, MAGIC_KIND_POINTER, NULL, 8, 0, 0);
    char buf[256];

    image_ref(&fx->im, p + offsetof(struct magic_type_rec, target), p);
    magic_type_spell(&read_table(fx)->types[0], buf, sizeof(buf));
    assert_non_null(strstr(buf, "..."));
}

static void records_lead_to_types(void **state)
{
    struct fixture *fx = *state;
    uint64_t a = image_type(&fx->im, MAGIC_KIND_INTEGER, "int", 4, 0, 0);
    uint64_t b = image_type(&fx->im, MAGIC_KIND_INTEGER, "int", 4, 0, 0);
    uint64_t c = image_type(&fx->im, MAGIC_KIND_INTEGER, "int", 4, 0, MAGIC_TYPE_UNSIGNED);
    const struct magic_table *table = read_table(fx);

    assert_ptr_equal(magic_table_type_at(table, a), magic_table_type_at(table, b));
    assert_ptr_not_equal(magic_table_type_at(table, a), magic_table_type_at(table, c));
    assert_null(magic_table_type_at(table, a + 8));
    assert_null(magic_table_type_at(table, 0));
}

/* `struct NAME { struct INNER *inner; struct NAME *next; }`, inner complete or not. */
static uint64_t put_outer(struct image *im, const char *name, uint64_t inner)
{
    uint64_t inner_ptr = image_type(im, MAGIC_KIND_POINTER, NULL, 8, inner, 0);
    uint64_t self_ptr = image_type(im, MAGIC_KIND_POINTER, NULL, 8, 0, 0);
    uint64_t outer = image_type(im, MAGIC_KIND_STRUCT, name, 16, 0, 0);

    image_ref(im, self_ptr + offsetof(struct magic_type_rec, target), outer);
    image_member(im, outer, "inner", inner_ptr, 0, 0);
    image_member(im, outer, "next", self_ptr, 64, 0);
    return outer;
}

static uint64_t put_inner(struct image *im, uint64_t member, uint64_t size)
{
    uint64_t inner = image_type(im, MAGIC_KIND_STRUCT, "inner", size, 0, 0);

    image_member(im, inner, "v", member, 0, 0);
    return inner;
}

static void incomplete_types_merge_with_their_definition(void **state)
{
    struct fixture *fx = *state;
    const struct magic_table *table;
    uint64_t i = image_type(&fx->im, MAGIC_KIND_INTEGER, "int", 4, 0, 0);
    uint64_t known = put_outer(&fx->im, "outer", put_inner(&fx->im, i, 4)), unknown;

    unknown = put_outer(&fx->im, "outer",
        image_type(&fx->im, MAGIC_KIND_STRUCT, "inner", 0, 0, MAGIC_TYPE_INCOMPLETE));
    table = read_table(fx);
    assert_ptr_equal(magic_table_type_at(table, known), magic_table_type_at(table, unknown));
    assert_int_equal(magic_table_type_at(table, unknown)->members[0].type->target->size, 4);
    /* int, inner, pointer to each, outer, and void */
    assert_int_equal(table->n_types, 6);
}

static void different_layouts_of_one_name_stay_apart(void **state)
{
    struct fixture *fx = *state;
    const struct magic_table *table;
    uint64_t i = image_type(&fx->im, MAGIC_KIND_INTEGER, "int", 4, 0, 0);
    uint64_t l = image_type(&fx->im, MAGIC_KIND_INTEGER, "long", 8, 0, 0);
    uint64_t a = put_outer(&fx->im, "outer", put_inner(&fx->im, i, 4));
    uint64_t b = put_outer(&fx->im, "outer", put_inner(&fx->im, l, 8));
    uint64_t c = image_type(&fx->im, MAGIC_KIND_STRUCT, "inner", 0, 0, MAGIC_TYPE_INCOMPLETE);

    table = read_table(fx);
    assert_ptr_not_equal(magic_table_type_at(table, a), magic_table_type_at(table, b));
    assert_true(magic_table_type_at(table, c)->flags & MAGIC_TYPE_INCOMPLETE);
}

static void a_binding_to_definitions_that_differ_deep_down_is_undone(void **state)
{
    struct fixture *fx = *state;
    const struct magic_table *table;
    uint64_t i = image_type(&fx->im, MAGIC_KIND_INTEGER, "int", 4, 0, 0);
    uint64_t l = image_type(&fx->im, MAGIC_KIND_INTEGER, "long", 8, 0, 0);
    uint64_t a = put_outer(&fx->im, "outer", put_inner(&fx->im, i, 4));
    uint64_t b = put_outer(&fx->im, "outer", put_inner(&fx->im, l, 8));
    uint64_t c = image_type(&fx->im, MAGIC_KIND_STRUCT, "outer", 0, 0, MAGIC_TYPE_INCOMPLETE);

    table = read_table(fx);
    assert_ptr_not_equal(magic_table_type_at(table, a), magic_table_type_at(table, b));
    assert_true(magic_table_type_at(table, c)->flags & MAGIC_TYPE_INCOMPLETE);
}

static void weak_duplicates_are_one_variable(void **state)
{
    struct fixture *fx = *state;
    const struct magic_table *table;
    uint64_t i = image_type(&fx->im, MAGIC_KIND_INTEGER, "int", 4, 0, 0);
    uint64_t big = image_array(&fx->im, i, 4, 8), addr = image_bss(&fx->im);

    image_var(&fx->im, "w", NULL, big, MAGIC_VAR_WEAK, addr, 32);
    image_var(&fx->im, "w", NULL, i, MAGIC_VAR_WEAK, addr, 4);
    image_var(&fx->im, "next", NULL, i, 0, addr + 4, 4);
    image_var(&fx->im, "t", NULL, i, MAGIC_VAR_TLS, IMAGE_TEXT * UNIT, 4);
    image_var(&fx->im, "t", NULL, i, MAGIC_VAR_TLS, IMAGE_TEXT * UNIT + 8, 4);
    table = read_table(fx);
    assert_int_equal(table->n_vars, 3);
    assert_int_equal(find_var(table, "w")->size, 4);
    assert_true(table->vars[2].flags & MAGIC_VAR_TLS);
}

static void merged_constants_may_overlap(void **state)
{
    struct fixture *fx = *state;
    const struct magic_table *table;
    uint64_t at = image_string(&fx->im, "foobar");

    image_var(&fx->im, "all", NULL, 0, MAGIC_VAR_CONST, at, 7);
    image_var(&fx->im, "mid", NULL, 0, MAGIC_VAR_CONST, at + 2, 2);
    table = read_table(fx);
    assert_string_equal(magic_table_var_at(table, at + 3)->name, "mid");
    assert_string_equal(magic_table_var_at(table, at + 6)->name, "all");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    static const struct CMUnitTest tests[] = {
        TEST(sample_has_what_was_written),
        TEST(variables_are_sorted_and_keyed),
        TEST(variables_are_found_by_any_c_name),
        TEST(equal_names_are_ambiguous_within_a_rank),
        TEST(functions_are_found_by_name_and_address),
        TEST(variables_are_found_by_address),
        TEST(enumerators_are_found),
        TEST(types_are_spelled_in_c),
        TEST(spelling_of_a_pointer_to_itself_ends),
        TEST(records_lead_to_types),
        TEST(incomplete_types_merge_with_their_definition),
        TEST(different_layouts_of_one_name_stay_apart),
        TEST(a_binding_to_definitions_that_differ_deep_down_is_undone),
        TEST(weak_duplicates_are_one_variable),
        TEST(merged_constants_may_overlap),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
