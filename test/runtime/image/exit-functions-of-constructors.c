// What constructors register for exit goes with their image: the next one's register anew, with no
// need of a successor, and run after what the program registered, as in a new process. What a
// constructor no longer registers is not run, nor is what a commit without transfer left behind.
// RUN: %image -DGEN=0 %s -o %t.0
// RUN: %image -DGEN=1 %s -o %t.1
// RUN: %image -DGEN=2 %s -o %t.2
// RUN: %image -DGEN=3 %s -o %t.3
// RUN: %image -DGEN=4 %s -o %t.4
// RUN: %status %t.0 %t.1 %t.2 | FileCheck %s
// RUN: %status %t.0 %t.1 %t.2 %t.3 | FileCheck --check-prefix=FEWER %s
// RUN: %status %t.0 %t.1 %t.2 %t.3 %t.4 | FileCheck --check-prefix=FRESH %s
#include "image-test.h"

int __cxa_atexit(void (*fn)(void *), void *arg, void *dso);
extern void *__dso_handle;

static int value = GEN;

static void by_main(void) { printf("by main, generation %d\n", GEN); }
static void library_function(void *arg) { printf("%s\n", (char *)arg); }
static void first(void *arg) { printf("first, generation %d, argument of %d\n", GEN, *(int *)arg); }
static void both(void) { printf("both, generation %d\n", GEN); }
static void second(int status, void *arg)
{
    printf("second, generation %d, status %d%s\n", GEN, status, (char *)arg);
}

__attribute__((constructor)) static void construct(void)
{
    __cxa_atexit(first, &value, &__dso_handle);
    /* The function is a library's. */
    __cxa_atexit((void (*)(void *))fflush, stdout, &__dso_handle);
    if (GEN == 3)
        return;
    on_exit(second, "");
    atexit(both);
    if (GEN == 2)
        __cxa_atexit(library_function, "only in 2", &__dso_handle);
}

int main(int argc, char **argv)
{
    entity(0, by_main);
    entity(1, both);
    if (GEN == 0) {
        atexit(by_main);
        atexit(both);
        atexit((void (*)(void))sync);
    }
    if (GEN == 4)
        magic_image_commit();
    else if (GEN > 0 && !take_over())
        return 1;
    if (argc > GEN + 1)
        go(argv[GEN + 1]);
    return 7;
}
// CHECK-NOT:  {{.}}
// CHECK:      only in 2
// CHECK-NEXT: both, generation 2
// CHECK-NEXT: by main, generation 2
// CHECK-NEXT: both, generation 2
// CHECK-NEXT: second, generation 2, status 7
// CHECK-NEXT: first, generation 2, argument of 2
// CHECK-NEXT: status 7

// FEWER-NOT:  {{.}}
// FEWER:      both, generation 3
// FEWER-NEXT: by main, generation 3
// FEWER-NEXT: first, generation 3, argument of 3
// FEWER-NEXT: status 7

// FRESH-NOT:  {{.}}
// FRESH:      both, generation 4
// FRESH-NEXT: second, generation 4, status 7
// FRESH-NEXT: first, generation 4, argument of 4
// FRESH-NEXT: status 7
