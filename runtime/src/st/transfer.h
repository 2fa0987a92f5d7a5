/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The state transfer's internals: one context, and what each phase does to it.
 *
 * Phases, one file each: pair and plan (pair/) -> rebuild heap objects (move.c)
 * -> convert variables (vars.c, convert.c) -> forward pointers (scan.c with slot.c, forward.c)
 * -> what the kernel and libc hold (kernel.c) -> seal (transfer.c). Old and new state lie in one
 * address space; conversion copies pointers as they are, and one scan forwards all of them.
 *
 * Everything here runs on the main thread of the freshly forked child, where no other thread
 * exists. All memory comes from the context's arena, but rebuilt objects, which are the service's.
 */
#ifndef ST_TRANSFER_H
#define ST_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <magic/arena.h>
#include <magic/table.h>
#include <st/st.h>

#include "heap/heap.h"
#include "image/image.h"
#include "pair/pair.h"
#include "st/map.h"

enum { ST__WARNINGS_LOGGED = 64, ST__DIFFERENCES_LOGGED = 8 };

/** Places that a message was logged for, so that the objects of one kind, however many, leave room for
 * others; see struct st__subject and struct st__path. */
struct st__places {
    struct st__place {
        const struct magic_var *var;
        const struct magic_type *type;
        const struct magic_site *site;
        const char *member;
    } at[ST__WARNINGS_LOGGED];
    unsigned n;
};

/** What happens to the objects of one old kind. */
struct st__kind_plan {
    const struct magic_type *o, *n;    /**< element types, stripped; o NULL: not an old kind */
    const struct st__plan *plan;       /**< NULL: the type was removed */
    const struct magic_site *site;     /**< old site, or NULL */
    const struct magic_site *new_site; /**< its pair, or NULL */
    uint64_t objects;                  /**< live ones, counted if the type changed or is gone */
    uint32_t new_kind;                 /**< kind of the objects that moved or grew; 0: none */
    bool uneven; /**< the site does not say what its objects consist of, and not all are elements */
    uint32_t old_kind; /**< the kind is the new_kind of this one; 0: of none */
    uint32_t *torn;    /**< of late.c: offsets of `n_torn` words; NULL: not looked for yet */
    uint32_t n_torn;
};

/** A mark of a kind (struct magic__kind, flags): its objects have moved, and wait to be freed. */
#define ST__KIND_DEAD 0x10000u

/** A run-time range that moved: a variable of the old image. Sorted by address. */
struct st__tls_range {
    uintptr_t lo;
    const struct magic_var *var;
};

/** A piece of memory to scan. */
struct st__region {
    uintptr_t lo, hi;
    bool read_only; /**< relro: unprotect to write */
};

/** The old bytes of an object that was converted where it is. */
struct st__copy {
    struct st__copy *older;
    uintptr_t addr; /**< of the object */
    uint64_t size, room;
    uint32_t kind; /**< old one */
    unsigned char bytes[] __attribute__((aligned(16)));
};

struct st__marks;

struct st__transfer {
    struct magic__image *old, *new;
    struct magic_arena arena; /**< given back at the end */
    struct st__pairing p;
    unsigned flags; /**< ST_VERIFY */
    bool back;      /**< transfers back, for st__check_back(): leaves out what only goes one way */
    struct st_stats *stats;
    struct st_error *error; /**< NULL: errors are not described */

    struct st__tls_range *tls; /**< old thread-local variables, main thread */
    size_t n_tls;
    struct magic__range tls_hull;  /**< of all of them, with a byte more */
    struct st__tls_range *new_tls; /**< the new ones, likewise */
    size_t n_new_tls;
    struct magic__range frames; /**< of the old main, which are gone */
    struct magic__range older;  /**< hull of the older generations that may be retired */
    bool *var_keeps;            /**< by old variable id: new initialiser stays */

    struct st__kind_plan *kinds; /**< by kind number */
    uint32_t n_kinds;
    struct st__map *map;     /**< objects that moved, or lost their type; NULL: none */
    struct st__copy *copies; /**< the newest; kept only for st__check_back() */
    uint64_t pages_in_place; /**< pages of objects that grew where they are */
    uintptr_t last_in_place; /**< the last of them */
    bool libc_heap;          /**< the allocator is libc's */

    struct st__region *regions; /**< what was scanned; sorted up to the first relro */
    size_t n_regions;
    struct st__marks *marks; /**< where what moved lay: words that lead there are
                                             * looked at */
    struct st__subject subject;
    struct st__places warned, differing;
};

/* -- transfer.c: errors ------------------------------------------------------------------- */

