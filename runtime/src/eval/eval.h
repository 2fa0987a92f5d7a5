/* SPDX-License-Identifier: BSD-2-Clause
 *
 * C expressions over the state of a service: this process, another one, or a file.
 *
 * An expression is compiled against a state table into nodes in the caller's memory, then run as
 * often as wanted over an environment that can read memory. All typing is done when compiling, so
 * that a run is a walk over few nodes. Nothing is allocated, and nothing is kept between calls.
 */
#ifndef MAGIC_EVAL_H
#define MAGIC_EVAL_H

#include <magic/table.h>

/* Where an expression's names and memory come from. All addresses are run-time ones. */
struct magic__eval_env {
    const struct magic_table *table;
    uint64_t base; /* run-time minus link-time address */
    void *ctx;
    /* Copy memory; 0, or MAGIC_EFAULT if not all of it can be read. */
    int (*read)(void *ctx, uint64_t addr, void *buf, size_t size);
    /* Address of a TLS variable; NULL where there are none. Returns 0 or an error code. */
    int (*tls_addr)(void *ctx, const struct magic_var *var, uint64_t *ret);
};

/* A type: `stars` pointers on top of a table's or built-in type. */
struct magic__eval_type {
    const struct magic_type *base;
    uint32_t stars;
};

/* What can be done with a value of a type. */
enum magic__eval_class {
    MAGIC__INT,   /* integer or enum of 1, 2, 4 or 8 bytes */
    MAGIC__FLOAT, /* float, double, long double */
    MAGIC__POINTER,
    MAGIC__ARRAY,
    MAGIC__OBJECT, /* struct, union, opaque or odd-sized: only members and address */
    MAGIC__FUNCTION,
    MAGIC__VOID,
};

/* One operation. `a`, `b` and `c` are nodes before this one. */
struct magic__eval_node {
    uint8_t op;                  /* enum magic__eval_op */
    uint8_t lvalue;              /* yields an address of an object of `type` */
    uint8_t bit_shift, bit_size; /* a bit-field's place in the bytes at its address */
    uint32_t a, b, c;
    struct magic__eval_type type;
    union {
        uint64_t u;
        double f;
        const struct magic_var *var;
        const char *text; /* string literal: between its quotes */
    } as;
    uint32_t len; /* bytes of `text` */
};

/* A compiled expression. Points into the expression's text and the table: valid as long as they. */
struct magic__eval_program {
    struct magic__eval_node *nodes; /* caller-owned, `cap` of them */
    uint32_t cap, n, root;
};

/* A result. */
struct magic__eval_value {
    struct magic__eval_type type;
    enum magic__eval_class cls;
    int has_addr; /* the value lies at `addr` in memory */
    uint64_t addr;
    uint8_t bit_shift, bit_size; /* of a bit-field at `addr` */
    union {
        uint64_t u; /* integers extended to 64 bits, pointers */
        double f;
    } as; /* not set for arrays and objects */
};

/* Nodes that serve for any expression of the historic longest length (512). */
#define MAGIC__EVAL_NODES 192

/* Compile `len` bytes of text. `program` has nodes and cap set.
 * Errors: MAGIC_EINVAL, MAGIC_ENOENT, MAGIC_EAMBIGUOUS, MAGIC_ENOTSUP, MAGIC_ENOMEM (too long). */
__attribute__((warn_unused_result)) int magic__eval_compile(const struct magic__eval_env *env,
    const char *text, size_t len, struct magic__eval_program *program, struct magic_error *err);

/* Run a compiled expression. Errors: MAGIC_EFAULT, MAGIC_EBADMSTATE, MAGIC_ENOTSUP. */
__attribute__((warn_unused_result)) int magic__eval_run(const struct magic__eval_env *env,
    const struct magic__eval_program *program, struct magic__eval_value *ret,
    struct magic_error *err);

/* The value as a truth value, an integer, a double. Errors: MAGIC_EINVAL for arrays (but for
 * truth), structs and such; MAGIC_EBADMSTATE if it does not fit. */
__attribute__((warn_unused_result)) int magic__eval_to_bool(
    const struct magic__eval_value *value, int *ret, struct magic_error *err);
__attribute__((warn_unused_result)) int magic__eval_to_int(
    const struct magic__eval_value *value, int64_t *ret, struct magic_error *err);
__attribute__((warn_unused_result)) int magic__eval_to_float(
    const struct magic__eval_value *value, double *ret, struct magic_error *err);

/* The value as text: 42, 3.5, "text" for char arrays, (struct x *) 0x... for pointers; cut to
 * `size`. Errors: MAGIC_EINVAL for structs and other arrays, MAGIC_EFAULT. */
__attribute__((warn_unused_result)) int magic__eval_to_text(const struct magic__eval_env *env,
    const struct magic__eval_value *value, char *buf, size_t size, struct magic_error *err);

/* Typed access below a value, for tools that print whole objects. */
enum magic__eval_class magic__eval_class_of(struct magic__eval_type type);
uint64_t magic__eval_size_of(struct magic__eval_type type);
/* What a pointer points to, or an array consists of. */
struct magic__eval_type magic__eval_target_of(struct magic__eval_type type);
/* Load the object that value->addr, type and bit-field place describe; sets class and value. */
__attribute__((warn_unused_result)) int magic__eval_load(
    const struct magic__eval_env *env, struct magic__eval_value *value, struct magic_error *err);
/* C spelling of a type; returns buf. */
const char *magic__eval_spell(struct magic__eval_type type, char *buf, size_t size);

/* Format without regard to the process's locale. Returns what snprintf does. */
int magic__eval_print_double(char *buf, size_t size, double value);

#endif
