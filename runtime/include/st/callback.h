/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Callbacks: what a new version does itself when the state of the old one arrives.
 *
 * They are set in the new version's main() before sef_startup(), and called while the transfer runs,
 * on the main thread of the new instance, with the old state still readable where it was. A callback
 * that returns an error ends the update; the old instance goes on. In what it writes, addresses of
 * the old state are allowed: they are forwarded afterwards like all others.
 *
 * Source: st/callback.h of libmagicrt; differs: a value at a time with its types, no walk to steer.
 */
#ifndef ST_CALLBACK_H
#define ST_CALLBACK_H

#include <stdint.h>

#include <magic/table.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A value on its way from the old version to the new one. */
struct st_element {
    const char *variable;     /**< key of the variable it is part of; "" in a heap object */
    const char *member;       /**< name of the member it is, or "" */
    const struct magic_type *old_type, *new_type;
    const void *old_value;    /**< old_type->size bytes, read-only */
    void *new_value;          /**< new_type->size bytes: the new initial value, zero on the heap */
    const void *internal;     /**< for st_element_convert() */
};

/** What a callback is for: the values of a type, by tag or typedef name; a variable, by name or key;
 * a member, as "type.member". */
#define ST_CB_TYPE_TYPENAME 1
#define ST_CB_TYPE_SENTRY   2
#define ST_CB_TYPE_SELEMENT 4

/** Returned by a callback: nothing was done, convert as usual. */
#define ST_CB_NOT_PROCESSED 1000

/** Returns 0: the new value is complete; ST_CB_NOT_PROCESSED; or a negative MAGIC_* code, which
 * refuses the update. */
typedef int (*st_cb_selement_transfer_t)(const struct st_element *element, void *ctx);

/** Set a callback. Names of either version match. Of several that match a value the first one that
 * was set counts: of those for a member before those for its type.
 *
 * Shape: `key` is not copied. At most ST_CB_MAX callbacks.
 * Errors: MAGIC_EINVAL no such cb_type, or no key or callback; MAGIC_ENOMEM too many.
 * Threads: main thread, before sef_startup(). Source: st_setcb_selement_transfer(). */
#define ST_CB_MAX 256
__attribute__((warn_unused_result))
int st_setcb_selement_transfer(
    st_cb_selement_transfer_t cb, int cb_type, const char *key, void *ctx);

/** In a callback: convert the value as if there were no callback, to change the result then.
 * Errors: as the transfer's. */
__attribute__((warn_unused_result))
int st_element_convert(const struct st_element *element);

/** Called before anything is converted, and after everything was, while the old state can still be
 * read. Returns 0, or a negative code that refuses the update. NULL: none. */
typedef int (*st_cb_state_transfer_t)(void *ctx);
void st_setcb_before_transfer(st_cb_state_transfer_t cb, void *ctx);
void st_setcb_after_transfer(st_cb_state_transfer_t cb, void *ctx);

/** A variable of the old version by the name a C programmer would give it ("name", "file.c:name",
 * "func::name"), during a transfer. Its bytes are the old ones; *type tells their type (may be NULL).
 * Returns NULL if there is none, several, or no transfer. */
const void *st_old_variable(const char *name, const struct magic_type **type);

#ifdef __cplusplus
}
#endif
#endif
