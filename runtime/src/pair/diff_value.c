/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What becomes of one value whose type changed: converted whatever it is, or only if it fits.
 */
#include <stdio.h>
#include <string.h>

#include "pair/diff_internal.h"

enum { SPELLED_MAX = 96 };

/* -- numbers ------------------------------------------------------------------------------ */

static bool is_unsigned(const struct magic_type *type)
{
    return type->flags & (MAGIC_TYPE_UNSIGNED | MAGIC_TYPE_BOOL);
}

/* Bits of an integer that a floating-point type holds exactly. */
static unsigned exact_bits(const struct magic_type *type)
{
    uint64_t size = type->flags & MAGIC_TYPE_COMPLEX ? type->size / 2 : type->size;

    return size == sizeof(float) ? 24 : size == sizeof(double) ? 53 : 64;
}

/* True if some value of the old type has no equal one of the new. */
static bool can_lose(
    const struct magic_type *o, unsigned o_bits, const struct magic_type *n, unsigned n_bits)
{
    bool o_float = o->kind == MAGIC_KIND_FLOAT, n_float = n->kind == MAGIC_KIND_FLOAT;

    if ((o->flags & MAGIC_TYPE_COMPLEX) && !(n->flags & MAGIC_TYPE_COMPLEX))
        return true;
    if (o_float)
        return !n_float || exact_bits(n) < exact_bits(o);
    if (o->flags & MAGIC_TYPE_BOOL)
        return false;
    if (n_float)
        return exact_bits(n) < o_bits - !is_unsigned(o);
    if (n->flags & MAGIC_TYPE_BOOL)
        return true;
    if (is_unsigned(o) == is_unsigned(n))
        return n_bits < o_bits;
    return !is_unsigned(o) || n_bits <= o_bits;
}

static unsigned bits_of(const struct magic_type *type, const struct magic_member *m)
{
    return m && m->bit_size ? m->bit_size : (unsigned) (type->size < 16 ? type->size : 16) * 8;
}

static bool is_number(const struct magic_type *type)
{
    return type->kind == MAGIC_KIND_INTEGER || type->kind == MAGIC_KIND_ENUM ||
           type->kind == MAGIC_KIND_FLOAT;
}

/* Enumerators are matched by name, and the range of numbers stays. */
static bool is_translated(const struct st__plan *p)
{
    return p->o->kind == MAGIC_KIND_ENUM && p->n->kind == MAGIC_KIND_ENUM &&
           !can_lose(p->o, bits_of(p->o, NULL), p->n, bits_of(p->n, NULL));
}

/* -- what is said ------------------------------------------------------------------------- */

/** Facts about a value, gathered down the dimensions of an array. */
struct facts {
    const struct st__plan *element;
    bool longer, shorter;
};

static struct facts facts_of(const struct st__plan *plan)
{
    struct facts f = { .element = plan };

    for (; f.element->elem; f.element = f.element->elem) {
        f.longer = f.longer || f.element->n->nelems > f.element->o->nelems;
        f.shorter = f.shorter || f.element->n->nelems < f.element->o->nelems;
    }
    return f;
}

const struct st__plan *st__diff_element(const struct st__plan *plan)
{
    return facts_of(plan).element;
}

static const char *spelled(
    struct st__differ *w, const struct magic_type *type, const struct magic_member *m)
{
    char text[SPELLED_MAX];

    magic_type_spell(type, text, sizeof(text));
    return m && m->bit_size ? st__diff_text(w, "%s : %u", text, m->bit_size)
                            : st__diff_text(w, "%s", text);
}

/* Both spellings, if they differ. */
static const char *change_of_type(struct st__differ *w, const struct magic_type *o,
    const struct magic_member *om, const struct magic_type *n, const struct magic_member *nm)
{
    const char *from = spelled(w, o, om), *to = spelled(w, n, nm);

    return strcmp(from, to) == 0 ? from : st__diff_text(w, "%s -> %s", from, to);
}

static void say_more(struct st__differ *w, struct st__change *c, const char *more)
{
    c->text = st__diff_text(
        w, "%s%s%s", c->text, strchr(c->text, ';') || strchr(c->text, ':') ? "; " : ": ", more);
}

