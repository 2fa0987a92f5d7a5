// A child that ends before the commit leaves no trace: no exit function, no destructor, no flushed
// output of the old or the new generation; the parent goes on with all of its own.
// RUN: %image -DGEN=0 %s -o %t.0
// RUN: %image -DGEN=1 %s -o %t.1
// RUN: %image -DGEN=2 %s -o %t.2
// RUN: %status %t.0 %t.1 %t.2 | FileCheck %s
#include "image-test.h"

#include <err.h>

__attribute__((destructor)) static void destruct(void) { printf("destructor %d\n", GEN); }
static void at_exit(void)
{
    /* Not buffered: a function of a child that is not committed must not even be called. */
    if (GEN > 0)
        dprintf(1, "exit function %d of a child\n", GEN);
    printf("exit function %d\n", GEN);
}
#if GEN == 2
__attribute__((constructor)) static void construct(void)
{
    atexit(at_exit);
    exit(5);
}
#endif

static void in_child(const char *path)
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        go(path);
        _exit(99);
    }
    waitpid(pid, &status, 0);
    printf("child: %d\n", WEXITSTATUS(status));
}

int main(int argc, char **argv)
{
    (void)argc;
    atexit(at_exit);
    if (GEN > 0)
        errx(4, "initialisation fails");
    printf("not flushed yet\n");
    in_child(argv[1]);
    in_child(argv[2]);
    return 6;
}
// CHECK-NOT:  of a child
// CHECK:      not flushed yet
// CHECK-NOT:  not flushed yet
// CHECK:      child: 4
// CHECK-NEXT: child: 5
// CHECK-NEXT: exit function 0
// CHECK-NEXT: destructor 0
// CHECK-NEXT: status 6
