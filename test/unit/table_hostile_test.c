/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The table reader on broken images: each rule has an image that breaks only it, and every cut and
 * every flipped bit of a valid image gives a table that keeps its promises, or an error.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <magic/table.h>

#include "image_builder.h"
#include "image_walk.h"

#define UNIT 4096

static struct image im;

static int setup(void **state)
{
    (void) state;
    image_init(&im, UNIT);
    return 0;
}

static int teardown(void **state)
{
    (void) state;
    image_deinit(&im);
    return 0;
}

/* Read the image, walk what comes, and say what came. */
static int read_code(struct magic_error *err)
{
    struct magic_arena arena = { 0 };
    struct magic_view view;
    int code;
    const struct magic_table *table = image_read(&im, &arena, &view, &code, err);

    if (table)
        image_walk(table);
    magic_arena_deinit(&arena);
    return code;
}

static void assert_code(int code, const char *text)
{
    struct magic_error err;
    int got = read_code(&err);

    if (got != code || !strstr(err.text, text))
        fail_msg("got %d '%s', expected %d '%s'", got, err.text, code, text);
    assert_int_equal(err.code, code);
}
#define ASSERT_FORMAT(text) assert_code(MAGIC_EFORMAT, text)

static struct magic_type_rec *type_rec(uint64_t addr)
{
    return image_at(&im, addr);
}

static uint64_t put_int(void)
{
    return image_type(&im, MAGIC_KIND_INTEGER, "int", 4, 0, 0);
}

static struct magic_module_rec *module_rec(void)
{
    return image_at(&im, IMAGE_MODULES * UNIT);
}

static void module_records_are_checked_first(void **state)
{
    (void) state;
    image_take(&im, IMAGE_TYPES, 3); /* broken, but never looked at */
    module_rec()->magic ^= 1;
    ASSERT_FORMAT("bad magic number");
    module_rec()->magic ^= 1;
    module_rec()->abi_major++;
    assert_code(MAGIC_EABI, "version 4 of the records, this reader knows 3: build the image again");
}

static void records_of_other_sizes_are_refused(void **state)
{
    size_t i;

    (void) state;
    for (i = 0; i < 6; i++) {
        uint16_t *size = &module_rec()->type_size + i;

        *size += 8;
        assert_code(MAGIC_EABI, "records of other sizes than this reader's: build the image again");
        *size -= 8;
    }
    assert_int_equal(read_code(&(struct magic_error) { 0 }), 0);
}

static void an_image_without_modules_has_no_table(void **state)
{
    (void) state;
    im.used[IMAGE_MODULES] = 0;
    put_int(); /* writes the note again */
    assert_code(
        MAGIC_ENOTABLE, "image has no state table: none of its files was compiled by sef-cc");
}

static void module_strings_are_checked(void **state)
{
    (void) state;
    module_rec()->file = 0x7fffffff;
    ASSERT_FORMAT("module: file");
    module_rec()->file = 0;
    module_rec()->producer = -0x7fffffff;
    ASSERT_FORMAT("module: producer");
}

static void sections_of_fractions_are_refused(void **state)
{
    (void) state;
    image_take(&im, IMAGE_MODULES, 8);
    image_string(&im, "");
    image_func(&im, "f", 0, 0, IMAGE_TEXT * UNIT);
    ASSERT_FORMAT("section magic_modules: 40 bytes are not a number of records of 32 bytes");
    image_deinit(&im);
    image_init(&im, UNIT);
    image_take(&im, IMAGE_VARS, 8);
    put_int();
    ASSERT_FORMAT("magic_vars");
    image_deinit(&im);
    image_init(&im, UNIT);
    image_take(&im, IMAGE_FUNCS, 8);
    put_int();
    ASSERT_FORMAT("magic_funcs");
    image_deinit(&im);
    image_init(&im, UNIT);
    image_take(&im, IMAGE_SITES, 8);
    put_int();
    ASSERT_FORMAT("magic_sites");
}

