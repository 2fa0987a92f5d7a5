/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Mappings of typed sites are objects; unmapping, also in part, moving and mapping over them keeps the
 * index right, and calls behave as libc's.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "sites.h"

enum { PAGE = 4096, RW = PROT_READ | PROT_WRITE, ANON = MAP_PRIVATE | MAP_ANONYMOUS };

static struct magic_site_rec pages = SITE(PAGE, MAGIC_SITE_ARRAY | MAGIC_SITE_MAPPED);
static struct magic_site_rec words = SITE(8, MAGIC_SITE_ARRAY | MAGIC_SITE_MAPPED);
static struct magic_site_rec odd = SITE(24, MAGIC_SITE_ARRAY | MAGIC_SITE_MAPPED);
static struct magic_site_rec one = SITE(2 * PAGE, MAGIC_SITE_SINGLE | MAGIC_SITE_MAPPED);
static struct magic_site_rec blocks = SITE(PAGE, MAGIC_SITE_ARRAY);

static void mapped_objects_are_recorded(void **state)
{
    (void) state;
    char *p = AT(pages, mmap(NULL, 4 * PAGE, RW, ANON, -1, 0));
    assert_true(recorded(p, 4 * PAGE, &pages));
    assert_int_equal(munmap(p, 4 * PAGE), 0);
    assert_true(unrecorded(p + PAGE));
    p = AT(odd, mmap(NULL, 240, RW, ANON, -1, 0));
    assert_true(recorded(p, 240, &odd));
    assert_int_equal(munmap(p, 240), 0);
    assert_true(unrecorded(p));
}

/* The first object of a gibibyte makes the index map a table, which lies in another one. */
static void mappings_of_the_index_are_not(void **state)
{
    struct magic__object object;
    char *const far = (char *) 0x7a1000000000;
    size_t n = 0;
    (void) state;
    char *p = AT(words, mmap(far, PAGE, RW, ANON, -1, 0));
    assert_true(recorded(p, PAGE, &words));
    for (uintptr_t at = 0; magic__heap_next(at, UINTPTR_MAX, &object); at = object.addr + 1)
        n += object.kind == magic__kind_of_site(&words);
    assert_int_equal(n, 1);
    munmap(p, PAGE);
}

static void others_are_not(void **state)
{
    int fd = memfd_create("mapping", 0);
    (void) state;
    assert_int_equal(ftruncate(fd, PAGE), 0);
    char *shared = AT(pages, mmap(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    char *file = AT(pages, mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0));
    char *block = AT(blocks, mmap(NULL, PAGE, RW, ANON, -1, 0));
    assert_true(unrecorded(shared));
    assert_true(unrecorded(file));
    assert_true(unrecorded(block));
    errno = 0;
    assert_ptr_equal(AT(pages, mmap(NULL, 0, RW, ANON, -1, 0)), MAP_FAILED);
    assert_int_equal(errno, EINVAL);
    errno = 0;
    assert_int_equal(munmap(shared + 1, PAGE), -1);
    assert_int_equal(errno, EINVAL);
    munmap(shared, PAGE);
    munmap(file, PAGE);
    munmap(block, PAGE);
    close(fd);
}

static void partial_unmapping_keeps_the_rest(void **state)
{
    (void) state;
    char *p = AT(pages, mmap(NULL, 8 * PAGE, RW, ANON, -1, 0));
    assert_int_equal(munmap(p + 4 * PAGE, PAGE), 0);
    assert_true(recorded(p, 4 * PAGE, &pages));
    assert_true(unrecorded(p + 6 * PAGE));
    assert_int_equal(munmap(p, PAGE), 0);
    assert_true(unrecorded(p + PAGE));
    munmap(p, 8 * PAGE);
    p = AT(one, mmap(NULL, 2 * PAGE, RW, ANON, -1, 0));
    assert_true(recorded(p, 2 * PAGE, &one));
    assert_int_equal(munmap(p + PAGE, PAGE), 0);
    assert_true(unrecorded(p));
    munmap(p, PAGE);
}

static void mapping_over_an_object_ends_it(void **state)
{
    (void) state;
    char *p = AT(pages, mmap(NULL, 4 * PAGE, RW, ANON, -1, 0));
    assert_ptr_equal(mmap(p + 2 * PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0), p + 2 * PAGE);
    assert_true(recorded(p, 2 * PAGE, &pages));
    assert_true(unrecorded(p + 2 * PAGE));
    munmap(p, 4 * PAGE);
}

static void remapping_moves_objects(void **state)
{
    (void) state;
    char *p = AT(pages, mmap(NULL, 2 * PAGE, RW, ANON, -1, 0));
    char *to = mmap(NULL, 8 * PAGE, PROT_NONE, ANON, -1, 0);
    p[PAGE] = 7;
    char *q = mremap(p, 2 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to);
    assert_ptr_equal(q, to);
    assert_int_equal(q[PAGE], 7);
    assert_true(unrecorded(p));
    assert_true(recorded(q, 4 * PAGE, &pages));
    q = mremap(q, 4 * PAGE, PAGE, 0);
    assert_true(recorded(q, PAGE, &pages));
    errno = 0;
    assert_ptr_equal(mremap(q, PAGE, 0, 0), MAP_FAILED);
    assert_int_equal(errno, EINVAL);
    assert_true(recorded(q, PAGE, &pages));
    q = AT(one, mremap(q, PAGE, 2 * PAGE, MREMAP_MAYMOVE));
    assert_true(recorded(q, 2 * PAGE, &one));
    munmap(q, 2 * PAGE);
    munmap(to, 8 * PAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mappings_of_the_index_are_not),
        cmocka_unit_test(mapped_objects_are_recorded),
        cmocka_unit_test(others_are_not),
        cmocka_unit_test(partial_unmapping_keeps_the_rest),
        cmocka_unit_test(mapping_over_an_object_ends_it),
        cmocka_unit_test(remapping_moves_objects),
    };
    return cmocka_run_group_tests_name("heap mappings", tests, NULL, NULL);
}
