/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What parser, type checker and runner of expressions share.
 */
#ifndef MAGIC_EVAL_INTERNAL_H
#define MAGIC_EVAL_INTERNAL_H

#include "eval/eval.h"

/* Operations. Operands are converted to the operation's type when compiling. */
enum magic__eval_op {
    MAGIC__OP_CONST,  /* as.u or as.f */
    MAGIC__OP_STRING, /* as.text, only below TEXT_EQ and TEXT_NE */
    MAGIC__OP_VAR,    /* address of as.var */
    MAGIC__OP_FUNC,   /* as.u: link-time address */
    MAGIC__OP_MEMBER, /* address a, plus as.u */
    MAGIC__OP_DEREF,  /* pointer a as address */
    MAGIC__OP_ADDR,   /* address a as pointer: &x, and decay of arrays */
    MAGIC__OP_LOAD,   /* object at address a */
    MAGIC__OP_CAST,
    MAGIC__OP_NEG,
    MAGIC__OP_NOT,
    MAGIC__OP_LNOT,
    MAGIC__OP_MUL,
    MAGIC__OP_DIV,
    MAGIC__OP_MOD,
    MAGIC__OP_ADD,
    MAGIC__OP_SUB,
    MAGIC__OP_SHL,
    MAGIC__OP_SHR,
    MAGIC__OP_LT,
    MAGIC__OP_LE,
    MAGIC__OP_GT,
    MAGIC__OP_GE,
    MAGIC__OP_EQ,
    MAGIC__OP_NE,
    MAGIC__OP_BAND,
    MAGIC__OP_XOR,
    MAGIC__OP_BOR,
    MAGIC__OP_AND,
    MAGIC__OP_OR,
    MAGIC__OP_PTR_ADD,  /* pointer a, integer b times as.u */
    MAGIC__OP_PTR_SUB,  /* likewise */
    MAGIC__OP_PTR_DIFF, /* (a - b) / as.u */
    MAGIC__OP_TEXT_EQ,  /* char array or pointer a, string b; as.u: array size, 0 a pointer */
    MAGIC__OP_TEXT_NE,  /* likewise */
    MAGIC__OP_COND,     /* a ? b : c */
    MAGIC__OP_COMMA,
};

/* Parentheses, unary operators and conditionals nest no deeper than this. */
#define MAGIC__EVAL_DEPTH 64

struct magic__parser {
    const struct magic__eval_env *env;
    const char *pos, *end;
    struct magic__eval_program *program;
    struct magic_error *err;
    unsigned depth;
};

/* Types the language has without a table. */
enum magic__builtin {
    MAGIC__T_VOID,
    MAGIC__T_BOOL,
    MAGIC__T_CHAR,
    MAGIC__T_SCHAR,
    MAGIC__T_UCHAR,
    MAGIC__T_SHORT,
    MAGIC__T_USHORT,
    MAGIC__T_INT,
    MAGIC__T_UINT,
    MAGIC__T_LONG,
    MAGIC__T_ULONG,
    MAGIC__T_FLOAT,
    MAGIC__T_DOUBLE,
    MAGIC__T_LDOUBLE,
};
struct magic__eval_type magic__builtin_type(enum magic__builtin which);

/* Does an integer type have a sign; is it _Bool? */
int magic__is_unsigned(struct magic__eval_type type);
int magic__is_bool(struct magic__eval_type type);

/* lex.c: at p->pos. */
void magic__skip_space(struct magic__parser *p);
/* Length of the identifier there, 0 if there is none. */
size_t magic__ident_len(const struct magic__parser *p);
/* If `text` stands there (as a whole word, if it is one), step over it. */
int magic__accept(struct magic__parser *p, const char *text);
int magic__syntax_error(struct magic__parser *p, const char *what);
int magic__parse_number(struct magic__parser *p, uint32_t *ret);
int magic__parse_char(struct magic__parser *p, uint32_t *ret);
int magic__parse_string(struct magic__parser *p, uint32_t *ret);
/* The next character of a string literal's text, which magic__parse_string has checked. */
unsigned char magic__literal_next(const char **text, const char *end);

/* names.c: a variable, enumerator or function at p->pos; a type name there (*found 0: none). */
int magic__parse_name(struct magic__parser *p, uint32_t *ret);
int magic__parse_type(struct magic__parser *p, struct magic__eval_type *ret, int *found);

/* build.c: checked nodes. Each writes the new node's index. */
int magic__new_node(
    struct magic__parser *p, enum magic__eval_op op, struct magic__eval_type type, uint32_t *ret);
int magic__build_int(
    struct magic__parser *p, enum magic__builtin type, uint64_t value, uint32_t *ret);
int magic__build_unary(struct magic__parser *p, enum magic__eval_op op, uint32_t a, uint32_t *ret);
int magic__build_binary(
    struct magic__parser *p, enum magic__eval_op op, uint32_t a, uint32_t b, uint32_t *ret);
int magic__build_cast(
    struct magic__parser *p, struct magic__eval_type type, uint32_t a, uint32_t *ret);
int magic__build_cond(struct magic__parser *p, uint32_t a, uint32_t b, uint32_t c, uint32_t *ret);
/* The value of an expression where C wants one: objects are loaded, arrays and functions decay. */
int magic__build_value(struct magic__parser *p, uint32_t a, uint32_t *ret);

/* member.c: a.name. */
int magic__build_member(
    struct magic__parser *p, uint32_t a, const char *name, size_t len, uint32_t *ret);

/* run.c / arith.c: a value during a run. */
union magic__eval_raw {
    uint64_t u;
    double f;
};

/* Bring an integer to the range of a type: truncate, then extend by its sign. */
uint64_t magic__fit(uint64_t value, struct magic__eval_type type);
int magic__arith_int(enum magic__eval_op op, struct magic__eval_type type, uint64_t a, uint64_t b,
    uint64_t *ret, struct magic_error *err);
int magic__arith_float(enum magic__eval_op op, struct magic__eval_type type, double a, double b,
    union magic__eval_raw *ret, struct magic_error *err);
int magic__convert(struct magic__eval_type from, struct magic__eval_type to,
    union magic__eval_raw *value, struct magic_error *err);

/* text.c: compare the text at `addr` (array of `size` bytes; 0: a pointer's) with a literal. */
int magic__text_equal(const struct magic__eval_env *env, uint64_t addr, uint64_t size,
    const char *literal, size_t len, int *ret, struct magic_error *err);

#endif