static void type_records_have_the_size_of_their_entries(void **state)
{
    uint64_t type = image_type(&im, MAGIC_KIND_STRUCT, "s", 0, 0, 0);

    (void) state;
    type_rec(type)->rec_size = 0;
    ASSERT_FORMAT("size does not fit");
    type_rec(type)->rec_size = 0xfffffff8;
    ASSERT_FORMAT("size does not fit");
    type_rec(type)->rec_size = MAGIC_TYPE_SIZE;
    type_rec(type)->count = 0xffffffff;
    ASSERT_FORMAT("size does not fit");
    type_rec(type)->count = 0;
    type_rec(type)->kind = 11;
    ASSERT_FORMAT("unknown kind");
    type_rec(type)->kind = MAGIC_KIND_POINTER;
    type_rec(type)->count = 1;
    ASSERT_FORMAT("entries in a kind");
    type_rec(type)->count = 0;
    image_take(&im, IMAGE_TYPES, 8);
    image_func(&im, "f", 0, 0, IMAGE_TEXT * UNIT);
    type_rec(type)->kind = MAGIC_KIND_VOID;
    ASSERT_FORMAT("cut off");
}

static void references_lead_to_records_and_strings(void **state)
{
    uint64_t i = put_int(), p = image_type(&im, MAGIC_KIND_POINTER, NULL, 8, i + 8, 0);

    (void) state;
    ASSERT_FORMAT("type: target");
    image_ref(&im, p + offsetof(struct magic_type_rec, target), i);
    type_rec(p)->name = 0x40000000;
    ASSERT_FORMAT("type: name");
    type_rec(p)->name = 0;
    type_rec(p)->attrs = 0x40000000;
    ASSERT_FORMAT("type: attributes at");
    type_rec(p)->file = -0x40000000;
    ASSERT_FORMAT("type: file");
}

static void entries_lead_to_records_and_strings(void **state)
{
    uint64_t i = put_int(), s = image_type(&im, MAGIC_KIND_STRUCT, "s", 4, 0, 0), e, f;
    struct magic_member_rec *m;

    (void) state;
    image_member(&im, s, "m", i, 0, 0);
    m = image_at(&im, s + MAGIC_TYPE_SIZE);
    m->type += 8;
    ASSERT_FORMAT("member: type at");
    m->attrs = 0x40000000;
    ASSERT_FORMAT("member: attributes at");
    m->name = 0x40000000;
    ASSERT_FORMAT("member: name at");
    image_deinit(&im);
    image_init(&im, UNIT);
    f = image_type(&im, MAGIC_KIND_FUNCTION, NULL, 0, 0, 0);
    image_param(&im, f, f + 8);
    ASSERT_FORMAT("parameter: type at");
    image_deinit(&im);
    image_init(&im, UNIT);
    e = image_type(&im, MAGIC_KIND_ENUM, "e", 4, 0, 0);
    image_enumerator(&im, e, "E", 1);
    ((struct magic_enumerator_rec *) image_at(&im, e + MAGIC_TYPE_SIZE))->name = 0x40000000;
    ASSERT_FORMAT("enumerator: name at");
}

static void strings_end_inside_their_segment(void **state)
{
    uint64_t type = put_int();
    uint64_t last = image_size(&im) - 1;

    (void) state;
    *(char *) image_at(&im, last) = 'x';
    image_ref(&im, type + offsetof(struct magic_type_rec, name), last);
    ASSERT_FORMAT("type: name");
    image_ref(&im, type + offsetof(struct magic_type_rec, name), last + 8); /* zero fill */
    ASSERT_FORMAT("type: name");
    image_ref(&im, type + offsetof(struct magic_type_rec, name), IMAGE_STRINGS * UNIT);
    memset(image_at(&im, IMAGE_STRINGS * UNIT), 'x', 2048);
    ASSERT_FORMAT("no string there");
}

