// An image run from a shell: arguments, environment, exit status, order of constructors and
// destructors, output flushed.
// RUN: %image %s -o %t
// RUN: %status env -i A=1 B=2 %t one "two words" | FileCheck %s
// RUN: %status /lib64/ld-linux-x86-64.so.2 %t one "two words" | FileCheck --check-prefix=LOADER %s
#include "image-test.h"

extern char **environ;

__attribute__((constructor(200))) static void second(void) { printf("constructor 2\n"); }
__attribute__((constructor(101))) static void first(void) { printf("constructor 1\n"); }
__attribute__((destructor)) static void last(void) { printf("destructor\n"); }
static void at_exit_1(void) { printf("exit function 1\n"); }
static void at_exit_2(void) { printf("exit function 2\n"); }

int main(int argc, char **argv, char **envp)
{
    const struct magic_generation *pub = magic__image_current()->pub;

    printf("main %d %s, %s, %s\n", argc, argv[1], argv[2], argv[argc] ? "bad" : "end");
    printf("%s %s %d\n", envp[0], getenv("B"), envp == environ);
    printf("path %s\n", strrchr(pub->path, '/'));
    printf("inside %d %d\n", (uintptr_t)main >= pub->lo && (uintptr_t)main < pub->hi,
        magic__image_of((uintptr_t)printf) == NULL);
    atexit(at_exit_1);
    atexit(at_exit_2);
    return 42;
}
// CHECK:      constructor 1
// CHECK-NEXT: constructor 2
// CHECK-NEXT: main 3 one, two words, end
// CHECK-NEXT: A=1 2 1
// CHECK-NEXT: path /runs-like-a-program.c.tmp
// CHECK-NEXT: inside 1 1
// CHECK-NEXT: exit function 2
// CHECK-NEXT: exit function 1
// CHECK-NEXT: destructor
// CHECK-NEXT: status 42
// LOADER:     main 3 one, two words, end
// LOADER:     path /runs-like-a-program.c.tmp
