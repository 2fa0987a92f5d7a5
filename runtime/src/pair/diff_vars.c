/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What changed about variables and functions.
 */
#include <string.h>

#include "pair/diff_internal.h"
#include "table/view.h"

static struct st__place place_of_var(const struct magic_var *v)
{
    return (struct st__place) { v ? v->file : "", v ? v->line : 0 };
}

static struct st__change change_of_var(
    struct st__differ *w, const struct magic_var *o, const struct magic_var *n)
{
    return (struct st__change) {
        .verdict = ST__AUTOMATIC,
        .what = ST__VARIABLE,
        .entity = st__diff_text(w, "var %.200s", o ? o->key : n->key),
        .o = place_of_var(o),
        .n = place_of_var(n),
        .held = true,
    };
}

/* -- ambiguous ---------------------------------------------------------------------------- */

static void advise_pair(struct st__differ *w, struct st__change *c, const struct magic_var *o,
    const struct magic_var *n, const struct magic_var *named)
{
    st__diff_advise(c, st__diff_text(w, "var %.200s: renamed_from=%.200s", n->key, o->key),
        st__diff_text(w, "it is the one of %.200s:%u", named->file, named->line));
}

static void say_clash(struct st__differ *w, const struct st__clash *clash)
{
    const struct magic_var *one = clash->one;
    struct st__change c = clash->is_new ? change_of_var(w, NULL, one) : change_of_var(w, one, NULL);

    c.verdict = ST__DECISION;
    c.event = ST__AMBIGUOUS;
    c.fails = true;
    c.text = st__diff_text(w, "%s %.150s (%.100s:%u) or %s%.150s (%.100s:%u)",
        clash->is_new ? "could continue" : "could be continued by", clash->a->key, clash->a->file,
        clash->a->line, clash->is_new ? "" : "by ", clash->b->key, clash->b->file, clash->b->line);
    c.otherwise = "the update is refused";
    advise_pair(w, &c, clash->is_new ? clash->a : one, clash->is_new ? one : clash->a, clash->a);
    advise_pair(w, &c, clash->is_new ? clash->b : one, clash->is_new ? one : clash->b, clash->b);
    st__diff_add(w, &c);
    if (clash->is_new)
        w->clashed[clash->a->id] = w->clashed[clash->b->id] = true;
    else
        w->clashed[one->id] = true;
}

/* The key of a static begins with its file. */
static const char *heir_place(
    struct st__differ *w, const char *key, const char *file, uint32_t line)
{
    return strstr(key, file) ? st__diff_text(w, "line %u", line)
                             : st__diff_text(w, "%.100s:%u", file, line);
}

/* -- removed and added -------------------------------------------------------------------- */

static void say_removed_var(struct st__differ *w, const struct magic_var *o)
{
    struct st__change c = change_of_var(w, o, NULL);
    const char *action = st__diff_action(w, ST__POLICY_removed);
    bool refused = strcmp(action, "refused") == 0;
    const struct magic_var *heir;

    c.event = ST__REMOVED;
    if (o->flags & MAGIC_VAR_CONST)
        c.text = "a constant; pointers to it stay good";
    else if (st__how_var(w->p, o) == ST__NOXFER)
        c.text = "dropped, as asked";
    else
        c.text = st__diff_text(w, "%s if it holds anything but zero",
            refused ? "refused" : st__diff_text(w, "dropped, %s", action));
    c.live = refused && c.text[0] == 'r';
    heir = c.text[0] == 'a' || strcmp(c.text, "dropped, as asked") == 0 ||
                   strcmp(action, "without a word") == 0
               ? NULL
               : st__diff_heir_var(w, o);
    if (heir) {
        c.verdict = ST__DECISION;
        c.otherwise = c.text;
        c.text = st__diff_text(w, "is gone; %.150s (%s) of the same type is new", heir->key,
            heir_place(w, heir->key, heir->file, heir->line));
        st__diff_advise(&c, st__diff_text(w, "var %.200s: renamed_from=%.200s", heir->key, o->key),
            "it is the same, renamed");
        st__diff_advise(
            &c, st__diff_text(w, "var %.200s: noxfer", o->key), "it is not needed any more");
    }
    st__diff_add(w, &c);
}