static void types_may_not_contain_themselves(void **state)
{
    uint64_t s = image_type(&im, MAGIC_KIND_STRUCT, "s", 8, 0, 0), t, a;

    (void) state;
    image_member(&im, s, "s", s, 0, 0);
    ASSERT_FORMAT("struct s: contains itself");
    image_deinit(&im);
    image_init(&im, UNIT);
    t = image_type(&im, MAGIC_KIND_TYPEDEF, "t", 0, 0, 0);
    image_ref(&im, t + offsetof(struct magic_type_rec, target), t);
    ASSERT_FORMAT("t: contains itself");
    image_deinit(&im);
    image_init(&im, UNIT);
    a = image_array(&im, 0, 8, 1);
    image_ref(&im, a + offsetof(struct magic_type_rec, target), a);
    ASSERT_FORMAT("contains itself");
}

static void nesting_is_bounded(void **state)
{
    uint64_t type = put_int();
    int i;

    (void) state;
    image_deinit(&im);
    image_init(&im, 80 * UNIT);
    type = put_int();
    for (i = 1; i < MAGIC_MAX_NESTING; i++)
        type = image_type(&im, MAGIC_KIND_TYPEDEF, "t", 4, type, 0);
    assert_int_equal(read_code(&(struct magic_error) { 0 }), 0);
    image_type(&im, MAGIC_KIND_TYPEDEF, "t", 4, type, 0);
    ASSERT_FORMAT("nested too deep");
}

static void sizes_add_up(void **state)
{
    uint64_t i = put_int(), a = image_array(&im, i, 4, 3), p;

    (void) state;
    type_rec(a)->size = 16;
    ASSERT_FORMAT("size is not that of its elements");
    type_rec(a)->flags |= MAGIC_TYPE_VECTOR;
    assert_int_equal(read_code(&(struct magic_error) { 0 }), 0);
    type_rec(a)->flags = 0;
    type_rec(a)->size = 0;
    type_rec(a)->nelems = UINT64_MAX / 4 + 2;
    ASSERT_FORMAT("out of bounds");
    type_rec(a)->nelems = 3;
    type_rec(i)->size = (uint64_t) 1 << 48;
    ASSERT_FORMAT("out of bounds");
    type_rec(i)->size = 0;
    ASSERT_FORMAT("no size");
    type_rec(i)->size = 4;
    type_rec(i)->align = 3;
    ASSERT_FORMAT("power of two");
    type_rec(i)->align = 4;
    p = image_type(&im, MAGIC_KIND_POINTER, NULL, 4, i, 0);
    ASSERT_FORMAT("not of 8 bytes");
    type_rec(p)->size = 8;
    image_array(&im, image_type(&im, MAGIC_KIND_VOID, NULL, 0, 0, 0), 0, 1);
    ASSERT_FORMAT("array of what is no object");
}

static void members_lie_inside(void **state)
{
    uint64_t i = put_int(), s = image_type(&im, MAGIC_KIND_STRUCT, "s", 8, 0, 0);
    struct magic_member_rec *m;

    (void) state;
    image_member(&im, s, "m", i, 32, 0);
    m = image_at(&im, s + MAGIC_TYPE_SIZE);
    assert_int_equal(read_code(&(struct magic_error) { 0 }), 0);
    m->bit_offset = 40;
    ASSERT_FORMAT("past its end reaches member m");
    m->bit_offset = UINT64_MAX - 7;
    ASSERT_FORMAT("past its end reaches member m");
    m->bit_offset = 4;
    ASSERT_FORMAT("not at a byte is member m");
    m->bit_size = 33;
    ASSERT_FORMAT("wider than its type is bit-field m");
    m->bit_size = 32;
    m->bit_offset = 33;
    ASSERT_FORMAT("past its end");
    m->bit_offset = 0;
    type_rec(i)->kind = MAGIC_KIND_FLOAT;
    ASSERT_FORMAT("neither integer nor enum");
    m->bit_size = 0;
    type_rec(i)->kind = MAGIC_KIND_VOID;
    ASSERT_FORMAT("no object type has member m");
    m->type = 0;
    ASSERT_FORMAT("member without a type");
}

