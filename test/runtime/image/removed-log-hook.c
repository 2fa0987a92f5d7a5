// A log hook without successor is an error that names it.
// RUN: %image -DGEN=0 %s -o %t.0
// RUN: %image -DGEN=1 %s -o %t.1
// RUN: %status %t.0 %t.1 | FileCheck %s
#include "image-test.h"

#if GEN == 0
static void removed(const char *line) { printf("never %s\n", line); }
#endif

int main(int argc, char **argv)
{
    (void)argc;
#if GEN == 0
    magic_setcb_log(removed);
    go(argv[1]);
#endif
    (void)argv;
    take_over();
    fflush(stdout);
    return 0;
}
// CHECK:      cannot take over: -115 the log hook {{.*}}.0+0x{{[0-9a-f]+}} has no successor: keep a
// CHECK-SAME: function of this name
