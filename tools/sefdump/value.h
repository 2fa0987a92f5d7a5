/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Values in a source, down to a depth.
 */
#ifndef SEFDUMP_VALUE_H
#define SEFDUMP_VALUE_H

#include "emit.h"
#include "source.h"

/** How much of a value is shown. */
struct value_limits {
    unsigned depth;    /**< levels of structs and arrays, at most EMIT_DEPTH_MAX */
    unsigned elements; /**< of an array */
    unsigned total;    /**< scalars of one value */
};

/** Emit a value that magic__eval_run() gave, or that was set up with type, address and
 * magic__eval_load(). What cannot be read is emitted as a note. */
void value_emit(const struct source *source, const struct magic__eval_value *value,
    const struct value_limits *limits, struct emit *emit);

/** Emit the value of a variable. */
void value_emit_var(const struct source *source, const struct magic_var *var,
    const struct value_limits *limits, struct emit *emit);

/** Describe what is at a run-time address: "name", "name+8", "heap struct entry+16"; "" if unknown.
 * Returns buf. */
const char *value_describe(const struct source *source, uint64_t addr, char *buf, size_t size);

#endif
