/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Threads allocate, reallocate and free each other's blocks; every live block's record is right.
 *
 * Arguments: "few" for a short run; "unrecorded" where a tool has replaced the wrappers, so that
 * only the blocks themselves are checked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sites.h"

enum { THREADS = 4, SLOTS = 1000, SITES = 5 };

static struct magic_site_rec sites[SITES] = {
    SITE(16, MAGIC_SITE_ARRAY), SITE(48, MAGIC_SITE_ARRAY), SITE(1, MAGIC_SITE_ARRAY),
    SITE(8, MAGIC_SITE_TAIL), SITE(1, MAGIC_SITE_ARRAY | MAGIC_SITE_LEAF),
};

/* A block that any thread may take over. `owner` guards the rest. */
static struct {
    pthread_mutex_t owner;
    char *p;
    size_t size;
    int site;       /* SITES: allocated without */
} slots[SLOTS];

static int rounds = 200000, check_records = 1;

static int slot_is_right(size_t i)
{
    char *p = slots[i].p;
    size_t size = slots[i].size;
    int site = slots[i].site;
    if (p[0] != (char)i || p[size - 1] != (char)i)
        return 0;
    return !check_records ||
        (site < SITES - 1 ? recorded(p, size, &sites[site]) : unrecorded(p));
}

static size_t size_for(int site, uint64_t random)
{
    size_t most = random % 64 == 0 ? 100000 : 400;
    size_t size = 16 + (random >> 8) % most;
    return site == 1 ? (size + 47) / 48 * 48 : size / 16 * 16;
}

static void fill(size_t i, char *p, size_t size, int site)
{
    slots[i].p = p;
    slots[i].size = size;
    slots[i].site = site;
    p[0] = p[size - 1] = (char)i;
}

static int step(size_t i, uint64_t random)
{
    int site = (int)(random >> 40) % (SITES + 1), wrong = 0;
    size_t size = size_for(site, random);
    if (slots[i].p && !slot_is_right(i))
        wrong = 1;
    __magic_site = site < SITES ? &sites[site] : NULL;
    if (!slots[i].p) {
        fill(i, random & 1 ? malloc(size) : calloc(1, size), size, site);
    } else if (random % 3 == 0 && site < SITES) {
        fill(i, realloc(slots[i].p, size), size, site);
    } else {
        free(slots[i].p);
        slots[i].p = NULL;
    }
    __magic_site = NULL;
    return wrong;
}

static void *work(void *ctx)
{
    uint64_t random = (uint64_t)(uintptr_t)ctx;
    uintptr_t wrong = 0;
    for (int n = 0; n < rounds; n++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        size_t i = (random >> 33) % SLOTS;
        pthread_mutex_lock(&slots[i].owner);
        wrong += (uintptr_t)step(i, random >> 10);
        pthread_mutex_unlock(&slots[i].owner);
    }
    return (void *)wrong;
}

static void records_follow_blocks(void **state)
{
    pthread_t threads[THREADS];
    struct magic__object object;
    (void)state;
    for (size_t i = 0; i < SLOTS; i++)
        pthread_mutex_init(&slots[i].owner, NULL);
    for (uintptr_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, (void *)(i + 1)), 0);
    for (int i = 0; i < THREADS; i++) {
        void *wrong;
        assert_int_equal(pthread_join(threads[i], &wrong), 0);
        assert_null(wrong);
    }
    for (size_t i = 0; i < SLOTS; i++) {
        if (slots[i].p)
            assert_true(slot_is_right(i));
        free(slots[i].p);
    }
    /* Nothing is left over: each record went with its block. */
    assert_false(magic__heap_next(0, UINTPTR_MAX, &object));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(records_follow_blocks) };
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "few") == 0)
            rounds = 3000;
        if (strcmp(argv[i], "unrecorded") == 0)
            check_records = 0;
    }
    return cmocka_run_group_tests_name("heap threads", tests, NULL, NULL);
}
