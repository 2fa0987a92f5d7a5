// A handler without successor is an error that names the signal; without a transfer, the commit
// drops it.
// RUN: %image -DGEN=0 %s -o %t.0
// RUN: %image -DGEN=1 %s -o %t.1
// RUN: %status %t.0 %t.1 | FileCheck %s
#include "image-test.h"

#include <signal.h>

#if GEN == 0
static void removed(int sig) { printf("never %d\n", sig); }
#endif

int main(int argc, char **argv)
{
    struct sigaction act;

    (void)argc;
#if GEN == 0
    signal(SIGUSR1, removed);
    go(argv[1]);
#endif
    (void)argv;
    magic_setcb_log(print_log);
    take_over();
    magic_image_commit();
    sigaction(SIGUSR1, NULL, &act);
    printf("default %d\n", act.sa_handler == SIG_DFL);
    return 0;
}
// CHECK:      cannot take over: -115 the handler of SIGUSR1, {{.*}}.0+0x{{.*}}, has no successor: keep a function of this name
// CHECK-NEXT: log: handler of signal 10 belongs to an old generation: dropped
// CHECK-NEXT: default 1
// CHECK-NEXT: status 0
