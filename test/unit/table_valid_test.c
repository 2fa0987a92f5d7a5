/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Whatever is malformed in a table is found, and named.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "corrupt.h"
#include "image_builder.h"
#include "table/reader.h"
#include "table/valid.h"

static struct image im;
static struct magic_arena arena;
static struct magic_view view;
static const struct magic_table *t;

static bool is_valid(struct magic_error *err)
{
    return magic__table_is_valid(t, err);
}

static int setup(void **state)
{
    struct magic_error err;
    int code;

    (void) state;
    image_init(&im, 4096);
    image_fill_sample(&im);
    image_var(&im, "local", NULL, 0, MAGIC_VAR_TLS, IMAGE_TEXT * im.unit, 8);
    t = image_read(&im, &arena, &view, &code, &err);
    return code;
}

static int teardown(void **state)
{
    (void) state;
    magic_arena_deinit(&arena);
    image_deinit(&im);
    return 0;
}

static const struct magic_type *type_of(enum magic_type_kind kind)
{
    for (size_t i = 0; i < t->n_types; i++)
        if (t->types[i].kind == kind)
            return &t->types[i];
    fail_msg("no type of kind %d", kind);
    return NULL;
}

static void test_a_table_as_read(void **state)
{
    struct magic_error err;

    (void) state;
    assert_true(is_valid(&err));
    assert_true(is_valid(NULL));
}

static void test_types(void **state)
{
    const struct magic_type *pointer = type_of(MAGIC_KIND_POINTER), *s = type_of(MAGIC_KIND_STRUCT),
                            *array = type_of(MAGIC_KIND_ARRAY), *e = type_of(MAGIC_KIND_ENUM),
                            *function = type_of(MAGIC_KIND_FUNCTION),
                            *alias = type_of(MAGIC_KIND_TYPEDEF), *i = type_of(MAGIC_KIND_INTEGER);

    (void) state;
    CORRUPT(t->types[0].id, 1, "type 0: its number");
    CORRUPT(i->kind, (enum magic_type_kind) 99, "no such kind");
    CORRUPT(i->name, NULL, "a text is missing");
    CORRUPT(i->attrs, NULL, "a text is missing");
    CORRUPT(i->target, pointer, "its target");
    CORRUPT(pointer->target, NULL, "its target");
    CORRUPT(pointer->target, t->types + t->n_types, "its target");
    CORRUPT(pointer->target, (const void *) ((const char *) t->types + 1), "its target");
    CORRUPT(alias->target, alias, "the typedef has no end");
    CORRUPT(alias->size, alias->size + 1, "size is not that of the type it names");
    CORRUPT(i->align, 3, "alignment");
    CORRUPT(array->nelems, array->nelems + 1, "elements reach past its end");
    CORRUPT(array->nelems, UINT64_MAX, "elements reach past its end");
    CORRUPT(s->members[0].name, NULL, "text of a member");
    CORRUPT(s->members[0].type, NULL, "type of a member");
    CORRUPT(s->members[0].bit_offset, s->size * 8, "a member reaches past its end");
    CORRUPT(s->size, 0, "a member reaches past its end");
    CORRUPT(e->enumerators[1].name, NULL, "enumerator has no name");
    CORRUPT(function->params[0], NULL, "type of a parameter");
}

static void test_variables(void **state)
{
    const struct magic__table *all = (const void *) t;
    size_t last = t->n_vars - 1;

    (void) state;
    CORRUPT(t->vars[2].id, 3, "variable 2: its number");
    CORRUPT(t->vars[2].key, NULL, "a text is missing");
    CORRUPT(t->vars[2].type, NULL, "its type");
    CORRUPT(t->vars[2].size, t->vars[2].type->size - 1, "smaller than its type");
    CORRUPT(t->vars[2].flags, MAGIC_VAR_TLS, "thread-local ones are not the last");
    CORRUPT(t->vars[last].flags, 0, "thread-local ones are not the last");
    CORRUPT(t->vars[0].addr, t->lo - 1, "outside the image");
    CORRUPT(t->vars[last - 1].size, t->hi, "outside the image");
    CORRUPT(t->vars[2].addr, t->vars[1].addr, "variable 2: it is out of order");
    CORRUPT(all->cover[1], 2, "begins behind it");
    CORRUPT(all->cover[1], 0, "ends later");
    CORRUPT(all->n_mapped, t->n_vars + 1, "more have places");
}

static void test_functions_and_sites(void **state)
{
    (void) state;
    CORRUPT(t->funcs[1].id, 0, "function 1: its number");
    CORRUPT(t->funcs[1].name, NULL, "a text is missing");
    CORRUPT(t->funcs[1].type, t->types - 1, "its type");
    CORRUPT(t->funcs[1].addr, t->hi, "outside the image");
    CORRUPT(t->funcs[1].addr, t->funcs[0].addr, "function 1: it is out of order");
    CORRUPT(t->main, t->hi, "main lies outside");
    CORRUPT(t->sites[1].id, 0, "site 1: its number");
    CORRUPT(t->sites[1].reason, NULL, "a text is missing");
    CORRUPT(t->sites[0].type, t->types - 1, "its type");
    CORRUPT(t->sites[0].elem_size, 1, "element's size");
    CORRUPT(t->sites[1].addr, t->sites[0].addr, "site 1: it is out of order");
}

static void test_indexes(void **state)
{
    const struct magic__table *all = (const void *) t;

    (void) state;
    CORRUPT(all->rec_types[0], NULL, "type record 0");
    CORRUPT(all->rec_addrs[1], all->rec_addrs[0], "type record 1: it is out of order");
    CORRUPT(all->vars_by_name[1], all->vars_by_name[0], "variable by name 1");
    CORRUPT(all->vars_by_name[0], (uint32_t) t->n_vars, "variable by name 0");
    CORRUPT(all->funcs_by_name[1], all->funcs_by_name[0], "function by name 1");
    CORRUPT(all->funcs_by_name[0], (uint32_t) t->n_funcs, "function by name 0");
    CORRUPT(all->enumerators[1].name, "A", "enumerator by name 1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_table_as_read, setup, teardown),
        cmocka_unit_test_setup_teardown(test_types, setup, teardown),
        cmocka_unit_test_setup_teardown(test_variables, setup, teardown),
        cmocka_unit_test_setup_teardown(test_functions_and_sites, setup, teardown),
        cmocka_unit_test_setup_teardown(test_indexes, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
