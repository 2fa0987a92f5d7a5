/* An allocator that nobody knows keeps freed blocks and gives them out again. A block that something else
 * receives loses its type; where nobody saw that, pointers and the list of free blocks tell. */
// RUN: %cc -DV=1 -DCASE=1 %s -o %t.1 && %cc -DV=2 -DCASE=1 %s -o %t.2
// RUN: %update | FileCheck %s --check-prefix=SEEN --implicit-check-not=FAILED
// RUN: %cc -DV=1 -DCASE=2 %s -o %t.1 && %cc -DV=2 -DCASE=2 %s -o %t.2
// RUN: %refused | FileCheck %s --check-prefix=POINTER
// RUN: %cc -DV=1 -DCASE=3 %s -o %t.1 && %cc -DV=2 -DCASE=3 %s -o %t.2
// RUN: %refused | FileCheck %s --check-prefix=OTHER
// RUN: %cc -DV=1 -DCASE=4 %s -o %t.1 && %cc -DV=2 -DCASE=4 %s -o %t.2
// RUN: %refused | FileCheck %s --check-prefix=LIST
// RUN: %cc -DV=1 -DCASE=5 %s -o %t.1 && %cc -DV=2 -DCASE=5 %s -o %t.2
// RUN: %update | FileCheck %s --check-prefix=ALIKE --implicit-check-not=FAILED
// RUN: %cc -DV=1 -DCASE=6 %s -o %t.1 && %cc -DV=2 -DCASE=6 %s -o %t.2
// RUN: %update | FileCheck %s --check-prefix=MOVED --implicit-check-not=FAILED
#include "harness.h"

struct link {
    struct link *next;
};
struct linked { /* the link comes to the begin */
#if V == 2
    struct link link;
    long number;
#else
    long number;
    struct link link;
#endif
};
struct head {
    int refs, type;
};
struct item {
    int refs, type; /* as in struct head, and in a free block the address of the next */
#if V == 2 && CASE == 4
    char *name; /* tears them apart, because they are numbers of another size */
    long long hits, misses;
#elif V == 2 && CASE != 3 && CASE != 5
    long added;
    char *name;
    int hits, misses;
#else
    char *name;
    int hits, misses;
#endif
#if V == 2 && CASE == 5
    long added;
#endif
};
struct request { /* as large as an item */
    long id;
    char *text;
#if V == 2 && CASE == 3
    long added;
#endif
    long length;
};

static void *kept; /* by the allocator */
static void *allocate(size_t size) {
    void *p = kept;

    if (!p)
        return malloc(size);
    kept = *(void **)((char *)p + 16);
    return memset(p, 0, size);
}
static void give_back(void *p) {
    *(void **)((char *)p + 16) = kept;
    kept = p;
}
static void *(*volatile get)(size_t) = allocate;
void (*volatile put)(void *) = give_back;

struct item *item, *second;
struct request *request;
struct head *head;
char *bytes;
void *anything;
struct linked *linked;
struct link *first;

static void setup(void) {
#if CASE == 6
    linked = get(sizeof(*linked));
    linked->number = 7;
    first = &linked->link;
#endif
    item = get(sizeof(*item));
    *item = (struct item) { .refs = 1, .type = 2, .hits = 3 };
#if CASE == 1
    second = get(sizeof(*second));
    put(second);
    put(item);
    request = get(sizeof(*request));
    request->id = 0x100000002;
    request->length = 0x700000007;
    bytes = get(24);
    memcpy(bytes, "twentythree characters.", 24);
    second = item = NULL;
#elif CASE == 2 || CASE == 3
    put(item);
    item = NULL;
    anything = get(sizeof(*request)); /* nobody sees what this becomes */
    request = anything;
#elif CASE == 4
    second = get(sizeof(*second));
    put(second);
    put(item);
    second = item = NULL;
#else
    head = (struct head *)item;
#endif
}

static void check(void) {
#if CASE == 1
    // SEEN: ok: request->id == 0x100000002 && request->length == 0x700000007
    CHECK(request->id == 0x100000002 && request->length == 0x700000007);
    // SEEN: ok: strcmp(bytes, "twentythree characters.") == 0
    CHECK(strcmp(bytes, "twentythree characters.") == 0);
#elif CASE == 5
    // ALIKE: ok: head == (struct head *)item && head->type == 2 && item->hits == 3
    CHECK(head == (struct head *)item && head->type == 2 && item->hits == 3);
#endif
#if CASE == 6
    // MOVED: ok: first == &linked->link && linked->number == 7
    CHECK(first == &linked->link && linked->number == 7);
#endif
    // POINTER: refused: {{.*}}request ({{.*}}reused.c:[[@LINE-54]]): points to a struct request, but what is
    // POINTER-SAME: there at 0x{{[0-9a-f]+}} was allocated as struct item ({{.*}}reused.c:{{[0-9]+}}), and
    // POINTER-SAME: one of them changed; if its allocator reuses blocks, name it to sef-cc with --sef-pool,
    // POINTER-SAME: else with --sef-alloc (policy unknown=warn allows it)
    // OTHER: refused: {{.*}}request ({{.*}}): points to a struct request, but what is there
    // LIST: refused: {{.*}}struct item{{.*}} ({{.*}}reused.c:{{[0-9]+}}): holds an object's address at .hits,
    // LIST-SAME: which is no pointer and changed, as if it were in a list of free blocks; if its allocator
    // LIST-SAME: reuses blocks, name it to sef-cc with --sef-pool, else with --sef-alloc (policy unknown=warn
    // LIST-SAME: allows it)
}
