/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The index of typed heap objects: which live object of which type lies where.
 *
 * Only objects whose allocation site has a type are in it. All others are opaque memory, which
 * needs no record. The index never touches the service's heap. Insertion and removal are
 * thread-safe and take no global lock; iteration and marking are for a quiescent process.
 *
 * An object is an allocator's block, a mapping, or a sub-object: a part of an opaque block that a
 * pool gave out. Objects of the last two sorts are not to be given to free(); their kinds say so.
 */
#ifndef MAGIC_HEAP_H
#define MAGIC_HEAP_H

#include <stddef.h>
#include <stdint.h>

#include <magic/error.h>
#include <magic/records.h>

/** What the objects of one allocation site are. Number 0 is never used. A kind outlives the image
 * that made it: a state transfer rewrites `type` and `site` to those of the new generation, and
 * every object of the kind is thereby of the new type. It should also set the new site's `kind`
 * to this number; else the new generation's first allocation there takes a new one. */
struct magic__kind {
    const struct magic_type_rec *type;  /**< element type's record; NULL: now opaque */
    struct magic_site_rec *site;        /**< NULL: the site is gone */
    uint32_t elem_size;                 /**< bytes */
    uint32_t flags;                     /**< MAGIC_SITE_SINGLE, _ARRAY, _TAIL or none of them;
                                             MAGIC_SITE_POOL: the objects are sub-objects of opaque
                                             blocks; MAGIC_SITE_MAPPED: they are mappings;
                                             MAGIC_SITE_LATE: the types are guesses; from bit 16
                                             up: marks of the transfer's choice */
};

/** A live typed object. */
struct magic__object {
    uintptr_t addr;
    size_t size;        /**< bytes asked for by the program, not the allocator's usable size */
    uint32_t kind;
};

/** To be called once, before the first object is recorded: finds out what the processor can do. Not
 * a constructor, because a program that records nothing should not wait for it. */
void magic__heap_prepare(void);

/** Number of kinds plus one, and a kind by number (writable: for the transfer). */
uint32_t magic__kind_count(void);
struct magic__kind *magic__kind(uint32_t kind);

/** A new kind, zeroed, for the transfer; a released number is used again. 0 when kinds ran out. */
uint32_t magic__kind_new(void);
/** Give a kind back that no object has any more. */
void magic__kind_release(uint32_t kind);

/** The kind of a site, made on first use; 0 if the site has no type, is a leaf, has no element
 * size or one over 4 GiB, or if kinds ran out (32767). Threads: any; a lock on first use only. */
uint32_t magic__kind_of_site(struct magic_site_rec *site);

/** Record an object; an object already at `addr` is replaced.
 *
 * Errors (the object is opaque then): MAGIC_ENOMEM; MAGIC_EINVAL address not on an 8-byte
 *   boundary or not a user address, or no such kind. An object of 0 bytes gets no record. */
int magic__heap_add(uintptr_t addr, size_t size, uint32_t kind);
/** Forget the object that starts at `addr`, if there is one; its kind in *kind (may be NULL).
 * Returns 1 if there was one. */
int magic__heap_remove(uintptr_t addr, uint32_t *kind);
/** Like magic__heap_remove, with all that was known about the object. */
int magic__heap_take(uintptr_t addr, struct magic__object *ret);

/** Record a sub-object. Other sub-objects that it overlaps are forgotten. A block whose kind says that
 * it is a header and bytes after it (MAGIC_SITE_TAIL) becomes the header alone when its first
 * sub-object is recorded: a sub-object too, of a kind like its own.
 *
 * Errors: as magic__heap_add(); MAGIC_EINVAL also when a block or mapping of known type is there. */
int magic__heap_add_sub(uintptr_t addr, size_t size, uint32_t kind);
/** True once a sub-object was recorded: then any block may have some. */
extern int magic__heap_has_subs;

/** Forget all objects that have a byte in [lo, hi); with `flag` not 0, only those whose kind has it
 * in its flags. Of what begins before `lo` the part up to there stays, if it is still objects of the
 * kind. Returns the number of objects that were there. Threads: any. */
