/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Checks that make types safe to walk: finite by-value nesting, sizes that add up, members inside
 * their aggregate. What follows from the parts (array sizes, typedef sizes, "contains pointers") is
 * computed rather than believed.
 */
#include "table/reader.h"

/* No object is larger; leaves room to count in bits. */
#define MAX_SIZE ((uint64_t) 1 << 47)

/* Height of a type in the by-value containment graph, while it is being computed: */
#define UNSEEN 0
#define ACTIVE UINT16_MAX

struct checker {
    struct magic__reader *rd;
    uint16_t *height; /* by type id */
};

static int visit(struct checker *ck, const struct magic_type *type, unsigned depth);

static int bad_type(
    struct checker *ck, const struct magic_type *type, const char *why, const char *member)
{
    char spelled[128];

    return magic_error_set(ck->rd->err, MAGIC_EFORMAT, "type %s: %s%s%s",
        magic_type_spell(type, spelled, sizeof(spelled)), why, member ? " " : "",
        member ? member : "");
}

/* Types of which there can be an object. */
static int is_object_type(const struct magic_type *type)
{
    const struct magic_type *t = magic_type_strip(type);

    return t->kind != MAGIC_KIND_VOID && t->kind != MAGIC_KIND_FUNCTION;
}

static int check_member(
    struct checker *ck, const struct magic_type *type, const struct magic_member *member)
{
    const struct magic_type *t = magic_type_strip(member->type);
    uint64_t bits = type->size * 8, width = t->size * 8;

    if (!is_object_type(t) || (t->flags & MAGIC_TYPE_INCOMPLETE))
        return bad_type(ck, type, "no object type has member", member->name);
    if (member->bit_size) {
        if (t->kind != MAGIC_KIND_INTEGER && t->kind != MAGIC_KIND_ENUM)
            return bad_type(ck, type, "neither integer nor enum is bit-field", member->name);
        if (member->bit_size > width)
            return bad_type(ck, type, "wider than its type is bit-field", member->name);
        width = member->bit_size;
    } else if (member->bit_offset % 8) {
        return bad_type(ck, type, "not at a byte is member", member->name);
    }
    if (member->bit_offset > bits || width > bits - member->bit_offset)
        return bad_type(ck, type, "past its end reaches member", member->name);
    return 0;
}

static int is_flexible(const struct magic_type *member)
{
    const struct magic_type *t = magic_type_strip(member);

    return (t->kind == MAGIC_KIND_ARRAY && t->nelems == 0) || (t->flags & MAGIC_TYPE_FLEXIBLE);
}

static int check_aggregate(struct checker *ck, struct magic_type *type)
{
    uint32_t i, derived = 0;
    int error = 0;

    if ((type->flags & MAGIC_TYPE_INCOMPLETE) && (type->count || type->size))
        return bad_type(ck, type, "incomplete, but has members or a size", NULL);
    for (i = 0; i < type->count && !error; i++) {
        error = check_member(ck, type, &type->members[i]);
        derived |= magic_type_strip(type->members[i].type)->flags & MAGIC_TYPE_HAS_POINTERS;
        if (i + 1 == type->count && is_flexible(type->members[i].type))
            derived |= MAGIC_TYPE_FLEXIBLE;
    }
    type->flags &= ~(MAGIC_TYPE_HAS_POINTERS | MAGIC_TYPE_FLEXIBLE);
    type->flags |= derived;
    return error;
}

static int check_array(struct checker *ck, struct magic_type *type)
{
    const struct magic_type *element = magic_type_strip(type->target);
    uint64_t size;

    if (!is_object_type(element))
        return bad_type(ck, type, "array of what is no object", NULL);
    if (__builtin_mul_overflow(type->nelems, element->size, &size) || size > MAX_SIZE)
        return bad_type(ck, type, "size out of bounds", NULL);
    /* The unit that wrote the record may not have known the element's size, and a vector's size is
     * rounded up. */
    if (type->size && type->size != size && !(element->flags & MAGIC_TYPE_INCOMPLETE) &&
        !((type->flags & MAGIC_TYPE_VECTOR) && type->size > size && type->size / 2 < size))
        return bad_type(ck, type, "size is not that of its elements", NULL);
    if (!(type->flags & MAGIC_TYPE_VECTOR) || type->size < size)
        type->size = size;
    type->flags &= ~(MAGIC_TYPE_HAS_POINTERS | MAGIC_TYPE_FLEXIBLE | MAGIC_TYPE_INCOMPLETE);
    type->flags |= element->flags & (MAGIC_TYPE_HAS_POINTERS | MAGIC_TYPE_INCOMPLETE);
    return 0;
}

