/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Exit functions of service images.
 *
 * libc keeps exit functions where they cannot be changed any more. So whatever an image registers
 * is kept here, and libc gets a trampoline with the entry as argument: the order of execution
 * stays libc's, the function can follow its generation. libc is not given the image's handle,
 * which would be an address into an old image before long; __cxa_finalize() looks here instead.
 * Registrations of libraries pass by.
 *
 * What an image's own constructors registered goes with the image: those of the next one register
 * anew when it is loaded. What the program registered later is state, and is carried over.
 *
 * Entries live in chunks that only grow, so that registering takes no lock that a fork could
 * leave behind.
 */
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "image/image_internal.h"
#include "os/os.h"
#include "os/os_memory.h"

int __cxa_atexit(void (*fn)(void *), void *arg, void *dso);
void __cxa_finalize(void *dso);

enum { CHUNK_ENTRIES = 100 };
enum entry_state { UNUSED, LIVE, DONE };

struct exit_entry {
    _Atomic(enum entry_state) state;
    bool claimed;     /* an old entry of the same function was dropped for this one */
    bool constructor; /* registered by a constructor of the image */
    bool with_status; /* by on_exit() */
    uintptr_t fn;
    uintptr_t arg;
    void *dso;
};

struct exit_chunk {
    struct exit_chunk *older;
    atomic_uint used; /* may run past CHUNK_ENTRIES */
    struct exit_entry entries[CHUNK_ENTRIES];
};

static struct exit_chunk first;
static _Atomic(struct exit_chunk *) newest = &first;
static atomic_bool guarded;

static struct exit_entry *claim_entry(void)
{
    for (;;) {
        struct exit_chunk *chunk = atomic_load(&newest), *fresh;
        unsigned i = atomic_fetch_add(&chunk->used, 1);

        if (i < CHUNK_ENTRIES)
            return &chunk->entries[i];
        fresh = magic__os_pages_alloc(sizeof(*fresh));
        if (!fresh)
            return NULL;
        fresh->older = chunk;
        if (!atomic_compare_exchange_strong(&newest, &chunk, fresh))
            magic__os_pages_free(fresh, sizeof(*fresh));
    }
}

/* The live entry registered before `entry` (NULL: the last one registered), or NULL. */
static struct exit_entry *live_before(struct exit_entry *entry, struct exit_chunk **chunk)
{
    if (!entry)
        *chunk = atomic_load(&newest);
    for (; *chunk; *chunk = (*chunk)->older, entry = NULL) {
        unsigned used = atomic_load(&(*chunk)->used);

        if (!entry)
            entry = &(*chunk)->entries[used < CHUNK_ENTRIES ? used : CHUNK_ENTRIES];
        while (entry > (*chunk)->entries)
            if (atomic_load(&(--entry)->state) == LIVE)
                return entry;
    }
    return NULL;
}

/* True for the one caller that is to run the entry. */
static bool take(struct exit_entry *entry)
{
    enum entry_state live = LIVE;

    return atomic_compare_exchange_strong(&entry->state, &live, DONE);
}

static void run_entry(int status, struct exit_entry *entry)
{
    if (!take(entry))
        return;
    if (entry->with_status)
        ((void (*)(int, void *)) entry->fn)(status, (void *) entry->arg);
    else
        ((void (*)(void *)) entry->fn)((void *) entry->arg);
}

static void end_if_guarded(int status, void *arg)
{
    (void) arg;
    if (atomic_load(&guarded))
        magic__os_exit(status);
}

/* What libc calls. An image that is not committed registered its functions behind the guard. */
static void trampoline(int status, void *entry)
{
    end_if_guarded(status, NULL);
    run_entry(status, entry);
}

