/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Bitmaps with a summary, for the neighbours of a page among hundreds of thousands.
 */
#include "heap/heap_internal.h"

static uint64_t load(const uint64_t *p)
{
    return __atomic_load_n(p, __ATOMIC_RELAXED);
}

/* The last set bit at or below `from` of a bitmap without summary. */
static long plain_prev(const uint64_t *bits, long from)
{
    if (from < 0)
        return -1;
    long word = from / 64;
    uint64_t v = load(&bits[word]) & (~(uint64_t)0 >> (63 - from % 64));
    while (!v) {
        if (--word < 0)
            return -1;
        v = load(&bits[word]);
    }
    return word * 64 + 63 - __builtin_clzll(v);
}

/* The first set bit at or above `from` of a bitmap without summary. */
static long plain_next(const uint64_t *bits, long n_bits, long from)
{
    if (from >= n_bits)
        return -1;
    long word = from / 64;
    uint64_t v = load(&bits[word]) & (~(uint64_t)0 << from % 64);
    while (!v) {
        if (++word >= (n_bits + 63) / 64)
            return -1;
        v = load(&bits[word]);
    }
    return word * 64 + __builtin_ctzll(v);
}

long magic__bits_prev(const uint64_t *bits, const uint64_t *summary, long from)
{
    if (from < 0)
        return -1;
    long word = from / 64;
    uint64_t v = load(&bits[word]) & (~(uint64_t)0 >> (63 - from % 64));
    while (!v) {
        word = plain_prev(summary, word - 1);
        if (word < 0)
            return -1;
        v = load(&bits[word]);
    }
    return word * 64 + 63 - __builtin_clzll(v);
}

long magic__bits_next(const uint64_t *bits, const uint64_t *summary, long n_bits, long from)
{
    if (from >= n_bits)
        return -1;
    long word = from / 64;
    uint64_t v = load(&bits[word]) & (~(uint64_t)0 << from % 64);
    while (!v) {
        word = plain_next(summary, n_bits / 64, word + 1);
        if (word < 0)
            return -1;
        v = load(&bits[word]);
    }
    return word * 64 + __builtin_ctzll(v);
}

void magic__bit_set(uint64_t *bits, size_t i)
{
    uint64_t *word = &bits[i / 64], bit = (uint64_t)1 << i % 64;
    if (__libc_single_threaded)
        *word |= bit;
    else
        __atomic_fetch_or(word, bit, __ATOMIC_RELEASE);
}

void magic__bit_clear(uint64_t *bits, size_t i)
{
    uint64_t *word = &bits[i / 64], bit = (uint64_t)1 << i % 64;
    if (__libc_single_threaded)
        *word &= ~bit;
    else
        __atomic_fetch_and(word, ~bit, __ATOMIC_RELEASE);
}
