/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The scan's inner loops find every word that leads away and no other, wherever it lies in a block,
 * by ranges and by marks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "st/transfer.h"
#include "st/words.h"

enum { WORDS = 300 };

#define LO ((uintptr_t) 0x7f0000000000)

typedef size_t find_t(
    const struct st__finder *f, const uintptr_t **p, const uintptr_t *end, const uintptr_t **hits);

static uintptr_t words[WORDS];

/* What of the first `n` words leads away is found in order. */
static void check(find_t *find, const struct st__finder *f, size_t n)
{
    const uintptr_t *p = words, *hits[ST__HITS];
    size_t at = 0, found;

    while ((found = find(f, &p, words + n, hits)) > 0 || p < words + n)
        for (size_t i = 0; i < found; i++, at++) {
            while (at < n && words[at] == 1)
                at++;
            assert_ptr_equal(hits[i], &words[at]);
        }
    while (at < n && words[at] == 1)
        at++;
    assert_int_equal(at, n);
}

static void fill(size_t first, size_t every)
{
    for (size_t i = 0; i < WORDS; i++)
        words[i] = i >= first && (i - first) % every == 0 ? LO + 16 * (i % 4) : 1;
}

static void check_all(const struct st__finder *f)
{
    static find_t *const finds[] = { st__find_words, st__find_words_plain };

    for (size_t i = 0; i < 2; i++)
        for (size_t every = 1; every < 80; every += 7)
            for (size_t n = 0; n <= WORDS; n += 1 + n % 5) {
                fill(n / 3, every);
                check(finds[i], f, n);
            }
}

static void test_words_in_ranges(void **state)
{
    struct st__finder f = { 0 };

    (void) state;
    for (unsigned i = 0; i < ST__RANGES; i++)
        f.ranges[i] = (struct magic__range) { LO + 16 * i, LO + 16 * i + 1 };
    check_all(&f);
}

static void test_words_that_are_marked(void **state)
{
    struct st__transfer t = { 0 };
    struct st__finder f = { 0 };

    (void) state;
    assert_int_equal(st__mark(&t, &t.marks, LO, LO + 64), 0);
    f.marks = t.marks;
    check_all(&f);
    magic_arena_deinit(&t.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_in_ranges),
        cmocka_unit_test(test_words_that_are_marked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
