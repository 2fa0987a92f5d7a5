// An alternate signal stack in a variable without successor is an error that says so.
// RUN: %image -DGEN=0 %s -o %t.0
// RUN: %image -DGEN=1 %s -o %t.1
// RUN: %status %t.0 %t.1 | FileCheck %s
#include "image-test.h"

#include <signal.h>

#if GEN == 0
static char removed[65536];
#endif

int main(int argc, char **argv)
{
    (void)argc;
#if GEN == 0
    stack_t stack = {.ss_sp = removed, .ss_size = sizeof(removed)};

    sigaltstack(&stack, NULL);
    go(argv[1]);
#endif
    (void)argv;
    take_over();
    fflush(stdout);
    return 0;
}
// CHECK:      cannot take over: -115 the alternate signal stack at 0x{{[0-9a-f]+}} lies in what has no
// CHECK-SAME: successor: keep the variable, or take it from the heap
