/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The images (generations) of this process: where they lie, what is in them, and their sealing.
 */
#ifndef MAGIC_IMAGE_H
#define MAGIC_IMAGE_H

#include <elf.h>
#include <stdint.h>

#include <magic/error.h>
#include <magic/magic.h>
#include <magic/table.h>

#define MAGIC__MAX_RANGES 8

/** A run-time address range, `hi` exclusive. */
struct magic__range {
    uintptr_t lo, hi;
};

/** A generation. Never freed; addresses are run-time ones unless they say "link-time". */
struct magic__image {
    struct magic_generation *pub;       /**< what tools see */
    uintptr_t base;                     /**< run-time minus link-time address */
    struct magic__range span;           /**< whole image, rounded to pages */
    struct magic__range text[MAGIC__MAX_RANGES];   /**< executable segments */
    struct magic__range rodata[MAGIC__MAX_RANGES]; /**< read-only segments: stay mapped */
    struct magic__range data[MAGIC__MAX_RANGES];   /**< writable segments, zero fill included */
    unsigned n_text, n_rodata, n_data;
    struct magic__range relro;          /**< read-only after relocation; lies inside data */
    struct magic_view view;
    const struct magic_table *table;    /**< NULL until magic__image_table() */
    struct magic_arena arena;           /**< holds the table */
    void *handle;                       /**< of dlopen; NULL for generation 0 */
    int (*main)(int, char **, char **);
};

/** Newest first-to-last access: number of generations, and one by index (0 is the oldest). */
unsigned magic__image_count(void);
struct magic__image *magic__image_at(unsigned index);
/** The generation that runs; the loaded, not yet committed one (NULL if none). */
struct magic__image *magic__image_current(void);
struct magic__image *magic__image_pending(void);
/** The generation whose span contains a run-time address, or NULL. O(number of generations). */
struct magic__image *magic__image_of(uintptr_t addr);

/** Read the image's state table once; later calls return the same. Errors: as magic_table_read. */
int magic__image_table(struct magic__image *image, const struct magic_table **ret,
    struct magic_error *err);

/** Run-time address of a variable for the calling thread: base + addr, or what a TLS variable's
 * accessor returns (the image must not be sealed then). */
void *magic__image_var_addr(const struct magic__image *image, const struct magic_var *var);

/** Base of the main stack: frames of main and below start under this address; what lies above
 * (arguments, environment, libc's start frames) outlives generations. */
uintptr_t magic__image_stack_base(void);

/** Seal a generation that was transferred: text and variables become inaccessible (PROT_NONE),
 * read-only and relro data stay readable, its fini functions never run, and a call through a
 * stale pointer to one of its functions is redirected by `redirect`.
 *
 * `redirect(ctx, image, link_time_entry)` gives the successor's run-time address or 0; it must be
 * async-signal-safe, and `ctx` must live as long as the process.
 * Errors: MAGIC_EOS. */
typedef uintptr_t (*magic__redirect_t)(const void *ctx, const struct magic__image *image,
    uint64_t entry);
__attribute__((warn_unused_result))
int magic__image_seal(struct magic__image *image, magic__redirect_t redirect, const void *ctx,
    struct magic_error *err);

/** Forward what libc and the kernel hold by address: signal handlers and atexit functions of old
 * generations. `forward(ctx, addr, ret)` gives an address's successor; it returns 0, or a code for
 * an address that has none.
 * Errors: what forward returned, with signal or function named in `err`. */
typedef int (*magic__forward_t)(void *ctx, uintptr_t addr, uintptr_t *ret);
__attribute__((warn_unused_result))
int magic__image_reinstall(magic__forward_t forward, void *ctx, struct magic_error *err);

/** Send one line to the log hook, if any. Async-signal-safe but for the hook itself. */
void magic__log(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