static void say_added_var(struct st__differ *w, const struct magic_var *n)
{
    struct st__change c = change_of_var(w, NULL, n);

    c.event = ST__ADDED;
    c.text = "the initial value stays";
    st__diff_add(w, &c);
}

/* -- paired ------------------------------------------------------------------------------- */

/* Constants without pointers can be compared in the files; others have their values after loading. */
static bool same_bytes(struct st__differ *w, const struct magic_var *o, const struct magic_var *n)
{
    unsigned char x[512], y[512];

    if (!w->ov || !w->nv || o->size != n->size || ((o->flags | n->flags) & MAGIC_VAR_TLS) ||
        (magic_type_strip(o->type)->flags & MAGIC_TYPE_HAS_POINTERS) ||
        st__diff_element(st__plan_var(w->p, o, n))->o->kind == MAGIC_KIND_POINTER)
        return true;
    for (uint64_t at = 0; at < o->size; at += sizeof(x)) {
        size_t len = o->size - at < sizeof(x) ? (size_t) (o->size - at) : sizeof(x);

        if (magic__view_read(w->ov, o->addr + at, x, len) != 0 ||
            magic__view_read(w->nv, n->addr + at, y, len) != 0)
            return true;
        if (memcmp(x, y, len) != 0)
            return false;
    }
    return true;
}

/* Read-only on either side: the new version's value is taken. True if something was said. */
static bool say_constant(struct st__differ *w, const struct magic_var *o, const struct magic_var *n)
{
    struct st__change c = change_of_var(w, o, n);
    bool was = o->flags & MAGIC_VAR_CONST, is = n->flags & MAGIC_VAR_CONST;

    if (was && is && same_bytes(w, o, n))
        return false;
    c.event = ST__CHANGED;
    c.text = was && is ? "the constant has another value: the new version's counts"
             : is      ? "became a constant: the new version's value counts, the old one is dropped"
                       : "is no constant any more: begins with the new version's value";
    st__diff_add(w, &c);
    return true;
}

static bool say_name(struct st__differ *w, const struct magic_var *o, const struct magic_var *n)
{
    struct st__change c = change_of_var(w, o, n);

    if (strcmp(o->key, n->key) == 0)
        return false;
    c.event = strcmp(o->name, n->name) == 0 ? ST__MOVED : ST__RENAMED;
    c.text = st__diff_text(w, "goes on as %.200s", n->key);
    st__diff_add(w, &c);
    return true;
}

static void compare_var(struct st__differ *w, const struct magic_var *o, const struct magic_var *n)
{
    const struct st__plan *plan = st__plan_var(w->p, o, n);
    struct st__change c = change_of_var(w, o, n);
    enum st__said said;

    if (!plan) {
        w->failed = true;
        return;
    }
    said = say_name(w, o, n) ? ST__SAID : ST__NOTHING;
    if ((o->flags | n->flags) & MAGIC_VAR_CONST) {
        said = say_constant(w, o, n) ? ST__SAID : said;
    } else {
        enum st__said value = st__diff_value(w, plan, NULL, NULL, c.entity, &c);

        if (value == ST__SAID)
            st__diff_add(w, &c);
        said = value > said ? value : said;
    }
    w->unchanged[ST__VARIABLE] += said == ST__NOTHING;
}

void st__diff_vars(struct st__differ *w)
{
    const struct st__pairing *p = w->p;

    for (const struct st__clash *clash = p->clashes; clash; clash = clash->next)
        say_clash(w, clash);
    for (size_t i = 0; i < p->ot->n_vars && !w->failed; i++) {
        const struct magic_var *o = &p->ot->vars[i];

        if (w->clashed[o->id] || (o->flags & MAGIC_VAR_ANONYMOUS))
            continue;
        if (p->var_pair[o->id])
            compare_var(w, o, p->var_pair[o->id]);
        else
            say_removed_var(w, o);
    }
    for (size_t i = 0; i < p->nt->n_vars && !w->failed; i++)
        if (!p->var_from[i] && !(p->nt->vars[i].flags & MAGIC_VAR_ANONYMOUS))
            say_added_var(w, &p->nt->vars[i]);
}

