/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Numbers of every C type on their way from one representation to another.
 */
#ifndef ST_NUMBER_H
#define ST_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <magic/table.h>

__extension__ typedef __int128 st__int;
__extension__ typedef unsigned __int128 st__uint;

/** The value of any integer, floating or complex number; integers of up to 128 bits. */
struct st__number {
    enum { ST__SIGNED, ST__UNSIGNED, ST__REAL } form;
    union {
        st__int i;
        st__uint u;
        long double d;
    };
    long double imaginary; /**< of a complex number; else 0 */
};

/** Read a number of an integer, enum or floating type (no half or quadruple precision). */
struct st__number st__number_load(const struct magic_type *type, const unsigned char *p);

/** A number of an integer type from its `bits` lowest bits. */
struct st__number st__number_from_bits(const struct magic_type *type, st__uint v, unsigned bits);

/** Its `bits` bits in an integer type, as C converts. Returns false if the value is not kept. */
bool st__number_to_bits(
    struct st__number v, const struct magic_type *type, unsigned bits, st__uint *ret);

/** Write a number as another type, as C converts. Returns false if the value is not kept. */
bool st__number_store(struct st__number v, const struct magic_type *type, unsigned char *p);

/** The value in decimal; returns buf. */
const char *st__number_text(struct st__number v, char *buf, size_t size);

#endif
