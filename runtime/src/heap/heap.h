/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The index of typed heap objects: which live object of which type lies where.
 *
 * Only objects whose allocation site has a type are in it. All others are opaque memory, which
 * needs no record. The index never touches the service's heap. Insertion and removal are
 * thread-safe and lock-free towards the allocator; iteration is for a quiescent process.
 */
#ifndef MAGIC_HEAP_H
#define MAGIC_HEAP_H

#include <stddef.h>
#include <stdint.h>

#include <magic/records.h>

/** What the objects of one allocation site are. Number 0 is never used. A kind outlives the image
 * that made it: a state transfer rewrites `type` and `site` to those of the new generation, and
 * every object of the kind is thereby of the new type. */
struct magic__kind {
    const struct magic_type_rec *type;  /**< element type's record; NULL: now opaque */
    struct magic_site_rec *site;        /**< NULL: the site is gone */
    uint32_t elem_size;                 /**< bytes */
    uint32_t flags;                     /**< MAGIC_SITE_SINGLE, _ARRAY, _TAIL or none of them */
};

/** A live typed object. */
struct magic__object {
    uintptr_t addr;
    size_t size;        /**< bytes asked for by the program, not the allocator's usable size */
    uint32_t kind;
};

/** Number of kinds plus one, and a kind by number (writable: for the transfer). */
uint32_t magic__kind_count(void);
struct magic__kind *magic__kind(uint32_t kind);

/** A new kind, zeroed, for the transfer; a released number is used again. 0 when kinds ran out. */
uint32_t magic__kind_new(void);
/** Give a kind back that no object has any more. */
void magic__kind_release(uint32_t kind);

/** The kind of a site, made on first use; 0 if the site has no type or kinds ran out (65535). */
uint32_t magic__kind_of_site(struct magic_site_rec *site);

/** Record an object; an object already at `addr` is replaced. Errors: MAGIC_ENOMEM (the object is
 * opaque then). */
int magic__heap_add(uintptr_t addr, size_t size, uint32_t kind);
/** Forget the object that starts at `addr`, if there is one; its kind in *kind (may be NULL).
 * Returns 1 if there was one. */
int magic__heap_remove(uintptr_t addr, uint32_t *kind);

/** The object that contains `addr` (first byte to last byte asked for). Returns 1 if found.
 * O(log n) at worst, constant for objects below a page. */
int magic__heap_find(uintptr_t addr, struct magic__object *ret);
/** The first object that starts at or after `from` and before `to`. Returns 1 if found. */
int magic__heap_next(uintptr_t from, uintptr_t to, struct magic__object *ret);

/** Allocate and free through the wrapped allocator without recording; for the transfer. */
void *magic__heap_alloc(size_t size, size_t align);
void magic__heap_free(void *p);
/** The allocator's usable size of a block it gave out. */
size_t magic__heap_usable(void *p);

/** Make the index consistent again in a freshly forked child (locks of other threads). */
void magic__heap_after_fork(void);

/** Address of the index root, for tools (heap_layout.h). */
const void *magic__heap_root(void);

#endif
