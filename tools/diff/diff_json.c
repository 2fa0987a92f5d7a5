/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The comparison as JSON: what all other forms are made from.
 */
#include <string.h>

#include "compare.h"
#include "json.h"

/* -- changes ------------------------------------------------------------------------------ */

static json_t *place_json(struct st__place place)
{
    return json_pack("{s:o, s:I}", "file", json_text(place.file), "line", (json_int_t) place.line);
}

static json_t *change_json(const struct st__change *c)
{
    json_t *object =
        json_pack("{s:s, s:s, s:s, s:o, s:o, s:b}", "verdict", st__verdict_name(c->verdict), "what",
            st__what_name(c->what), "event", st__event_name(c->event), "entity",
            json_text(c->entity), "text", json_text(c->text), "live", c->live);
    if (*c->o.file)
        (void) json_object_set_new(object, "old", place_json(c->o));
    if (*c->n.file)
        (void) json_object_set_new(object, "new", place_json(c->n));
    if (*c->type)
        (void) json_object_set_new(object, "type", json_text(c->type));
    if (!c->n_advice)
        return object;
    json_t *rules = json_array();
    for (unsigned i = 0; i < c->n_advice; i++)
        (void) json_array_append_new(
            rules, json_pack("{s:o, s:o}", "rule", json_text(c->advice[i].rule), "effect",
                       json_text(c->advice[i].effect)));
    (void) json_object_set_new(object, "rules", rules);
    (void) json_object_set_new(object, "otherwise", json_text(c->otherwise));
    return object;
}

static json_t *changes_json(const struct st__diff *diff, size_t max)
{
    json_t *changes = json_array();
    for (size_t i = 0; i < diff->n_changes && i < max; i++)
        (void) json_array_append_new(changes, change_json(&diff->changes[i]));
    return changes;
}

/* -- layouts ------------------------------------------------------------------------------ */

static json_t *spelled(const struct magic_type *type)
{
    char text[512];
    return json_text(magic_type_spell(type, text, sizeof text));
}

/* What became of a member: for colours. */
static const char *state_of(const struct st__member *m)
{
    const struct st__plan *plan = m->plan;
    if (strcmp(m->o->name, m->n->name) != 0)
        return "renamed";
    if (plan->cls != ST__COPY || m->o->bit_size != m->n->bit_size)
        return "changed";
    return m->o->bit_offset != m->n->bit_offset ? "moved" : "same";
}

static const struct st__member *pair_of(
    const struct st__plan *plan, const struct magic_member *side, bool is_new)
{
    for (size_t i = 0; i < plan->n_members; i++) {
        const struct st__member *m = &plan->members[i];
        if (m->n && (is_new ? m->n : m->o) == side)
            return m;
    }
    return NULL;
}

static void append_padding(json_t *rows, uint64_t from, uint64_t to)
{
    if (from < to)
        (void) json_array_append_new(
            rows, json_pack("{s:I, s:I, s:I}", "offset", (json_int_t) (from / 8), "bit",
                      (json_int_t) (from % 8), "padding_bits", (json_int_t) (to - from)));
}

static json_t *member_json(const struct st__plan *plan, const struct magic_member *m, bool is_new)
{
    const struct st__member *pair = pair_of(plan, m, is_new);
    json_t *row = json_pack("{s:o, s:o, s:I, s:I, s:s}", "name", json_text(m->name), "type",
        spelled(m->type), "offset", (json_int_t) (m->bit_offset / 8), "size",
        (json_int_t) magic_type_strip(m->type)->size, "state",
        pair               ? state_of(pair)
        : !plan->n_members ? "same" /* they were not looked at */
        : is_new           ? "added"
                           : "removed");
    if (m->bit_size) {
        (void) json_object_set_new(row, "bit", json_integer((json_int_t) (m->bit_offset % 8)));
        (void) json_object_set_new(row, "bits", json_integer(m->bit_size));
    }
    if (pair)
        (void) json_object_set_new(row, "pair",
            json_integer(is_new ? pair->o - plan->o->members : pair->n - plan->n->members));
    return row;
}

