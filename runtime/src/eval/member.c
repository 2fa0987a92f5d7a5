/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Members of structs and unions.
 */
#include <string.h>

#include "eval/eval_internal.h"

/* How many members a search in anonymous members may look at: a hostile table can nest them so that
 * there are more paths than atoms. */
#define MEMBER_BUDGET 65536

/* Find a member by name, in anonymous members too. Returns 1 if found, with its offset in bits. */
static int find_member(const struct magic_type *type, const char *name, size_t len,
    unsigned *budget, const struct magic_member **ret, uint64_t *offset)
{
    uint32_t i;

    for (i = 0; i < type->count; i++) {
        const struct magic_member *member = &type->members[i];
        const struct magic_type *inner = magic_type_strip(member->type);

        if (*budget == 0)
            return 0;
        --*budget;
        if (strncmp(member->name, name, len) == 0 && member->name[len] == 0) {
            *offset += member->bit_offset;
            *ret = member;
            return 1;
        }
        if (*member->name || (inner->kind != MAGIC_KIND_STRUCT && inner->kind != MAGIC_KIND_UNION))
            continue;
        if (find_member(inner, name, len, budget, ret, offset)) {
            *offset += member->bit_offset;
            return 1;
        }
    }
    return 0;
}

int magic__build_member(
    struct magic__parser *p, uint32_t a, const char *name, size_t len, uint32_t *ret)
{
    const struct magic__eval_node *node = &p->program->nodes[a];
    struct magic__eval_node *result;
    struct magic__eval_type type = node->type;
    const struct magic_type *aggregate = type.stars ? NULL : magic_type_strip(type.base);
    const struct magic_member *member;
    unsigned budget = MEMBER_BUDGET;
    char spelled[128];
    uint64_t offset = 0;
    int error;

    if (!aggregate || !node->lvalue ||
        (aggregate->kind != MAGIC_KIND_STRUCT && aggregate->kind != MAGIC_KIND_UNION))
        return magic_error_set(p->err, MAGIC_EINVAL, "a struct or union is needed: operand is '%s'",
            magic__eval_spell(type, spelled, sizeof(spelled)));
    if (!find_member(aggregate, name, len, &budget, &member, &offset))
        return magic_error_set(p->err, MAGIC_ENOENT, "%s has no member '%.*s'",
            magic__eval_spell(type, spelled, sizeof(spelled)), len < 100 ? (int) len : 100, name);
    type.base = member->type;
    error = magic__new_node(p, MAGIC__OP_MEMBER, type, ret);
    if (error)
        return error;
    result = &p->program->nodes[*ret];
    result->a = a;
    result->lvalue = 1;
    result->as.u = offset / 8;
    result->bit_shift = (uint8_t) (offset % 8);
    result->bit_size = (uint8_t) member->bit_size;
    return 0;
}
