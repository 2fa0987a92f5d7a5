// SPDX-License-Identifier: BSD-2-Clause
// Weak, common, aliased, renamed and indirect symbols resolve to what they resolve to without SEF.
// FLAGS: -fcommon
#include "check.h"
#include <string.h>

int common_one;
int common_array[100];
char *common_pointer;
__attribute__((weak)) int weak_variable = 3;
__attribute__((weak)) int weak_function(void)
{
    return 4;
}
extern int missing_variable __attribute__((weak));
extern int missing_function(void) __attribute__((weak));
int target_variable[4] = { 1, 2, 3, 4 };
extern int alias_variable[4] __attribute__((alias("target_variable")));
static int target_function(int n)
{
    return n + 1;
}
int alias_function(int) __attribute__((alias("target_function")));
int weak_alias(int) __attribute__((weak, alias("target_function")));
int renamed_variable __asm__("another.name") = 5;
int renamed_function(int) __asm__("another$function");
int renamed_function(int n)
{
    return n * renamed_variable;
}
__attribute__((visibility("protected"))) int protected_one = 6;

static int slow(int n)
{
    return n + 100;
}
static int (*resolve(void))(int)
{
    return slow;
}
int indirect(int) __attribute__((ifunc("resolve")));

struct tree;
static struct tree *tentative;
static struct tree *tentative;
struct tree {
    struct tree *left;
};
static struct tree root = { &root };
static struct tree *tentative = &root;

int main(void)
{
    int *volatile target = target_variable;

    common_pointer = strdup("common");
    common_array[99] = ++common_one;
    target_variable[2] = 30;
    CHECK(&missing_variable == NULL && !missing_function);
    CHECK(target == alias_variable && target[2] == 30);
    CHECK(alias_function(1) == 2 && weak_alias(2) == 3);
    CHECK(weak_variable == 3 && weak_function() == 4 && protected_one == 6);
    CHECK(renamed_function(4) == 20 && indirect(1) == 101);
    CHECK(tentative->left == tentative && common_array[99] == 1);
    printf("ok %s\n", common_pointer);
    free(common_pointer);
}
