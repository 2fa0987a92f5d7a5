/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The state table's records as C structs, generated from MagicRecords.inc.
 *
 * These structs describe bytes inside a service image. In another process's or a file's image
 * they are untrusted: only the table reader (magic/table.h) may look at them there.
 */
#ifndef MAGIC_RECORDS_H
#define MAGIC_RECORDS_H

#include <stddef.h>
#include <stdint.h>

#include <magic/MagicRecords.inc>

/** Distance in bytes from the field itself to its target; 0 is "none". */
typedef int32_t magic_ref_t;

#define MAGIC_CTYPE_U16 uint16_t
#define MAGIC_CTYPE_U32 uint32_t
#define MAGIC_CTYPE_U64 uint64_t
#define MAGIC_CTYPE_I64 int64_t
#define MAGIC_CTYPE_REF magic_ref_t
#define MAGIC_C_FIELD(kind, name) MAGIC_CTYPE_##kind name;

struct magic_module_rec { MAGIC_MODULE_FIELDS(MAGIC_C_FIELD) };
struct magic_type_rec { MAGIC_TYPE_FIELDS(MAGIC_C_FIELD) };
struct magic_member_rec { MAGIC_MEMBER_FIELDS(MAGIC_C_FIELD) };
struct magic_enumerator_rec { MAGIC_ENUMERATOR_FIELDS(MAGIC_C_FIELD) };
struct magic_param_rec { MAGIC_PARAM_FIELDS(MAGIC_C_FIELD) };
struct magic_var_rec { MAGIC_VAR_FIELDS(MAGIC_C_FIELD) };
struct magic_func_rec { MAGIC_FUNC_FIELDS(MAGIC_C_FIELD) };
struct magic_site_rec { MAGIC_SITE_FIELDS(MAGIC_C_FIELD) };

#ifdef __cplusplus
#define MAGIC_STATIC_ASSERT static_assert
#else
#define MAGIC_STATIC_ASSERT _Static_assert
#endif
MAGIC_STATIC_ASSERT(sizeof(struct magic_module_rec) == MAGIC_MODULE_SIZE, "module record");
MAGIC_STATIC_ASSERT(sizeof(struct magic_type_rec) == MAGIC_TYPE_SIZE, "type record");
MAGIC_STATIC_ASSERT(sizeof(struct magic_member_rec) == MAGIC_MEMBER_SIZE, "member record");
MAGIC_STATIC_ASSERT(sizeof(struct magic_enumerator_rec) == MAGIC_ENUMERATOR_SIZE, "enumerator");
MAGIC_STATIC_ASSERT(sizeof(struct magic_param_rec) == MAGIC_PARAM_SIZE, "parameter record");
MAGIC_STATIC_ASSERT(sizeof(struct magic_var_rec) == MAGIC_VAR_SIZE, "variable record");
MAGIC_STATIC_ASSERT(sizeof(struct magic_func_rec) == MAGIC_FUNC_SIZE, "function record");
MAGIC_STATIC_ASSERT(sizeof(struct magic_site_rec) == MAGIC_SITE_SIZE, "site record");

#define MAGIC_KIND_ENUM(name, value) MAGIC_KIND_##name = value,
/** What a type is. */
enum magic_type_kind { MAGIC_TYPE_KINDS(MAGIC_KIND_ENUM) };
#undef MAGIC_KIND_ENUM

/** The address a reference leads to, for a record in this process's own trusted image. */
#define MAGIC_REF_PTR(field) \
    ((field) ? (const void *)((const char *)&(field) + (field)) : (const void *)0)

/* The image note: an ELF note in PT_NOTE, owner MAGIC_NOTE_NAME, type MAGIC_NOTE_TYPE, written by
 * the start file of each service image. Its descriptor is struct magic_note. */
#define MAGIC_NOTE_NAME "SEF"
#define MAGIC_NOTE_TYPE 1
#define MAGIC_NOTE_MAGIC 0x4e464553u /* "SEFN" */

/** Where an image keeps its state table, and its main. References are relative to each field. */
struct magic_note {
    uint32_t magic;                         /**< MAGIC_NOTE_MAGIC */
    uint16_t abi_major, abi_minor;          /**< of the start file */
    magic_ref_t modules_start, modules_stop;
    magic_ref_t types_start, types_stop;
    magic_ref_t vars_start, vars_stop;
    magic_ref_t funcs_start, funcs_stop;
    magic_ref_t sites_start, sites_stop;
    magic_ref_t main;                       /**< int main(int, char **, char **) */
    uint32_t reserved;
};
MAGIC_STATIC_ASSERT(sizeof(struct magic_note) == 56, "image note");

#endif