static void incomplete_types_have_no_contents(void **state)
{
    uint64_t i = put_int();
    uint64_t s = image_type(&im, MAGIC_KIND_STRUCT, "s", 8, 0, MAGIC_TYPE_INCOMPLETE);
    uint64_t e;

    (void) state;
    ASSERT_FORMAT("incomplete, but has members");
    type_rec(s)->size = 0;
    e = image_type(&im, MAGIC_KIND_ENUM, "e", 4, i, MAGIC_TYPE_INCOMPLETE);
    ASSERT_FORMAT("incomplete, but has enumerators");
    type_rec(e)->flags = 0;
    image_ref(&im, e + offsetof(struct magic_type_rec, target), e - MAGIC_TYPE_SIZE);
    ASSERT_FORMAT("enum of what is no integer");
    type_rec(e)->target = 0;
    image_member(&im, image_type(&im, MAGIC_KIND_STRUCT, "o", 8, 0, 0), "m", s, 0, 0);
    ASSERT_FORMAT("no object type has member m");
}

static void variables_lie_inside_the_image(void **state)
{
    uint64_t i = put_int();
    uint64_t rec = image_var(&im, "x", NULL, i, 0, image_bss(&im) + UNIT - 4, 4);
    struct magic_var_rec *var = image_at(&im, rec);
    uint64_t end = image_bss(&im) + UNIT;

    (void) state;
    assert_int_equal(read_code(&(struct magic_error) { 0 }), 0);
    var->size = 5;
    ASSERT_FORMAT("variable x (src/unit.c:10): outside the image");
    var->size = UINT64_MAX;
    ASSERT_FORMAT("outside the image");
    var->size = 2;
    ASSERT_FORMAT("smaller than its type");
    var->size = 4;
    var->align = 6;
    ASSERT_FORMAT("alignment");
    var->align = 4;
    image_ref(&im, rec + offsetof(struct magic_var_rec, addr), end);
    ASSERT_FORMAT("outside the image");
    var->flags = MAGIC_VAR_TLS;
    ASSERT_FORMAT("accessor outside");
    var->addr = 0;
    ASSERT_FORMAT("no address");
}

static void variable_references_are_checked(void **state)
{
    static const struct {
        size_t offset;
        const char *what;
    } fields[] = {
        { offsetof(struct magic_var_rec, name), "variable: name at" },
        { offsetof(struct magic_var_rec, scope), "variable: function at" },
        { offsetof(struct magic_var_rec, file), "variable: file at" },
        { offsetof(struct magic_var_rec, type), "variable: type at" },
        { offsetof(struct magic_var_rec, attrs), "variable: attributes at" },
    };
    uint64_t rec = image_var(&im, "x", NULL, put_int(), 0, image_bss(&im), 4);
    size_t i;

    (void) state;
    for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        magic_ref_t *ref = image_at(&im, rec + fields[i].offset), old = *ref;

        *ref = 0x70000000;
        ASSERT_FORMAT(fields[i].what);
        *ref = old;
    }
}

static void writable_variables_do_not_overlap(void **state)
{
    (void) state;
    image_var(&im, "x", NULL, 0, 0, image_bss(&im), 16);
    image_var(&im, "y", NULL, 0, 0, image_bss(&im) + 8, 4);
    ASSERT_FORMAT("variables x and y overlap");
}

