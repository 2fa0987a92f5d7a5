// With a preloaded allocator the runtime writes the slots of all loaded objects again at each load;
// sealed images, whose slots are gone, are passed by.
// RUN: %image -DGEN=0 %s -o %t.0
// RUN: %image -DGEN=1 %s -o %t.1
// RUN: %image -DGEN=2 %s -o %t.2
// RUN: env LD_PRELOAD=libjemalloc.so.2 %t.0 %t.1 %t.2 | FileCheck %s
#include "image-test.h"

int main(int argc, char **argv)
{
    if (GEN > 0 && !take_over())
        return 1;
    free(malloc(100));
    if (argc > GEN + 1)
        go(argv[GEN + 1]);
    printf("generation %u\n", _magic_vars.current);
    return 0;
}
// CHECK: generation 2
