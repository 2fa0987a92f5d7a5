/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Heap objects whose type changed: converted where they are, or built anew.
 *
 * An object stays where it is if its members keep their places, or if what it becomes has room there.
 * Any other is built anew from the service's own allocator; the old one keeps its bytes until the
 * commit. Writing to an old object copies a page in the new instance, so of objects that could grow in
 * place only some do, and the others move to pages that are new anyway.
 */
#include <inttypes.h>
#include <string.h>

#include "os/os.h"
#include "st/transfer.h"

/** Pages of objects that grow in place: as much copying as building some 10,000 objects anew. */
enum { PAGES_IN_PLACE = 4096 };

/** Objects that are looked at together, so that their bytes arrive together. */
enum { TOGETHER = 32 };

/* Objects of kinds that change, or whose type is gone, have to be known one by one. */
static bool needs_look(const struct st__kind_plan *k)
{
    return k->o && (!k->plan || k->plan->cls != ST__COPY);
}

static bool looked_at(const struct st__transfer *t, const struct magic__object *obj)
{
    return obj->kind < t->n_kinds && needs_look(&t->kinds[obj->kind]);
}

typedef int visit_t(struct st__transfer *t, const struct magic__object *obj);

static int visit_all(
    struct st__transfer *t, const struct magic__object *objects, size_t n, visit_t *visit)
{
    int err = 0;

    for (size_t i = 0; i < n && !err; i++)
        err = visit(t, &objects[i]);
    return err;
}

/* Call `visit` for each live object that has to be looked at; stops at the first code that is not 0. */
static int each_object(struct st__transfer *t, visit_t *visit)
{
    struct magic__object batch[MAGIC__HEAP_BATCH], todo[TOGETHER];
    size_t n, n_todo = 0;
    uintptr_t at = 0;
    int err = 0;

    while (!err && (n = magic__heap_batch(&at, UINTPTR_MAX, batch)) > 0)
        for (size_t i = 0; i < n && !err; i++) {
            if (!looked_at(t, &batch[i]))
                continue;
            __builtin_prefetch((const void *) (batch[i].addr - sizeof(size_t)));
            todo[n_todo++] = batch[i];
            if (n_todo == TOGETHER) {
                err = visit_all(t, todo, n_todo, visit);
                n_todo = 0;
            }
        }
    return err ? err : visit_all(t, todo, n_todo, visit);
}

/* -- one object --------------------------------------------------------------------------- */

/* A copy of an object's bytes, filled up with zeroes to a whole structure. Valid until the next one is
 * made, unless copies are kept. */
static struct st__copy *copy_of(
    struct st__transfer *t, const struct magic__object *obj, const struct st__kind_plan *k)
{
    uint64_t size = obj->size < k->o->size ? k->o->size : obj->size;
    struct st__copy *copy = t->copies;

    if (!copy || copy->room < size || (t->flags & ST_VERIFY)) {
        uint64_t room = t->flags & ST_VERIFY ? size : size * 2;

        copy = magic_arena_alloc(&t->arena, sizeof(*copy) + room);
        if (!copy)
            return NULL;
        *copy = (struct st__copy) { .older = t->copies, .room = room };
        t->copies = copy;
    }
    copy->addr = obj->addr;
    copy->size = obj->size;
    copy->kind = obj->kind;
    memcpy(copy->bytes, (const void *) obj->addr, obj->size);
    memset(copy->bytes + obj->size, 0, size - obj->size);
    return copy;
}

/* Other words that lead into the object, or to its end, are looked at by the scan. */
static int remember(struct st__transfer *t, const struct magic__object *obj, uintptr_t n)
{
    int err = st__mark(t, &t->marks, obj->addr, obj->addr + obj->size + 1);

    if (!t->map && !(t->map = st__map_create()))
        return MAGIC_ENOMEM;
    return err ? err
               : st__map_add(t->map, (struct st__moved) { obj->addr, n, obj->size, obj->kind });
}

static int convert_in_place(
    struct st__transfer *t, const struct magic__object *obj, const struct st__shape *shape)
{
    struct st__kind_plan *k = &t->kinds[obj->kind];
    const struct st__copy *copy = copy_of(t, obj, k);
    uint64_t size = obj->size > shape->size ? obj->size : shape->size;
    int err;

    if (!copy)
        return st__fail(t, MAGIC_ENOMEM, NULL, NULL, "no memory to convert an object");
    t->subject.new_addr = obj->addr;
    t->stats->objects_in_place++;
    memset((void *) obj->addr, 0, size);
    err = st__shape_convert(t, k, shape, copy->bytes, (unsigned char *) obj->addr);
    if (err || !k->plan->moves)
        return err;
    err = st__kind_renew(t, obj->kind);
    if (!err)
        err = remember(t, obj, obj->addr);
    return err ? err : magic__heap_add(obj->addr, shape->size, k->new_kind);
}

static int rebuild(
    struct st__transfer *t, const struct magic__object *obj, const struct st__shape *shape)
{
    struct st__kind_plan *k = &t->kinds[obj->kind];
    const struct st__copy *copy = obj->size < k->o->size ? copy_of(t, obj, k) : NULL;
    unsigned char *n;
    int err = st__kind_renew(t, obj->kind);

    if (err)
        return err;
    n = obj->size < k->o->size && !copy ? NULL : magic__heap_alloc(shape->size, k->n->align);
    if (!n)
        return st__fail(t, MAGIC_ENOMEM, NULL, k->o, "no memory to rebuild an object");
    memset(n, 0, magic__heap_usable(n));
    t->subject.new_addr = (uintptr_t) n;
    t->stats->objects_moved++;
    t->stats->bytes_moved += shape->size;
    err = st__shape_convert(t, k, shape, copy ? copy->bytes : (const unsigned char *) obj->addr, n);
    if (!err)
        err = magic__heap_add((uintptr_t) n, shape->size, k->new_kind);
    return err ? err : remember(t, obj, (uintptr_t) n);
}

