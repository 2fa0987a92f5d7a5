/* In a pool objects lie side by side: a declared pointer to the end of one, where one that begins with
 * another type follows, leads to its end. So does one to the end of a mapping that grows where it is, whatever its
 * type: the rest of the page is nobody else's. */
// RUN: %versions
// RUN: %update | FileCheck %s
#include <sef/attributes.h>
SEF_POLICY("pool=warn") int main(void);
#include "harness.h"
#include <sys/mman.h>

struct item {
    long a;
#if V == 1
    long gone;
#endif
};
struct other {
    double d;
#if V == 2
    long added;
#endif
    long e;
};

struct grows {
    long a;
#if V == 2
    long added;
#endif
};

static char *block;
static size_t used;
SEF_POOL(1) __attribute__((noinline)) void *get(size_t size) {
    void *p = block + used;

    used += size;
    return p;
}

static struct item *items, *end;
static struct other *others, *same;
static long *plain, *plain_end;
static struct grows *mapped, *mapped_end;
static char *mapped_bytes_end;

static void setup(void) {
    block = malloc(4096);
    items = get(2 * sizeof(*items));
    plain = get(4 * sizeof(*plain));
    others = get(2 * sizeof(*others));
    items[1].a = 5;
    others[0].e = 6;
    end = items + 2;
    plain_end = plain + 4;
    same = others;
    mapped = mmap(NULL, 3 * sizeof(*mapped), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mapped[2].a = 7;
    mapped_end = mapped + 3;
    mapped_bytes_end = (char *)mapped_end;
}

static void check(void) {
    // CHECK-COUNT-6: ok:
    CHECK(items[1].a == 5 && others[0].e == 6);
    CHECK(end == items + 2);
    CHECK(plain_end == plain + 4);
    CHECK(same == others);
    CHECK(mapped_end == mapped + 3 && mapped[2].a == 7);
    CHECK(mapped_bytes_end == (char *)mapped_end);
}