static json_t *members_json(const struct st__plan *plan, bool is_new)
{
    const struct magic_type *type = is_new ? plan->n : plan->o;
    json_t *rows = json_array();
    uint64_t end = 0;
    for (uint32_t i = 0; i < type->count; i++) {
        const struct magic_member *m = &type->members[i];
        uint64_t bits = m->bit_size ? m->bit_size : magic_type_strip(m->type)->size * 8;
        if (type->kind == MAGIC_KIND_STRUCT)
            append_padding(rows, end, m->bit_offset);
        (void) json_array_append_new(rows, member_json(plan, m, is_new));
        if (m->bit_offset + bits > end)
            end = m->bit_offset + bits;
    }
    append_padding(rows, end, type->size * 8);
    return rows;
}

static json_t *enumerators_json(const struct magic_type *type)
{
    json_t *rows = json_array();
    for (uint32_t i = 0; i < type->count; i++)
        (void) json_array_append_new(
            rows, json_pack("{s:o, s:I}", "name", json_text(type->enumerators[i].name), "value",
                      (json_int_t) type->enumerators[i].value));
    return rows;
}

static json_t *layout_json(const struct st__plan *plan, bool is_new)
{
    const struct magic_type *type = is_new ? plan->n : plan->o;
    json_t *object = json_pack("{s:o, s:I, s:I, s:o}", "type", spelled(type), "size",
        (json_int_t) type->size, "align", (json_int_t) type->align, "place",
        place_json((struct st__place) { type->file, type->line }));
    if (type->kind == MAGIC_KIND_ENUM)
        (void) json_object_set_new(object, "enumerators", enumerators_json(type));
    else
        (void) json_object_set_new(object, "members", members_json(plan, is_new));
    return object;
}

static json_t *types_json(const struct st__diff *diff)
{
    json_t *types = json_array();
    for (size_t i = 0; i < diff->n_types; i++) {
        const struct st__type_diff *t = &diff->types[i];
        (void) json_array_append_new(
            types, json_pack("{s:o, s:s, s:o, s:o, s:o}", "type", json_text(t->name), "verdict",
                       st__verdict_name(t->verdict), "holders", json_text(t->holders), "old",
                       layout_json(t->plan, false), "new", layout_json(t->plan, true)));
    }
    return types;
}

/* -- all ---------------------------------------------------------------------------------- */

json_t *compare_json(const struct compare *compare, size_t max, bool layouts)
{
    const struct st__diff *d = compare->diff;
    json_t *counts = json_object(), *unchanged = json_object();
    for (unsigned v = ST__AUTOMATIC; v <= ST__IMPOSSIBLE; v++)
        (void) json_object_set_new(
            counts, st__verdict_name((enum st__verdict) v), json_integer((json_int_t) d->count[v]));
    (void) json_object_set_new(counts, "live", json_integer((json_int_t) d->live));
    for (unsigned w = 0; w < ST__N_WHAT; w++)
        if (w != ST__MEMBER)
            (void) json_object_set_new(unchanged, st__what_name((enum st__what) w),
                json_integer((json_int_t) d->unchanged[w]));
    json_t *object =
        json_pack("{s:o, s:o, s:s, s:o, s:o, s:o}", "old", json_text(compare->old.name), "new",
            json_text(compare->new.name), "verdict", st__verdict_name(d->verdict), "counts", counts,
            "unchanged", unchanged, "changes", changes_json(d, max));
    if (object && d->n_changes > max)
        (void) json_object_set_new(
            object, "omitted", json_integer((json_int_t) (d->n_changes - max)));
    if (object && layouts)
        (void) json_object_set_new(object, "types", types_json(d));
    return object;
}
