/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the table reader stands on: errors, arenas, views of images, sorting.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <magic/arena.h>
#include <magic/error.h>
#include <magic/table.h>

#include "image_builder.h"
#include "table/sort.h"
#include "table/view.h"

#define UNIT 1024

static void every_code_has_its_text(void **state)
{
    static const int codes[] = {
#define CODE(name, code, text) MAGIC_##name,
        MAGIC_ERROR_MAP(CODE)
#undef CODE
    };
    size_t i, k;

    (void) state;
    assert_string_equal(magic_strerror(0), "success");
    assert_string_equal(magic_strerror(1), "unknown error");
    assert_string_equal(magic_strerror(-99), "unknown error");
    for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        for (k = 0; k < i; k++)
            assert_string_not_equal(magic_strerror(codes[i]), magic_strerror(codes[k]));
}

static void errors_are_filled_in_and_cut(void **state)
{
    struct magic_error err;
    char longer[1000];

    (void) state;
    memset(longer, 'x', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = 0;
    assert_int_equal(magic_error_set(NULL, MAGIC_EINVAL, "%s", longer), MAGIC_EINVAL);
    assert_int_equal(magic_error_set(&err, MAGIC_ENOENT, "%d %s", 7, longer), MAGIC_ENOENT);
    assert_int_equal(err.code, MAGIC_ENOENT);
    assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
    assert_memory_equal(err.text, "7 xxx", 5);
}

static void arena_memory_is_zeroed_and_aligned(void **state)
{
    struct magic_arena arena = { 0 };
    size_t size, i;

    (void) state;
    for (size = 1; size < 300000; size = size * 3 + 1) {
        unsigned char *p = magic_arena_alloc(&arena, size);

        assert_non_null(p);
        assert_int_equal((uintptr_t) p % 16, 0);
        for (i = 0; i < size; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0xff, size);
    }
    assert_non_null(magic_arena_alloc(&arena, 0));
    magic_arena_deinit(&arena);
    assert_non_null(magic_arena_alloc(&arena, 1));
    magic_arena_deinit(&arena);
}

static void arena_refuses_what_overflows(void **state)
{
    struct magic_arena arena = { 0 };

    (void) state;
    assert_null(magic_arena_alloc(&arena, SIZE_MAX));
    assert_null(magic_arena_alloc(&arena, SIZE_MAX - 64));
    assert_null(magic_arena_array(&arena, SIZE_MAX / 2, 4));
    assert_non_null(magic_arena_array(&arena, 10, 4));
    magic_arena_deinit(&arena);
}

static void arenas_know_their_memory(void **state)
{
    struct magic_arena one = { 0 }, two = { 0 };
    char *a = magic_arena_alloc(&one, 100), *b = magic_arena_alloc(&two, 1 << 20);

    (void) state;
    assert_true(magic_arena_owns((uintptr_t) a) && magic_arena_owns((uintptr_t) a + 99));
    assert_true(magic_arena_owns((uintptr_t) b + (1 << 20) - 1));
    assert_false(magic_arena_owns((uintptr_t) &one));
    magic_arena_deinit(&one);
    assert_false(magic_arena_owns((uintptr_t) a));
    assert_true(magic_arena_owns((uintptr_t) b));
    magic_arena_deinit(&two);
    assert_false(magic_arena_owns((uintptr_t) b));
}

static int cmp_key(const void *ctx, uint32_t a, uint32_t b)
{
    const int *keys = ctx;

    return (keys[a] > keys[b]) - (keys[a] < keys[b]);
}

static void sorting_is_stable(void **state)
{
    uint32_t ids[50], tmp[50], n, i;
    int keys[50];

    (void) state;
    for (n = 0; n <= 50; n++) {
        for (i = 0; i < n; i++) {
            keys[i] = (int) (i * 37 % 11);
            ids[i] = i;
        }
        magic__sort_ids(ids, tmp, n, cmp_key, keys);
        for (i = 1; i < n; i++)
            assert_true(keys[ids[i - 1]] < keys[ids[i]] ||
                        (keys[ids[i - 1]] == keys[ids[i]] && ids[i - 1] < ids[i]));
    }
}

/* An image's headers, to be broken. */
struct fixture {
    struct image im;
    Elf64_Phdr phdrs[20];
    struct magic_view view;
    struct magic_error err;
};

static int setup(void **state)
{
    static struct fixture fx;

    memset(&fx, 0, sizeof(fx));
    image_init(&fx.im, UNIT);
    memcpy(fx.phdrs, fx.im.bytes + sizeof(Elf64_Ehdr), 3 * sizeof(fx.phdrs[0]));
    *state = &fx;
    return 0;
}

static int teardown(void **state)
{
    image_deinit(&((struct fixture *) *state)->im);
    return 0;
}

static int init(struct fixture *fx, size_t n)
{
    return magic_view_init(
        &fx->view, fx->phdrs, n, fx->im.bytes, image_size(&fx->im), MAGIC_VIEW_FILE, &fx->err);
}

static void a_view_reads_inside_its_segments(void **state)
{
    struct fixture *fx = *state;
    uint64_t end = image_size(&fx->im);
    char buf[8];
    size_t len;

    assert_int_equal(init(fx, 3), 0);
    assert_int_equal(fx->view.lo, 0);
    assert_int_equal(fx->view.hi, end + UNIT);
    *(char *) image_at(&fx->im, end - 1) = 'e';
    assert_non_null(magic__view_bytes(&fx->view, end - 1, 1));
    assert_null(magic__view_bytes(&fx->view, end - 1, 2));
    assert_null(magic__view_bytes(&fx->view, 1, UINT64_MAX));
    assert_int_equal(magic__view_read(&fx->view, end - 1, buf, 4), 0);
    assert_memory_equal(buf, "e\0\0\0", 4);
    assert_int_equal(magic__view_read(&fx->view, end + UNIT - 4, buf, 4), 0);
    assert_int_equal(magic__view_read(&fx->view, end + UNIT - 4, buf, 5), MAGIC_EFAULT);
    assert_int_equal(magic__view_read(&fx->view, UINT64_MAX, buf, 0), 0);
    assert_null(magic__view_string(&fx->view, end - 1, &len));
    assert_string_equal(magic__view_string(&fx->view, fx->im.string_file, &len), "src/unit.c");
    assert_int_equal(len, 10);
    assert_true(magic__view_has(&fx->view, end + UNIT, 0));
    assert_false(magic__view_has(&fx->view, end + UNIT, 1));
    assert_false(magic__view_has(&fx->view, end, UINT64_MAX));
}

static void a_mapped_view_reads_by_address(void **state)
{
    struct fixture *fx = *state;

    assert_int_equal(
        magic_view_init(&fx->view, fx->phdrs, 3, fx->im.bytes, 0, MAGIC_VIEW_MAPPED, &fx->err), 0);
    assert_ptr_equal(magic__view_bytes(&fx->view, 16, 8), fx->im.bytes + 16);
}

static void unreadable_segments_are_not_read(void **state)
{
    struct fixture *fx = *state;
    uint64_t data = fx->phdrs[1].p_vaddr;
    char byte;

    fx->phdrs[1].p_flags = PF_X;
    assert_int_equal(init(fx, 3), 0);
    assert_null(magic__view_bytes(&fx->view, data, 1));
    assert_int_equal(magic__view_read(&fx->view, data, &byte, 1), MAGIC_EFAULT);
    assert_true(magic__view_has(&fx->view, data, 1));
}

static void headers_out_of_bounds_are_refused(void **state)
{
    static const struct {
        uint64_t offset, vaddr, filesz, memsz;
    } bad[] = {
        { IMAGE_SECTIONS * UNIT, 0, 1, 1 },
        { UINT64_MAX, 0, 1, 1 },
        { 0, 0, UINT64_MAX, UINT64_MAX },
        { 0, 0, 2, 1 },
        { 0, UINT64_MAX - 1, 1, 1 },
        { 0, (uint64_t) 1 << 48, 1, 1 },
    };
    struct fixture *fx = *state;
    size_t i;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        fx->phdrs[0].p_offset = bad[i].offset;
        fx->phdrs[0].p_vaddr = bad[i].vaddr;
        fx->phdrs[0].p_filesz = bad[i].filesz;
        fx->phdrs[0].p_memsz = bad[i].memsz;
        assert_int_equal(init(fx, 3), MAGIC_EFORMAT);
        assert_true(fx->err.text[0]);
    }
}

