/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The state transfer from one generation to the next: its phases, its errors, its report.
 *
 * Source: _magic_state_transfer(), st_state_transfer() of libmagicrt; differs: in one address
 * space, and all or nothing, because the child that runs it is thrown away after any error.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/os.h"
#include "st/transfer.h"

static struct st_stats last_stats;
static struct st_error last_error;
static const char *rules_text;
static size_t rules_len;
static unsigned transfer_flags;
static struct st_error last_warning;
static struct st_policy last_policies[ST__N_POLICIES];
static size_t n_policies;

_Static_assert(ST__N_POLICIES <= ST_POLICIES_MAX, "room in the statistics");

void st_set_rules(const char *text, size_t len)
{
    rules_text = text;
    rules_len = len;
}

void st_set_flags(unsigned flags)
{
    transfer_flags = flags;
}

const struct st_stats *st_last_stats(void)
{
    return &last_stats;
}

const struct st_error *st_last_error(void)
{
    return &last_error;
}

const struct st_error *st_last_warning(void)
{
    return &last_warning;
}

size_t st_last_policies(const struct st_policy **ret)
{
    for (size_t i = 0; i < n_policies; i++)
        last_policies[i].count = last_stats.decided[i];
    *ret = last_policies;
    return n_policies;
}

static void keep_policies(const struct st__rules *rules)
{
    for (unsigned i = 0; i < ST__N_POLICIES; i++)
        last_policies[i] = (struct st_policy) { .name = st__policy_name((enum st__policy) i),
            .action = st__action_name(rules->policies[i]) };
    n_policies = ST__N_POLICIES;
}

/* -- messages ----------------------------------------------------------------------------- */

int st__fail(struct st__transfer *t, int code, const struct st__path *path,
    const struct magic_type *type, const char *format, ...)
{
    va_list args;

    if (!t->error)
        return code;
    va_start(args, format);
    st__error_set(t->error, code, &t->subject, path, type, format, args);
    va_end(args);
    return code;
}

/* Whether to log something about the current subject: once for each place, and for `max` places. */
static bool is_news(
    struct st__transfer *t, struct st__places *places, unsigned max, const struct st__path *path)
{
    const struct st__subject *s = &t->subject;
    struct st__place *p = places->at, *end = p + places->n;

    while (path && !path->member)
        path = path->up;
    for (; p < end; p++)
        if (p->var == s->var && p->type == s->type && p->site == s->site &&
            p->member == (path ? path->member : NULL))
            return false;
    if (places->n == max)
        return false;
    *p = (struct st__place) { s->var, s->type, s->site, path ? path->member : NULL };
    places->n++;
    return true;
}

void st__warn(struct st__transfer *t, const struct st__path *path, const char *format, ...)
{
    va_list args;

    t->stats->warnings++;
    if (!is_news(t, &t->warned, ST__WARNINGS_LOGGED, path))
        return;
    va_start(args, format);
    st__error_set(&last_warning, 0, &t->subject, path, NULL, format, args);
    va_end(args);
    magic__log("warning: %s", last_warning.text);
}

void st__differs(struct st__transfer *t, const struct st__path *path, const struct magic_type *type,
    const char *format, ...)
{
    va_list args;

    t->stats->differences++;
    if (!is_news(t, &t->differing, ST__DIFFERENCES_LOGGED, path))
        return;
    va_start(args, format);
    st__error_set(&last_warning, MAGIC_EBADMSTATE, &t->subject, path, type, format, args);
    va_end(args);
    if (t->stats->differences == 1)
        *t->error = last_warning;
    magic__log("difference: %s", last_warning.text);
}

int st__judge(struct st__transfer *t, enum st__policy policy, int code, const struct st__path *path,
    const struct magic_type *type, const char *format, ...)
{
    enum st__action action = t->p.rules->policies[policy];
    char text[416];
    va_list args;

    t->stats->decided[policy]++;
    if (action == ST__IGNORE)
        return 0;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (action == ST__FORBID)
        return st__fail(
            t, code, path, type, "%s (policy %s=warn allows it)", text, st__policy_name(policy));
    st__warn(t, path, "%s", text);
    return 0;
}

int st__fail_plain(struct st__transfer *t, int code, const char *format, ...)
{
    va_list args;

    t->error->code = code;
    va_start(args, format);
    vsnprintf(t->error->text, sizeof(t->error->text), format, args);
    va_end(args);
    return code;
}

/* -- redirection of stale code pointers ------------------------------------------------------ */

/** Entry points of a sealed generation and their successors, sorted by entry; never freed. */
struct redirects {
    const struct magic__image *image;
    size_t n;
    struct redirect {
        uint64_t entry;      /**< link-time address in the sealed image */
        uintptr_t successor; /**< run-time address in the next one */
    } funcs[];
};

static uintptr_t redirect(const void *ctx, const struct magic__image *image, uint64_t entry)
{
    const struct redirects *r = ctx;
    size_t lo = 0, hi = r->n;

    if (image != r->image)
        return 0;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (r->funcs[mid].entry == entry)
            return r->funcs[mid].successor;
        if (r->funcs[mid].entry < entry)
            lo = mid + 1;
        else
            hi = mid;
    }
    return 0;
}

static struct redirects *make_redirects(struct st__transfer *t)
{
    static struct magic_arena kept; /* lives as long as the process */
    struct redirects *r;

