/* Pointers with marks in their lowest bits are followed, the marks stay: declared by an attribute. */
// RUN: %versions
// RUN: %update | FileCheck %s
#include "harness.h"
#include <sef/attributes.h>
#include <stdint.h>

struct node {
#if V == 2
    long added;
#endif
    long value;
    struct node *left SEF_TAGGED(3);
    uintptr_t right SEF_TAGGED(7);
};
typedef uintptr_t tagged_t SEF_TAGGED(1);
static struct node *root SEF_TAGGED(1);
static tagged_t other;
static int target;
static uintptr_t at_target SEF_TAGGED(1);

static void setup(void) {
    struct node *a = malloc(sizeof(*a)), *b = malloc(sizeof(*b));
    a->value = 1, b->value = 2;
    a->left = (struct node *)((uintptr_t)b | 3);
    a->right = (uintptr_t)b | 5;
    root = (struct node *)((uintptr_t)a | 1);
    other = (uintptr_t)b | 1;
    at_target = (uintptr_t)&target | 1;
}

static void check(void) {
    struct node *a = (struct node *)((uintptr_t)root & ~1ul), *b;
    // CHECK-COUNT-4: ok:
    CHECK(((uintptr_t)root & 1) && a->value == 1);
    b = (struct node *)((uintptr_t)a->left & ~3ul);
    CHECK(b->value == 2 && ((uintptr_t)a->left & 3) == 3);
    CHECK(a->right == ((uintptr_t)b | 5) && other == ((uintptr_t)b | 1));
    CHECK(at_target == ((uintptr_t)&target | 1));
}
