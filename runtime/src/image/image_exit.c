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
    bool claimed; /* an old entry of the same function was dropped for this one */
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

static void run_plain(void *entry_ptr)
{
    struct exit_entry *entry = entry_ptr;

    if (take(entry))
        ((void (*)(void *)) entry->fn)((void *) entry->arg);
}

static void run_with_status(int status, void *entry_ptr)
{
    struct exit_entry *entry = entry_ptr;

    if (take(entry))
        ((void (*)(int, void *)) entry->fn)(status, (void *) entry->arg);
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

static struct exit_entry *make_entry(uintptr_t fn, void *arg, void *dso)
{
    struct exit_entry *entry = claim_entry();

    if (entry) {
        entry->fn = fn;
        entry->arg = (uintptr_t) arg;
        entry->dso = dso;
        atomic_store(&entry->state, LIVE);
    }
    return entry;
}

/* The result of libc's registration of an entry. */
static int registered(struct exit_entry *entry, int result)
{
    if (result)
        atomic_store(&entry->state, DONE);
    return result;
}

/** Register a function for exit, as the C++ ABI and glibc's atexit() do. Errors: not 0 without
 * memory. Threads: any. */
int __cxa_atexit(void (*fn)(void *), void *arg, void *dso)
{
    struct exit_entry *entry;

    if (!belongs_to_image((uintptr_t) dso) && !belongs_to_image((uintptr_t) fn))
        return next_cxa_atexit(fn, arg, dso);
    entry = make_entry((uintptr_t) fn, arg, dso);
    return entry ? registered(entry, next_cxa_atexit(run_plain, entry, NULL)) : -1;
}

/** Register a function for exit that gets the exit status. Errors and threads: as above. */
int on_exit(void (*fn)(int, void *), void *arg)
{
    struct exit_entry *entry;

    if (!belongs_to_image((uintptr_t) fn))
        return next_on_exit(fn, arg);
    entry = make_entry((uintptr_t) fn, arg, NULL);
    if (!entry)
        return -1;
    return registered(entry, next_on_exit(run_with_status, entry));
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
                run_plain(entry);
    if (!next)
        next = (void (*)(void *)) next_symbol("__cxa_finalize");
    next(dso);
}

static void end_if_guarded(int status, void *arg)
{
    (void) arg;
    if (atomic_load(&guarded))
        magic__os_exit(status);
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

/* An entry that the new main registered itself, not yet claimed, with function and argument. */
static struct exit_entry *find_registered(uintptr_t fn, uintptr_t arg)
{
    struct exit_chunk *chunk;
    struct exit_entry *entry = NULL;

    while ((entry = live_before(entry, &chunk)))
        if (!entry->claimed && entry->fn == fn && entry->arg == arg)
            return entry;
    return NULL;
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
    while (!code && (entry = live_before(entry, &chunk)))
        if (magic__image_old_of(entry->fn))
            code = forward_entry(entry, forward, ctx, err);
    return code;
}

void magic__exit_drop_old(void)
{
    struct exit_chunk *chunk;
    struct exit_entry *entry = NULL;

    while ((entry = live_before(entry, &chunk)))
        if (magic__image_old_of(entry->fn))
            atomic_store(&entry->state, DONE);
}
