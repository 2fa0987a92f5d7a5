/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Expressions over this process: the public functions of magic.h.
 *
 * A supervisor's condition is tested at every quiescent point, so the last boolean expression is
 * kept compiled. The cache is a convenience: whoever finds it taken compiles for himself.
 */
#include <magic/magic.h>

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "eval/eval.h"
#include "eval/eval_internal.h"
#include "image/image.h"
#include "os/os.h"
#include "table/view.h"

#define CACHED_TEXT  512
#define CACHED_NODES 64

static struct {
    atomic_flag taken;
    const struct magic__image *image; /* NULL: nothing cached */
    size_t len;
    char text[CACHED_TEXT];
    struct magic__eval_node nodes[CACHED_NODES];
    struct magic__eval_program program;
} cache = { .taken = ATOMIC_FLAG_INIT };

/* Variables of the image are always mapped; all else is read with the kernel's check. */
static int read_memory(void *ctx, uint64_t addr, void *buf, size_t size)
{
    const struct magic__image *image = ctx;
    unsigned i;

    for (i = 0; i < image->n_data; i++)
        if (addr >= image->data[i].lo && addr < image->data[i].hi &&
            size <= image->data[i].hi - addr) {
            memcpy(buf, (const void *) (uintptr_t) addr, size);
            return 0;
        }
    return magic__os_read(buf, addr, size) ? MAGIC_EFAULT : 0;
}

static int tls_addr(void *ctx, const struct magic_var *var, uint64_t *ret)
{
    *ret = (uintptr_t) magic__image_var_addr(ctx, var);
    return 0;
}

static int init_env(struct magic__eval_env *env, struct magic_error *err)
{
    struct magic__image *image = magic__image_current();

    if (!image)
        return magic_error_set(err, MAGIC_ENOTABLE, "this process is no service image");
    env->base = image->base;
    env->ctx = image;
    env->read = read_memory;
    env->tls_addr = tls_addr;
    return magic__image_table(image, &env->table, err);
}

static int eval_once(const struct magic__eval_env *env, const char *expr,
    struct magic__eval_value *ret, struct magic_error *err)
{
    struct magic__eval_node nodes[MAGIC__EVAL_NODES];
    struct magic__eval_program program = { .nodes = nodes, .cap = MAGIC__EVAL_NODES };
    int error = magic__eval_compile(env, expr, strlen(expr), &program, err);

    return error ? error : magic__eval_run(env, &program, ret, err);
}

static int eval(const char *expr, struct magic__eval_value *ret, struct magic_error *err)
{
    struct magic__eval_env env;
    int error = init_env(&env, err);

    return error ? error : eval_once(&env, expr, ret, err);
}

/* Compile into the cache, which is taken. Returns 1 if it now holds the expression. */
static int cache_fill(const struct magic__eval_env *env, const char *expr, size_t len)
{
    cache.image = NULL;
    if (len >= sizeof(cache.text))
        return 0;
    memcpy(cache.text, expr, len + 1);
    cache.len = len;
    cache.program.nodes = cache.nodes;
    cache.program.cap = CACHED_NODES;
    if (magic__eval_compile(env, cache.text, len, &cache.program, NULL))
        return 0;
    cache.image = env->ctx;
    return 1;
}

/* As eval(), through the cache where it can be had. */
static int eval_cached(const char *expr, struct magic__eval_value *ret, struct magic_error *err)
{
    struct magic__eval_env env;
    size_t len = strlen(expr);
    int error = init_env(&env, err), cached;

    if (error)
        return error;
    if (atomic_flag_test_and_set_explicit(&cache.taken, memory_order_acquire))
        return eval_once(&env, expr, ret, err);
    cached = (cache.image == env.ctx && cache.len == len && memcmp(cache.text, expr, len) == 0) ||
             cache_fill(&env, expr, len);
    if (cached)
        error = magic__eval_run(&env, &cache.program, ret, err);
    atomic_flag_clear_explicit(&cache.taken, memory_order_release);
    return cached ? error : eval_once(&env, expr, ret, err);
}

int magic_eval_bool(char *expr, char *result)
{
    struct magic__eval_value value;
    int is_true, error = eval_cached(expr, &value, NULL);

    if (!error)
        error = magic__eval_to_bool(&value, &is_true, NULL);
    if (!error)
        *result = (char) is_true;
    return error;
}

int magic_eval_int(char *expr, long *result)
{
    struct magic__eval_value value;
    int64_t number;
    int error = eval(expr, &value, NULL);

    if (!error)
        error = magic__eval_to_int(&value, &number, NULL);
    if (!error)
        *result = number;
    return error;
}

int magic_eval_float(char *expr, double *result)
{
    struct magic__eval_value value;
    int error = eval(expr, &value, NULL);

    return error ? error : magic__eval_to_float(&value, result, NULL);
}

int magic_eval(const char *expr, char *result, size_t size, struct magic_error *err)
{
    struct magic__eval_env env;
    struct magic__eval_value value;
    int error = init_env(&env, err);

    if (!error)
        error = eval_once(&env, expr, &value, err);
    return error ? error : magic__eval_to_text(&env, &value, result, size, err);
}

/* Log a variable of the expression that has a single value. */
static void dump_var(const struct magic__eval_env *env, const struct magic__eval_node *node)
{
    struct magic__eval_value value = { .type = node->type };
    char text[320];
    int error = 0;

    value.addr = env->base + node->as.var->addr;
    if (node->as.var->flags & MAGIC_VAR_TLS)
        error = env->tls_addr(env->ctx, node->as.var, &value.addr);
    if (!error)
        error = magic__eval_load(env, &value, NULL);
    if (!error)
        error = magic__eval_to_text(env, &value, text, sizeof(text), NULL);
    if (!error)
        magic__log("  %s = %s", node->as.var->key, text);
}

void _magic_dump_eval_bool(char *expr)
{
    struct magic__eval_node nodes[MAGIC__EVAL_NODES];
    struct magic__eval_program program = { .nodes = nodes, .cap = MAGIC__EVAL_NODES };
    struct magic__eval_env env;
    struct magic__eval_value value;
    struct magic_error err;
    int is_true, error = init_env(&env, &err);
    uint32_t i;

    if (!error)
        error = magic__eval_compile(&env, expr, strlen(expr), &program, &err);
    if (!error)
        error = magic__eval_run(&env, &program, &value, &err);
    if (!error)
        error = magic__eval_to_bool(&value, &is_true, &err);
    if (error) {
        magic__log("%s: %s", expr, err.text);
        return;
    }
    magic__log("%s is %s", expr, is_true ? "true" : "false");
    for (i = 0; i < program.n; i++)
        if (nodes[i].op == MAGIC__OP_VAR)
            dump_var(&env, &nodes[i]);
}
