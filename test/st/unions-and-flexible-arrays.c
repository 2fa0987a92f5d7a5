/* What is not converted yet is copied while it does not change. */
// RUN: %versions
// RUN: %update | FileCheck %s
#include "harness.h"

static int target;
union value {
    long number;
    int *pointer;
};
struct tagged {
    int tag;
    union value value;
};
struct text {
    int length;
    char bytes[];
};
static struct tagged tagged[2];
static struct text *text;

static void setup(void) {
    tagged[0] = (struct tagged){1, {.number = 42}};
    tagged[1] = (struct tagged){2, {.pointer = &target}};
    text = malloc(sizeof(*text) + 6);
    text->length = 5;
    strcpy(text->bytes, "hello");
}

static void check(void) {
    // CHECK-COUNT-3: ok:
    CHECK(tagged[0].value.number == 42);
    CHECK(tagged[1].value.pointer == &target);
    CHECK(strcmp(text->bytes, "hello") == 0);
}
