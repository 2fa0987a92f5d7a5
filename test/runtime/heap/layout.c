/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The index of another process can be read by what magic.h and heap_layout.h say alone: a child,
 * a service image with the real libmagicrt, allocates; its parent reads.
 */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <magic/magic.h>

#include "heap/heap.h"
#include "heap/heap_layout.h"

enum { SMALL = 3000, LARGE = 1 << 20 };

extern __thread struct magic_site_rec *__magic_site;

static struct magic_site_rec small = { .type = 4, .elem_size = 24, .flags = MAGIC_SITE_SINGLE };
static struct magic_site_rec large = { .type = 4, .elem_size = 1, .flags = MAGIC_SITE_ARRAY };

#define REQUIRE(condition)                                                  \
    do {                                                                    \
        if (!(condition)) {                                                 \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
            exit(1);                                                        \
        }                                                                   \
    } while (0)

static pid_t child;

static void read_child(uint64_t addr, void *to, size_t size)
{
    struct iovec local = { to, size }, remote = { (void *) (uintptr_t) addr, size };
    REQUIRE(process_vm_readv(child, &local, 1, &remote, 1, 0) == (ssize_t) size);
}

/* The size of the object that starts at `addr`, and its kind; 0 if there is none. */
static uint64_t read_object(
    const struct magic__heap_root *root, uint64_t addr, struct magic__kind *kind)
{
    uint64_t region, word, size;
    uint64_t bytes[136];
    const struct magic__heap_page *rec = (const struct magic__heap_page *) bytes;
    unsigned g = (unsigned) (addr >> MAGIC__HEAP_GRANULE_BITS) % MAGIC__HEAP_GRANULES, rank = 0;
    size_t page = (addr >> MAGIC__HEAP_PAGE_BITS) % MAGIC__HEAP_PAGES;
    read_child(root->regions + 8 * (addr >> MAGIC__HEAP_REGION_BITS), &region, sizeof(region));
    if (!region)
        return 0;
    read_child(region + offsetof(struct magic__heap_region, words) + 8 * page, &word, sizeof(word));
    if (!word)
        return 0;
    size = MAGIC__HEAP_WORD_UNITS(word) * 16;
    REQUIRE(size <= sizeof(bytes));
    read_child(
        MAGIC__HEAP_WORD_ADDR(word), bytes, size ? size : sizeof(struct magic__heap_uniform));
    if (!(rec->starts[g / 64] >> g % 64 & 1))
        return 0;
    for (unsigned i = 0; size && i < g; i++)
        rank += rec->starts[i / 64] >> i % 64 & 1;
    struct magic__heap_entry entry =
        size ? rec->entries[rank]
             : *magic__heap_uniform_entry((const struct magic__heap_uniform *) bytes, g);
    if (entry.kind == 0)
        return 0;
    size = entry.size;
    if (entry.size == MAGIC__HEAP_LARGE)
        memcpy(&size, &rec->entries[rank + 1], sizeof(size));
    REQUIRE(entry.kind < root->n_kinds);
    read_child(root->kinds + root->kind_size * entry.kind, kind, sizeof(*kind));
    return size;
}

static void *blocks[SMALL + 1];

static void allocate_and_wait(int ready)
{
    for (int i = 0; i <= SMALL; i++) {
        __magic_site = i < SMALL ? &small : &large;
        blocks[i] = malloc(i < SMALL ? 24 : LARGE);
        __magic_site = NULL;
    }
    for (int i = 0; i < SMALL; i += 3)
        free(blocks[i]);
    if (write(ready, blocks, sizeof(blocks)) != sizeof(blocks))
        _exit(1);
    pause();
}

int main(void)
{
    struct magic__heap_root root;
    struct magic__kind kind;
    struct magic_vars vars;
    int ends[2], status;
    REQUIRE(pipe(ends) == 0);
    child = fork();
    REQUIRE(child >= 0);
    if (child == 0)
        allocate_and_wait(ends[1]);
    for (size_t done = 0; done < sizeof(blocks);) {
        ssize_t n = read(ends[0], (char *) blocks + done, sizeof(blocks) - done);
        REQUIRE(n > 0);
        done += (size_t) n;
    }
    read_child((uintptr_t) _magic_vars_addr(), &vars, sizeof(vars));
    REQUIRE(vars.magic == MAGIC_VARS_MAGIC && vars.heap != 0);
    read_child(vars.heap, &root, sizeof(root));
    REQUIRE(root.magic == MAGIC__HEAP_MAGIC && root.version == MAGIC__HEAP_VERSION);
    REQUIRE(root.kind_size == sizeof(struct magic__kind) && root.n_kinds == 3);
    for (int i = 0; i <= SMALL; i++) {
        uint64_t size = read_object(&root, (uintptr_t) blocks[i], &kind);
        REQUIRE(size == (i == SMALL ? LARGE : i % 3 == 0 ? 0 : 24));
        REQUIRE(size == 0 || kind.site == (i == SMALL ? &large : &small));
    }
    kill(child, SIGKILL);
    REQUIRE(waitpid(child, &status, 0) == child);
    return 0;
}
