// A new image that crashes in a constructor takes its process with it, and no other.
// RUN: %image -DGEN=0 %s -o %t.0
// RUN: %image -DGEN=1 %s -o %t.1
// RUN: %t.0 %t.1 | FileCheck %s
#include "image-test.h"

#include <sys/resource.h>

#if GEN == 1
__attribute__((constructor)) static void construct(void) { __builtin_trap(); }
#endif

int main(int argc, char **argv)
{
    const struct rlimit no_core = { 0, 0 };
    int status = 0;
    pid_t pid;

    (void)argc;
    setrlimit(RLIMIT_CORE, &no_core);
    pid = fork();
    if (pid == 0)
        go(argv[1]);
    waitpid(pid, &status, 0);
    printf("signal %d, generations %llu\n", WTERMSIG(status),
        (unsigned long long)_magic_vars.n_generations);
    return 0;
}
// CHECK: signal 4, generations 1
