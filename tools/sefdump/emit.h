/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Where values go: C-like text, or JSON. Values are walked once, by value.c.
 */
#ifndef SEFDUMP_EMIT_H
#define SEFDUMP_EMIT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

enum { EMIT_DEPTH_MAX = 64 };

/** A sink of one value. Either `out` or `stack` is used. */
struct emit {
    FILE *out; /**< text; NULL: JSON */
    unsigned depth;
    bool inner[EMIT_DEPTH_MAX + 1];    /**< text: the container has elements already */
    bool lines[EMIT_DEPTH_MAX + 1];    /**< text: one element a line */
    json_t *stack[EMIT_DEPTH_MAX + 1]; /**< JSON: containers; owned by their parents */
    const char *key;                   /**< name of the next element */
    json_t *root;                      /**< JSON: the value; owned by who made the emit */
};

/** Begin a struct or array; `lines` puts each element on a line of its own. False: too deep. */
bool emit_open(struct emit *emit, bool is_array, bool lines);
void emit_close(struct emit *emit);
/** Name the next element of a struct. */
void emit_key(struct emit *emit, const char *key);

void emit_integer(struct emit *emit, uint64_t value, bool is_unsigned);
void emit_real(struct emit *emit, double value);
/** Text of a char array: `text` is spelled as in C, with quotes. */
void emit_text(struct emit *emit, const char *spelled, const char *plain);
/** An enumerator. */
void emit_symbol(struct emit *emit, const char *name, int64_t value);
/** A pointer; `to` says what it leads to, `text` what text is there; both may be "". */
void emit_pointer(struct emit *emit, uint64_t addr, const char *to, const char *text);
/** What is no value: "...", "cannot be read". */
void emit_note(struct emit *emit, const char *note);

#endif