size_t magic__heap_drop(uintptr_t lo, uintptr_t hi, uint32_t flag);

/** Objects taken out of the index, to be put in again elsewhere. */
struct magic__heap_moved {
    struct magic__object *at;   /**< owned, a mapping of `size` bytes; `n` objects */
    size_t n, size;
    uintptr_t lo;               /**< where the range began */
};
/** Take out all objects that lie in [lo, hi); those that reach over its ends are forgotten. So is
 * what there is no memory to remember: it is opaque then. Threads: any. */
void magic__heap_move_out(uintptr_t lo, uintptr_t hi, struct magic__heap_moved *ret);
/** Put them in again for bytes that now lie at `lo`, the first `size` of them, and release
 * `moved`. */
void magic__heap_move_in(struct magic__heap_moved *moved, uintptr_t lo, size_t size);

/** The object that contains `addr` (first byte to last byte asked for). Returns 1 if found.
 * Any address may be asked for. Constant time, whatever the object's size. Threads: any. */
int magic__heap_find(uintptr_t addr, struct magic__object *ret);
/** The first object that starts at or after `from` and before `to`. Returns 1 if found. */
int magic__heap_next(uintptr_t from, uintptr_t to, struct magic__object *ret);

/** All objects of the next page that has any: the fast way to visit many.
 *
 * Shape: `ret` has room for MAGIC__HEAP_BATCH; addresses ascend. Finds the first page with an
 *   object that starts at or after *from and before `to`, gives those of its objects that do, and
 *   moves *from past the page. Returns their number; 0: there are no more. */
#define MAGIC__HEAP_BATCH 256
size_t magic__heap_batch(uintptr_t *from, uintptr_t to, struct magic__object *ret);

/** Mark all pages that an object lies on whose kind has `flag` set in its flags; all other pages
 * lose their mark. Returns the number of such objects. Later changes do not update the marks. */
size_t magic__heap_mark(uint32_t flag);
/** True if the page of `addr` is marked: two loads, for a pre-test of millions of pointers.
 * Any address may be asked for. */
int magic__heap_marked(uintptr_t addr);

/** Memory of the index itself, which is no part of the service's state: true for an address in
 * it; and the first range [*lo, *hi) of it that ends after `from` (returns 1 if there is one).
 * Threads: a quiescent process. */
int magic__heap_owns(uintptr_t addr);
int magic__heap_owned(uintptr_t from, uintptr_t *lo, uintptr_t *hi);

/** Allocate and free through the wrapped allocator without recording; for the transfer.
 * `align` is a power of two; 0: the allocator's own. NULL when memory is out. */
void *magic__heap_alloc(size_t size, size_t align);
void magic__heap_free(void *p);
/** The allocator's usable size of a block it gave out; 0 for NULL. */
size_t magic__heap_usable(void *p);

/** True if libc's own allocator stands behind the wrappers. */
int magic__heap_is_libc(void);

/** Send the allocation calls of images loaded since start-up through the wrappers, where a
 * preloaded allocator would otherwise take them; to be called after each dlopen of an image. Does
 * nothing, at no cost, without a preloaded allocator. Errors: MAGIC_EOS. */
int magic__heap_rebind(void);

/** Keep other threads out of the index over a fork: called before it, and after it in the parent.
 * The runtime does so by itself around libc's fork(); a raw clone has to. */
void magic__heap_before_fork(void);
void magic__heap_after_fork_parent(void);
/** In the child: drop the locks of threads that are gone. Harmless when called twice. */
void magic__heap_after_fork(void);

/** What the index holds and costs. */
struct magic__heap_stats {
    size_t objects;         /**< recorded now */
    size_t pages;           /**< page records in use */
    size_t record_bytes;    /**< of page records in use */
    size_t mapped_bytes;    /**< address space of the index, touched or not */
};
/** Counters as of now; only a quiescent process gets exact ones. */
void magic__heap_stats(struct magic__heap_stats *ret);

/** Address of the index root, for tools (heap_layout.h). */
const void *magic__heap_root(void);

#endif
