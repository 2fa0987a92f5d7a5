// A call through a pointer to an old function that nobody forwarded reaches the successor, over
// several generations, and is counted; libraries that call back into an old image go on.
// RUN: %image -DGEN=0 %s -o %t.0
// RUN: %image -DGEN=1 %s -o %t.1
// RUN: %image -DGEN=2 %s -o %t.2
// RUN: %t.0 %t.1 %t.2 | FileCheck %s
#include "image-test.h"

static double function(int a, double b) { return a + b + 100 * GEN; }
static int descending(const void *a, const void *b) { return *(const int *)b - *(const int *)a; }

int main(int argc, char **argv)
{
    struct state *s = state();
    int numbers[] = { 3, 9, 4, 1 };

    entity(0, function);
    entity(1, descending);
    if (GEN == 0) {
        s->pointer[0] = function;
        s->pointer[1] = descending;
    }
    if (GEN == 1)
        s->pointer[2] = function;
    if (GEN > 0 && !take_over())
        return 1;
    if (argc > GEN + 1)
        go(argv[GEN + 1]);
    printf("%g\n", ((double (*)(int, double))s->pointer[0])(1, 2.5));
    printf("%g\n", ((double (*)(int, double))s->pointer[2])(2, 2.5));
    qsort(numbers, 4, sizeof(int), (int (*)(const void *, const void *))s->pointer[1]);
    printf("%d %d %d %d\n", numbers[0], numbers[1], numbers[2], numbers[3]);
    printf("redirected %d\n", _magic_vars.redirects >= 3);
    return 0;
}
// CHECK:      203.5
// CHECK-NEXT: 204.5
// CHECK-NEXT: 9 4 3 1
// CHECK-NEXT: redirected 1
