/* SPDX-License-Identifier: BSD-2-Clause
 *
 * How much of a program's memory has a known type.
 *
 * In an image allocation sites are counted: typed, leaf (strings and byte buffers) and opaque. In a
 * process typed objects are counted, and compared with the memory that can hold heap objects.
 */
#ifndef SEFDUMP_COVERAGE_H
#define SEFDUMP_COVERAGE_H

#include <stdio.h>

#include <jansson.h>

#include "heap.h"
#include "source.h"

/** Write the coverage to `out`; `heap` is NULL for an image file. */
void coverage_text(FILE *out, const struct source *source, const struct heap_summary *heap);

/** The same as JSON; the caller owns the result. */
json_t *coverage_json(const struct source *source, const struct heap_summary *heap);

#endif