/* -- functions ---------------------------------------------------------------------------- */

static struct st__change change_of_func(
    struct st__differ *w, const struct magic_func *o, const struct magic_func *n)
{
    return (struct st__change) {
        .verdict = ST__AUTOMATIC,
        .what = ST__FUNCTION,
        .entity = st__diff_text(w, "func %.200s", o->key),
        .o = { o->file, o->line },
        .n = { n ? n->file : "", n ? n->line : 0 },
    };
}

/* Functions of its name, if it is because of them that it has no successor. */
static bool say_ambiguous_func(
    struct st__differ *w, struct st__change *c, const struct magic_func *o)
{
    const struct magic_table *nt = w->p->nt;

    for (size_t i = 0; i < nt->n_funcs && c->n_advice < ST__ADVICE_MAX; i++)
        if (strcmp(nt->funcs[i].name, o->name) == 0)
            st__diff_advise(c,
                st__diff_text(w, "func %.200s: renamed_from=%.200s", nt->funcs[i].key, o->key),
                st__diff_text(
                    w, "it is the one of %.200s:%u", nt->funcs[i].file, nt->funcs[i].line));
    if (!c->n_advice)
        return false;
    c->verdict = ST__DECISION;
    c->event = ST__AMBIGUOUS;
    c->text = "could be continued by several functions of its name";
    return true;
}

static void say_removed_func(
    struct st__differ *w, const struct magic_func *o, const bool *continued)
{
    bool refused = strcmp(st__diff_action(w, ST__POLICY_dangling), "refused") == 0;
    struct st__change c = change_of_func(w, o, NULL);
    const struct magic_func *heir;
    const char *effect = refused ? "live pointers are refused" : "live pointers become NULL";

    c.event = ST__REMOVED;
    c.live = refused;
    c.text = effect;
    if (say_ambiguous_func(w, &c, o)) {
        c.otherwise = effect;
    } else if ((o->flags & MAGIC_FUNC_ADDRESS_TAKEN) &&
               (heir = st__diff_heir_func(w, o, continued)) != NULL) {
        c.verdict = ST__DECISION;
        c.otherwise = effect;
        c.text = st__diff_text(w,
            "is gone and its address was taken; %.150s (%s) of the same type is new", heir->key,
            heir_place(w, heir->key, heir->file, heir->line));
        st__diff_advise(&c, st__diff_text(w, "func %.200s: renamed_from=%.200s", heir->key, o->key),
            "pointers to it go on to that one");
    }
    st__diff_add(w, &c);
}

void st__diff_funcs(struct st__differ *w)
{
    const struct st__pairing *p = w->p;
    bool *continued = magic_arena_array(p->arena, p->nt->n_funcs + 1, sizeof(*continued));

    if (!continued) {
        w->failed = true;
        return;
    }
    for (size_t i = 0; i < p->ot->n_funcs; i++)
        if (p->func_pair[i])
            continued[p->func_pair[i]->id] = true;
    for (size_t i = 0; i < p->ot->n_funcs && !w->failed; i++) {
        const struct magic_func *o = &p->ot->funcs[i], *n = p->func_pair[i];

        if (!n) {
            say_removed_func(w, o, continued);
        } else if (strcmp(o->name, n->name) != 0) {
            struct st__change c = change_of_func(w, o, n);

            c.event = ST__RENAMED;
            c.text = st__diff_text(w, "pointers to it go on to %.200s", n->key);
            st__diff_add(w, &c);
        } else {
            w->unchanged[ST__FUNCTION]++;
        }
    }
}
