/* A pointer to one past the end of a variable goes to the end of its successor, even where another
 * variable begins at the same address, if its type tells that it cannot point to that one. */
// RUN: %versions
// RUN: %update | FileCheck %s
#include "harness.h"
#include <stdint.h>

#if V == 1
int first[4] = {1, 2, 3, 4};
#else
int first[6] = {[4] = 5, 6};
#endif
struct {
#if V == 2
    long added;
#endif
    long *first;
    long rest;
} second = {.rest = 7};
int *first_end;
long **second_begin;

static void setup(void) {
#if V == 1
    volatile uintptr_t end = (uintptr_t) &first + sizeof(first), begin = (uintptr_t) &second;

    // CHECK: ok: end == begin
    CHECK(end == begin);
    first_end = first + sizeof(first) / sizeof(*first);
    second_begin = &second.first;
#endif
}

static void check(void) {
#if V == 2
    // CHECK: ok: first_end
    // CHECK-NEXT: ok: second_begin
    CHECK(first_end == first + 6);
    CHECK(second_begin == &second.first);
#endif
}
