/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Running a compiled expression. Every read of memory goes through the environment's check.
 */
#include <string.h>

#include "eval/eval_internal.h"

struct run {
    const struct magic__eval_env *env;
    const struct magic__eval_node *nodes;
    struct magic_error *err;
};

static int eval(const struct run *r, uint32_t index, union magic__eval_raw *ret);

static int fault(struct magic_error *err, uint64_t addr, uint64_t size)
{
    return magic_error_set(err, MAGIC_EFAULT, "%llu bytes at 0x%llx cannot be read",
        (unsigned long long) size, (unsigned long long) addr);
}

static int load_bits(
    const struct magic__eval_env *env, struct magic__eval_value *value, struct magic_error *err)
{
    size_t size = (value->bit_shift + (size_t) value->bit_size + 7) / 8;
    unsigned drop = 64u - value->bit_size;
    unsigned char bytes[16] = { 0 };
    unsigned __int128 word;
    uint64_t bits;

    if (env->read(env->ctx, value->addr, bytes, size))
        return fault(err, value->addr, size);
    memcpy(&word, bytes, sizeof(word));
    bits = (uint64_t) (word >> value->bit_shift) << drop;
    value->as.u =
        magic__is_unsigned(value->type) ? bits >> drop : (uint64_t) ((int64_t) bits >> drop);
    return 0;
}

static void decode_float(const unsigned char *bytes, size_t size, double *ret)
{
    long double ld = 0;
    float f;

    if (size == 4) {
        memcpy(&f, bytes, 4);
        *ret = (double) f;
    } else if (size == 8) {
        memcpy(ret, bytes, 8);
    } else {
        memcpy(&ld, bytes, 10);
        *ret = (double) ld;
    }
}

int magic__eval_load(
    const struct magic__eval_env *env, struct magic__eval_value *value, struct magic_error *err)
{
    unsigned char bytes[16] = { 0 };
    size_t size;
    uint64_t u;

    value->has_addr = 1;
    value->cls = magic__eval_class_of(value->type);
    if (value->cls > MAGIC__POINTER)
        return 0;
    if (value->bit_size)
        return load_bits(env, value, err);
    size = magic__eval_size_of(value->type);
    if (env->read(env->ctx, value->addr, bytes, size))
        return fault(err, value->addr, size);
    if (value->cls == MAGIC__FLOAT) {
        decode_float(bytes, size, &value->as.f);
        return 0;
    }
    memcpy(&u, bytes, sizeof(u));
    value->as.u = value->cls == MAGIC__POINTER ? u : magic__fit(u, value->type);
    return 0;
}

/* Load the object that node `index` yields the address of. */
static int load(const struct run *r, uint32_t index, union magic__eval_raw *ret)
{
    const struct magic__eval_node *node = &r->nodes[index];
    struct magic__eval_value value = {
        .type = node->type,
        .bit_shift = node->bit_shift,
        .bit_size = node->bit_size,
    };
    union magic__eval_raw addr;
    int error = eval(r, index, &addr);

    if (error)
        return error;
    value.addr = addr.u;
    error = magic__eval_load(r->env, &value, r->err);
    if (error)
        return error;
    if (value.cls == MAGIC__FLOAT)
        ret->f = value.as.f;
    else
        ret->u = value.as.u;
    return 0;
}

static int var_addr(const struct run *r, const struct magic_var *var, uint64_t *ret)
{
    int error;

    if (!(var->flags & MAGIC_VAR_TLS)) {
        *ret = r->env->base + var->addr;
        return 0;
    }
    error = r->env->tls_addr ? r->env->tls_addr(r->env->ctx, var, ret) : MAGIC_ENOTSUP;
    return error ? magic_error_set(
                       r->err, error, "%s: thread-local, its address is not known here", var->key)
                 : 0;
}

static int truth(const struct run *r, uint32_t index, int *ret)
{
    union magic__eval_raw value;
    int error = eval(r, index, &value);

    if (!error)
        *ret = magic__eval_class_of(r->nodes[index].type) == MAGIC__FLOAT ? value.f != 0
                                                                          : value.u != 0;
    return error;
}

/* &&, ||, !, ?: and comma. */
static int eval_control(
    const struct run *r, const struct magic__eval_node *node, union magic__eval_raw *ret)
{
    int error, is_true = 0;

    if (node->op == MAGIC__OP_COMMA) {
        error = eval(r, node->a, ret);
        return error ? error : eval(r, node->b, ret);
    }
    error = truth(r, node->a, &is_true);
    if (error)
        return error;
    if (node->op == MAGIC__OP_COND)
        return eval(r, is_true ? node->b : node->c, ret);
    if (node->op == MAGIC__OP_AND ? is_true : node->op == MAGIC__OP_OR ? !is_true : 0)
        error = truth(r, node->b, &is_true);
    ret->u = (uint64_t) (node->op == MAGIC__OP_LNOT ? !is_true : is_true);
    return error;
}

/* Does `op` hold for an order of <0, 0, >0? 2 is unordered. */
static int holds(enum magic__eval_op op, int order)
{
    switch (op) {
    case MAGIC__OP_LT:
        return order == -1;
    case MAGIC__OP_LE:
        return order == -1 || order == 0;
    case MAGIC__OP_GT:
        return order == 1;
    case MAGIC__OP_GE:
        return order == 1 || order == 0;
    case MAGIC__OP_EQ:
        return order == 0;
    default:
        return order != 0;
    }
}

