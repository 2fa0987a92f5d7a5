// SPDX-License-Identifier: BSD-2-Clause
// Assembly inside functions and beside them refers to symbols of the program and finds them.
#include "check.h"
#include <string.h>

#if !defined(__x86_64__)
int main(void)
{
    puts("ok");
}
#else
__asm__(".pushsection .text\n"
        ".globl asm_twice\n"
        ".type asm_twice, @function\n"
        "asm_twice: leaq (%rdi,%rdi), %rax\n"
        "ret\n"
        ".size asm_twice, . - asm_twice\n"
        ".popsection\n"
        ".pushsection .data\n"
        ".globl asm_counter\n"
        ".type asm_counter, @object\n"
        ".size asm_counter, 4\n"
        "asm_counter: .long 40\n"
        ".popsection\n");
extern long asm_twice(long);
extern int asm_counter;
static int private_one __attribute__((used)) = 11;

static long through_goto(long n)
{
    __asm__ goto("testq %0, %0\n\tjz %l1" : : "r"(n) : "cc" : zero);
    return n;
zero:
    return -1;
}
static int load_private(void)
{
    int value;

    __asm__("movl private_one(%%rip), %0" : "=r"(value) : : "memory");
    return value;
}
static long swap(long *cell, long value)
{
    __asm__ volatile("xchgq %0, %1" : "+r"(value), "+m"(*cell) : : "memory");
    return value;
}
static void fill(void *p, int byte, size_t n)
{
    __asm__ volatile("rep stosb" : "+D"(p), "+c"(n) : "a"(byte) : "memory");
}

int main(void)
{
    long *cell = malloc(sizeof(*cell));
    char *text = malloc(100);

    *cell = 5;
    CHECK(swap(cell, 6) == 5 && *cell == 6);
    fill(text, 'a', 99);
    text[99] = 0;
    CHECK(strlen(text) == 99 && text[98] == 'a');
    CHECK(asm_twice(21) == 42 && ++asm_counter == 41);
    CHECK(through_goto(0) == -1 && through_goto(3) == 3);
    private_one++;
    CHECK(load_private() == 12);
    register long pinned __asm__("rbx") = 77;
    __asm__ volatile("addq $1, %0" : "+r"(pinned));
    CHECK(pinned == 78);
    free(cell);
    free(text);
    puts("ok");
}
#endif