static int check_scalar(struct checker *ck, struct magic_type *type)
{
    const struct magic_type *base;

    type->flags &= ~(MAGIC_TYPE_HAS_POINTERS | MAGIC_TYPE_FLEXIBLE);
    if (type->kind != MAGIC_KIND_ENUM)
        type->flags &= ~MAGIC_TYPE_INCOMPLETE;
    switch (type->kind) {
    case MAGIC_KIND_POINTER:
        type->flags |= MAGIC_TYPE_HAS_POINTERS;
        return type->size == 8 ? 0 : bad_type(ck, type, "pointer not of 8 bytes", NULL);
    case MAGIC_KIND_ENUM:
        base = magic_type_strip(type->target);
        if (base->kind != MAGIC_KIND_INTEGER && base->kind != MAGIC_KIND_VOID)
            return bad_type(ck, type, "enum of what is no integer", NULL);
        if (type->flags & MAGIC_TYPE_INCOMPLETE)
            return type->size || type->count
                       ? bad_type(ck, type, "incomplete, but has enumerators or a size", NULL)
                       : 0;
        return type->size ? 0 : bad_type(ck, type, "no size", NULL);
    default:
        return type->size ? 0 : bad_type(ck, type, "no size", NULL);
    }
}

/* Check one type whose parts are checked. */
static int check_type(struct checker *ck, struct magic_type *type)
{
    if (type->size > MAX_SIZE)
        return bad_type(ck, type, "size out of bounds", NULL);
    if (type->align & (type->align - 1))
        return bad_type(ck, type, "alignment not a power of two", NULL);
    switch (type->kind) {
    case MAGIC_KIND_STRUCT:
    case MAGIC_KIND_UNION:
        return check_aggregate(ck, type);
    case MAGIC_KIND_ARRAY:
        return check_array(ck, type);
    case MAGIC_KIND_TYPEDEF:
        type->size = magic_type_strip(type)->size;
        type->flags = magic_type_strip(type)->flags;
        return 0;
    case MAGIC_KIND_VOID:
    case MAGIC_KIND_FUNCTION:
        type->size = 0;
        return 0;
    case MAGIC_KIND_OPAQUE:
        return 0;
    default:
        return check_scalar(ck, type);
    }
}

/* Visit a part of `type` and let `type` be higher than it. */
static int visit_part(struct checker *ck, const struct magic_type *type,
    const struct magic_type *part, unsigned depth, unsigned *height)
{
    int error = visit(ck, part, depth + 1);

    if (error)
        return error;
    if (ck->height[part->id] >= *height)
        *height = ck->height[part->id] + 1u;
    return *height > MAGIC_MAX_NESTING ? bad_type(ck, type, "nested too deep", NULL) : 0;
}

static int visit_parts(
    struct checker *ck, const struct magic_type *type, unsigned depth, unsigned *height)
{
    uint32_t i;
    int error = 0;

    switch (type->kind) {
    case MAGIC_KIND_STRUCT:
    case MAGIC_KIND_UNION:
        for (i = 0; i < type->count && !error; i++)
            error = visit_part(ck, type, type->members[i].type, depth, height);
        return error;
    case MAGIC_KIND_ARRAY:
    case MAGIC_KIND_ENUM:
    case MAGIC_KIND_TYPEDEF:
        return visit_part(ck, type, type->target, depth, height);
    default:
        return 0;
    }
}

static int visit(struct checker *ck, const struct magic_type *type, unsigned depth)
{
    unsigned height = 1;
    int error;

    if (ck->height[type->id] == ACTIVE)
        return bad_type(ck, type, "contains itself", NULL);
    if (ck->height[type->id] != UNSEEN)
        return 0;
    if (depth > MAGIC_MAX_NESTING)
        return bad_type(ck, type, "nested too deep", NULL);
    ck->height[type->id] = ACTIVE;
    error = visit_parts(ck, type, depth, &height);
    if (error)
        return error;
    ck->height[type->id] = (uint16_t) height;
    return check_type(ck, &ck->rd->built[type->id]);
}

int magic__check_types(struct magic__reader *rd)
{
    struct checker ck = { .rd = rd };
    size_t i;
    int error = 0;

    ck.height = magic_arena_array(&rd->scratch, rd->n_built, sizeof(*ck.height));
    if (!ck.height)
        return magic__no_memory(rd);
    for (i = 0; i < rd->n_built && !error; i++)
        error = visit(&ck, &rd->built[i], 1);
    return error;
}