static void segments_must_not_overlap(void **state)
{
    struct fixture *fx = *state;

    fx->phdrs[1].p_vaddr -= 1;
    assert_int_equal(init(fx, 3), MAGIC_EFORMAT);
    assert_non_null(strstr(fx->err.text, "overlaps"));
}

static void too_many_segments_are_refused(void **state)
{
    struct fixture *fx = *state;
    size_t i;

    for (i = 0; i < 20; i++) {
        memset(&fx->phdrs[i], 0, sizeof(fx->phdrs[i]));
        fx->phdrs[i].p_type = PT_LOAD;
        fx->phdrs[i].p_vaddr = i;
        fx->phdrs[i].p_memsz = 1;
    }
    assert_int_equal(init(fx, 20), MAGIC_EFORMAT);
}

static void an_image_needs_its_note(void **state)
{
    struct fixture *fx = *state;
    struct magic_note *note;

    assert_int_equal(init(fx, 2), MAGIC_ENOTABLE);
    fx->phdrs[2].p_filesz -= 1;
    assert_int_equal(init(fx, 3), MAGIC_ENOTABLE);
    fx->phdrs[2].p_filesz += 1;
    assert_int_equal(init(fx, 3), 0);
    note = image_at(&fx->im, fx->view.note);
    note->abi_major++;
    assert_int_equal(init(fx, 3), MAGIC_EABI);
    note->magic++;
    assert_int_equal(init(fx, 3), MAGIC_EFORMAT);
}

static void notes_before_the_image_note_are_passed_over(void **state)
{
    struct fixture *fx = *state;
    uint64_t at = fx->phdrs[2].p_vaddr - 24;
    Elf64_Nhdr *other = image_at(&fx->im, at);

    other->n_namesz = 4;
    other->n_descsz = 5; /* and 3 of padding */
    other->n_type = MAGIC_NOTE_TYPE;
    memcpy(other + 1, "GNU", 4);
    fx->phdrs[2].p_vaddr = at;
    fx->phdrs[2].p_filesz += 24;
    assert_int_equal(init(fx, 3), 0);
    other->n_descsz = 0xfffffff0;
    assert_int_equal(init(fx, 3), MAGIC_ENOTABLE);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_has_its_text),
        cmocka_unit_test(errors_are_filled_in_and_cut),
        cmocka_unit_test(arena_memory_is_zeroed_and_aligned),
        cmocka_unit_test(arena_refuses_what_overflows),
        cmocka_unit_test(arenas_know_their_memory),
        cmocka_unit_test(sorting_is_stable),
        TEST(a_view_reads_inside_its_segments),
        TEST(a_mapped_view_reads_by_address),
        TEST(unreadable_segments_are_not_read),
        TEST(headers_out_of_bounds_are_refused),
        TEST(segments_must_not_overlap),
        TEST(too_many_segments_are_refused),
        TEST(an_image_needs_its_note),
        TEST(notes_before_the_image_note_are_passed_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
