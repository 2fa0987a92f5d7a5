// SPDX-License-Identifier: BSD-2-Clause
// Memory on the stack keeps its place between calls that allocate on the heap.
#include "check.h"
#include <alloca.h>
#include <string.h>

struct row {
    int n;
    int *cells;
};

static int sum_matrix(int n, int m, int matrix[n][m])
{
    int sum = 0;

    for (int i = 0; i < n; i++)
        for (int k = 0; k < m; k++)
            sum += matrix[i][k];
    return sum;
}
static int use_stack(int n)
{
    int matrix[n][n + 1], *copy;
    char *text = alloca((size_t) n + 1);
    struct row *rows[n];

    memset(text, 'x', (size_t) n);
    text[n] = 0;
    for (int i = 0; i < n; i++) {
        rows[i] = malloc(sizeof(**rows));
        rows[i]->n = i;
        rows[i]->cells = malloc(sizeof(int[n]));
        for (int k = 0; k <= n; k++)
            matrix[i][k] = i * k;
        memcpy(rows[i]->cells, matrix[i], sizeof(int[n]));
        if (i % 2)
            text = strcpy(alloca((size_t) n + 1), text);
    }
    copy = malloc(sizeof(matrix));
    memcpy(copy, matrix, sizeof(matrix));
    CHECK(sum_matrix(n, n + 1, (int(*)[n + 1]) copy) == sum_matrix(n, n + 1, matrix));
    CHECK((int) strlen(text) == n && sizeof(matrix) == (size_t) n * ((size_t) n + 1) * sizeof(int));
    int last = rows[n - 1]->cells[n - 1];
    for (int i = 0; i < n; i++) {
        free(rows[i]->cells);
        free(rows[i]);
    }
    free(copy);
    return last + sum_matrix(n, n + 1, matrix);
}

int main(void)
{
    int sum = 0;

    for (int n = 1; n < 40; n++)
        sum += use_stack(n);
    printf("ok %d\n", sum);
}
