/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Allocators and pools that the user names on the command line.
 */
#ifndef SEF_CC_ALLOCATORS_H
#define SEF_CC_ALLOCATORS_H

#include "words.h"

/** Take --sef-alloc=, --sef-pool= and --sef-free= out of the words, and hand them to the pass in its
 * environment variable, after what is there.
 *
 * Each names a function and its arguments, counted from 1, or with @FILE a file with one a line.
 * Errors: does not return when one is malformed or a file cannot be read; says which. */
void allocators_take(struct words *words);

#endif
