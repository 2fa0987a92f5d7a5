/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Zeroes in large blocks, without touching memory that has some already.
 *
 * A large block often lies where nothing was before, and its owner may use little of it. Pages that nobody
 * wrote to cost no memory, and reading them does not change that. Pages are the unit because they are the
 * kernel's.
 */
#include <string.h>

#include "heap/wrap.h"

enum { PAGE = 4096 };

size_t magic__sparse_from = PAGE;

/* Valgrind knows these instructions, which do nothing elsewhere, for a request of the program's. */
static uint64_t ask_valgrind(uint64_t request)
{
    uint64_t arguments[6] = { request }, answer = 0;
    __asm__ volatile("rolq $3, %%rdi; rolq $13, %%rdi; rolq $61, %%rdi; rolq $51, %%rdi\n"
                     "xchgq %%rbx, %%rbx"
        : "+d"(answer)
        : "a"(arguments)
        : "cc", "memory");
    return answer;
}

void magic__wrap_clear_prepare(void)
{
    enum { RUNNING_ON_VALGRIND = 0x1001 };
    if (ask_valgrind(RUNNING_ON_VALGRIND))
        magic__sparse_from = SIZE_MAX;
}

/* Bytes that are as those 16 before them are all zero if the first 16 are. */
static int is_clear(const char *p, size_t n)
{
    static const char none[16];
    return n >= sizeof(none) && memcmp(p, none, sizeof(none)) == 0 &&
           memcmp(p, p + sizeof(none), n - sizeof(none)) == 0;
}

void magic__wrap_clear_sparsely(void *at, size_t n)
{
    char *p = at;
    while (n > 0) {
        size_t piece = PAGE - (uintptr_t) p % PAGE;
        if (piece > n)
            piece = n;
        if (!is_clear(p, piece))
            memset(p, 0, piece);
        p += piece;
        n -= piece;
    }
}
