// SPDX-License-Identifier: BSD-2-Clause
// An interpreter that jumps through label addresses, with a heap stack and heap cells.
#include "check.h"

enum { PUSH, ADD, MUL, DUP, BOX, UNBOX, JUMP_IF, HALT };
struct cell {
    long value;
    struct cell *below;
};

static long run(const int *code)
{
    static void *const labels[] = { &&push, &&add, &&mul, &&dup, &&box, &&unbox, &&jump_if,
        &&halt };
    static const int offsets[] = { &&push - &&push, &&add - &&push, &&mul - &&push };
    struct cell *top = NULL, *c;
    long *boxed = NULL, result;

    CHECK((char *) labels[PUSH] + offsets[ADD] == (char *) labels[ADD]);
#define NEXT goto *labels[*code++]
    NEXT;
push:
    c = malloc(sizeof(*c));
    *c = (struct cell) { *code++, top };
    top = c;
    NEXT;
add:
    c = top;
    top = c->below;
    top->value += c->value;
    free(c);
    NEXT;
mul:
    c = top;
    top = c->below;
    top->value *= c->value;
    free(c);
    NEXT;
dup:
    c = malloc(sizeof(*c));
    *c = (struct cell) { top->value, top };
    top = c;
    NEXT;
box:
    boxed = realloc(boxed, sizeof(*boxed));
    *boxed = top->value;
    NEXT;
unbox:
    top->value = *boxed;
    NEXT;
jump_if:
    code = top->value < *code ? code + code[1] : code + 2;
    NEXT;
halt:
    result = top->value;
    while ((c = top)) {
        top = c->below;
        free(c);
    }
    free(boxed);
    return result;
}

int main(void)
{
    static const int code[] = { PUSH, 3, DUP, MUL, PUSH, 1, ADD, BOX, UNBOX, JUMP_IF, 100000, -8,
        HALT };
    long result = run(code);

    CHECK(result > 100000);
    printf("ok %ld\n", result);
}
