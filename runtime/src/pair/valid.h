/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Whether a pairing is well formed; for debug builds and tests.
 */
#ifndef ST_VALID_H
#define ST_VALID_H

#include "pair/pair.h"

/** Walk a pairing that st__pair() made, and all its plans. False with what is malformed in `err`, which may
 * be NULL: MAGIC_EBADMSTATE. pre: both tables are valid. */
bool st__pairing_is_valid(const struct st__pairing *p, struct magic_error *err);

#endif