/* The next definition of one of the interposed functions: libc's, or another interposer's. */
static void *next_symbol(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

static int next_cxa_atexit(void (*fn)(void *), void *arg, void *dso)
{
    static int (*next)(void (*)(void *), void *, void *);

    if (!next)
        next = (int (*)(void (*)(void *), void *, void *)) next_symbol("__cxa_atexit");
    return next(fn, arg, dso);
}

static int next_on_exit(void (*fn)(int, void *), void *arg)
{
    static int (*next)(void (*)(int, void *), void *);

    if (!next)
        next = (int (*)(void (*)(int, void *), void *)) next_symbol("on_exit");
    return next(fn, arg);
}

static bool belongs_to_image(uintptr_t addr)
{
    return addr && (magic__image_of(addr) || magic__image_loading(addr));
}

/* An address in the image that an entry belongs to; one elsewhere if only the function is known, and
 * is a library's. */
static uintptr_t owner(const struct exit_entry *entry)
{
    return belongs_to_image((uintptr_t) entry->dso) ? (uintptr_t) entry->dso : entry->fn;
}

/* Whether it is constructors of the image at `addr` that run now. */
static bool is_constructing(uintptr_t addr)
{
    return magic__image_stack_base() ? magic__image_loading(addr) : magic__image_of(addr) != NULL;
}

/* Register an entry with these contents. Not 0: no memory. */
static int register_entry(struct exit_entry contents)
{
    struct exit_entry *entry = claim_entry();
    int result;

    if (!entry)
        return -1;
    entry->fn = contents.fn;
    entry->arg = contents.arg;
    entry->dso = contents.dso;
    entry->with_status = contents.with_status;
    entry->constructor = is_constructing(owner(entry));
    atomic_store(&entry->state, LIVE);
    result = next_on_exit(trampoline, entry);
    if (result)
        atomic_store(&entry->state, DONE);
    return result;
}

/** Register a function for exit, as the C++ ABI and glibc's atexit() do. Errors: not 0 without
 * memory. Threads: any. */
int __cxa_atexit(void (*fn)(void *), void *arg, void *dso)
{
    if (!belongs_to_image((uintptr_t) dso) && !belongs_to_image((uintptr_t) fn))
        return next_cxa_atexit(fn, arg, dso);
    return register_entry(
        (struct exit_entry) { .fn = (uintptr_t) fn, .arg = (uintptr_t) arg, .dso = dso });
}

/** Register a function for exit that gets the exit status. Errors and threads: as above. */
int on_exit(void (*fn)(int, void *), void *arg)
{
    if (!belongs_to_image((uintptr_t) fn))
        return next_on_exit(fn, arg);
    return register_entry(
        (struct exit_entry) { .fn = (uintptr_t) fn, .arg = (uintptr_t) arg, .with_status = true });
}

/** Run what an object registered and has not run yet, last first; NULL: everybody's. */
void __cxa_finalize(void *dso)
{
    static void (*next)(void *);
    struct exit_chunk *chunk;
    struct exit_entry *entry = NULL;

    if (dso)
        while ((entry = live_before(entry, &chunk)))
            if (entry->dso == dso)
                run_entry(0, entry);
    if (!next)
        next = (void (*)(void *)) next_symbol("__cxa_finalize");
    next(dso);
}

int magic__exit_guard(struct magic_error *err)
{
    /* The last one registered is the first to run. */
    if (next_on_exit(end_if_guarded, NULL))
        return magic_error_set(err, MAGIC_ENOMEM, "no memory for one more exit function");
    atomic_store(&guarded, true);
    return 0;
}

void magic__exit_unguard(void)
{
    atomic_store(&guarded, false);
}

static const struct magic__image *new_image(void)
{
    const struct magic__image *pending = magic__image_pending();

    return pending ? pending : magic__image_current();
}

/* An entry that the new image registered itself, not yet claimed, with function and argument. */
static struct exit_entry *find_registered(uintptr_t fn, uintptr_t arg)
{
    struct exit_chunk *chunk;
    struct exit_entry *entry = NULL;

    while ((entry = live_before(entry, &chunk)))
        if (!entry->claimed && entry->fn == fn && entry->arg == arg &&
            magic__image_of(owner(entry)) == new_image())
            return entry;
    return NULL;
}

/* As live_before(), of those that constructors registered, of the new image or of old ones. */
static struct exit_entry *constructed_before(
    struct exit_entry *entry, struct exit_chunk **chunk, bool is_new)
{
    while ((entry = live_before(entry, chunk)))
        if (entry->constructor && (magic__image_of(owner(entry)) == new_image()) == is_new)
            break;
    return entry;
}

static unsigned count_constructed(bool is_new)
{
    struct exit_chunk *chunk;
    struct exit_entry *entry = NULL;
    unsigned n = 0;

    while ((entry = constructed_before(entry, &chunk, is_new)))
        n++;
    return n;
}

/* Drop what the old image's constructors registered. Those of the new image get the places, as far
 * as there are as many: what constructors registered runs after what the program did. */
static void renew_constructed(void)
{
    unsigned n_old = count_constructed(false), n_new = count_constructed(true);
    struct exit_chunk *old_chunk, *chunk;
    struct exit_entry *old = NULL, *entry = NULL;

    for (; n_new > n_old; n_new--)
        entry = constructed_before(entry, &chunk, true);
    while ((old = constructed_before(old, &old_chunk, false))) {
        if (n_old-- > n_new) {
            atomic_store(&old->state, DONE);
            continue;
        }
        entry = constructed_before(entry, &chunk, true);
        old->fn = entry->fn;
        old->arg = entry->arg;
        old->dso = entry->dso;
        old->claimed = entry->claimed;
        old->with_status = entry->with_status;
        atomic_store(&entry->state, DONE);
    }
}

/* Function and argument of a constructor's entry are renewed, and not to be claimed for another. */
static void claim_renewed(const struct exit_entry *entry, magic__forward_t forward, void *ctx)
{
    uintptr_t fn, arg = entry->arg;
    struct exit_entry *same = NULL;

    if (!forward(ctx, entry->fn, &fn) && (!arg || !forward(ctx, arg, &arg)))
        same = find_registered(fn, arg);
    if (same)
        same->claimed = true;
}

static int forward_entry(
    struct exit_entry *entry, magic__forward_t forward, void *ctx, struct magic_error *err)
{
    char name[256];
    uintptr_t fn, arg = entry->arg;
    struct exit_entry *same;
    int code = forward(ctx, entry->fn, &fn);

    if (code)
        return magic_error_set(err, code,
            "exit function %s has no successor: keep a function of this name",
            magic__image_code_name(entry->fn, name, sizeof(name)));
    code = arg ? forward(ctx, arg, &arg) : 0;
    if (code)
        return magic_error_set(err, code, "argument 0x%lx of exit function %s has no successor",
            (unsigned long) entry->arg, magic__image_code_name(entry->fn, name, sizeof(name)));
    same = find_registered(fn, arg);
    if (same) {
        same->claimed = true;
        atomic_store(&entry->state, DONE);
        return 0;
    }
    entry->fn = fn;
    entry->arg = arg;
    entry->dso = (void *) new_image()->span.lo;
    entry->claimed = true;
    return 0;
}

int magic__exit_forward(magic__forward_t forward, void *ctx, struct magic_error *err)
{
    struct exit_chunk *chunk;
    struct exit_entry *entry = NULL;
    int code = 0;

    /* Claims count for one transfer. */
    while ((entry = live_before(entry, &chunk)))
        entry->claimed = false;
    while ((entry = constructed_before(entry, &chunk, false)))
        claim_renewed(entry, forward, ctx);
    renew_constructed();
    while (!code && (entry = live_before(entry, &chunk)))
        if (magic__image_old_of(owner(entry)))
            code = forward_entry(entry, forward, ctx, err);
    return code;
}

void magic__exit_drop_old(void)
{
    struct exit_chunk *chunk;
    struct exit_entry *entry = NULL;

    while ((entry = live_before(entry, &chunk)))
        if (magic__image_old_of(owner(entry)))
            atomic_store(&entry->state, DONE);
}
