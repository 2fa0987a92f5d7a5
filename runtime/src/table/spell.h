/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Declarations in C spelling.
 */
#ifndef MAGIC_SPELL_H
#define MAGIC_SPELL_H

#include <magic/table.h>

/* Write the declaration of `name` with a type ("int (*fn)(void)") to `buf`, cut to `size`; the
 * plain type if name is "". Returns buf. */
const char *magic__type_declare(
    const struct magic_type *type, const char *name, char *buf, size_t size);

#endif
