// SPDX-License-Identifier: BSD-2-Clause
// Functions with variable arguments find them all, of every class, around calls that allocate.
#include "check.h"
#include <stdarg.h>
#include <string.h>

struct big {
    long v[5];
};
struct mixed {
    double d;
    int i;
};

static char *join(int n, ...)
{
    va_list args, copy;
    size_t length = 1;
    char *text;

    va_start(args, n);
    va_copy(copy, args);
    for (int i = 0; i < n; i++)
        length += strlen(va_arg(args, char *));
    text = calloc(length, 1);
    for (int i = 0; i < n; i++)
        strcat(text, va_arg(copy, char *));
    va_end(copy);
    va_end(args);
    return text;
}
static double add(const char *types, va_list args)
{
    double sum = 0;

    for (; *types; types++) {
        double *cell = malloc(sizeof(*cell));

        switch (*types) {
        case 'i':
            *cell = va_arg(args, int);
            break;
        case 'l':
            *cell = (double) va_arg(args, long);
            break;
        case 'd':
            *cell = va_arg(args, double);
            break;
        case 'L':
            *cell = (double) va_arg(args, long double);
            break;
        case 'b':
            *cell = (double) va_arg(args, struct big).v[4];
            break;
        case 'm': {
            struct mixed m = va_arg(args, struct mixed);
            *cell = m.d + m.i;
            break;
        }
        case 'p':
            *cell = *va_arg(args, int *);
            break;
        }
        sum += *cell;
        free(cell);
    }
    return sum;
}
static double total(const char *types, ...)
{
    va_list args;
    double sum;

    va_start(args, types);
    sum = add(types, args);
    va_end(args);
    return sum;
}

int main(void)
{
    char *text = join(9, "a", "bc", "", "def", "g", "hi", "j", "klm", "n");
    double sum = total("iiiiiiildddddddddLbmpi", 1, 2, 3, 4, 5, 6, 7, 8L, 1., 2., 3., 4., 5., 6.,
        7., 8., 9., 10.0L, (struct big) { { 0, 0, 0, 0, 11 } }, (struct mixed) { 1.5, 2 },
        &(int) { 13 }, 14);

    CHECK(!strcmp(text, "abcdefghijklmn"));
    CHECK(sum == 36 + 45 + 10 + 11 + 3.5 + 13 + 14);
    free(text);
    printf("ok %s %g\n", join(2, "x", "y"), sum);
}
