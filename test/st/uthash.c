/* Tables of uthash.h keep in a number where in their elements the handle lies: it follows the handle. What the handle
 * of an element names that was taken out of its table is left alone. */
// RUN: %versions
// RUN: %update | FileCheck %s
#include "harness.h"

#include <stddef.h>
#include <stdint.h>

/* As in uthash.h, as far as it matters. */
typedef struct UT_hash_handle {
    struct UT_hash_table *tbl;
    void *prev, *next;
    struct UT_hash_handle *hh_prev, *hh_next;
} UT_hash_handle;
typedef struct UT_hash_table {
    UT_hash_handle *tail;
    ptrdiff_t hho;
    uint32_t signature;
} UT_hash_table;

struct element {
    int id;
#if V == 2
    long added[3];
#endif
    UT_hash_handle by_id;
#if V == 2
    long more;
#endif
    UT_hash_handle by_name;
    UT_hash_handle by_chance;
};
static struct element *elements;
static UT_hash_table *ids, *names, *other;

static UT_hash_table *make_table(ptrdiff_t hho, uint32_t signature) {
    UT_hash_table *table = malloc(sizeof(UT_hash_table));

    *table = (UT_hash_table){NULL, hho, signature};
    return table;
}

static void setup(void) {
    ids = make_table(offsetof(struct element, by_id), 0xa0111fe1);
    names = make_table(offsetof(struct element, by_name), 0xa0111fe1);
    other = make_table(offsetof(struct element, by_chance), 0);
    for (int i = 0; i < 3; i++) {
        struct element *e = malloc(sizeof(struct element));

        *e = (struct element){
            .id = i, .by_id.tbl = ids, .by_id.next = elements, .by_name.tbl = names, .by_chance.tbl = other};
        elements = e;
    }
}

static void check(void) {
    // CHECK-COUNT-4: ok:
    CHECK(ids->hho == offsetof(struct element, by_id));
    CHECK(names->hho == offsetof(struct element, by_name));
    CHECK(other->hho == 8 + 2 * 40);
    CHECK(((struct element *)elements->by_id.next)->id == 1);
}