static bool say_asked(struct st__differ *w, const struct st__plan *plan, struct st__change *c)
{
    if (plan->cls == ST__SKIP) {
        c->text = "not transferred, as asked: the new version's initial value stays";
        return true;
    }
    if ((plan->how == ST__IXFER || plan->how == ST__CIXFER) && !plan->refuses &&
        (plan->cls == ST__BYTES || plan->cls == ST__COPY) && plan->o->hash != plan->n->hash) {
        c->text = st__diff_text(
            w, "%s: copied as bytes, as asked", change_of_type(w, plan->o, NULL, plan->n, NULL));
        return true;
    }
    return false;
}

static void say_refused(
    struct st__differ *w, const struct st__plan *element, const char *rule, struct st__change *c)
{
    bool is_union = element->o->kind == MAGIC_KIND_UNION && element->n->kind == MAGIC_KIND_UNION;

    c->text = element->why;
    c->live = true;
    c->verdict = is_union ? ST__DECISION : ST__IMPOSSIBLE;
    if (is_union && w->p->rules && w->p->rules->policies[ST__POLICY_union] != ST__FORBID) {
        c->verdict = ST__AUTOMATIC;
        c->live = false;
        c->text = "the union changed: copied as bytes, as the policy for unions says";
        return;
    }
    c->otherwise = is_union ? "a union that is not all zero is refused"
                            : "anything but zero is refused, unless a callback converts it";
    if (!*rule)
        return;
    if (is_union)
        st__diff_advise(
            c, st__diff_text(w, "%s: ixfer", rule), "its bytes go on, whichever member they are");
    st__diff_advise(c, st__diff_text(w, "%s: noxfer", rule),
        "its value is given up, the new version's initial value stays");
}

static void say_number(struct st__differ *w, const struct st__plan *p, const struct magic_member *o,
    const struct magic_member *n, struct st__change *c)
{
    if (can_lose(p->o, bits_of(p->o, o), p->n, bits_of(p->n, n))) {
        bool refused = strcmp(st__diff_action(w, ST__POLICY_lost), "refused") == 0;

        c->live = refused;
        say_more(w, c,
            refused ? "a value that does not fit is refused"
                    : "a value that does not fit is converted as C does");
    } else {
        say_more(w, c, "every value fits");
    }
}

static void say_array(struct st__differ *w, const struct facts *f, struct st__change *c)
{
    bool refused = strcmp(st__diff_action(w, ST__POLICY_cut), "refused") == 0;

    if (f->longer)
        say_more(w, c, "new elements keep their initial value");
    if (f->shorter) {
        c->live = refused;
        say_more(w, c,
            refused ? "an element that is cut off must be zero, or it is refused"
                    : "elements that are cut off are dropped");
    }
}

/* An aggregate or enum inside has changes of its own, which are told once, at the type. */
static enum st__said say_nested(
    struct st__differ *w, const struct st__plan *p, const struct facts *f, struct st__change *c)
{
    if (strstr(c->text, " -> ")) {
        if (!f->longer && !f->shorter)
            say_more(w, c, p->cls == ST__COPY ? "same layout" : "member by member");
        return ST__SAID;
    }
    if (p->cls == ST__COPY)
        return ST__NOTHING;
    c->text = st__diff_text(w, "%s changed, see there", c->text);
    return ST__NESTED;
}

enum st__said st__diff_value(struct st__differ *w, const struct st__plan *plan,
    const struct magic_member *o, const struct magic_member *n, const char *rule,
    struct st__change *c)
{
    struct facts f = facts_of(plan);
    const struct st__plan *e = f.element;
    bool bits = (o ? o->bit_size : 0) != (n ? n->bit_size : 0), resized = f.longer || f.shorter;

    c->verdict = ST__AUTOMATIC;
    c->event = ST__CHANGED;
    if (say_asked(w, plan, c))
        return ST__SAID;
    if (e->cls == ST__REFUSE) {
        say_refused(w, e, rule, c);
        return ST__SAID;
    }
    c->text = change_of_type(w, plan->o, o, plan->n, n);
    if (resized)
        say_array(w, &f, c);
    if (is_number(e->o) && (bits || (e->cls != ST__COPY && !is_translated(e)))) {
        say_number(w, e, o, n, c);
        return ST__SAID;
    }
    if (e->o->kind == MAGIC_KIND_STRUCT || e->o->kind == MAGIC_KIND_UNION ||
        e->o->kind == MAGIC_KIND_ENUM)
        return say_nested(w, e, &f, c);
    if (!resized && strstr(c->text, " -> "))
        say_more(w, c, "the same bits");
    return strstr(c->text, " -> ") ? ST__SAID : ST__NOTHING;
}
