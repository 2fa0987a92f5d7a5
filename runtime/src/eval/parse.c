/* SPDX-License-Identifier: BSD-2-Clause
 *
 * C's expression grammar by precedence climbing. Parsing makes checked nodes at once; a tree of
 * its own would only be walked once.
 */
#include <string.h>

#include "eval/eval_internal.h"

static int parse_unary(struct magic__parser *p, uint32_t *ret);
static int parse_comma(struct magic__parser *p, uint32_t *ret);

/* Binary operators, longer ones before their prefixes. */
static const struct operator
{
    const char *text;
    unsigned char precedence, op;
}
operators[] = {
    { "<<", 8, MAGIC__OP_SHL },
    { ">>", 8, MAGIC__OP_SHR },
    { "<=", 7, MAGIC__OP_LE },
    { ">=", 7, MAGIC__OP_GE },
    { "==", 6, MAGIC__OP_EQ },
    { "!=", 6, MAGIC__OP_NE },
    { "&&", 2, MAGIC__OP_AND },
    { "||", 1, MAGIC__OP_OR },
    { "*", 10, MAGIC__OP_MUL },
    { "/", 10, MAGIC__OP_DIV },
    { "%", 10, MAGIC__OP_MOD },
    { "+", 9, MAGIC__OP_ADD },
    { "-", 9, MAGIC__OP_SUB },
    { "<", 7, MAGIC__OP_LT },
    { ">", 7, MAGIC__OP_GT },
    { "&", 5, MAGIC__OP_BAND },
    { "^", 4, MAGIC__OP_XOR },
    { "|", 3, MAGIC__OP_BOR },
};

static int enter(struct magic__parser *p)
{
    if (++p->depth > MAGIC__EVAL_DEPTH)
        return magic_error_set(
            p->err, MAGIC_EINVAL, "expression nests deeper than %d", MAGIC__EVAL_DEPTH);
    return 0;
}

static int expect(struct magic__parser *p, const char *text)
{
    char what[32] = "expected ' '";

    if (magic__accept(p, text))
        return 0;
    what[10] = *text;
    return magic__syntax_error(p, what);
}

static int parse_primary(struct magic__parser *p, uint32_t *ret)
{
    int error;

    magic__skip_space(p);
    if (p->pos == p->end)
        return magic__syntax_error(p, "expected an operand");
    if (magic__accept(p, "(")) {
        error = parse_comma(p, ret);
        return error ? error : expect(p, ")");
    }
    if ((*p->pos >= '0' && *p->pos <= '9') ||
        (*p->pos == '.' && p->pos + 1 < p->end && p->pos[1] >= '0' && p->pos[1] <= '9'))
        return magic__parse_number(p, ret);
    if (*p->pos == '\'')
        return magic__parse_char(p, ret);
    if (*p->pos == '"')
        return magic__parse_string(p, ret);
    if (magic__ident_len(p))
        return magic__parse_name(p, ret);
    return magic__syntax_error(p, "expected an operand");
}

static int parse_member(struct magic__parser *p, uint32_t *ret)
{
    size_t len;
    int error;

    magic__skip_space(p);
    len = magic__ident_len(p);
    if (len == 0)
        return magic__syntax_error(p, "expected a member name");
    error = magic__build_member(p, *ret, p->pos, len, ret);
    if (!error)
        p->pos += len;
    return error;
}

static int parse_index(struct magic__parser *p, uint32_t *ret)
{
    uint32_t index;
    int error = parse_comma(p, &index);

    if (!error)
        error = expect(p, "]");
    if (!error)
        error = magic__build_binary(p, MAGIC__OP_ADD, *ret, index, ret);
    return error ? error : magic__build_unary(p, MAGIC__OP_DEREF, *ret, ret);
}

static int parse_postfix(struct magic__parser *p, uint32_t *ret)
{
    int error = parse_primary(p, ret);

    while (!error) {
        if (magic__accept(p, "[")) {
            error = parse_index(p, ret);
        } else if (magic__accept(p, "->")) {
            error = magic__build_unary(p, MAGIC__OP_DEREF, *ret, ret);
            if (!error)
                error = parse_member(p, ret);
        } else if (magic__accept(p, ".")) {
            error = parse_member(p, ret);
        } else if (p->pos < p->end && *p->pos == '(') {
            error = magic__syntax_error(p, "functions cannot be called");
        } else {
            return 0;
        }
    }
    return error;
}

/* The type of sizeof's operand expression, which is not evaluated. */
static int parse_sizeof_operand(struct magic__parser *p, struct magic__eval_type *ret)
{
    const struct magic__eval_node *node;
    uint32_t operand;
    int error = parse_unary(p, &operand);

    if (error)
        return error;
    node = &p->program->nodes[operand];
    if (node->op == MAGIC__OP_STRING || node->bit_size)
        return magic_error_set(p->err, MAGIC_EINVAL, "sizeof of a string literal or bit-field");
    *ret = node->type;
    return 0;
}

static int parse_sizeof(struct magic__parser *p, uint32_t *ret)
{
    struct magic__eval_type type;
    const char *begin = p->pos;
    int error = 0, found = 0;

    if (magic__accept(p, "(")) {
        error = magic__parse_type(p, &type, &found);
        if (error)
            return error;
        if (found)
            error = expect(p, ")");
        else
            p->pos = begin;
    }
    if (!found && !error)
        error = parse_sizeof_operand(p, &type);
    if (error)
        return error;
    if (magic__eval_class_of(type) == MAGIC__VOID ||
        (!type.stars && (magic_type_strip(type.base)->flags & MAGIC_TYPE_INCOMPLETE)))
        return magic_error_set(p->err, MAGIC_EINVAL, "sizeof of an incomplete type");
    return magic__build_int(p, MAGIC__T_ULONG, magic__eval_size_of(type), ret);
}

