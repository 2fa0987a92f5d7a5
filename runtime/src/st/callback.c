/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The callbacks that a new version set, and calling them: see st/callback.h.
 */
#include <stdio.h>
#include <string.h>

#include "st/transfer.h"

static struct st__callback callbacks[ST_CB_MAX];
static size_t n_callbacks;
static struct {
    st_cb_state_transfer_t cb;
    void *ctx;
} before, after;

/** Of an element that a callback has in its hands. */
struct internal {
    struct st__transfer *t;
    const struct st__plan *plan;
    const struct st__path *path;
};

static struct st__transfer *running; /* the transfer under way, for st_old_variable() */

int st_setcb_selement_transfer(
    st_cb_selement_transfer_t cb, int cb_type, const char *key, void *ctx)
{
    if (!cb || !key || !*key ||
        (cb_type != ST_CB_TYPE_TYPENAME && cb_type != ST_CB_TYPE_SENTRY &&
            cb_type != ST_CB_TYPE_SELEMENT))
        return MAGIC_EINVAL;
    if (n_callbacks == ST_CB_MAX)
        return MAGIC_ENOMEM;
    callbacks[n_callbacks++] = (struct st__callback) { cb, cb_type, key, ctx };
    return 0;
}

void st_setcb_before_transfer(st_cb_state_transfer_t cb, void *ctx)
{
    before.cb = cb;
    before.ctx = ctx;
}

void st_setcb_after_transfer(st_cb_state_transfer_t cb, void *ctx)
{
    after.cb = cb;
    after.ctx = ctx;
}

void st__callbacks_begin(struct st__transfer *t)
{
    running = t;
    t->p.callbacks = callbacks;
    t->p.n_callbacks = n_callbacks;
}

/* Their code and keys are the generation's that set them: the next one sets its own. */
void st__callbacks_end(void)
{
    running = NULL;
    n_callbacks = 0;
    before.cb = after.cb = NULL;
}

static int hook(struct st__transfer *t, st_cb_state_transfer_t cb, void *ctx, const char *name)
{
    int code = cb ? cb(ctx) : 0;

    if (code > 0)
        code = MAGIC_EGENERIC;
    return code ? st__fail_plain(t, code, "the callback %s the transfer returned %d", name, code)
                : 0;
}

int st__callback_before(struct st__transfer *t)
{
    return hook(t, before.cb, before.ctx, "before");
}

int st__callback_after(struct st__transfer *t)
{
    return hook(t, after.cb, after.ctx, "after");
}

int st__callback_call(struct st__transfer *t, const struct st__plan *plan, const unsigned char *o,
    unsigned char *n, const struct st__path *path)
{
    const struct st__callback *c = plan->callback;
    struct internal internal = { t, plan->inner, path };
    const struct st_element element = {
        .variable = t->subject.var ? t->subject.var->key : "",
        .member = path && path->member ? path->member : "",
        .old_type = plan->o,
        .new_type = plan->n,
        .old_value = o,
        .new_value = n,
        .internal = &internal,
    };
    int code = c->cb(&element, c->ctx);

    if (code == 0)
        return 0;
    if (code == ST_CB_NOT_PROCESSED)
        return st__convert(t, plan->inner, o, n, path);
    if (t->error && t->error->code == code)
        return code; /* of st_element_convert(), described */
    return st__fail(t, code < 0 ? code : MAGIC_EGENERIC, path, plan->n,
        "the callback for \"%s\" returned %d", c->key, code);
}

int st_element_convert(const struct st_element *element)
{
    const struct internal *i = element->internal;

    return st__convert(i->t, i->plan, element->old_value, element->new_value, i->path);
}

const void *st_old_variable(const char *name, const struct magic_type **type)
{
    const struct magic_var *v;
    struct magic_error ignored;

    if (!running || !running->p.ot ||
        magic_table_find_var(running->p.ot, name, strlen(name), &v, &ignored) != 0)
        return NULL;
    if (type)
        *type = v->type;
    return magic__image_var_addr(running->old, v);
}
