/* A heap object whose type changed and that cannot be rebuilt refuses the update: the object's type and
 * allocation, its size, the size it needs, and what to do. */
// RUN: %cc -DV=1 -DPOOL --sef-pool=take:1 %s -o %t.1 && %cc -DV=2 -DPOOL --sef-pool=take:1 %s -o %t.2
// RUN: %refused | FileCheck %s --check-prefix=POOL
// RUN: %cc -DV=1 -DMAPPED %s -o %t.1 && %cc -DV=2 -DMAPPED %s -o %t.2
// RUN: %refused | FileCheck %s --check-prefix=MAPPED
// RUN: %cc -DV=1 -DSHARED %s -o %t.1 && %cc -DV=2 -DSHARED %s -o %t.2
// RUN: %refused | FileCheck %s --check-prefix=SHARED
// RUN: %cc -DV=1 -DUNSAID %s -o %t.1 && %cc -DV=2 -DUNSAID %s -o %t.2
// RUN: %refused | FileCheck %s --check-prefix=UNSAID
// RUN: %cc -DV=1 -DGONE %s -o %t.1 && %cc -DV=2 -DGONE %s -o %t.2
// RUN: %update | FileCheck %s --check-prefix=GONE
// RUN: env ST_RULES="policy type=refuse" %refused | FileCheck %s --check-prefix=FORBID
#include "harness.h"

#include <sys/mman.h>
#include <sys/syscall.h>

#if !defined(GONE) || V == 1
struct page {
    long first;
#if V == 2
    long second;
#endif
#if defined(MAPPED) || defined(SHARED)
    char rest[4096 - sizeof(long)];
#endif
};
static struct page *page;
#else
static void *page;
#endif

#ifdef UNSAID
static enum color {
#if V == 2
    NEW,
#endif
    OLD,
} *colors;
static size_t size = 10;
#elif defined(POOL)
static char *arena;
static void *take(size_t n) {
    static size_t used;

    if (!arena)
        arena = malloc(4096);
    used += n;
    return arena + used - n;
}
#endif

static void setup(void) {
#if defined(POOL)
    page = take(sizeof(*page));
#elif defined(MAPPED) || defined(SHARED)
    const int rw = PROT_READ | PROT_WRITE;

    page = mmap(NULL, sizeof(*page), rw, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
#ifdef SHARED /* behind the runtime's back, which records no mapping that is shared */
    syscall(SYS_mmap, page, sizeof(*page), rw, MAP_SHARED | MAP_FIXED | MAP_ANONYMOUS, -1, 0);
#endif
#elif defined(UNSAID)
    colors = malloc(size);
    memset(colors, 1, size);
#elif V == 1
    page = malloc(sizeof(*page));
    page->first = 1;
#endif
}

static void check(void) {
    // POOL: refused: struct page allocated in setup() ({{.*}}refused.c:[[#@LINE-18]]): the object
    // POOL-SAME: (8 bytes) lies in a pool and needs 16 bytes now (policy pool=warn allows it)
    // MAPPED: refused: struct page allocated in setup() ({{.*}}refused.c:{{[0-9]+}}): the object (4096
    // MAPPED-SAME: bytes) is a mapping and needs 4104 bytes now: map a larger one in the old version,
    // MAPPED-SAME: or keep the type's size
    // SHARED: refused: struct page allocated in setup() ({{.*}}refused.c:{{[0-9]+}}): the type changed,
    // SHARED-SAME: and the object lies in shared memory, which others read
    // UNSAID: refused: enum color allocated in setup() ({{.*}}refused.c:{{[0-9]+}}): the type changed,
    // UNSAID-SAME: and nobody can tell whether the object (10 bytes) is several of 4 bytes or one with
    // UNSAID-SAME: other bytes behind it: write the size at the allocation as n * sizeof or sizeof + n
    // GONE: warning: struct page allocated in setup() ({{.*}}refused.c:{{[0-9]+}}): the type no longer
    // GONE-SAME: exists: its objects stay as they are
    // GONE: ok:
    // FORBID: refused: struct page allocated in setup() ({{.*}}refused.c:{{[0-9]+}}): the type no longer
    // FORBID-SAME: exists: its objects stay as they are (policy type=warn allows it)
    CHECK(*(long *)page == 1);
}
