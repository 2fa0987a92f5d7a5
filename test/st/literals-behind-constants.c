/* A string literal that begins where a constant ends is not taken for that end; the end of a constant array
 * is one for pointers to its elements. */
// RUN: %versions
// RUN: %update | FileCheck %s
#include "harness.h"

/* In one section, in this order, as the compiler may place them. */
#define PLACED __attribute__((section(".rodata.placed")))
#define STRING(x) #x
#define VERSION(x) STRING(x)
PLACED const long array[4] = {V, V, V, V};
__asm__(".pushsection .rodata.placed,1,\"a\",@progbits\n"
        ".hidden literal\nliteral: .asciz \"text of version " VERSION(V) "\"\n.popsection");
extern const char literal[] __attribute__((visibility("hidden")));
const char *text, *middle;
const long *end;

static void setup(void) {
    text = literal;
    middle = (const char *)&array[2];
    end = array + 4;
}

static void check(void) {
    // CHECK-COUNT-3: ok:
    CHECK(strcmp(text, "text of version 1") == 0);
    CHECK(end == array + 4);
    CHECK(middle == (const char *)&array[2]);
}
