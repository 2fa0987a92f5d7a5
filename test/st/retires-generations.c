/* Generations that nothing refers to are unloaded, so that many updates leave no more behind than
 * a few; one whose string literal is in use stays, and a stale call into an unloaded one is
 * redirected. */
// RUN: %versions
// RUN: cp %t.1 %t.03 && cp %t.1 %t.05 && cp %t.1 %t.07 && cp %t.1 %t.09 && cp %t.1 %t.11
// RUN: cp %t.2 %t.02 && cp %t.2 %t.04 && cp %t.2 %t.06 && cp %t.2 %t.08 && cp %t.2 %t.10 && cp %t.2 %t.12
// RUN: env ST_NEXT=%t.02:%t.03:%t.04:%t.05:%t.06:%t.07:%t.08:%t.09:%t.10:%t.11:%t.12 %t.1 | FileCheck %s
#include <stdint.h>
#include "harness.h"

static int updates;
static const char *literal;
static uintptr_t encoded;

static int version(void) {
    return V;
}

/* The images that are mapped: by the number at the end of their names. */
static int loaded(void) {
    char line[4352], last[4352] = "";
    FILE *maps = fopen("/proc/self/maps", "r");
    int n = 0;

    while (fgets(line, sizeof(line), maps)) {
        char *path = strchr(line, '/');

        if (path && strstr(path, "retires-generations") && strcmp(path, last) != 0) {
            strcpy(last, path);
            n++;
        }
    }
    fclose(maps);
    return n;
}

static void setup(void) {
}

static void check(void) {
    updates++;
    if (updates == 3) {
        literal = "kept since update 3";
        encoded = ~(uintptr_t)version; /* no scan can see it */
    }
    if (updates == 11) {
        // CHECK: kept since update 3
        printf("%s\n", literal);
        // CHECK: stale call gives 2
        printf("stale call gives %d\n", ((int (*)(void))~encoded)());
        // CHECK: 4 images
        printf("%d images\n", loaded());
    }
}
