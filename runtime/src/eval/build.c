/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The typing rules of C, applied while an expression is compiled.
 *
 * Each function checks its operands and adds the conversions C makes, so that a run meets operands
 * of the operation's own type only.
 */
#include <string.h>

#include "eval/eval_internal.h"

static struct magic__eval_node *node_at(struct magic__parser *p, uint32_t index)
{
    return &p->program->nodes[index];
}

static enum magic__eval_class class_at(struct magic__parser *p, uint32_t index)
{
    return magic__eval_class_of(node_at(p, index)->type);
}

static int type_error(struct magic__parser *p, const char *what, uint32_t index)
{
    char spelled[128];

    return magic_error_set(p->err, MAGIC_EINVAL, "%s: operand is '%s'", what,
        magic__eval_spell(node_at(p, index)->type, spelled, sizeof(spelled)));
}

int magic__new_node(
    struct magic__parser *p, enum magic__eval_op op, struct magic__eval_type type, uint32_t *ret)
{
    struct magic__eval_program *program = p->program;

    if (program->n == program->cap)
        return magic_error_set(p->err, MAGIC_ENOMEM, "expression too long");
    memset(&program->nodes[program->n], 0, sizeof(program->nodes[0]));
    program->nodes[program->n].op = (uint8_t) op;
    program->nodes[program->n].type = type;
    *ret = program->n++;
    return 0;
}

/* A node with up to two operands. */
static int new_op(struct magic__parser *p, enum magic__eval_op op, struct magic__eval_type type,
    uint32_t a, uint32_t b, uint32_t *ret)
{
    int error = magic__new_node(p, op, type, ret);

    if (error)
        return error;
    node_at(p, *ret)->a = a;
    node_at(p, *ret)->b = b;
    return 0;
}

int magic__build_int(
    struct magic__parser *p, enum magic__builtin type, uint64_t value, uint32_t *ret)
{
    int error = magic__new_node(p, MAGIC__OP_CONST, magic__builtin_type(type), ret);

    if (!error)
        node_at(p, *ret)->as.u = value;
    return error;
}

int magic__build_value(struct magic__parser *p, uint32_t a, uint32_t *ret)
{
    struct magic__eval_type type = node_at(p, a)->type;

    if (node_at(p, a)->op == MAGIC__OP_STRING)
        return magic_error_set(
            p->err, MAGIC_EINVAL, "a string literal can only be compared with == or !=");
    *ret = a;
    switch (magic__eval_class_of(type)) {
    case MAGIC__INT:
    case MAGIC__FLOAT:
    case MAGIC__POINTER:
        return node_at(p, a)->lvalue ? new_op(p, MAGIC__OP_LOAD, type, a, 0, ret) : 0;
    case MAGIC__ARRAY:
        type = magic__eval_target_of(type);
        type.stars++;
        return new_op(p, MAGIC__OP_ADDR, type, a, 0, ret);
    default:
        return type_error(p, "a number or pointer is needed", a);
    }
}

/* A value of one of two classes. */
static int build_scalar(struct magic__parser *p, uint32_t a, const char *what,
    enum magic__eval_class one, enum magic__eval_class other, uint32_t *ret)
{
    int error = magic__build_value(p, a, ret);

    if (error)
        return error;
    if (class_at(p, *ret) != one && class_at(p, *ret) != other)
        return type_error(p, what, *ret);
    return 0;
}

static int same_type(struct magic__eval_type a, struct magic__eval_type b)
{
    return a.base == b.base && a.stars == b.stars;
}

/* Convert a value, whose class allows it. */
static int convert(struct magic__parser *p, uint32_t a, struct magic__eval_type type, uint32_t *ret)
{
    *ret = a;
    return same_type(node_at(p, a)->type, type) ? 0 : new_op(p, MAGIC__OP_CAST, type, a, 0, ret);
}

int magic__build_cast(
    struct magic__parser *p, struct magic__eval_type type, uint32_t a, uint32_t *ret)
{
    enum magic__eval_class to = magic__eval_class_of(type);
    int error = magic__build_value(p, a, &a);

