/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The state table reader: from the bytes of an image to checked, linked C structs.
 *
 * One reader serves three sources: this process's mapped images, a file, and (through its file)
 * another process. Everything it reads is untrusted: a malformed image gives an error, never a
 * crash, an endless loop or an out-of-bounds read. What it returns is consistent: every pointer
 * set, every string terminated, every address inside the image, every size finite and checked.
 */
#ifndef MAGIC_TABLE_H
#define MAGIC_TABLE_H

#include <elf.h>
#include <stddef.h>
#include <stdint.h>

#include <magic/arena.h>
#include <magic/error.h>
#include <magic/records.h>

#ifdef __cplusplus
extern "C" {
#endif

struct magic_type;

/** A member of a struct or union. */
struct magic_member {
    const char *name;               /**< "" if anonymous */
    const struct magic_type *type;
    uint64_t bit_offset;
    uint32_t bit_size;              /**< bit-fields: width; else 0 */
    const char *attrs;              /**< attributes (sef/attributes.h), one a line, or "" */
};

/** An enumerator. */
struct magic_enumerator {
    const char *name;
    int64_t value;
};

/** How deep types contain one another by value (typedefs count); a deeper image is refused, so that
 * a walk down members and elements may recurse. */
#define MAGIC_MAX_NESTING 256

/** A type. Equal types of several translation units are one struct; typedefs are kept. */
struct magic_type {
    uint32_t id;                    /**< index in magic_table.types */
    enum magic_type_kind kind;
    uint32_t flags;                 /**< MAGIC_TYPE_* */
    uint64_t hash;
    uint64_t size;                  /**< bytes */
    uint32_t align;
    uint64_t nelems;                /**< arrays */
    const char *name;               /**< "" if anonymous */
    const char *typedef_name;       /**< anonymous aggregate or enum: a typedef of it; or "" */
    const struct magic_type *target; /**< never NULL where the kind has one; void if unknown */
    const struct magic_member *members;         /**< struct, union: `count` of them */
    const struct magic_enumerator *enumerators; /**< enum: `count` of them */
    const struct magic_type *const *params;     /**< function: `count` of them */
    uint32_t count;
    const char *file;               /**< "" if none */
    uint32_t line;
    const char *attrs;              /**< attributes, or "" */
    uint64_t addr;                  /**< link-time address of (one of) its records */
};

/** A variable. */
struct magic_var {
    uint32_t id;
    const char *key;                /**< "name", "file.c:name" or "file.c:func::name" */
    const char *name;
    const char *scope;              /**< enclosing function, or "" */
    const char *file;
    uint32_t line;
    const struct magic_type *type;  /**< opaque of the variable's size if unknown */
    uint32_t flags;                 /**< MAGIC_VAR_* */
    const char *attrs;              /**< attributes, or "" */
    uint64_t addr;                  /**< link-time address; TLS: of the accessor function */
    uint64_t size;
};

/** A function. */
struct magic_func {
    uint32_t id;
    const char *key;                /**< "name" or "file.c:name" */
    const char *name;
    const char *file;
    uint32_t line;
    const struct magic_type *type;  /**< NULL if unknown */
    uint32_t flags;                 /**< MAGIC_FUNC_* */
    const char *attrs;              /**< attributes, or "" */
    uint64_t addr;                  /**< link-time address */
};

/** An allocation site. */
struct magic_site {
    uint32_t id;
    const char *function, *receiver, *callee; /**< "" if none */
    const char *file;
    uint32_t line;
    uint32_t ordinal;
    const struct magic_type *type;  /**< NULL: leaf, or opaque */
    const char *reason;             /**< opaque: why; "" if none */
    uint64_t elem_size;
    uint32_t flags;                 /**< MAGIC_SITE_* */
    uint64_t addr;                  /**< link-time address of its record */
};

/** The state table of one image. */
struct magic_table {
    size_t n_types, n_vars, n_funcs, n_sites;
    const struct magic_type *types;
    const struct magic_var *vars;   /**< sorted by address, no two with one address; TLS last */
    const struct magic_func *funcs; /**< sorted by address, no two with one address */
    const struct magic_site *sites; /**< in record order, sorted by record address */
    uint64_t lo, hi;                /**< link-time bounds of the image's segments, hi exclusive */
    uint64_t main;                  /**< link-time address of main */
};

/** Where the bytes passed to magic_view_init() come from. */
enum magic_view_source {
    MAGIC_VIEW_MAPPED,  /**< `bytes` is the load base: segment at bytes + p_vaddr */
    MAGIC_VIEW_FILE,    /**< `bytes` is the file: segment at bytes + p_offset */
};

#define MAGIC_VIEW_MAX_SEGMENTS 16

/** The bytes of an image, by link-time address. Borrowed; valid as long as they are. */
struct magic_view {
    struct magic_view_segment {
        uint64_t vaddr, size;       /**< file-backed part only; 0 bytes if unreadable */
        uint64_t mem_size;          /**< with zero fill */
        const unsigned char *bytes;
    } segments[MAGIC_VIEW_MAX_SEGMENTS];
    size_t n_segments;
    uint64_t lo, hi;                /**< bounds of all PT_LOAD segments with their zero fill */
    uint64_t note;                  /**< link-time address of struct magic_note */
};

/** Describe an image by its `n` program headers.
 *
 * Shape: `bytes` of `size` bytes for MAGIC_VIEW_FILE; `size` is ignored for MAGIC_VIEW_MAPPED,
 *   where the loader has already checked the headers.
 * Errors: MAGIC_EFORMAT headers out of bounds, overlapping or too many; MAGIC_ENOTABLE no image
 *   note; MAGIC_EABI note of another major version. */
__attribute__((warn_unused_result))
int magic_view_init(struct magic_view *view, const Elf64_Phdr *phdrs, size_t n,
    const void *bytes, size_t size, enum magic_view_source source, struct magic_error *err);

/** Read and check the whole state table of an image.
 *
 * Shape: the table and all it points to live in `arena`, except strings, which stay in the view.
 * Errors: MAGIC_EFORMAT, MAGIC_EABI, MAGIC_ENOTABLE (no module record at all), MAGIC_ENOMEM; `err`
 *   says which record. The arena may then hold scraps; deinit it.
 * Threads: reentrant. */
__attribute__((warn_unused_result))
int magic_table_read(const struct magic_view *view, struct magic_arena *arena,
    const struct magic_table **ret, struct magic_error *err);

/** The type below all typedefs. Never NULL for a type of a table. */
const struct magic_type *magic_type_strip(const struct magic_type *type);

/** Write the C spelling of a type ("struct entry *[16]") to `buf`, cut to `size`; returns buf. */
const char *magic_type_spell(const struct magic_type *type, char *buf, size_t size);

/** The variable that covers a link-time address (not TLS), or NULL. O(log n). */
const struct magic_var *magic_table_var_at(const struct magic_table *table, uint64_t addr);

/** The function whose entry is at a link-time address, or NULL. O(log n). */
const struct magic_func *magic_table_func_at(const struct magic_table *table, uint64_t addr);

/** The type whose record lies at a link-time address, or NULL. O(log n). Several records may map
 * to one type. */
const struct magic_type *magic_table_type_at(const struct magic_table *table, uint64_t rec_addr);

/** Look a variable up as a C programmer would name it: "name", "file.c:name", "func::name" or
 * "file.c:func::name", where the file may be any trailing part of the path.
 *
 * Errors: MAGIC_ENOENT; MAGIC_EAMBIGUOUS, with the candidates in `err`. */
__attribute__((warn_unused_result))
int magic_table_find_var(const struct magic_table *table, const char *name, size_t len,
    const struct magic_var **ret, struct magic_error *err);

/** Likewise for a function: "name" or "file.c:name". */
__attribute__((warn_unused_result))
int magic_table_find_func(const struct magic_table *table, const char *name, size_t len,
    const struct magic_func **ret, struct magic_error *err);

/** An enumerator's value by name. Errors: MAGIC_ENOENT; MAGIC_EAMBIGUOUS if enums disagree. */
__attribute__((warn_unused_result))
int magic_table_find_enumerator(const struct magic_table *table, const char *name, size_t len,
    int64_t *ret, struct magic_error *err);

#ifdef __cplusplus
}
#endif
#endif
