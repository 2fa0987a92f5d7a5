// SPDX-License-Identifier: BSD-2-Clause
// A program that runs into its memory limit gets NULL, frees what it has, and goes on.
#include "check.h"
#include <string.h>
#include <sys/resource.h>

struct block {
    struct block *next;
    size_t size;
    char data[];
};

static size_t in_use(void)
{
    size_t pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");

    CHECK(file && fscanf(file, "%zu", &pages) == 1);
    fclose(file);
    return pages * 4096;
}
static int fill(size_t size)
{
    struct block *list = NULL, *b;
    int n = 0;

    while ((b = malloc(sizeof(*b) + size))) {
        b->next = list;
        b->size = size;
        memset(b->data, n, size < 64 ? size : 64);
        list = b;
        n++;
    }
    for (int i = n - 1; list; i--, list = b) {
        b = list->next;
        CHECK(list->size == size && list->data[0] == (char) i);
        free(list);
    }
    return n;
}

int main(void)
{
    struct rlimit limit = { 0, RLIM_INFINITY };

    puts("start");
    limit.rlim_cur = in_use() + (64 << 20);
    CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
    CHECK(fill(1 << 20) > 20 && fill(1 << 20) > 20);
    CHECK(fill(100) > 10000 && fill(100) > 10000);
    CHECK(fill(12 << 20) >= 1 && fill(12 << 20) >= 1);
    puts("ok");
}
