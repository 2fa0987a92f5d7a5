/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Corrupting a structure that is not to be written to, one place at a time, to see whether a walker
 * notices.
 */
#ifndef CORRUPT_H
#define CORRUPT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <magic/error.h>

/** Whether the walker of the test is content; what it found otherwise. */
static bool is_valid(struct magic_error *err);

/* With `size` bytes of `value` at `at` the walker's finding has this text; without them it has none. */
static void corrupt(const void *at, const void *value, size_t size, const char *text)
{
    void *place = (void *) (uintptr_t) at;
    struct magic_error err = { 0 };
    unsigned char kept[32];

    assert_true(size <= sizeof(kept));
    memcpy(kept, at, size);
    memcpy(place, value, size);
    if (is_valid(&err) || !strstr(err.text, text))
        fail_msg("expected: %s; found: %s", text, err.text);
    assert_int_equal(err.code, MAGIC_EBADMSTATE);
    assert_false(is_valid(NULL));
    memcpy(place, kept, size);
    if (!is_valid(&err))
        fail_msg("not as it was: %s", err.text);
}

/* What the walker finds if a place has another value. */
#define CORRUPT(place, value, text) \
    corrupt(&(place), &(__typeof__(place)) { value }, sizeof(place), text)

#endif
