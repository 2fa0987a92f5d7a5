// SPDX-License-Identifier: BSD-2-Clause
// Constant and static data keep their values and their identity, literals and compound ones too.
#include "check.h"
#include <stdint.h>
#include <string.h>
#include <wchar.h>

struct entry {
    const char *name;
    const struct entry *next;
    int value;
};
static const struct entry chain[3] = { { "a", &chain[1], 1 }, { "b", &chain[2], 2 },
    { "c", chain, 3 } };
static const int same_1[] = { 1, 2, 3 }, same_2[] = { 1, 2, 3 };
static const char tail[] = "merged tail", *const end = "tail";
static struct entry *global_literal = &(struct entry) { "literal", chain, 10 };
static int *const array_literal = (int[]) { 5, 6, 7 };
static const struct entry *const *const nested = &(const struct entry *) { &chain[1] };
static char big_zero[8 << 20], big_set[1 << 16] = { [0 ... 99] = 'x', [65535] = 'y' };
static const double doubles[] = { 0.0, -0.0, 1e300, 0x1p-1074 };
static uintptr_t address_of_value = (uintptr_t) &chain[2].value;
const volatile int tuned = 9;

static int *counter(int reset)
{
    static int count = 100;
    static int *where = &count;

    if (reset)
        count = 0;
    ++*where;
    return where;
}
static const char *name_of(int n)
{
    static const char *const names[] = { "zero", "one", "two" };

    switch (n) {
    case 0:
    case 1:
    case 2:
        return names[n];
    case 10:
        return "ten";
    case 11:
        return "eleven";
    case 12:
        return "twelve";
    default:
        return __func__;
    }
}

int main(void)
{
    struct entry *local = &(struct entry) { .name = "local", .value = 4 };
    int *volatile first = (int *) same_1, *volatile second = (int *) same_2;

    CHECK(first != second && !memcmp(first, second, sizeof(same_1)));
    CHECK(chain[0].next->next->next == chain && !strcmp(chain[2].name, "c"));
    CHECK(!strcmp(tail + 7, end) && *(int *) address_of_value == 3 && tuned == 9);
    global_literal->value += local->value + array_literal[2]++;
    CHECK(global_literal->value == 21 && array_literal[2] == 8 && (*nested)->value == 2);
    CHECK(*counter(0) == 101 && *counter(1) == 1 && counter(0) == counter(0) && *counter(0) == 4);
    for (size_t i = 0; i < sizeof(big_zero); i += 4096)
        CHECK(!big_zero[i]++);
    CHECK(big_set[99] == 'x' && !big_set[100] && big_set[65535] == 'y');
    CHECK(1 / doubles[1] < 0 && doubles[3] > 0 && wcslen(L"wide") == 4 && u"x"[0] == 'x');
    for (int i = 0; i < 14; i++)
        printf("%s ", name_of(i));
    puts("ok");
}
