/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The sections of the output, as text and as JSON.
 */
#ifndef SEFDUMP_DUMP_H
#define SEFDUMP_DUMP_H

#include <stdio.h>

#include <jansson.h>

#include "heap.h"
#include "source.h"
#include "value.h"

/* As text, to `out`. */
void dump_type_text(FILE *out, const struct magic_type *type);
void dump_types_text(FILE *out, const struct source *source);
void dump_vars_text(FILE *out, const struct source *source, const struct value_limits *limits);
void dump_funcs_text(FILE *out, const struct source *source);
void dump_sites_text(FILE *out, const struct source *source);
void dump_heap_text(FILE *out, const struct heap_summary *heap);

/* As JSON; the caller owns the result, which is NULL when memory is out. */
json_t *dump_type_json(const struct magic_type *type);
json_t *dump_types_json(const struct source *source);
json_t *dump_vars_json(const struct source *source, const struct value_limits *limits);
json_t *dump_funcs_json(const struct source *source);
json_t *dump_sites_json(const struct source *source);
json_t *dump_heap_json(const struct heap_summary *heap);

/** What an allocation site says about its objects: "one", "array", "tail", "leaf", "opaque". */
const char *dump_site_shape(const struct magic_site *site);

#endif