/* At "(": a cast, or *found 0. */
static int parse_cast(struct magic__parser *p, uint32_t *ret, int *found)
{
    const char *begin = p->pos;
    struct magic__eval_type type;
    int error;

    magic__accept(p, "(");
    error = magic__parse_type(p, &type, found);
    if (error || !*found) {
        p->pos = begin;
        return error;
    }
    error = expect(p, ")");
    if (!error)
        error = parse_unary(p, ret);
    return error ? error : magic__build_cast(p, type, *ret, ret);
}

static int parse_prefixed(struct magic__parser *p, uint32_t *ret)
{
    static const struct operator prefixes[] = {
        { "!", 0, MAGIC__OP_LNOT },
        { "~", 0, MAGIC__OP_NOT },
        { "-", 0, MAGIC__OP_NEG },
        { "+", 0, MAGIC__OP_CAST },
        { "*", 0, MAGIC__OP_DEREF },
        { "&", 0, MAGIC__OP_ADDR },
    };
    size_t i;
    int error, found;

    if (p->pos < p->end && *p->pos == '(') {
        error = parse_cast(p, ret, &found);
        if (error || found)
            return error;
    }
    for (i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
        if (magic__accept(p, prefixes[i].text)) {
            error = parse_unary(p, ret);
            return error ? error : magic__build_unary(p, prefixes[i].op, *ret, ret);
        }
    return magic__accept(p, "sizeof") ? parse_sizeof(p, ret) : parse_postfix(p, ret);
}

static int parse_unary(struct magic__parser *p, uint32_t *ret)
{
    int error = enter(p);

    magic__skip_space(p);
    if (!error && (size_t) (p->end - p->pos) >= 2 &&
        (memcmp(p->pos, "++", 2) == 0 || memcmp(p->pos, "--", 2) == 0 ||
            memcmp(p->pos, "&&", 2) == 0))
        error = magic__syntax_error(p, "expected an operand");
    if (!error)
        error = parse_prefixed(p, ret);
    p->depth--;
    return error;
}

/* The binary operator at p->pos, or NULL; *assigns if it is one that changes state. */
static const struct operator* peek_operator(struct magic__parser *p, int *assigns)
{
    size_t left, i, len;

    magic__skip_space(p);
    left = (size_t) (p->end - p->pos);
    *assigns = left >= 1 && p->pos[0] == '=' && !(left >= 2 && p->pos[1] == '=');
    if (left >= 2 && (memcmp(p->pos, "++", 2) == 0 || memcmp(p->pos, "--", 2) == 0))
        *assigns = 1;
    for (i = 0; i < sizeof(operators) / sizeof(operators[0]) && !*assigns; i++) {
        len = strlen(operators[i].text);
        if (left < len || memcmp(p->pos, operators[i].text, len) != 0)
            continue;
        *assigns = (operators[i].precedence >= 8 ||
                       (operators[i].precedence >= 3 && operators[i].precedence <= 5)) &&
                   left > len && p->pos[len] == '=';
        return &operators[i];
    }
    return NULL;
}

static int parse_binary(struct magic__parser *p, unsigned min, uint32_t *ret)
{
    const struct operator* op;
    uint32_t right;
    int assigns, error = parse_unary(p, ret);

    while (!error) {
        op = peek_operator(p, &assigns);
        if (assigns)
            return magic__syntax_error(p, "expressions cannot change state");
        if (!op || op->precedence < min)
            return 0;
        p->pos += strlen(op->text);
        error = parse_binary(p, op->precedence + 1u, &right);
        if (!error)
            error = magic__build_binary(p, op->op, *ret, right, ret);
    }
    return error;
}

static int parse_conditional(struct magic__parser *p, uint32_t *ret)
{
    uint32_t yes, no;
    int error = parse_binary(p, 1, ret);

    if (error || !magic__accept(p, "?"))
        return error;
    error = enter(p);
    if (!error)
        error = parse_comma(p, &yes);
    if (!error)
        error = expect(p, ":");
    if (!error)
        error = parse_conditional(p, &no);
    p->depth--;
    return error ? error : magic__build_cond(p, *ret, yes, no, ret);
}

static int parse_comma(struct magic__parser *p, uint32_t *ret)
{
    uint32_t right;
    int error = parse_conditional(p, ret);

    while (!error && magic__accept(p, ",")) {
        error = parse_conditional(p, &right);
        if (!error)
            error = magic__build_binary(p, MAGIC__OP_COMMA, *ret, right, ret);
    }
    return error;
}

int magic__eval_compile(const struct magic__eval_env *env, const char *text, size_t len,
    struct magic__eval_program *program, struct magic_error *err)
{
    struct magic__parser p = {
        .env = env,
        .pos = text,
        .end = text + len,
        .program = program,
        .err = err,
    };
    int error;

    program->n = 0;
    if (len > UINT32_MAX / 2)
        return magic_error_set(err, MAGIC_ENOMEM, "expression too long");
    error = parse_comma(&p, &program->root);
    if (error)
        return error;
    magic__skip_space(&p);
    if (p.pos != p.end)
        return magic__syntax_error(&p, "expected an operator");
    if (program->nodes[program->root].op == MAGIC__OP_STRING)
        return magic_error_set(
            err, MAGIC_EINVAL, "a string literal can only be compared with == or !=");
    return 0;
}