    if (error)
        return error;
    if (to != MAGIC__INT && to != MAGIC__FLOAT && to != MAGIC__POINTER)
        return magic_error_set(p->err, MAGIC_EINVAL, "a cast must be to a number or pointer type");
    if ((to == MAGIC__FLOAT && class_at(p, a) == MAGIC__POINTER) ||
        (to == MAGIC__POINTER && class_at(p, a) == MAGIC__FLOAT))
        return type_error(p, "cast between pointer and floating point", a);
    return new_op(p, MAGIC__OP_CAST, type, a, 0, ret);
}

/* Type after the integer promotions. */
static struct magic__eval_type promoted(struct magic__parser *p, uint32_t a)
{
    const struct magic__eval_node *node = node_at(p, a);
    uint64_t size = magic__eval_size_of(node->type);
    int is_unsigned = magic__is_unsigned(node->type);

    if (magic__eval_class_of(node->type) != MAGIC__INT)
        return node->type;
    if (node->op == MAGIC__OP_LOAD && node_at(p, node->a)->bit_size &&
        node_at(p, node->a)->bit_size < 32 && size <= 4)
        return magic__builtin_type(MAGIC__T_INT);
    if (size < 4)
        return magic__builtin_type(MAGIC__T_INT);
    if (size == 4)
        return magic__builtin_type(is_unsigned ? MAGIC__T_UINT : MAGIC__T_INT);
    return magic__builtin_type(is_unsigned ? MAGIC__T_ULONG : MAGIC__T_LONG);
}

/* The type both operands of an arithmetic operator get. */
static struct magic__eval_type common_type(struct magic__parser *p, uint32_t a, uint32_t b)
{
    struct magic__eval_type x = promoted(p, a), y = promoted(p, b);
    uint64_t x_size = magic__eval_size_of(x), y_size = magic__eval_size_of(y);
    int x_float = magic__eval_class_of(x) == MAGIC__FLOAT;
    int y_float = magic__eval_class_of(y) == MAGIC__FLOAT;

    if (x_float != y_float)
        return x_float ? x : y;
    if (x_size != y_size)
        return x_size > y_size ? x : y;
    return magic__is_unsigned(x) ? x : y;
}

static int build_not(struct magic__parser *p, uint32_t a, uint32_t *ret)
{
    int error = magic__build_value(p, a, &a);

    return error ? error : new_op(p, MAGIC__OP_LNOT, magic__builtin_type(MAGIC__T_INT), a, 0, ret);
}

static int build_deref(struct magic__parser *p, uint32_t a, uint32_t *ret)
{
    struct magic__eval_type type;
    int error = build_scalar(p, a, "* needs a pointer", MAGIC__POINTER, MAGIC__POINTER, &a);

    if (error)
        return error;
    type = magic__eval_target_of(node_at(p, a)->type);
    if (magic__eval_class_of(type) == MAGIC__VOID)
        return type_error(p, "a pointer to void has no target", a);
    if (magic__eval_class_of(type) == MAGIC__FUNCTION) {
        *ret = a;
        return 0;
    }
    error = new_op(p, MAGIC__OP_DEREF, type, a, 0, ret);
    if (!error)
        node_at(p, *ret)->lvalue = 1;
    return error;
}

static int build_addr(struct magic__parser *p, uint32_t a, uint32_t *ret)
{
    struct magic__eval_type type = node_at(p, a)->type;

    *ret = a;
    if (node_at(p, a)->op == MAGIC__OP_FUNC)
        return 0;
    if (!node_at(p, a)->lvalue || node_at(p, a)->bit_size)
        return type_error(p, "& needs an object that has an address", a);
    type.stars++;
    return new_op(p, MAGIC__OP_ADDR, type, a, 0, ret);
}

int magic__build_unary(struct magic__parser *p, enum magic__eval_op op, uint32_t a, uint32_t *ret)
{
    struct magic__eval_type type;
    int error;

    switch (op) {
    case MAGIC__OP_LNOT:
        return build_not(p, a, ret);
    case MAGIC__OP_DEREF:
        return build_deref(p, a, ret);
    case MAGIC__OP_ADDR:
        return build_addr(p, a, ret);
    default:
        break;
    }
    error = build_scalar(p, a, "a number is needed", MAGIC__INT,
        op == MAGIC__OP_NOT ? MAGIC__INT : MAGIC__FLOAT, &a);
    if (error)
        return error;
    type = promoted(p, a);
    error = convert(p, a, type, &a);
    *ret = a;
    return error || op == MAGIC__OP_CAST ? error : new_op(p, op, type, a, 0, ret);
}

