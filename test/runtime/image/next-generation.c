// The next image runs its constructors, then its main on the base of the main stack, with the
// arguments and the getopt state of a new process; its destructors are the only ones to run.
// RUN: %image -DGEN=0 %s -o %t.0
// RUN: %image -DGEN=1 %s -o %t.1
// RUN: %image -DGEN=2 %s -o %t.2
// RUN: %t.0 x -v %t.1 %t.2 | FileCheck %s
#include "image-test.h"

static uintptr_t bottom;

__attribute__((constructor)) static void construct(void) { printf("constructor %d\n", GEN); }
__attribute__((destructor)) static void destruct(void) { printf("destructor %d\n", GEN); }

int main(int argc, char **argv)
{
    char *next;
    int verbose = 0, c;

    printf("main %d: argument %s, stack %d\n", GEN, argv[1],
        (uintptr_t)&argv < magic__image_stack_base());
    while ((c = getopt(argc, argv, "v")) != -1)
        verbose += c == 'v';
    printf("options %d, first argument %s, pending %d\n", verbose, argv[optind],
        magic__image_pending() != NULL);
    next = GEN < 2 ? strdup(argv[optind + 1 + GEN]) : NULL;
    memset(argv[0], 'x', strlen(argv[0]));
    bottom = (uintptr_t)__builtin_frame_address(0);
    printf("frame %lu\n", (unsigned long)(magic__image_stack_base() - bottom) / 4096);
    magic_image_commit();
    if (next)
        go(next);
    printf("generations %llu, current %u\n", (unsigned long long)_magic_vars.n_generations,
        _magic_vars.current);
    return 0;
}
// CHECK:      constructor 0
// CHECK-NEXT: main 0: argument x, stack 1
// CHECK-NEXT: options 1, first argument x, pending 0
// CHECK-NEXT: frame 0
// CHECK-NEXT: constructor 1
// CHECK-NEXT: main 1: argument x, stack 1
// CHECK-NEXT: options 1, first argument x, pending 1
// CHECK-NEXT: frame 0
// CHECK-NEXT: constructor 2
// CHECK-NEXT: main 2: argument x, stack 1
// CHECK-NEXT: options 1, first argument x, pending 1
// CHECK-NEXT: frame 0
// CHECK-NEXT: generations 3, current 2
// CHECK-NEXT: destructor 2
// CHECK-NOT:  destructor
