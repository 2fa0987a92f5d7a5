/* Constants have the new version's value; pointers to them and to old string literals stay good. */
// RUN: %versions
// RUN: %update | FileCheck %s
#include "harness.h"

#if V == 1
static const int limit = 10;
const char *const names[] = {"one", "two"};
#else
static const int limit = 20;
const char *const names[] = {"eins", "zwei", "drei"};
#endif
static const int *to_limit;
static const char *const *to_names;
static const char *literal;
static const char *inside;

static void setup(void) {
    to_limit = &limit;
    to_names = &names[1];
    literal = V == 1 ? "old literal" : "new literal";
    inside = literal + 4;
}

static void check(void) {
    // CHECK-COUNT-4: ok:
    CHECK(to_limit == &limit && *to_limit == 20);
    CHECK(to_names == &names[1] && strcmp(*to_names, "zwei") == 0);
    CHECK(strcmp(literal, "old literal") == 0);
    CHECK(inside == literal + 4);
}