static int element_size(struct magic__parser *p, uint32_t pointer, uint64_t *ret)
{
    struct magic__eval_type target = magic__eval_target_of(node_at(p, pointer)->type);
    enum magic__eval_class cls = magic__eval_class_of(target);

    *ret = cls == MAGIC__VOID || cls == MAGIC__FUNCTION ? 1 : magic__eval_size_of(target);
    if (*ret == 0)
        return type_error(p, "pointer to a type of unknown size", pointer);
    return 0;
}

/* pointer + integer, pointer - integer, pointer - pointer */
static int build_pointer_sum(
    struct magic__parser *p, enum magic__eval_op op, uint32_t a, uint32_t b, uint32_t *ret)
{
    struct magic__eval_type type;
    uint64_t size, other;
    uint32_t swap;
    int error;

    if (op == MAGIC__OP_ADD && class_at(p, a) == MAGIC__INT) {
        swap = a;
        a = b;
        b = swap;
    }
    if (class_at(p, a) != MAGIC__POINTER)
        return type_error(p, "a pointer is needed", a);
    type = node_at(p, a)->type;
    error = element_size(p, a, &size);
    if (!error && op == MAGIC__OP_SUB && class_at(p, b) == MAGIC__POINTER) {
        error = element_size(p, b, &other);
        if (!error && size != other)
            return type_error(p, "difference of pointers to unlike types", b);
        type = magic__builtin_type(MAGIC__T_LONG);
        op = MAGIC__OP_PTR_DIFF;
    } else if (!error) {
        if (class_at(p, b) != MAGIC__INT)
            return type_error(p, "an integer is needed", b);
        op = op == MAGIC__OP_ADD ? MAGIC__OP_PTR_ADD : MAGIC__OP_PTR_SUB;
    }
    if (!error)
        error = new_op(p, op, type, a, b, ret);
    if (!error)
        node_at(p, *ret)->as.u = size;
    return error;
}

static int build_arith(
    struct magic__parser *p, enum magic__eval_op op, uint32_t a, uint32_t b, uint32_t *ret)
{
    int integers =
        op != MAGIC__OP_MUL && op != MAGIC__OP_DIV && op != MAGIC__OP_ADD && op != MAGIC__OP_SUB;
    enum magic__eval_class other = integers ? MAGIC__INT : MAGIC__FLOAT;
    struct magic__eval_type type;
    int error = magic__build_value(p, a, &a);

    if (!error)
        error = magic__build_value(p, b, &b);
    if (error)
        return error;
    if ((op == MAGIC__OP_ADD || op == MAGIC__OP_SUB) &&
        (class_at(p, a) == MAGIC__POINTER || class_at(p, b) == MAGIC__POINTER))
        return build_pointer_sum(p, op, a, b, ret);
    error = build_scalar(p, a, "a number is needed", MAGIC__INT, other, &a);
    if (!error)
        error = build_scalar(p, b, "a number is needed", MAGIC__INT, other, &b);
    if (error)
        return error;
    type = op == MAGIC__OP_SHL || op == MAGIC__OP_SHR ? promoted(p, a) : common_type(p, a, b);
    error = convert(p, a, type, &a);
    if (!error)
        error =
            convert(p, b, op == MAGIC__OP_SHL || op == MAGIC__OP_SHR ? promoted(p, b) : type, &b);
    return error ? error : new_op(p, op, type, a, b, ret);
}

/* A comparison with a string literal b: of text. */
static int build_text(
    struct magic__parser *p, enum magic__eval_op op, uint32_t a, uint32_t b, uint32_t *ret)
{
    struct magic__eval_type type = node_at(p, a)->type, element;
    uint64_t size = 0;
    int error;

