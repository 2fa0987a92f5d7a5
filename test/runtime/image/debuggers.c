// Images run under gdb, which finds main, the way there, and the next generation's code when it is
// loaded, and under valgrind, also over an update with a stale code pointer.
// RUN: %image -DGEN=0 %s -o %t.0
// RUN: %image -DGEN=1 %s -o %t.1
// RUN: gdb -nx -batch -ex "set backtrace past-main on" -ex "break main" -ex run \
// RUN:   -ex sharedlibrary -ex bt -ex continue -ex bt -ex "handle SIGSEGV nostop noprint" \
// RUN:   -ex continue --args %t.0 %t.1 2>&1 | FileCheck --check-prefix=GDB %s
// RUN: valgrind -q --error-exitcode=9 %t.0 %t.1 | FileCheck %s
#include "image-test.h"

static int function(void)
{
    return GEN;
}

int main(int argc, char **argv)
{
    struct state *s = state();

    (void)argc;
    entity(0, function);
    if (GEN == 0) {
        s->pointer[0] = function;
        function();
        go(argv[1]);
    }
    if (!take_over())
        return 1;
    printf("generation %d\n", ((int (*)(void))s->pointer[0])());
    return 0;
}
// GDB:   Breakpoint 1{{.*}} main (argc=2
// GDB:   #0 {{.*}}main (argc=2
// GDB:   run_main
// GDB:   _magic_start
// GDB:   __libc_start_main
// GDB:   _sef_start
// GDB:   Breakpoint 1{{.*}} main (argc=2
// GDB:   #0 {{.*}}main (argc=2
// GDB:   run_main
// GDB:   _sef_start
// GDB:   exited normally
// CHECK: generation 1
