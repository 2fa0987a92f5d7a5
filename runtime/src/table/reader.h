/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the steps of the table reader share: raw types, the reader's state, the table with indexes.
 *
 * Steps, in order: sections and module records (table.c), raw type records (types_read.c), equal
 * types found (types_merge.c), types built (types_build.c) and checked (types_check.c), then
 * variables, functions and sites (entities.c) and name indexes (lookup.c). Raw data lives in a
 * scratch arena that ends with magic_table_read().
 */
#ifndef MAGIC_READER_H
#define MAGIC_READER_H

#include <magic/table.h>

#include "table/sort.h"
#include "table/view.h"

#define MAGIC__NONE UINT32_MAX

/* A record section by link-time address, stop exclusive. */
struct magic__section {
    const char *name;
    uint64_t start, stop;
};

/* A member, enumerator or parameter of a raw type. */
struct magic__raw_entry {
    const char *name, *attrs;
    uint64_t value; /* bit offset, or enumerator value */
    uint32_t bit_size;
    uint32_t type; /* raw index; MAGIC__NONE: none */
};

/* A type record as read: bounds and references are checked, nothing else is. */
struct magic__raw_type {
    struct magic_type_rec rec;
    uint64_t addr;
    const char *name, *file, *attrs;
    const char *alias;    /* typedef name of an anonymous type, or "" */
    uint32_t target;      /* raw index; MAGIC__NONE: none */
    uint32_t first_entry; /* index into magic__reader.entries; rec.count of them */
    uint64_t shape;       /* hash of all but the identity of the types it refers to */
    uint64_t color;       /* equal for equal types, once merged */
    uint32_t same_as;     /* raw index of the complete definition, or its own */
    uint32_t id;          /* of the type that same_as says: index in the table's types */
};

struct magic__enumerator_name {
    const char *name;
    int64_t value;
};

/* A table with its indexes; `pub` is what users see. */
struct magic__table {
    struct magic_table pub;
    size_t n_recs; /* type records, by address */
    const uint64_t *rec_addrs;
    const struct magic_type **rec_types;
    size_t n_mapped;       /* variables that are not TLS */
    const uint32_t *cover; /* of vars 0..i, the one that ends last */
    const uint32_t *vars_by_name, *funcs_by_name;
    const struct magic__enumerator_name *enumerators; /* by name */
    size_t n_enumerators;
};

struct magic__reader {
    const struct magic_view *view;
    struct magic_arena *arena; /* the result's */
    struct magic_arena scratch;
    struct magic_error *err;
    struct magic__section modules, types, vars, funcs, sites;
    struct magic__table *table;
    struct magic__raw_type *raw;
    size_t n_raw;
    struct magic__raw_entry *entries;
    size_t n_entries;
    struct magic_type *built; /* the table's types while they are being made */
    size_t n_built;
    const struct magic_type *void_type;
    uint64_t key_budget; /* bytes left for composed keys */
};

/* Each step returns 0 or an error code, with the error filled in. */
int magic__read_types(struct magic__reader *rd);
int magic__merge_types(struct magic__reader *rd);
int magic__build_types(struct magic__reader *rd);
int magic__check_types(struct magic__reader *rd);
int magic__read_vars(struct magic__reader *rd);
int magic__read_funcs(struct magic__reader *rd);
int magic__read_sites(struct magic__reader *rd);
int magic__index_names(struct magic__reader *rd);

/* Report that memory is out. */
int magic__no_memory(struct magic__reader *rd);

/* Number of records in a section of fixed-size records. Errors: MAGIC_EFORMAT. */
int magic__section_count(
    struct magic__reader *rd, const struct magic__section *section, size_t rec_size, size_t *n);

/* The string that the reference in a field at link-time address `field` leads to; "" for none. */
int magic__ref_string(
    struct magic__reader *rd, uint64_t field, magic_ref_t ref, const char *what, const char **ret);

/* The raw type that a reference leads to; MAGIC__NONE for none. */
int magic__ref_type(
    struct magic__reader *rd, uint64_t field, magic_ref_t ref, const char *what, uint32_t *ret);

/* The built type of a raw index. */
const struct magic_type *magic__type_of(const struct magic__reader *rd, uint32_t raw);

/* A new type at the end of the table's types; there is room for one for each untyped variable. */
struct magic_type *magic__add_type(struct magic__reader *rd, enum magic_type_kind kind);

/* Sorted ids 0..n-1 in `arena`, or NULL when memory is out. */
uint32_t *magic__sorted_ids(struct magic__reader *rd, struct magic_arena *arena, size_t n,
    magic__cmp_t cmp, const void *ctx);

/* Bytes of the fields up to `field`: where a record's field lies. */
#define MAGIC__FIELD(addr, rec, field) ((addr) + offsetof(struct rec, field))

#endif