    if (op != MAGIC__OP_EQ && op != MAGIC__OP_NE)
        return magic_error_set(
            p->err, MAGIC_EINVAL, "a string literal can only be compared with == or !=");
    if (magic__eval_class_of(type) == MAGIC__ARRAY)
        size = magic__eval_size_of(type);
    error = build_scalar(
        p, a, "text is compared with char arrays and pointers", MAGIC__POINTER, MAGIC__POINTER, &a);
    if (error)
        return error;
    element = magic__eval_target_of(node_at(p, a)->type);
    if (magic__eval_class_of(element) != MAGIC__INT || magic__eval_size_of(element) != 1)
        return type_error(p, "text is compared with char arrays and pointers", a);
    error = new_op(p, op == MAGIC__OP_EQ ? MAGIC__OP_TEXT_EQ : MAGIC__OP_TEXT_NE,
        magic__builtin_type(MAGIC__T_INT), a, b, ret);
    if (!error)
        node_at(p, *ret)->as.u = size;
    return error;
}

static int build_compare(
    struct magic__parser *p, enum magic__eval_op op, uint32_t a, uint32_t b, uint32_t *ret)
{
    struct magic__eval_type type;
    int error, a_pointer, b_pointer;

    if (node_at(p, b)->op == MAGIC__OP_STRING)
        return build_text(p, op, a, b, ret);
    if (node_at(p, a)->op == MAGIC__OP_STRING)
        return build_text(p, op, b, a, ret);
    error = magic__build_value(p, a, &a);
    if (!error)
        error = magic__build_value(p, b, &b);
    if (error)
        return error;
    a_pointer = class_at(p, a) == MAGIC__POINTER;
    b_pointer = class_at(p, b) == MAGIC__POINTER;
    if ((a_pointer && class_at(p, b) == MAGIC__FLOAT) ||
        (b_pointer && class_at(p, a) == MAGIC__FLOAT))
        return type_error(p, "comparison of a pointer with a floating-point number", a);
    type = a_pointer || b_pointer ? magic__builtin_type(MAGIC__T_ULONG) : common_type(p, a, b);
    error = convert(p, a, type, &a);
    if (!error)
        error = convert(p, b, type, &b);
    return error ? error : new_op(p, op, magic__builtin_type(MAGIC__T_INT), a, b, ret);
}

int magic__build_binary(
    struct magic__parser *p, enum magic__eval_op op, uint32_t a, uint32_t b, uint32_t *ret)
{
    int error;

    if (op >= MAGIC__OP_LT && op <= MAGIC__OP_NE)
        return build_compare(p, op, a, b, ret);
    if (op != MAGIC__OP_AND && op != MAGIC__OP_OR && op != MAGIC__OP_COMMA)
        return build_arith(p, op, a, b, ret);
    error = magic__build_value(p, a, &a);
    if (!error)
        error = magic__build_value(p, b, &b);
    return error ? error
                 : new_op(p, op,
                       op == MAGIC__OP_COMMA ? node_at(p, b)->type
                                             : magic__builtin_type(MAGIC__T_INT),
                       a, b, ret);
}

int magic__build_cond(struct magic__parser *p, uint32_t a, uint32_t b, uint32_t c, uint32_t *ret)
{
    struct magic__eval_type type;
    int error = magic__build_value(p, a, &a), b_pointer, c_pointer;

    if (!error)
        error = magic__build_value(p, b, &b);
    if (!error)
        error = magic__build_value(p, c, &c);
    if (error)
        return error;
    b_pointer = class_at(p, b) == MAGIC__POINTER;
    c_pointer = class_at(p, c) == MAGIC__POINTER;
    if ((b_pointer && class_at(p, c) == MAGIC__FLOAT) ||
        (c_pointer && class_at(p, b) == MAGIC__FLOAT))
        return type_error(p, "?: of a pointer and a floating-point number", b);
    type = b_pointer ? node_at(p, b)->type : c_pointer ? node_at(p, c)->type : common_type(p, b, c);
    error = convert(p, b, type, &b);
    if (!error)
        error = convert(p, c, type, &c);
    if (!error)
        error = new_op(p, MAGIC__OP_COND, type, a, b, ret);
    if (!error)
        node_at(p, *ret)->c = c;
    return error;
}
