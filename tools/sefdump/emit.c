/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Text as a C initializer would be written, and JSON by jansson.
 */
#include "emit.h"

#include <string.h>

#include "eval/eval.h"
#include "json.h"

static void indent(struct emit *emit)
{
    fputc('\n', emit->out);
    for (unsigned i = 0; i < emit->depth; i++)
        fputs("    ", emit->out);
}

/* Text: what separates this element from the one before, and its name. */
static void begin_text(struct emit *emit)
{
    if (emit->depth && emit->inner[emit->depth])
        fputs(emit->lines[emit->depth] ? "," : ", ", emit->out);
    if (emit->depth && emit->lines[emit->depth])
        indent(emit);
    emit->inner[emit->depth] = true;
    if (emit->key)
        fprintf(emit->out, "%s%s = ", emit->depth ? "." : "", emit->key);
    emit->key = NULL;
}

/* JSON: put a new value into the innermost container. Takes the reference. */
static void put(struct emit *emit, json_t *value)
{
    json_t *parent = emit->depth ? emit->stack[emit->depth] : NULL;
    if (!value)
        value = json_null();
    if (!parent)
        emit->root = value;
    else if (json_is_array(parent))
        json_array_append_new(parent, value);
    else
        json_object_set_new(parent, emit->key ? emit->key : "", value);
    emit->key = NULL;
}

bool emit_open(struct emit *emit, bool is_array, bool lines)
{
    if (emit->depth == EMIT_DEPTH_MAX)
        return false;
    if (emit->out) {
        begin_text(emit);
        fputc('{', emit->out);
        emit->depth++;
    } else {
        json_t *container = is_array ? json_array() : json_object();
        put(emit, container);
        emit->stack[++emit->depth] = container;
    }
    emit->inner[emit->depth] = false;
    emit->lines[emit->depth] = lines;
    return true;
}

void emit_close(struct emit *emit)
{
    bool lines = emit->lines[emit->depth] && emit->inner[emit->depth];
    emit->depth--;
    if (!emit->out)
        return;
    if (lines)
        indent(emit);
    fputc('}', emit->out);
}

void emit_key(struct emit *emit, const char *key)
{
    emit->key = *key ? key : NULL;
}

void emit_integer(struct emit *emit, uint64_t value, bool is_unsigned)
{
    if (!emit->out) {
        /* JSON integers are signed here; larger ones go as text, which loses nothing. */
        char text[24];
        snprintf(text, sizeof(text), "%llu", (unsigned long long) value);
        put(emit, is_unsigned && value > INT64_MAX ? json_string(text)
                                                   : json_integer((json_int_t) value));
        return;
    }
    begin_text(emit);
    if (is_unsigned)
        fprintf(emit->out, "%llu", (unsigned long long) value);
    else
        fprintf(emit->out, "%lld", (long long) value);
}

void emit_real(struct emit *emit, double value)
{
    char text[40];
    magic__eval_print_double(text, sizeof(text), value);
    if (!emit->out) {
        /* JSON has no infinities. */
        json_t *real = json_real(value);
        put(emit, real ? real : json_string(text));
        return;
    }
    begin_text(emit);
    fputs(text, emit->out);
}

void emit_text(struct emit *emit, const char *spelled, const char *plain)
{
    if (!emit->out) {
        put(emit, json_text(plain));
        return;
    }
    begin_text(emit);
    fputs(spelled, emit->out);
}

void emit_symbol(struct emit *emit, const char *name, int64_t value)
{
    if (!emit->out) {
        put(emit,
            json_pack("{s:o, s:I}", "enumerator", json_text(name), "value", (json_int_t) value));
        return;
    }
    begin_text(emit);
    fprintf(emit->out, "%s", name);
}

void emit_pointer(struct emit *emit, uint64_t addr, const char *to, const char *text)
{
    char hex[24];
    snprintf(hex, sizeof(hex), "0x%llx", (unsigned long long) addr);
    if (!emit->out) {
        json_t *pointer = json_pack("{s:s}", "address", hex);
        if (*to)
            json_object_set_new(pointer, "to", json_text(to));
        if (*text)
            json_object_set_new(pointer, "text", json_text(text));
        put(emit, pointer);
        return;
    }
    begin_text(emit);
    fputs(addr ? hex : "NULL", emit->out);
    if (*to)
        fprintf(emit->out, " <%s>", to);
    if (*text)
        fprintf(emit->out, " %s", text);
}

void emit_note(struct emit *emit, const char *note)
{
    if (!emit->out) {
        put(emit, json_pack("{s:s}", "note", note));
        return;
    }
    begin_text(emit);
    fprintf(emit->out, strcmp(note, "...") == 0 ? "%s" : "<%s>", note);
}
