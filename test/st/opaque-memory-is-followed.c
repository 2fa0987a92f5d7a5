/* Pointers in memory whose type nobody knows, and in libraries' memory, are forwarded too. */
// RUN: %versions
// RUN: %update | FileCheck %s
#include <search.h>
#include <stdint.h>
#include "harness.h"

struct item {
#if V == 2
    int before;
#endif
    char name[16];
};
static int order(const void *a, const void *b) {
    return strcmp(((const struct item *)a)->name, ((const struct item *)b)->name);
}

static void *blob, *tree;
static uintptr_t as_integer;
static struct item *item, in_image;
static char line[256];
static FILE *out;

static void setup(void) {
    item = malloc(sizeof(*item));
    strcpy(item->name, "abc");
    blob = malloc(4096);
    memset(blob, 0, 4096);
    ((void **)blob)[7] = item;
    ((void **)blob)[8] = &in_image;
    as_integer = (uintptr_t)item;
    tsearch(item, &tree, order);
    out = fopen("/dev/null", "w");
    setvbuf(out, line, _IOFBF, sizeof(line)); /* libc now points into the image */
}

static void check(void) {
    struct item key = {.name = "abc"};
    void *found = tfind(&key, &tree, order);

    // CHECK-COUNT-6: ok:
    CHECK(((void **)blob)[7] == item);
    CHECK(((void **)blob)[8] == &in_image);
    CHECK(as_integer == (uintptr_t)item);
    CHECK(found && *(struct item **)found == item);
    CHECK(fprintf(out, "hello") == 5 && memcmp(line, "hello", 5) == 0);
    CHECK(strcmp(item->name, "abc") == 0);
}
