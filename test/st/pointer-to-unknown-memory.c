/* A declared pointer to a changed structure in memory of unknown type refuses the update: the message names
 * the pointer, the structure, and the allocations that it may be from. */
// RUN: %cc -DV=1 %s -o %t.1 && %cc -DV=2 %s -o %t.2
// RUN: %refused | FileCheck %s --check-prefix=NONE
// RUN: %cc -DV=1 -DSITES=1 %s -o %t.1 && %refused | FileCheck %s --check-prefix=ONE
// RUN: %cc -DV=1 -DSITES=4 %s -o %t.1 && %refused | FileCheck %s --check-prefix=FOUR
#include "harness.h"

struct node {
#if V == 2
    long added;
#endif
    struct node *next;
};
static struct node *head;
void *blobs[4];

static void setup(void) {
#ifndef SITES
    head = (struct node *)((char *)sbrk(4096) + 64);
#else
    blobs[0] = malloc(4096);
#if SITES == 4
    blobs[1] = malloc(4096);
    blobs[2] = malloc(4096);
    blobs[3] = malloc(4096);
#endif
    head = (struct node *)((char *)blobs[0] + 64);
    head->next = NULL;
#endif
}

static void check(void) {
    // NONE: refused: {{.*}}:head ({{.*}}memory.c:15): points to memory of unknown type at 0x{{[0-9a-f]+}},
    // NONE-SAME: and struct node changed; name its allocator to sef-cc with --sef-alloc (policy
    // NONE-SAME: unknown=warn allows it)
    // ONE: refused: {{.*}}:head ({{.*}}): points to memory of unknown type at {{.*}}, and struct node
    // ONE-SAME: changed; name its allocator to sef-cc with --sef-alloc; without a type allocates setup()
    // ONE-SAME: ({{[^ ]*}}memory.c:22) (policy unknown=warn allows it)
    // FOUR: --sef-alloc; without a type allocates setup() ({{[^ ]*}}memory.c:22), setup()
    // FOUR-SAME: ({{[^ ]*}}memory.c:24), ... (policy unknown=warn allows it)
    CHECK(!"nothing was refused");
}
