// SPDX-License-Identifier: BSD-2-Clause
// Addresses of functions compare equal wherever they are taken, and calls through them arrive.
#include "check.h"
#include <string.h>
#include <strings.h>

typedef int operation(int, int);
struct class
{
    const char *name;
    operation *run;
    void *(*make)(size_t);
    void (*drop)(void *);
    int (*compare)(const char *, const char *);
};

static int add(int a, int b)
{
    return a + b;
}
int subtract(int a, int b)
{
    return a - b;
}
static int never_called(int a, int b)
{
    return a ^ b;
}
__attribute__((visibility("hidden"))) int hidden(int a, int b)
{
    return a * b;
}
static const struct class classes[] = {
    { "add", add, malloc, free, strcmp },
    { "subtract", subtract, malloc, free, strcasecmp },
    { "hidden", hidden, malloc, free, strcmp },
};
static operation *chosen = subtract;
operation *const exported = &subtract;
static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct class *) a)->name, ((const struct class *) b)->name);
}
static int unequal(operation *a, operation *volatile b)
{
    return a != b;
}

int main(void)
{
    struct class *copy = malloc(sizeof(classes)), *found;
    operation **table = malloc(3 * sizeof(*table)), *volatile p = never_called;

    memcpy(copy, classes, sizeof(classes));
    qsort(copy, 3, sizeof(*copy), by_name);
    found = bsearch(&(struct class) { .name = "subtract" }, copy, 3, sizeof(*copy), by_name);
    CHECK(found && found->run == subtract && found->run == chosen && exported == chosen);
    CHECK(!unequal(add, classes[0].run) && unequal(add, p) && p != hidden);
    CHECK(classes[0].make == malloc && classes[1].drop == free && classes[0].compare == strcmp);
    for (int i = 0; i < 3; i++) {
        int *result = copy[i].make(sizeof(*result));

        table[i] = copy[i].run;
        *result = table[i](12, 4);
        printf("%s %d %d\n", copy[i].name, *result, copy[i].compare("A", "a") == 0);
        copy[i].drop(result);
    }
    free(table);
    free(copy);
    printf("ok %d\n", p(5, 3));
}
