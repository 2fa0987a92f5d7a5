/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The heap index of another process (runtime/src/heap/heap_layout.h).
 *
 * The process goes on while it is read, so an object may be missed, or seen twice; nothing that is
 * read can make the reader fail in other ways than with a wrong count.
 */
#ifndef SEFDUMP_HEAP_H
#define SEFDUMP_HEAP_H

#include <stdbool.h>
#include <stdint.h>

#include "source.h"

/** Objects of one allocation site. */
struct heap_kind {
    const struct magic_type *type; /**< NULL: opaque, or a type that is gone */
    const struct magic_site *site; /**< NULL: of an older generation */
    bool is_sub;                   /**< the objects lie inside blocks */
    uint64_t objects, bytes;
};

/** All typed heap objects, by kind. */
struct heap_summary {
    struct heap_kind *kinds; /**< owned; `n` of them, number 0 unused */
    uint32_t n;
    uint64_t objects, bytes;
};

/** Count the objects. Errors: MAGIC_ENOENT no index yet; MAGIC_EABI, MAGIC_EFORMAT, MAGIC_ENOMEM.
 * Release with heap_summary_deinit(). */
__attribute__((warn_unused_result)) int heap_summary_init(
    struct heap_summary *summary, const struct source *source, struct magic_error *err);
void heap_summary_deinit(struct heap_summary *summary);

/** An object that contains an address. */
struct heap_object {
    uint64_t addr, size;
    const struct magic_type *type;
};

/** Find the object around `addr`. False: there is none, or the index cannot be read. */
bool heap_find(const struct source *source, uint64_t addr, struct heap_object *ret);

#endif
