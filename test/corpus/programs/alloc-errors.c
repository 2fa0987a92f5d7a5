// SPDX-License-Identifier: BSD-2-Clause
// Allocations that cannot work fail as they do without the pass, and free() leaves errno alone.
#include "check.h"
#include <errno.h>
#include <stdint.h>
#include <string.h>

// The compiler takes it that malloc() leaves errno alone.
#define ERROR (*(volatile int *) &errno)

static void *volatile sink;
static volatile size_t huge = SIZE_MAX / 2 + 1;

int main(void)
{
    char *kept = malloc(8);
    void *p = kept;

    strcpy(kept, "kept");
    ERROR = 0;
    sink = malloc(huge);
    CHECK(!sink && ERROR == ENOMEM);
    ERROR = 0;
    sink = calloc(huge, 4);
    CHECK(!sink && ERROR == ENOMEM);
    ERROR = 0;
    sink = realloc(kept, huge);
    CHECK(!sink && ERROR == ENOMEM && !strcmp(kept, "kept"));
    ERROR = 0;
    sink = reallocarray(kept, huge, 16);
    CHECK(!sink && ERROR == ENOMEM && !strcmp(kept, "kept"));
    ERROR = 7;
    CHECK(posix_memalign(&p, 3, 10) == EINVAL && p == kept && ERROR == 7);
    CHECK(posix_memalign(&p, 16, huge) == ENOMEM && p == kept);
    ERROR = 0;
    sink = aligned_alloc(64, huge);
    CHECK(!sink && ERROR == ENOMEM);
    ERROR = 42;
    free(kept);
    CHECK(ERROR == 42);
    free(malloc(40 << 20));
    CHECK(ERROR == 42);
    puts("ok");
}