/* Whether an object that becomes larger or smaller does so in place. */
static bool stays(
    struct st__transfer *t, const struct magic__object *obj, const struct st__shape *shape)
{
    const struct st__kind_plan *k = &t->kinds[obj->kind];
    uintptr_t first = magic__os_page_down(obj->addr), last = obj->addr + obj->size - 1;
    uint64_t pages =
        (magic__os_page_down(last) - first) / magic__os_page_size() + (first != t->last_in_place);

    if (magic__kind(obj->kind)->flags & (MAGIC_SITE_POOL | MAGIC_SITE_MAPPED))
        return st__has_room(obj, shape->size, k->n->align);
    if (t->pages_in_place + pages > PAGES_IN_PLACE || !st__has_room(obj, shape->size, k->n->align))
        return false;
    t->pages_in_place += pages;
    t->last_in_place = magic__os_page_down(last);
    return true;
}

/* An object that does not fit its place, and whose place is none of the allocator's. */
static int leave_place(
    struct st__transfer *t, const struct magic__object *obj, const struct st__shape *shape)
{
    const struct magic_type *o = t->kinds[obj->kind].o;

    if (magic__kind(obj->kind)->flags & MAGIC_SITE_POOL)
        return st__judge(t, ST__POLICY_pool, MAGIC_ENOTSUP, NULL, o,
            "the object (%zu bytes) lies in a pool and needs %" PRIu64 " bytes now", obj->size,
            shape->size);
    if (magic__kind(obj->kind)->flags & MAGIC_SITE_MAPPED)
        return st__fail(t, MAGIC_ENOTSUP, NULL, o,
            "the object (%zu bytes) is a mapping and needs %" PRIu64
            " bytes now: map a larger one in the old version, or keep the type's size",
            obj->size, shape->size);
    return 0;
}

/* -- all objects -------------------------------------------------------------------------- */

/* What is behind a structure, when nobody says whether it is more of them. */
static int check_shape(
    struct st__transfer *t, const struct magic__object *obj, const struct st__shape *shape)
{
    const struct st__kind_plan *k = &t->kinds[obj->kind];
    const unsigned char *bytes = (const unsigned char *) obj->addr;

    if (!k->uneven || !shape->rest)
        return 0;
    for (uint64_t i = shape->rest_o; i < obj->size; i++)
        if (bytes[i])
            return st__fail(t, MAGIC_ENOTSUP, NULL, k->o,
                "the type changed, and nobody can tell whether the object (%zu bytes) is several "
                "of "
                "%" PRIu64 " bytes or one with other bytes behind it: write the size at the "
                "allocation as n * sizeof or sizeof + n",
                obj->size, k->o->size);
    return 0;
}

static int convert_object(struct st__transfer *t, const struct magic__object *obj)
{
    struct st__kind_plan *k = &t->kinds[obj->kind];
    uint32_t flags = magic__kind(obj->kind)->flags;
    struct st__shape shape;
    int err;

    shape = st__shape(k, flags, obj->size);
    err = check_shape(t, obj, &shape);
    if (!err)
        err = st__late_check(t, obj, &shape);
    if (!err && (flags & MAGIC_SITE_MAPPED) && !st__is_private(obj))
        err = st__fail(t, MAGIC_ENOTSUP, NULL, k->o,
            "the type changed, and the object lies in shared memory, which others read");
    if (err)
        return err;
    if (!k->plan->moves || stays(t, obj, &shape))
        return convert_in_place(t, obj, &shape);
    err = leave_place(t, obj, &shape);
    return err ? err : rebuild(t, obj, &shape);
}

static int move_object(struct st__transfer *t, const struct magic__object *obj)
{
    struct st__kind_plan *k = &t->kinds[obj->kind];
    int err = 0;

    t->subject = (struct st__subject) { .old_addr = obj->addr };
    st__kind_subject(t, obj->kind, &t->subject);
    t->stats->types_changed += k->plan && !k->objects;
    if (!k->plan && !k->objects)
        err = st__judge(t, ST__POLICY_type, MAGIC_EUNPAIRED, NULL, k->o,
            "the type no longer exists: its objects stay as they are");
    k->objects++;
    if (err)
        return err;
    return k->plan ? convert_object(t, obj) : remember(t, obj, obj->addr);
}

/* Whether the site says what its objects consist of. */
static bool is_said(uint32_t kind)
{
    return magic__kind(kind)->flags & (MAGIC_SITE_SINGLE | MAGIC_SITE_ARRAY | MAGIC_SITE_TAIL);
}

static int note_size(struct st__transfer *t, const struct magic__object *obj)
{
    struct st__kind_plan *k = &t->kinds[obj->kind];

    if (!is_said(obj->kind) && k->o->size && obj->size % k->o->size)
        k->uneven = true;
    return 0;
}

int st__heap_move(struct st__transfer *t)
{
    bool any = false, unsaid = false;
    int err = 0;

    for (uint32_t i = 1; i < t->n_kinds; i++) {
        any = any || needs_look(&t->kinds[i]);
        unsaid = unsaid || (needs_look(&t->kinds[i]) && !is_said(i));
    }
    if (unsaid)
        err = each_object(t, note_size);
    if (any && !err)
        err = each_object(t, move_object);
    if (t->map)
        st__map_close(t->map);
    return err;
}
