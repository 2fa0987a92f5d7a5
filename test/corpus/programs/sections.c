// SPDX-License-Identifier: BSD-2-Clause
// A program's own sections hold its own objects, one after the other, between their boundaries.
#include "check.h"
#include <stdint.h>
#include <string.h>

struct command {
    const char *name;
    int (*run)(int);
};
#define COMMAND(n, expression)                                                       \
    static int run_##n(int x)                                                        \
    {                                                                                \
        return expression;                                                           \
    }                                                                                \
    static const struct command *const command_##n                                   \
        __attribute__((section("commands"), used, retain)) = &(const struct command) \
    {                                                                                \
        #n, run_##n                                                                  \
    }

COMMAND(one, x + 1);
COMMAND(two, x * 2);
COMMAND(three, x - 3);
extern const struct command *const __start_commands[], *const __stop_commands[];

static int numbers[] __attribute__((section("counts"), used)) = { 1, 2, 3 };
static int more[] __attribute__((section("counts"), used)) = { 4, 5 };
extern int __start_counts[], __stop_counts[];
__attribute__((section(".data.special"))) static char special[] = "special";
__attribute__((section(".text.special"), noinline)) static int from_special(void)
{
    return 7;
}
__attribute__((section("zeroed"), aligned(64))) static char zeroes[256];

int main(void)
{
    char *seen = calloc(1, 64);
    int sum = 0, value = 10;

    CHECK(__stop_commands - __start_commands == 3);
    for (const struct command *const *c = __start_commands; c < __stop_commands; c++) {
        strcat(strcat(seen, " "), (*c)->name);
        value = (*c)->run(value);
    }
    CHECK(!strcmp(seen, " one two three") && value == 19);
    CHECK(__stop_counts - __start_counts == 5);
    for (int *n = __start_counts; n < __stop_counts; n++)
        sum += (*n)++;
    CHECK(sum == 15 && numbers[0] == 2 && more[1] == 6);
    CHECK((uintptr_t) zeroes % 64 == 0 && !zeroes[255]);
    special[0] = 'S';
    printf("ok%s %s %d\n", seen, special, from_special());
    free(seen);
}