    r = magic_arena_alloc(&kept, sizeof(*r) + t->p.ot->n_funcs * sizeof(r->funcs[0]));
    if (!r)
        return NULL;
    r->image = t->old;
    for (size_t i = 0; i < t->p.ot->n_funcs; i++) {
        const struct magic_func *o = &t->p.ot->funcs[i], *n = t->p.func_pair[o->id];

        if (n)
            r->funcs[r->n++] = (struct redirect) { o->addr, t->new->base + n->addr };
    }
    return r;
}

static int seal(struct st__transfer *t)
{
    struct redirects *r = make_redirects(t);
    struct magic_error err = { 0 };
    int code;

    if (!r)
        return MAGIC_ENOMEM;
    code = magic__image_seal(t->old, redirect, r, &err);
    return code ? st__fail_plain(t, code, "%s", err.text) : 0;
}

/* -- phases --------------------------------------------------------------------------------- */

static int forward_held(void *ctx, uintptr_t addr, uintptr_t *ret)
{
    struct st__transfer *t = ctx;
    int r = st__forward(t, addr, NULL, ret);

    if (r == 0)
        *ret = addr;
    return r > 0 ? 0 : r;
}

static int scan(struct st__transfer *t)
{
    int err = st__scan(t);

    if (!err)
        err = st__scan_unaligned(t);
    return err ? err : st__verify(t);
}

static int reinstall(struct st__transfer *t)
{
    struct magic_error err = { 0 };
    int code = magic__image_reinstall(forward_held, t, &err);

    if (!code)
        code = st__callback_after(t);
    if (code && t->error->code)
        return code;
    return code ? st__fail_plain(t, code, "%s", err.text) : st__kernel_forward(t);
}

static int pair(struct st__transfer *t)
{
    int err = st__mark(t, &t->marks, t->old->span.lo, t->old->span.hi);

    t->frames = magic__image_left_frames();
    if (!err)
        err = st__mark(t, &t->marks, t->frames.lo, t->frames.hi);
    if (!err)
        err = st__watch_older(t);
    if (!err)
        err = st__pair(&t->p);
    if (!err)
        err = st__callback_before(t);
    return err ? err : st__heap_plan(t);
}

static int convert(struct st__transfer *t)
{
    int err = st__find_untouched(t);

    return err ? err : st__vars_convert(t);
}

/* Of older generations nothing but their read-only data is needed any more. */
static void drop_older_tables(struct st__transfer *t)
{
    for (unsigned i = 0; i < magic__image_count(); i++)
        if (magic__image_at(i) != t->old && magic__image_at(i) != t->new)
            magic__image_drop_table(magic__image_at(i));
}

/* The map is the heap's afterwards. */
static int finish(struct st__transfer *t)
{
    int err = 0;

#ifdef SEF_CHECK_EXPENSIVE
    err = st__check_structures(t);
#endif
    if (!err)
        err = st__heap_finish(t);
    if (err)
        return err;
    drop_older_tables(t);
    st__retire_older(t);
    return seal(t);
}

static int run_phases(struct st__transfer *t)
{
    const struct {
        int (*run)(struct st__transfer *);
        uint64_t *ns;
        const char *what;
    } phases[] = {
        { pair, &t->stats->ns_pair, "the versions were paired" },
        { st__heap_move, &t->stats->ns_move, "objects were rebuilt" },
        { convert, &t->stats->ns_convert, "variables were converted" },
        { scan, &t->stats->ns_scan, "pointers were followed" },
        { t->flags & ST_VERIFY ? st__check_back : NULL, &t->stats->ns_verify,
            "the transfer was checked" },
        { reinstall, &t->stats->ns_reinstall, "handlers were taken over" },
        { finish, &t->stats->ns_seal, "the old version was sealed" },
    };
    uint64_t start = magic__os_now();
    int err = 0;

    for (size_t i = 0; i < sizeof(phases) / sizeof(phases[0]) && !err; i++) {
        uint64_t end;

        if (!phases[i].run)
            continue;
        err = phases[i].run(t);
        if (err && !t->error->code)
            st__fail_plain(t, err, "%s while %s", magic_strerror(err), phases[i].what);
        end = magic__os_now();
        *phases[i].ns = end - start;
        start = end;
    }
    return err;
}

static int open_tables(struct st__transfer *t)
{
    struct magic_error err = { 0 };
    int code;

    t->p.arena = &t->arena;
    t->p.error = t->error;
    code = magic__image_table(t->old, &t->p.ot, &err);

    if (!code)
        code = magic__image_table(t->new, &t->p.nt, &err);
    if (!code)
        code =
            st__rules_read(rules_text, rules_len, t->p.ot, t->p.nt, &t->arena, &t->p.rules, &err);
    if (code)
        return st__fail_plain(t, code, "%s", err.text);
    keep_policies(t->p.rules);
    return 0;
}

int _magic_state_transfer(void *info)
{
    struct st__transfer t = { .flags = transfer_flags, .stats = &last_stats, .error = &last_error };
    int err;

    (void) info;
    last_stats = (struct st_stats) { 0 };
    last_error = (struct st_error) { 0 };
    last_warning = (struct st_error) { 0 };
    n_policies = 0;
    t.old = magic__image_current();
    t.new = magic__image_pending();
    if (!t.old || !t.new)
        return st__fail_plain(&t, MAGIC_EBADMSTATE, "no new version is loaded");
    st__callbacks_begin(&t);
    err = open_tables(&t);
    if (!err)
        err = run_phases(&t);
    st__callbacks_end();
    st__map_destroy(t.map);
    magic_arena_deinit(&t.arena);
    return err;
}
