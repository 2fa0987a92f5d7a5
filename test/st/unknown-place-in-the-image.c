/* A declared pointer to a place of the image that its state table does not know refuses the update, and the
 * message says which. */
// RUN: %versions
// RUN: %refused | FileCheck %s
#include "harness.h"

__asm__(".pushsection .data\nhidden: .quad 0\n.popsection");
extern long hidden __attribute__((visibility("hidden")));
static long *pointer;

static void setup(void) {
    __asm__("leaq hidden(%%rip), %0" : "=r"(pointer));
}

static void check(void) {
    // CHECK: refused: {{.*}}:pointer ({{.*}}image.c:9): points to address 0x{{[0-9a-f]+}} of the old
    // CHECK-SAME: image, unknown to its table (was its file built without sef-cc?), which cannot be
    // CHECK-SAME: followed: the attribute noxfer gives the pointer up
    CHECK(!"nothing was refused");
}
