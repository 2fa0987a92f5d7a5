/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Program headers and image notes that are not to be believed: each is refused with a text that tells
 * what is wrong with which of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "image_builder.h"

#define UNIT     4096
#define N_PHDRS  3
#define TOO_MANY (MAGIC_VIEW_MAX_SEGMENTS + 2)

static struct image im;
static Elf64_Phdr phdrs[TOO_MANY];
static size_t n_phdrs;
static struct magic_note *note;

static int setup(void **state)
{
    (void) state;
    image_init(&im, UNIT);
    n_phdrs = N_PHDRS;
    memcpy(phdrs, im.bytes + sizeof(Elf64_Ehdr), N_PHDRS * sizeof(phdrs[0]));
    note = image_at(&im, phdrs[2].p_vaddr + sizeof(Elf64_Nhdr) + 4);
    return 0;
}

static int teardown(void **state)
{
    (void) state;
    image_deinit(&im);
    return 0;
}

static void assert_refused(int code, const char *text)
{
    struct magic_arena arena = { 0 };
    const struct magic_table *table;
    struct magic_error err = { 0 };
    struct magic_view view;
    int got =
        magic_view_init(&view, phdrs, n_phdrs, im.bytes, image_size(&im), MAGIC_VIEW_FILE, &err);

    if (!got)
        got = magic_table_read(&view, &arena, &table, &err);
    magic_arena_deinit(&arena);
    if (got != code || strcmp(err.text, text) != 0)
        fail_msg("got %d '%s', expected %d '%s'", got, err.text, code, text);
    assert_int_equal(err.code, code);
}

static void segments_have_bounds(void **state)
{
    Elf64_Phdr good = phdrs[1];

    (void) state;
    phdrs[1].p_memsz = UINT64_MAX;
    assert_refused(MAGIC_EFORMAT, "segment at 0x7000: size out of bounds");
    phdrs[1] = good;
    phdrs[1].p_filesz = phdrs[1].p_memsz + 1;
    assert_refused(MAGIC_EFORMAT, "segment at 0x7000: size out of bounds");
    phdrs[1] = good;
    phdrs[1].p_offset++;
    assert_refused(MAGIC_EFORMAT, "segment at 0x7000: reaches past the file's end");
    phdrs[1] = good;
    phdrs[1].p_vaddr -= 8;
    assert_refused(MAGIC_EFORMAT, "segment at 0x6ff8: overlaps or precedes the one before");
}

static void segments_are_counted(void **state)
{
    (void) state;
    for (n_phdrs = 0; n_phdrs < TOO_MANY; n_phdrs++)
        phdrs[n_phdrs] = (Elf64_Phdr) { .p_type = PT_LOAD, .p_vaddr = 16 * n_phdrs, .p_memsz = 16 };
    assert_refused(MAGIC_EFORMAT, "more than 16 segments");
}

static void the_note_is_whole(void **state)
{
    (void) state;
    phdrs[0].p_filesz = phdrs[2].p_vaddr + phdrs[2].p_filesz - 1;
    assert_refused(MAGIC_EFORMAT, "image note: cut off");
    n_phdrs = 2;
    assert_refused(MAGIC_ENOTABLE, "not a service image: no SEF note; link it with sef-cc");
}

static void the_note_is_of_this_runtime(void **state)
{
    (void) state;
    note->abi_major += 7;
    assert_refused(MAGIC_EABI, "image was linked for version 10 of the runtime's interface, this is "
                               "version 3: build it with the sef-cc of this release");
    note->magic = 0x1234;
    assert_refused(MAGIC_EFORMAT, "image note: bad magic number 0x00001234");
}

static void the_note_leads_into_the_image(void **state)
{
    (void) state;
    note->main = 0x7f000000;
    assert_refused(MAGIC_EFORMAT, "image note: main lies outside the image");
    note->sites_start = -0x7f000000;
    assert_refused(MAGIC_EFORMAT, "section magic_sites: outside the image");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    static const struct CMUnitTest tests[] = {
        TEST(segments_have_bounds),
        TEST(segments_are_counted),
        TEST(the_note_is_whole),
        TEST(the_note_is_of_this_runtime),
        TEST(the_note_leads_into_the_image),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