static void functions_lie_inside_the_image(void **state)
{
    uint64_t rec = image_func(&im, "f", 0, 0, IMAGE_TEXT * UNIT);
    struct magic_func_rec *func = image_at(&im, rec);

    (void) state;
    func->addr = 0x70000000;
    ASSERT_FORMAT("function f (src/unit.c:20): outside the image");
    func->addr = 0;
    ASSERT_FORMAT("outside the image");
    image_ref(&im, rec + offsetof(struct magic_func_rec, addr), IMAGE_TEXT * UNIT);
    image_ref(&im, rec + offsetof(struct magic_func_rec, type), put_int());
    ASSERT_FORMAT("no function type");
    func->attrs = 0x70000000;
    ASSERT_FORMAT("function: attributes at");
    func->type = 4;
    ASSERT_FORMAT("function: type");
    func->file = 0x70000000;
    ASSERT_FORMAT("function: file");
    func->name = 0x70000000;
    ASSERT_FORMAT("function: name");
}

static void sites_are_checked(void **state)
{
    uint64_t rec = image_site(&im, "f", "r", put_int(), 4, MAGIC_SITE_SINGLE);
    struct magic_site_rec *site = image_at(&im, rec);

    (void) state;
    site->elem_size = 8;
    ASSERT_FORMAT("site src/unit.c:30 (f): size");
    site->elem_size = 0;
    assert_int_equal(read_code(&(struct magic_error) { 0 }), 0);
    site->type = 4;
    ASSERT_FORMAT("site: type");
    site->file = 0x70000000;
    ASSERT_FORMAT("site: file");
    site->reason = 0x70000000;
    ASSERT_FORMAT("site: reason");
    site->callee = 0x70000000;
    ASSERT_FORMAT("site: callee");
    site->receiver = 0x70000000;
    ASSERT_FORMAT("site: receiver");
    site->function = 0x70000000;
    ASSERT_FORMAT("site: function");
}

/* Records with keys of 6,000 characters, in the sections that have room for them. */
static void put_long_keys(uint64_t longest, unsigned n_vars, unsigned n_funcs)
{
    for (unsigned i = 0; i < n_vars; i++) {
        uint64_t rec = image_var(&im, NULL, NULL, 0, MAGIC_VAR_STATIC, image_bss(&im) + i, 1);

        image_ref(&im, rec + offsetof(struct magic_var_rec, name), longest);
        image_ref(&im, rec + offsetof(struct magic_var_rec, scope), longest);
    }
    for (unsigned i = 0; i < n_funcs; i++) {
        uint64_t rec = image_func(&im, NULL, 0, MAGIC_FUNC_STATIC, IMAGE_TEXT * im.unit);

        image_ref(&im, rec + offsetof(struct magic_func_rec, name), longest);
    }
}

static void keys_cannot_exhaust_memory(void **state)
{
    char name[2000];
    uint64_t longest;

    (void) state;
    image_deinit(&im);
    image_init(&im, 64 * UNIT);
    memset(name, 'x', sizeof(name) - 1);
    name[sizeof(name) - 1] = 0;
    longest = im.string_file = image_string(&im, name);
    put_long_keys(longest, 5000, 1500);
    assert_int_equal(read_code(&(struct magic_error) { 0 }), 0);
    put_long_keys(longest, 0, 1500);
    ASSERT_FORMAT("repeat too long text");
}

/* Found by fuzzing: no bytes are asked for where the file has none. */
static void an_empty_section_may_lie_in_zero_fill(void **state)
{
    Elf64_Phdr *ph = (Elf64_Phdr *) (im.bytes + sizeof(Elf64_Ehdr)) + 1;

    (void) state;
    ph->p_filesz = 0;
    assert_int_equal(read_code(&(struct magic_error) { 0 }), 0);
}

/* A chain of look-alikes that one difference at its end tells apart, link by link: the worst case
 * of merging. It must end soon, whatever it merges. */
