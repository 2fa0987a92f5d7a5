/* What a report needs is known after a transfer: the parts of a warning, the policies in force and
 * what they decided, objects rebuilt and converted in place. */
// RUN: %versions
// RUN: %update | FileCheck %s
#include "harness.h"
#include <sef/attributes.h>

struct grown {
#if V == 2
    long stamp[2];
#endif
    long value;
};

struct changed {
#if V == 1
    unsigned first, second;
#else
    int first;
    unsigned second;
#endif
};

struct pair {
    int kept;
#if V == 1
    int dropped;
#endif
};

static struct grown *grown[10];
static struct changed *changed;
static struct pair pair = {1};

static void setup(void) {
    for (int i = 0; i < 10; i++)
        grown[i] = calloc(1, sizeof(*grown[i]));
    changed = calloc(1, sizeof(*changed));
    changed->first = 7;
#if V == 1
    pair.dropped = 2;
#endif
}

static const struct st_policy *policy(const char *name) {
    const struct st_policy *p;
    size_t n = st_last_policies(&p);

    for (; n; n--, p++)
        if (strcmp(p->name, name) == 0)
            return p;
    return NULL;
}

static void check(void) {
    const struct st_stats *s = st_last_stats();
    const struct st_error *w = st_last_warning();

    // CHECK-NOT: FAILED
    CHECK(changed->first == 7 && pair.kept == 1);
    CHECK(s->objects_moved == 10 && s->bytes_moved == 10 * sizeof(struct grown));
    CHECK(s->objects_in_place == 1);
    CHECK(strstr(w->entity, "pair") && strcmp(w->member, ".dropped") == 0);
    CHECK(strstr(w->file, "findings-are-counted.c") && w->line == __LINE__ - 31);
    CHECK(strstr(w->text, w->entity) && strstr(w->text, "no longer exists"));
    CHECK(policy("removed")->count == 1 && strcmp(policy("removed")->action, "warn") == 0);
    CHECK(policy("lost")->count == 0 && strcmp(policy("lost")->action, "refuse") == 0);
    CHECK(!policy("nonsense"));
    // CHECK: counted
    printf("counted\n");
}
