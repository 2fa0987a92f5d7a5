/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Fabricates small service images in memory, valid or broken on purpose, for tests and fuzz seeds.
 *
 * An image is a complete ELF file whose link-time addresses are its file offsets. Each section has
 * `unit` bytes, so that addresses are known before everything is written.
 */
#ifndef IMAGE_BUILDER_H
#define IMAGE_BUILDER_H

#include <stddef.h>
#include <stdint.h>

#include <magic/table.h>

enum image_section {
    IMAGE_HEAD, /* ELF header, program headers, note: fixed */
    IMAGE_MODULES,
    IMAGE_TYPES,
    IMAGE_VARS,
    IMAGE_FUNCS,
    IMAGE_STRINGS,
    IMAGE_TEXT,
    IMAGE_SITES, /* from here on writable */
    IMAGE_DATA,
    IMAGE_SECTIONS, /* zero fill follows, `unit` bytes too */
};

struct image {
    unsigned char *bytes; /* the file: IMAGE_SECTIONS * unit bytes */
    size_t unit;
    size_t used[IMAGE_SECTIONS]; /* bytes used of each section */
    uint64_t string_file;        /* the file that entities are said to come from */
};

/* Begin an image with headers, note and one module record. Release with image_deinit(). */
void image_init(struct image *im, size_t unit);
void image_deinit(struct image *im);

size_t image_size(const struct image *im);
uint64_t image_bss(const struct image *im);
/* The bytes at an address. */
void *image_at(const struct image *im, uint64_t addr);
/* `size` bytes of a section at 8-byte alignment; their address. */
uint64_t image_take(struct image *im, enum image_section section, size_t size);
/* Write a reference to `target` into the field at `field`; 0 writes "none". */
void image_ref(struct image *im, uint64_t field, uint64_t target);

uint64_t image_string(struct image *im, const char *text);
uint64_t image_module(struct image *im);
/* A type record without entries; name may be NULL, target 0. */
uint64_t image_type(struct image *im, enum magic_type_kind kind, const char *name, uint64_t size,
    uint64_t target, unsigned flags);
uint64_t image_array(struct image *im, uint64_t element, uint64_t elem_size, uint64_t nelems);
/* Append an entry to the newest type record. */
void image_member(struct image *im, uint64_t type, const char *name, uint64_t member,
    uint64_t bit_offset, uint32_t bit_size);
void image_enumerator(struct image *im, uint64_t type, const char *name, int64_t value);
void image_param(struct image *im, uint64_t type, uint64_t param);

/* Records of entities; scope, type and strings may be NULL or 0. Return the record's address. */
uint64_t image_var(struct image *im, const char *name, const char *scope, uint64_t type,
    unsigned flags, uint64_t addr, uint64_t size);
uint64_t image_func(
    struct image *im, const char *name, uint64_t type, unsigned flags, uint64_t addr);
uint64_t image_site(struct image *im, const char *function, const char *receiver, uint64_t type,
    uint64_t elem_size, unsigned flags);

/* Describe the image as a file, cut to its first `size` bytes where the program headers say so. */
int image_view(const struct image *im, struct magic_view *view, struct magic_error *err);
/* View, read and check that this gives `code`; the table or NULL. */
const struct magic_table *image_read(const struct image *im, struct magic_arena *arena,
    struct magic_view *view, int *code, struct magic_error *err);

/* An image with all kinds of records, as a program of two units would have it:
 *
 *   typedef unsigned int u32;
 *   enum color { RED, GREEN = 5, BLUE = -1 };
 *   struct entry { struct entry *next; char name[16]; u32 hits; unsigned low : 3, high : 5;
 *                  enum color color; double weight; union { long l; char c; } u; };
 *   typedef struct { int fd; } conn_t;
 *   extern struct entry *head; struct entry first; static int counter; conn_t conns[4];
 *   int (*handler)(int, char *); const char *greeting; u32 scratch[8] (zero fill);
 *   int main(void), static int handle(int, char *);
 *
 * with `head` = &first, first.name = "alpha", hits 7, low 5, high 17, GREEN, 2.5, l = 42;
 * counter -3, conns[i].fd = 10 + i, handler = handle, greeting = "hello". */
void image_fill_sample(struct image *im);

#endif
