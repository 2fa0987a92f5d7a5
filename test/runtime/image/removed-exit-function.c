// An exit function without successor, or with an argument that has none, is an error that says so.
// RUN: %image -DGEN=0 %s -o %t.0
// RUN: %image -DGEN=1 %s -o %t.1
// RUN: %status %t.0 %t.1 | FileCheck %s
// RUN: %status %t.0 %t.1 argument | FileCheck --check-prefix=ARGUMENT %s
#include "image-test.h"

static int value;

static void removed(void) { printf("never %d\n", GEN); }
static void with_argument(int status, void *arg) { printf("never %d %p\n", status, arg); }

int main(int argc, char **argv)
{
    entity(0, with_argument);
    if (GEN == 0) {
        if (argc > 2)
            on_exit(with_argument, &value);
        else
            atexit(removed);
        go(argv[1]);
    }
    if (!take_over()) {
        fflush(stdout);
        return 3;
    }
    return 0;
}
// CHECK:         cannot take over: -115 exit function {{.*}}.0+0x{{[0-9a-f]+}} has no successor: keep a function of this name
// CHECK-NEXT:    status 3
// ARGUMENT:      cannot take over: -115 argument 0x{{.*}} of exit function {{.*}} has no successor
// ARGUMENT-NEXT: status 3
