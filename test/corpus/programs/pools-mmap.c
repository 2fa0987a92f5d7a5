// SPDX-License-Identifier: BSD-2-Clause
// Pools inside heap blocks, mapped memory and blocks that a program cuts up stay as they are.
#include "check.h"
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct chunk {
    struct chunk *next;
    size_t used;
    char data[65536 - 16];
};
struct object {
    struct object *peer, *free_next;
    long id;
};
static struct chunk *chunks;
static struct object *free_objects;

static void *pool_alloc(size_t n)
{
    if (!chunks || chunks->used + n > sizeof(chunks->data)) {
        struct chunk *c = malloc(sizeof(*c));
        c->next = chunks;
        c->used = 0;
        chunks = c;
    }
    chunks->used += n;
    return chunks->data + chunks->used - n;
}
static struct object *object_new(long id)
{
    struct object *o = free_objects;

    if (o)
        free_objects = o->free_next;
    else
        o = pool_alloc(sizeof(*o));
    *o = (struct object) { o, NULL, id };
    return o;
}
static void object_free(struct object *o)
{
    o->free_next = free_objects;
    free_objects = o;
}

int main(void)
{
    struct object **all = malloc(10000 * sizeof(*all));
    size_t page = (size_t) sysconf(_SC_PAGESIZE);
    char *map = mmap(NULL, 4 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    long sum = 0;
    int n_chunks = 0;

    for (long i = 0; i < 10000; i++) {
        all[i] = object_new(i);
        if (i % 3 == 2) {
            object_free(all[i - 1]);
            all[i - 1] = all[i];
        }
    }
    for (long i = 0; i < 10000; i++)
        sum += all[i]->peer->id;
    CHECK(map != MAP_FAILED && !map[4 * page - 1]);
    struct object *mapped = (struct object *) (void *) map;
    mapped->peer = all[0];
    map = mremap(map, 4 * page, 64 * page, MREMAP_MAYMOVE);
    CHECK(map != MAP_FAILED && ((struct object *) (void *) map)->peer == all[0] && !map[60 * page]);
    munmap(map, 64 * page);
    for (struct chunk *c = chunks, *next; c; c = next, n_chunks++) {
        next = c->next;
        free(c);
    }
    free(all);
    printf("ok %ld %d\n", sum, n_chunks);
}
