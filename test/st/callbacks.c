/* Callbacks for a type, a variable and a member see old and new value; hooks run around the transfer;
 * what they write is forwarded like everything else. */
// RUN: %versions
// RUN: %update | FileCheck %s
#if V == 2
#define PREPARE
#endif
#include "harness.h"
#include <st/callback.h>

#if V == 1
typedef struct { int seconds; } time_t_;
struct item { int celsius; struct item *next; };
#else
typedef struct { long milliseconds; } time_t_;
struct item { char pad; int kelvin; struct item *next; };
#endif
static time_t_ times[2];
static struct item *list;
static int checksum = 7;
static struct item *last;
#if V == 1
static void *only_old;
#endif

static void setup(void) {
#if V == 1
    times[1].seconds = 3;
    list = malloc(sizeof(*list));
    list->celsius = 20;
    list->next = last = list;
    checksum = 20;
    only_old = list;
#endif
}

#if V == 2
static int convert_time(const struct st_element *e, void *ctx) {
    ((time_t_ *)e->new_value)->milliseconds = *(const int *)e->old_value * 1000L;
    ++*(int *)ctx;
    return 0;
}

static int convert_item(const struct st_element *e, void *ctx) {
    int err = st_element_convert(e);
    struct item *n = e->new_value;
    n->kelvin = *(const int *)e->old_value + 273;
    return err;
}

static int convert_checksum(const struct st_element *e, void *ctx) {
    printf("%s: %d became %d\n", e->variable, *(const int *)e->old_value, *(int *)e->new_value);
    *(int *)e->new_value = *(const int *)e->old_value + 273;
    return 0;
}

static int same(const struct st_element *e, void *ctx) {
    return ST_CB_NOT_PROCESSED;
}

static int before(void *ctx) {
    printf("before: %d times\n", *(int *)ctx);
    return 0;
}

static int after(void *ctx) {
    const struct magic_type *type;
    struct item *const *p = st_old_variable("only_old", &type);
    printf("after: %d times, old type %d, %s\n", *(int *)ctx, type->kind, *p ? "readable" : "?");
    return 0;
}

static void prepare(void) {
    static int times_called;
    if (st_setcb_selement_transfer(convert_time, ST_CB_TYPE_TYPENAME, "time_t_", &times_called) ||
        st_setcb_selement_transfer(convert_item, ST_CB_TYPE_TYPENAME, "item", NULL) ||
        st_setcb_selement_transfer(convert_checksum, ST_CB_TYPE_SENTRY, "checksum", NULL) ||
        st_setcb_selement_transfer(same, ST_CB_TYPE_SELEMENT, "item.next", NULL))
        abort();
    if (st_setcb_selement_transfer(same, 3, "x", NULL) != MAGIC_EINVAL ||
        st_setcb_selement_transfer(NULL, ST_CB_TYPE_SENTRY, "x", NULL) != MAGIC_EINVAL)
        abort();
    st_setcb_before_transfer(before, &times_called);
    st_setcb_after_transfer(after, &times_called);
}
#endif

static void check(void) {
#if V == 2
    // CHECK: before: 0 times
    // CHECK: callbacks.c:checksum: 20 became 7
    // CHECK: after: 2 times, old type 4, readable
    // CHECK-COUNT-3: ok:
    CHECK(times[0].milliseconds == 0 && times[1].milliseconds == 3000);
    CHECK(list->kelvin == 293 && list->next == list && last == list);
    CHECK(checksum == 293);
#endif
}
