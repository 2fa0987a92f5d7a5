// Images run under gdb, which finds main, the way there, and each next generation's code when it is
// loaded, and goes on from breakpoints after updates; and under valgrind, with stale code pointers.
// (Where code shares its segment with constants, gdb cannot step over breakpoints after an update.)
// RUN: %image -DGEN=0 %s -o %t.0
// RUN: %image -DGEN=1 %s -o %t.1
// RUN: %image -DGEN=2 %s -o %t.2
// RUN: gdb -nx -batch -ex "set backtrace past-main on" -ex "break main" -ex run \
// RUN:   -ex sharedlibrary -ex bt -ex continue -ex bt -ex "handle SIGSEGV nostop noprint" \
// RUN:   %gdb-mixed -ex continue -ex bt -ex continue --args %t.0 %t.1 %t.2 2>&1 \
// RUN:   | FileCheck --check-prefix=GDB %s
// RUN: valgrind -q --error-exitcode=9 %t.0 %t.1 %t.2 | FileCheck %s
#include "image-test.h"

static int function(void)
{
    return GEN;
}

int main(int argc, char **argv)
{
    struct state *s = state();

    entity(0, function);
    if (GEN == 0)
        s->pointer[0] = function;
    else if (!take_over())
        return 1;
    if (argc > GEN + 1)
        go(argv[GEN + 1]);
    printf("generation %d\n", ((int (*)(void))s->pointer[0])());
    return 0;
}
// GDB:   Breakpoint 1{{.*}} main (argc=3
// GDB:   #0 {{.*}}main (argc=3
// GDB:   run_main
// GDB:   _magic_start
// GDB:   __libc_start_main
// GDB:   _sef_start
// GDB:   Breakpoint 1{{.*}} main (argc=3
// GDB:   #0 {{.*}}main (argc=3
// GDB:   run_main
// GDB:   _sef_start
// GDB:   Breakpoint 1{{.*}} main (argc=3
// GDB:   #0 {{.*}}main (argc=3
// GDB:   exited normally
// CHECK: generation 2
