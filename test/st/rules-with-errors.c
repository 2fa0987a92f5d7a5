/* A rule that cannot be understood refuses the update: the line, why, and what was written there. */
// RUN: %versions
// RUN: env RULES="policy lost" %refused | FileCheck %s --check-prefix=P1
// RUN: env RULES="policy lost=maybe" %refused | FileCheck %s --check-prefix=P2
// RUN: env RULES="policy lsot=warn" %refused | FileCheck %s --check-prefix=P3
// RUN: env RULES="number" %refused | FileCheck %s --check-prefix=L1
// RUN: env RULES="number: noxfer" %refused | FileCheck %s --check-prefix=E1
// RUN: env RULES="class s: noxfer" %refused | FileCheck %s --check-prefix=E2
// RUN: env RULES="struct s.nothing: noxfer" %refused | FileCheck %s --check-prefix=E3
// RUN: env RULES="enum color.BLUE: renamed_from=RED" %refused | FileCheck %s --check-prefix=E4
// RUN: env RULES="var count: noxfer" %refused | FileCheck %s --check-prefix=E5
// RUN: env RULES="func run: renamed_from=x" %refused | FileCheck %s --check-prefix=E6
// RUN: env RULES="var number: renamed_from" %refused | FileCheck %s --check-prefix=A1
// RUN: env RULES="var number: noxfer=1" %refused | FileCheck %s --check-prefix=A2
// RUN: env RULES="var number: tagged=16" %refused | FileCheck %s --check-prefix=A3
// RUN: env RULES="var number: transfer" %refused | FileCheck %s --check-prefix=A4
// RUN: env RULES=zero %refused | FileCheck %s --check-prefix=ZERO
// RUN: env RULES=long %refused | FileCheck %s --check-prefix=LONG
#define PREPARE
#include "harness.h"

enum color { RED };
struct s {
    int member;
};
static struct s number;
static enum color color;
static int *a(void) {
    static int count;
    return &count;
}
static int *b(void) {
    static int count;
    return &count;
}

/* The third line: a comment and an empty one are before it. */
static void prepare(void) {
    static char text[65537];
    const char *rules = getenv("RULES");

    if (strcmp(rules, "zero") == 0) {
        st_set_rules("# x\n\n#\0", 7);
        return;
    }
    if (strcmp(rules, "long") == 0) {
        memset(text, '#', sizeof(text));
        st_set_rules(text, sizeof(text));
        return;
    }
    snprintf(text, sizeof(text), "# comment\n\n%s\n", rules);
    st_set_rules(text, strlen(text));
}

static void setup(void) {
    number.member = ++*a() + ++*b() + color;
}

static void check(void) {
    // P1: refused: line 3 of the rules: a policy is NAME=ignore, NAME=warn or NAME=refuse: 'lost'
    // P2: refused: line 3 of the rules: a policy's action is ignore, warn or refuse: 'maybe'
    // P3: refused: line 3 of the rules: there is no such policy: 'lsot'
    // L1: refused: line 3 of the rules: a rule is 'ENTITY: ATTRIBUTE' or 'policy NAME=ACTION': 'number'
    // E1: refused: line 3 of the rules: an entity is struct, union, enum, type, var or func, and a name: 'number'
    // E2: refused: line 3 of the rules: an entity is struct, union, enum, type, var or func, and a name: 'class s'
    // E3: refused: line 3 of the rules: neither version has this entity: 'struct s.nothing'
    // E4: refused: line 3 of the rules: neither version has this entity: 'enum color.BLUE'
    // E5: refused: line 3 of the rules: {{.*}}a::count{{.*}}b::count{{.*}}: 'count'
    // E6: refused: line 3 of the rules: neither version has this entity: 'func run'
    // A1: refused: line 3 of the rules: the attribute needs a value: 'renamed_from'
    // A2: refused: line 3 of the rules: the attribute has no value: 'noxfer=1'
    // A3: refused: line 3 of the rules: the mask of a tagged pointer is a number from 1 to 15: 'tagged=16'
    // A4: refused: line 3 of the rules: there is no such attribute: 'transfer'
    // ZERO: refused: line 3 of the rules: a zero byte
    // LONG: refused: the rules are longer than 65536 bytes
    CHECK(!"nothing was refused");
}
