/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The images (generations) of this process: where they lie, what is in them, and their sealing.
 */
#ifndef MAGIC_IMAGE_H
#define MAGIC_IMAGE_H

#include <elf.h>
#include <stdbool.h>
#include <stdint.h>

#include <magic/arena.h>
#include <magic/error.h>
#include <magic/magic.h>
#include <magic/table.h>

#define MAGIC__MAX_RANGES 8

/** A run-time address range, `hi` exclusive. */
struct magic__range {
    uintptr_t lo, hi;
};

struct magic__image;

/** Async-signal-safe: the run-time address that continues the old function whose link-time entry
 * is given, or 0. `ctx` lives as long as the process. */
typedef uintptr_t (*magic__redirect_t)(
    const void *ctx, const struct magic__image *image, uint64_t entry);

/** A generation. Never freed; addresses are run-time ones unless they say "link-time". */
struct magic__image {
    struct magic_generation *pub;                  /**< what tools see */
    uintptr_t base;                                /**< run-time minus link-time address */
    struct magic__range span;                      /**< whole image, rounded to pages */
    struct magic__range text[MAGIC__MAX_RANGES];   /**< executable segments */
    struct magic__range rodata[MAGIC__MAX_RANGES]; /**< read-only segments: stay mapped */
    struct magic__range data[MAGIC__MAX_RANGES];   /**< writable segments, zero fill included */
    unsigned n_text, n_rodata, n_data;
    struct magic__range relro;     /**< read-only after relocation; lies inside data */
    struct magic__range tls_image; /**< initial values of thread-local variables */
    struct magic__range dynamic;   /**< what the dynamic linker keeps reading */
    struct magic_view view;
    const struct magic_table *table; /**< NULL until magic__image_table() */
    struct magic_arena arena;        /**< holds the table */
    void *handle;                    /**< of dlopen; NULL for generation 0 */
    int (*main)(int, char **, char **);
    magic__redirect_t redirect; /**< set when sealed */
    const void *redirect_ctx;
    bool referenced; /**< set by a transfer that met an address in it */
    bool retired;    /**< unloaded; its addresses stay reserved */
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
int magic__image_table(
    struct magic__image *image, const struct magic_table **ret, struct magic_error *err);

/** Give the table's memory back; faults in the image are then reported without a variable's name.
 * For sealed images that nobody will ask about. */
void magic__image_drop_table(struct magic__image *image);

/** True for addresses in the image that the dynamic linker keeps in its own data (start, strings,
 * dynamic section, unwind table): they are no references of the service. */
bool magic__image_is_linkers(const struct magic__image *image, uintptr_t addr);

/** Unload a sealed generation that nothing refers to any more. Its addresses stay reserved and
 * inaccessible, and stale calls into it are still redirected. Does nothing for generation 0, or if
 * the dynamic linker keeps it. */
void magic__image_retire(struct magic__image *image);

/** Run-time address of a variable for the calling thread: base + addr, or what a TLS variable's
 * accessor returns (the image must not be sealed then). */
void *magic__image_var_addr(const struct magic__image *image, const struct magic_var *var);

/** Base of the main stack: frames of main and below start under this address; what lies above
 * (arguments, environment, libc's start frames) outlives generations. */
uintptr_t magic__image_stack_base(void);

/** True if an address of the image can be read after sealing as well: read-only segments, what is
 * read-only after relocation, and constants that a linker (gold) puts among the code. */
bool magic__image_stays_readable(const struct magic__image *image, uintptr_t addr);

/** Where the frames of the old main and what it called lay when it was left for the new one. */
struct magic__range magic__image_left_frames(void);

/** The dynamic linker's record of the image, which holds addresses in it that must stay as they are:
 * no memory scan may change them. */
struct magic__range magic__image_link_map(const struct magic__image *image);

/** Seal a generation that was transferred: text and variables become inaccessible (PROT_NONE),
 * read-only and relro data stay readable, its fini functions never run, and a call through a
 * stale pointer to one of its functions is redirected by `redirect`.
 * Errors: MAGIC_EOS. */
__attribute__((warn_unused_result)) int magic__image_seal(struct magic__image *image,
    magic__redirect_t redirect, const void *ctx, struct magic_error *err);

/** Forward what libc and the kernel hold by address: signal handlers, the alternate signal stack
 * and atexit functions with their arguments, of old generations. `forward(ctx, addr, ret)` gives
 * an address's successor, which is the address itself for anything that did not move; it returns
 * 0, or a code for an address that has none. What the new main installed itself stays.
 * Errors: what forward returned, with signal or function named in `err`. */
typedef int (*magic__forward_t)(void *ctx, uintptr_t addr, uintptr_t *ret);
__attribute__((warn_unused_result)) int magic__image_reinstall(
    magic__forward_t forward, void *ctx, struct magic_error *err);

/** Send one line to the log hook, if any. Async-signal-safe but for the hook itself. */
void magic__log(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
