/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The sample image of image_builder.h: one of each, with values to evaluate.
 */
#include <string.h>

#include "image_builder.h"

/* Types of the sample by record address. */
struct sample {
    uint64_t i, u32, c, text, l, d, color, entry, entry_ptr, conn, conn_t, conns, fn, fn_ptr;
};

static void put_scalars(struct image *im, struct sample *s)
{
    uint64_t uint_type;

    s->i = image_type(im, MAGIC_KIND_INTEGER, "int", 4, 0, 0);
    s->c = image_type(im, MAGIC_KIND_INTEGER, "char", 1, 0, MAGIC_TYPE_CHAR);
    s->l = image_type(im, MAGIC_KIND_INTEGER, "long", 8, 0, 0);
    s->d = image_type(im, MAGIC_KIND_FLOAT, "double", 8, 0, 0);
    uint_type = image_type(im, MAGIC_KIND_INTEGER, "unsigned int", 4, 0, MAGIC_TYPE_UNSIGNED);
    s->u32 = image_type(im, MAGIC_KIND_TYPEDEF, "u32", 4, uint_type, 0);
    s->text = image_array(im, s->c, 1, 16);
    s->color = image_type(im, MAGIC_KIND_ENUM, "color", 4, s->i, 0);
    image_enumerator(im, s->color, "RED", 0);
    image_enumerator(im, s->color, "GREEN", 5);
    image_enumerator(im, s->color, "BLUE", -1);
}

static void put_entry(struct image *im, struct sample *s)
{
    uint64_t u = image_type(im, MAGIC_KIND_UNION, NULL, 8, 0, 0);

    image_member(im, u, "l", s->l, 0, 0);
    image_member(im, u, "c", s->c, 0, 0);
    s->entry_ptr = image_type(im, MAGIC_KIND_POINTER, NULL, 8, 0, 0);
    s->entry = image_type(im, MAGIC_KIND_STRUCT, "entry", 56, 0, 0);
    image_ref(im, s->entry_ptr + offsetof(struct magic_type_rec, target), s->entry);
    image_member(im, s->entry, "next", s->entry_ptr, 0, 0);
    image_member(im, s->entry, "name", s->text, 64, 0);
    image_member(im, s->entry, "hits", s->u32, 192, 0);
    image_member(im, s->entry, "low", s->u32, 224, 3);
    image_member(im, s->entry, "high", s->u32, 227, 5);
    image_member(im, s->entry, "color", s->color, 256, 0);
    image_member(im, s->entry, "weight", s->d, 320, 0);
    image_member(im, s->entry, "u", u, 384, 0);
}

static void put_others(struct image *im, struct sample *s)
{
    uint64_t text_ptr = image_type(im, MAGIC_KIND_POINTER, NULL, 8, s->c, 0);

    s->conn = image_type(im, MAGIC_KIND_STRUCT, NULL, 4, 0, 0);
    image_member(im, s->conn, "fd", s->i, 0, 0);
    s->conn_t = image_type(im, MAGIC_KIND_TYPEDEF, "conn_t", 4, s->conn, 0);
    s->conns = image_array(im, s->conn_t, 4, 4);
    s->fn = image_type(im, MAGIC_KIND_FUNCTION, NULL, 0, s->i, 0);
    image_param(im, s->fn, s->i);
    image_param(im, s->fn, text_ptr);
    s->fn_ptr = image_type(im, MAGIC_KIND_POINTER, NULL, 8, s->fn, 0);
    image_var(im, "greeting", NULL, text_ptr, 0, image_take(im, IMAGE_DATA, 8), 8);
}

static void put_values(struct image *im, uint64_t first)
{
    unsigned char *at = image_at(im, first);
    const uint32_t hits = 7;
    const int32_t green = 5;
    const double weight = 2.5;
    const int64_t l = 42;

    memcpy(at + 8, "alpha", 6);
    memcpy(at + 24, &hits, 4);
    at[28] = 5 | 17 << 3;
    memcpy(at + 32, &green, 4);
    memcpy(at + 40, &weight, 8);
    memcpy(at + 48, &l, 8);
}

static void put_vars(struct image *im, const struct sample *s)
{
    uint64_t head = image_take(im, IMAGE_DATA, 8), first = image_take(im, IMAGE_DATA, 56);
    uint64_t counter = image_take(im, IMAGE_DATA, 4), conns = image_take(im, IMAGE_DATA, 16);
    uint64_t handler = image_take(im, IMAGE_DATA, 8), hello = image_string(im, "hello");
    uint64_t handle = image_take(im, IMAGE_TEXT, 16);
    int32_t i;

    image_var(im, "head", NULL, s->entry_ptr, 0, head, 8);
    image_var(im, "first", NULL, s->entry, 0, first, 56);
    image_var(im, "counter", NULL, s->i, MAGIC_VAR_STATIC, counter, 4);
    image_var(im, "calls", "handle", s->l, MAGIC_VAR_STATIC, image_bss(im) + 64, 8);
    image_var(im, "conns", NULL, s->conns, 0, conns, 16);
    image_var(im, "handler", NULL, s->fn_ptr, 0, handler, 8);
    image_var(im, "scratch", NULL, image_array(im, s->u32, 4, 8), 0, image_bss(im), 32);
    image_var(im, "blob", NULL, 0, 0, image_bss(im) + 32, 24);
    image_func(im, "main", 0, 0, IMAGE_TEXT * im->unit);
    image_func(im, "handle", s->fn, MAGIC_FUNC_STATIC, handle);
    memcpy(image_at(im, head), &first, 8);
    memcpy(image_at(im, handler), &handle, 8);
    memcpy(image_at(im, IMAGE_DATA * im->unit), &hello, 8);
    i = -3;
    memcpy(image_at(im, counter), &i, 4);
    for (i = 10; i < 14; i++)
        memcpy(image_at(im, conns + 4 * (uint64_t) (i - 10)), &i, 4);
    put_values(im, first);
}

void image_fill_sample(struct image *im)
{
    struct sample s;

    put_scalars(im, &s);
    put_entry(im, &s);
    put_others(im, &s);
    put_vars(im, &s);
    image_site(im, "add", "head", s.entry, 56, MAGIC_SITE_SINGLE);
    image_site(im, "add", "name", s.c, 1, MAGIC_SITE_LEAF);
    image_site(im, "load", NULL, 0, 0, 0);
}
