// Fifty updates in a row: the stack stays where it is, an old generation costs little memory.
// RUN: %image -DGEN=1 %s -o %t
// RUN: bash -c 'for i in {1..50}; do cp "$0" "$0.$i"; done' %t
// RUN: %t %t | FileCheck %s
// RUN: bash -c 'rm "$0".?  "$0".??' %t
#include "image-test.h"

static char large[4 << 20] = { 1 };

__attribute__((destructor)) static void destruct(void)
{
    printf("destructor of generation %u\n", _magic_vars.current);
}
static long number(void) { return _magic_vars.current; }

static long resident(void)
{
    long pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");

    if (!f || fscanf(f, "%*d %ld", &pages) != 1)
        pages = -1;
    if (f)
        fclose(f);
    return pages / 256;
}

int main(int argc, char **argv)
{
    struct state *s = state();
    char path[4096];

    (void)argc;
    entity(0, number);
    if (!magic__image_pending()) {
        s->pointer[0] = number;
        s->pointer[1] = &argv;
    } else if (!take_over()) {
        return 1;
    }
    memset(large, 1, sizeof(large));
    if (_magic_vars.current < 50) {
        snprintf(path, sizeof(path), "%s.%u", argv[1], _magic_vars.current + 1);
        go(path);
    }
    printf("generation %ld, stack %d, resident %d\n", ((long (*)(void))s->pointer[0])(),
        s->pointer[1] == &argv, resident() < 40);
    return 0;
}
// CHECK:      generation 50, stack 1, resident 1
// CHECK-NEXT: destructor of generation 50
// CHECK-NOT:  {{.}}