static int compare(struct magic__eval_type type, union magic__eval_raw a, union magic__eval_raw b)
{
    int64_t x = (int64_t) a.u, y = (int64_t) b.u;

    if (magic__eval_class_of(type) == MAGIC__FLOAT)
        return a.f < b.f ? -1 : a.f > b.f ? 1 : a.f == b.f ? 0 : 2;
    if (magic__is_unsigned(type))
        return (a.u > b.u) - (a.u < b.u);
    return (x > y) - (x < y);
}

static int pointer_diff(const struct run *r, int64_t bytes, int64_t size, uint64_t *ret)
{
    if (bytes % size)
        return magic_error_set(
            r->err, MAGIC_EBADMSTATE, "difference of pointers is no number of elements");
    *ret = (uint64_t) (bytes / size);
    return 0;
}

static int eval_binary(
    const struct run *r, const struct magic__eval_node *node, union magic__eval_raw *ret)
{
    struct magic__eval_type type = r->nodes[node->a].type;
    union magic__eval_raw a, b;
    int error = eval(r, node->a, &a);

    if (!error)
        error = eval(r, node->b, &b);
    if (error)
        return error;
    switch (node->op) {
    case MAGIC__OP_PTR_ADD:
        ret->u = a.u + b.u * node->as.u;
        return 0;
    case MAGIC__OP_PTR_SUB:
        ret->u = a.u - b.u * node->as.u;
        return 0;
    case MAGIC__OP_PTR_DIFF:
        return pointer_diff(r, (int64_t) (a.u - b.u), (int64_t) node->as.u, &ret->u);
    default:
        break;
    }
    if (node->op >= MAGIC__OP_LT && node->op <= MAGIC__OP_NE) {
        ret->u = (uint64_t) holds(node->op, compare(type, a, b));
        return 0;
    }
    return magic__eval_class_of(type) == MAGIC__FLOAT
               ? magic__arith_float(node->op, type, a.f, b.f, ret, r->err)
               : magic__arith_int(node->op, type, a.u, b.u, &ret->u, r->err);
}

static int eval_text(
    const struct run *r, const struct magic__eval_node *node, union magic__eval_raw *ret)
{
    const struct magic__eval_node *literal = &r->nodes[node->b];
    union magic__eval_raw addr;
    int equal = 0, error = eval(r, node->a, &addr);

    if (!error)
        error = magic__text_equal(
            r->env, addr.u, node->as.u, literal->as.text, literal->len, &equal, r->err);
    ret->u = (uint64_t) (node->op == MAGIC__OP_TEXT_EQ ? equal : !equal);
    return error;
}

static int eval_unary(
    const struct run *r, const struct magic__eval_node *node, union magic__eval_raw *ret)
{
    int error = eval(r, node->a, ret);

    if (error)
        return error;
    switch (node->op) {
    case MAGIC__OP_CAST:
        return magic__convert(r->nodes[node->a].type, node->type, ret, r->err);
    case MAGIC__OP_NOT:
        ret->u = magic__fit(~ret->u, node->type);
        return 0;
    case MAGIC__OP_NEG:
        if (magic__eval_class_of(node->type) != MAGIC__FLOAT)
            return magic__arith_int(MAGIC__OP_SUB, node->type, 0, ret->u, &ret->u, r->err);
        ret->f = -ret->f;
        return 0;
    case MAGIC__OP_MEMBER:
        ret->u += node->as.u;
        return 0;
    default: /* DEREF, ADDR: an address is a pointer's value, and back */
        return 0;
    }
}

static int eval(const struct run *r, uint32_t index, union magic__eval_raw *ret)
{
    const struct magic__eval_node *node = &r->nodes[index];

    switch (node->op) {
    case MAGIC__OP_CONST:
        if (magic__eval_class_of(node->type) == MAGIC__FLOAT)
            ret->f = node->as.f;
        else
            ret->u = node->as.u;
        return 0;
    case MAGIC__OP_VAR:
        return var_addr(r, node->as.var, &ret->u);
    case MAGIC__OP_FUNC:
        ret->u = r->env->base + node->as.u;
        return 0;
    case MAGIC__OP_LOAD:
        return load(r, node->a, ret);
    case MAGIC__OP_AND:
    case MAGIC__OP_OR:
    case MAGIC__OP_LNOT:
    case MAGIC__OP_COND:
    case MAGIC__OP_COMMA:
        return eval_control(r, node, ret);
    case MAGIC__OP_TEXT_EQ:
    case MAGIC__OP_TEXT_NE:
        return eval_text(r, node, ret);
    default:
        return node->op >= MAGIC__OP_MUL ? eval_binary(r, node, ret) : eval_unary(r, node, ret);
    }
}

int magic__eval_run(const struct magic__eval_env *env, const struct magic__eval_program *program,
    struct magic__eval_value *ret, struct magic_error *err)
{
    const struct run r = { .env = env, .nodes = program->nodes, .err = err };
    const struct magic__eval_node *root = &program->nodes[program->root];
    struct magic__eval_value value = {
        .type = root->type,
        .cls = magic__eval_class_of(root->type),
        .bit_shift = root->bit_shift,
        .bit_size = root->bit_size,
    };
    union magic__eval_raw raw;
    int error = eval(&r, program->root, &raw);

    if (!error && root->lvalue) {
        value.addr = raw.u;
        error = magic__eval_load(env, &value, err);
    } else if (!error && value.cls == MAGIC__FLOAT) {
        value.as.f = raw.f;
    } else if (!error) {
        value.as.u = raw.u;
    }
    if (!error)
        *ret = value;
    return error;
}
