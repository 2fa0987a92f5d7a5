// Exit functions follow their generation; those that the new main registers again are not doubled;
// order stays last first; destructors are the last generation's only.
// RUN: %image -DGEN=0 %s -o %t.0
// RUN: %image -DGEN=1 %s -o %t.1
// RUN: %image -DGEN=2 %s -o %t.2
// RUN: %status %t.0 %t.1 %t.2 | FileCheck %s
#include "image-test.h"

static int value = GEN;

__attribute__((destructor)) static void destruct(void) { printf("destructor %d\n", GEN); }
static void kept(void) { printf("kept, generation %d\n", GEN); }
static void renewed(void) { printf("renewed, generation %d\n", GEN); }
static void with_status(int status, void *arg)
{
    printf("status %d, argument of generation %d, in %d\n", status, *(int *)arg, GEN);
}
static void heap_argument(int status, void *arg)
{
    printf("status %d, %s, generation %d\n", status, (char *)arg, GEN);
}
#if GEN > 0
static void added(void) { printf("added in 1, generation %d\n", GEN); }
#endif

int main(int argc, char **argv)
{
    entity(0, kept);
    entity(1, renewed);
    entity(2, with_status);
    entity(3, heap_argument);
    entity(4, &value);
    if (GEN == 0) {
        atexit(kept);
        on_exit(with_status, &value);
        on_exit(heap_argument, strdup("heap"));
    }
    atexit(renewed);
#if GEN > 0
    entity(5, added);
    if (GEN == 1)
        atexit(added);
    if (!take_over())
        return 1;
#endif
    if (argc > GEN + 1)
        go(argv[GEN + 1]);
    return 7;
}
// CHECK:      renewed, generation 2
// CHECK-NEXT: added in 1, generation 2
// CHECK-NEXT: status 7, heap, generation 2
// CHECK-NEXT: status 7, argument of generation 2, in 2
// CHECK-NEXT: kept, generation 2
// CHECK-NEXT: destructor 2
// CHECK-NEXT: status 7