static void merging_is_bounded(void **state)
{
    uint64_t left, right;
    int i;

    (void) state;
    image_deinit(&im);
    image_init(&im, 1 << 20);
    left = image_type(&im, MAGIC_KIND_INTEGER, "int", 4, 0, 0);
    right = image_type(&im, MAGIC_KIND_INTEGER, "int", 8, 0, 0);
    for (i = 0; i < 8000; i++) {
        left = image_type(&im, MAGIC_KIND_POINTER, NULL, 8, left, 0);
        right = image_type(&im, MAGIC_KIND_POINTER, NULL, 8, right, 0);
    }
    assert_int_equal(read_code(&(struct magic_error) { 0 }), 0);
}

static void every_cut_gives_a_result_or_an_error(void **state)
{
    struct magic_arena arena = { 0 };
    struct magic_view view;
    size_t size;

    (void) state;
    image_deinit(&im);
    image_init(&im, 2048);
    image_fill_sample(&im);
    for (size = 0; size < image_size(&im); size++) {
        /* A copy of just that size, so that a sanitizer sees a read past it. */
        unsigned char *cut = malloc(size ? size : 1);
        Elf64_Phdr phdrs[3];
        const struct magic_table *table;

        assert_non_null(cut);
        memcpy(cut, im.bytes, size);
        memcpy(phdrs, im.bytes + sizeof(Elf64_Ehdr), sizeof(phdrs));
        assert_int_equal(
            magic_view_init(&view, phdrs, 3, cut, size, MAGIC_VIEW_FILE, NULL), MAGIC_EFORMAT);
        /* Again with headers that agree with the cut. */
        phdrs[0].p_filesz = size < phdrs[0].p_filesz ? size : phdrs[0].p_filesz;
        phdrs[1].p_filesz = size > phdrs[1].p_offset ? size - phdrs[1].p_offset : 0;
        phdrs[1].p_offset = size < phdrs[1].p_offset ? size : phdrs[1].p_offset;
        if (magic_view_init(&view, phdrs, 3, cut, size, MAGIC_VIEW_FILE, NULL) == 0 &&
            magic_table_read(&view, &arena, &table, NULL) == 0)
            image_walk(table);
        magic_arena_deinit(&arena);
        free(cut);
    }
}

static void every_flipped_bit_gives_a_result_or_an_error(void **state)
{
    struct magic_error err;
    size_t section, i;
    unsigned bit;

    (void) state;
    image_deinit(&im);
    image_init(&im, 2048);
    image_fill_sample(&im);
    for (section = 0; section <= IMAGE_SITES; section++)
        for (i = 0; i < im.used[section]; i++)
            for (bit = 0; bit < 8; bit++) {
                unsigned char *byte = im.bytes + section * im.unit + i;

                *byte ^= 1u << bit;
                if (read_code(&err) != 0)
                    assert_true(err.text[0]);
                *byte ^= 1u << bit;
            }
    assert_int_equal(read_code(&err), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    static const struct CMUnitTest tests[] = {
        TEST(module_records_are_checked_first),
        TEST(records_of_other_sizes_are_refused),
        TEST(an_image_without_modules_has_no_table),
        TEST(module_strings_are_checked),
        TEST(sections_of_fractions_are_refused),
        TEST(type_records_have_the_size_of_their_entries),
        TEST(references_lead_to_records_and_strings),
        TEST(entries_lead_to_records_and_strings),
        TEST(strings_end_inside_their_segment),
        TEST(types_may_not_contain_themselves),
        TEST(nesting_is_bounded),
        TEST(sizes_add_up),
        TEST(members_lie_inside),
        TEST(incomplete_types_have_no_contents),
        TEST(variables_lie_inside_the_image),
        TEST(variable_references_are_checked),
        TEST(writable_variables_do_not_overlap),
        TEST(functions_lie_inside_the_image),
        TEST(sites_are_checked),
        TEST(keys_cannot_exhaust_memory),
        TEST(an_empty_section_may_lie_in_zero_fill),
        TEST(merging_is_bounded),
        TEST(every_cut_gives_a_result_or_an_error),
        TEST(every_flipped_bit_gives_a_result_or_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