/** Fill in the error from the current subject, the path and the text; returns `code`. */
int st__fail(struct st__transfer *t, int code, const struct st__path *path,
    const struct magic_type *type, const char *format, ...) __attribute__((format(printf, 5, 6)));
/** The same about nothing in particular: the text is all. */
int st__fail_plain(struct st__transfer *t, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/** Count something that was dropped; log it if it is the first at its place. */
void st__warn(struct st__transfer *t, const struct st__path *path, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** Count a value that comes back otherwise than it was; log it if it is the first at its place. The first
 * of all becomes the error. */
void st__differs(struct st__transfer *t, const struct st__path *path, const struct magic_type *type,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/** Do as a policy says about something that cannot be taken over as it is: nothing, st__warn(), or
 * st__fail() with a hint at the policy. Returns 0 or `code`. */
int st__judge(struct st__transfer *t, enum st__policy policy, int code, const struct st__path *path,
    const struct magic_type *type, const char *format, ...) __attribute__((format(printf, 6, 7)));

/* -- convert.c ---------------------------------------------------------------------------- */

/** Convert one value. `n` holds the defaults for what is new. Pointers are copied unchanged.
 * Errors: MAGIC_ELOST, MAGIC_ENOTSUP, filled in. */
int st__convert(struct st__transfer *t, const struct st__plan *plan, const unsigned char *o,
    unsigned char *n, const struct st__path *path);

/** The case of a union that the tag in the old structure `o` chooses; NULL: none. */
const struct st__case *st__chosen(const struct st__choice *choice, const unsigned char *o);

/** Convert `count` elements of the array at the end of a structure. */
int st__convert_tail(struct st__transfer *t, const struct st__plan *plan, const unsigned char *o,
    unsigned char *n, uint64_t count) __attribute__((warn_unused_result));

/* -- uthash.c ----------------------------------------------------------------------------- */

/** An element whose handle moves is converted: tell its table. `o` are its old bytes. */
void st__uthash_tell(const struct st__plan *plan, const unsigned char *o);

/* -- callback.c --------------------------------------------------------------------------- */

/** Make the callbacks that are set this transfer's, and forget them. */
void st__callbacks_begin(struct st__transfer *t);
void st__callbacks_end(void);
/** The hooks around the transfer. Errors: what they return, filled in. */
int st__callback_before(struct st__transfer *t);
int st__callback_after(struct st__transfer *t);
/** Have a callback convert a value. Errors: what it returns, filled in. */
int st__callback_call(struct st__transfer *t, const struct st__plan *plan, const unsigned char *o,
    unsigned char *n, const struct st__path *path);

/* -- initial.c ---------------------------------------------------------------------------- */

/** Mark the variables that hold pointers to functions and are still as their initialiser made
 * them: tables of code rather than state, for which the new initialiser wins. */
int st__find_untouched(struct st__transfer *t);

/* -- vars.c, kinds.c, move.c, place.c, shape.c, reclaim.c ------------------------------------------- */

/** Convert all paired variables into the new image; collects old thread-local ranges. */
int st__vars_convert(struct st__transfer *t);
/** Whether a variable is state: constants and tables of code keep what the new version says. */
bool st__is_transferred(
    const struct st__transfer *t, const struct magic_var *o, const struct magic_var *n);
/** Decide what happens to each kind, and rebuild the objects whose type changed. */
int st__heap_plan(struct st__transfer *t);
int st__heap_move(struct st__transfer *t);
/** The kind of what objects of kind `number` become when they move or grow; made on first use.
 * Errors: MAGIC_ENOMEM, filled in. */
int st__kind_renew(struct st__transfer *t, uint32_t number);
/** Name an object of a kind in messages. */
void st__kind_subject(const struct st__transfer *t, uint32_t kind, struct st__subject *ret);
/** After the scan: kinds get the new generation's records, old copies wait to be freed. */
int st__heap_finish(struct st__transfer *t);

/** True if an object may be written to: not if others see its memory. */
bool st__is_private(const struct magic__object *obj);
/** Whether an object has room for `size` bytes aligned to `align`, where it is. */
bool st__has_room(const struct magic__object *obj, uint64_t size, uint64_t align);

/** What a live object consists of: `count` structures; after the only one `tail` more elements of its
 * last array; and `rest` bytes of unknown type, at `rest_o` of the old object and `rest_n` of the new. */
struct st__shape {
    uint64_t count, tail;
    uint64_t rest, rest_o, rest_n;
    uint64_t size; /**< of the new object */
};
/** The shape of an object of `size` bytes, of a kind whose type has a plan. `flags` are the kind's. */
struct st__shape st__shape(const struct st__kind_plan *k, uint32_t flags, uint64_t size);
/** Convert an object. `o` has a whole structure at least, `n` is zero. Errors: as st__convert(). */
int st__shape_convert(struct st__transfer *t, const struct st__kind_plan *k,
    const struct st__shape *s, const unsigned char *o, unsigned char *n);
/** Where byte `off` of an old object, at address `addr`, lies in the new one. `want` and errors as
 * for st__plan_offset(). */
int st__shape_offset(const struct st__kind_plan *k, const struct st__shape *s, uint64_t off,
    uintptr_t addr, const struct magic_type *want, uint64_t *ret);

/** How many elements of `elem_size` bytes an object surely consists of, from its start. */
uint64_t st__elements(const struct magic__object *obj, uint64_t elem_size);

/** Have the old objects of a map freed after the commit. `map` is taken. */
int st__reclaim_later(struct st__map *map);

/* -- forward.c ---------------------------------------------------------------------------- */

/** The successor of a run-time address. `want` as for st__plan_offset.
 * Returns 1 with *ret set if the address moved, 0 if it stays valid as it is, or a code:
 * MAGIC_EUNPAIRED it leads to something removed, MAGIC_EFAULT into the old image but to nothing
 * the table knows, or to a local variable of the old main. */
int st__forward(
    struct st__transfer *t, uintptr_t addr, const struct magic_type *want, uintptr_t *ret);
/** The same for a word that is not declared as a pointer: only what can hardly be anything else is
 * forwarded. Returns as above. */
int st__forward_opaque(struct st__transfer *t, uintptr_t addr, uintptr_t *ret);
/** If an address is that of an object which moved, and of its first member, a structure that is not the first any
 * more: that member, and the object's type. Else NULL. */
const struct magic_member *st__begins_twice(
    const struct st__transfer *t, uintptr_t addr, const struct magic_type **type);
/** True if an address lies in an old thread-local variable. */
bool st__is_old_tls(const struct st__transfer *t, uintptr_t addr);
/** As st__plan_offset(), for a pointer whose low bits may be marks that no attribute tells of: they
 * stay. `addr` is the pointer's value, which leads to byte `off`. */
int st__tagged_offset(const struct st__plan *plan, uint64_t off, uintptr_t addr,
    const struct magic_type *want, uint64_t *ret);
/** Describe what an address of the old state leads to, for messages; returns buf. */
const char *st__describe(struct st__transfer *t, uintptr_t addr, char *buf, size_t size);

/* -- slot.c ------------------------------------------------------------------------------- */

/** What a word of memory is. */
enum st__slot_kind {
    ST__SLOT_OPAQUE,  /**< unknown, or not declared as a pointer: forward what fits */
    ST__SLOT_POINTER, /**< declared as a pointer */
    ST__SLOT_DEAD,    /**< part of an old object or variable that has a successor elsewhere */
};

struct st__slot {
    enum st__slot_kind kind;
    const struct magic_type *pointee; /**< of the new table, or NULL; ST__SLOT_POINTER */
    uint64_t tag;                     /**< which bits of the word are marks, not address */
    struct st__subject subject;
    const struct magic_type *type; /**< of the whole variable or element */
    uint64_t offset;               /**< of the word in it */
    bool fresh;                    /**< in something the new main made, not the old one */
};

/** Find out what the word at run-time address `addr` is, after conversion. */
void st__slot(struct st__transfer *t, uintptr_t addr, struct st__slot *ret);
/** The new thread-local variable at an address, or NULL; *lo gets its address. */
const struct magic_var *st__new_tls_at(const struct st__transfer *t, uintptr_t addr, uintptr_t *lo);
/** Write the member path of byte `off` of a type (".next", "[3].fn") to buf; returns buf. */
const char *st__slot_path(const struct magic_type *type, uint64_t off, char *buf, size_t size);
/** True if a type has a pointer at byte `off`. */
bool st__is_pointer_at(const struct magic_type *type, uint64_t off);

/* -- regions.c, scan.c, older.c, kernel.c -------------------------------------------------- */

/** Find out what memory to scan. Errors: MAGIC_EOS, MAGIC_ENOTSUP, MAGIC_ENOMEM, filled in. */
int st__collect_regions(struct st__transfer *t);
/** Forward every pointer in writable memory. Errors: MAGIC_EUNPAIRED, MAGIC_EFAULT from declared
 * pointers, filled in. */
int st__scan(struct st__transfer *t);
/** What becomes of the word `value` at address `at` of the new state. *slot gets what the word is.
 * Returns as st__forward() does. */
int st__successor(
    struct st__transfer *t, uintptr_t at, uintptr_t value, struct st__slot *slot, uintptr_t *ret);
/** What the scan does with one word of memory that nobody else writes. */
int st__scan_word(struct st__transfer *t, uintptr_t at);
/** Before the scan: older generations are watched for references; and after it: those that
 * nothing refers to are unloaded. */
int st__watch_older(struct st__transfer *t);
void st__retire_older(struct st__transfer *t);
/** Note a word that leads into an older generation. Returns false if it does not. */
bool st__is_older(struct st__transfer *t, uintptr_t addr);
/** True if an address lies in memory that the scan went through. */
bool st__is_scanned(const struct st__transfer *t, uintptr_t addr);
/** Forward what the kernel holds: epoll data. */
int st__kernel_forward(struct st__transfer *t);

/* -- walk.c, unaligned.c ------------------------------------------------------------------- */

/** A walk over the declared pointers of all variables and heap objects, after conversion. */
struct st__walk {
    struct st__transfer *t;
    /** True if the walk should go into a value of this type, which lies at an address that is `at`
     * plus some multiple of 8. */
    bool (*enters)(struct st__walk *w, const struct magic_type *type, uintptr_t at);
    /** Called for each pointer that the walk came to; an error ends it. */
    int (*visit)(struct st__walk *w, const struct magic_type *type, uintptr_t at,
        const struct st__path *path);
};

/** Walk variables and heap objects. Returns 0, the first error, or MAGIC_ENOMEM. */
int st__walk(struct st__walk *w);
/** Forward the declared pointers that are not aligned, which the scan does not see. Errors as of
 * st__scan(). */
int st__scan_unaligned(struct st__transfer *t);

/* -- unknown.c ---------------------------------------------------------------------------- */

/** Name the old version's allocation sites of unknown type that the current subject may lead to, and what
 * to do about them; returns buf. */
const char *st__unknown_sites(const struct st__transfer *t, char *buf, size_t size);

/* -- back.c ------------------------------------------------------------------------------- */

/** Transfer all that was converted back into a scratch copy and compare it with the old state.
 * Errors: MAGIC_EBADMSTATE, with the first difference, filled in; MAGIC_ENOMEM. */
int st__check_back(struct st__transfer *t);

/* -- verify.c ----------------------------------------------------------------------------- */

/** Refuse if a declared pointer to a structure that changed leads to memory of unknown type.
 * Errors: MAGIC_ENOTSUP, MAGIC_ENOMEM, filled in. */
int st__verify(struct st__transfer *t);

/* -- late.c ------------------------------------------------------------------------------- */

/** True if there are objects of a kind, typed late, whose type changed. */
bool st__late_changed(struct st__transfer *t, uint32_t kind);
/** True if a declared pointer to a `want` leads to the start of an object, typed late, that is none. Only
 * asked where the type of one of them changed. */
bool st__late_is_other(
    struct st__transfer *t, uintptr_t p, const struct magic_type *want, bool want_changed);
/** Refuse such a pointer. Errors: MAGIC_ENOTSUP, filled in. */
int st__late_refuse(struct st__transfer *t, uintptr_t p, const struct magic_type *want,
    const struct st__path *path);
/** Before an object is converted: refuse if it was typed late and holds what its type has no place for.
 * Errors: MAGIC_ENOTSUP, MAGIC_ENOMEM, filled in. */
int st__late_check(
    struct st__transfer *t, const struct magic__object *obj, const struct st__shape *shape);

/* -- valid.c ------------------------------------------------------------------------------ */

/** Walk tables, pairing and forwarding map, in debug builds. Errors: MAGIC_EBADMSTATE, filled in. */
int st__check_structures(struct st__transfer *t);

/* -- marks.c ------------------------------------------------------------------------------ */

/** Mark [lo, hi) in *marks, which is made if it is NULL. Returns 0 or MAGIC_ENOMEM. */
int st__mark(struct st__transfer *t, struct st__marks **marks, uintptr_t lo, uintptr_t hi);

struct st__marks {
    uint8_t *gib[1u << 17]; /**< by address >> 30: a bit for each 16 bytes, or NULL */
};

/** True if the address, or one within 16 bytes of it, is marked. */
static inline bool st__is_marked(const struct st__marks *marks, uintptr_t addr)
{
    const uint8_t *bits;

    if (addr >> 47)
        return false;
    bits = marks->gib[addr >> 30];
    return bits && (bits[(addr >> 7) & 0x7fffff] >> ((addr >> 4) & 7) & 1);
}

#endif
