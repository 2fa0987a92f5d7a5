/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What a compiler command line asks for, as far as the wrapper has to know.
 */
#ifndef SEF_CC_SCAN_H
#define SEF_CC_SCAN_H

#include <stdbool.h>

#include "words.h"

enum scan_mode {
    SCAN_NO_LINK,      /**< compiles, preprocesses, asks; or has nothing to work on */
    SCAN_LINK_PROGRAM, /**< links a program: becomes a service image */
    SCAN_LINK_OTHER,   /**< links a library or a program with a start of its own */
    SCAN_LINK_BARE,    /**< links what no shared library may be added to: -r, -static */
};

struct scan {
    enum scan_mode mode;
    const char *refused; /**< option that no service image can have, or NULL; programs only */
    const char *why;     /**< reason of the refusal */
    bool sanitized;      /**< program wants a sanitizer's runtime and does not say which kind */
};

/** True if the next word is this option's value. */
bool scan_takes_value(const char *text);

/** Read the command line, and mark the words that a service image must not have.
 *
 * Shape: dropped words get a NULL text in `words`; `-Wl,` words may be shortened. */
struct scan scan_words(struct words *words);

#endif
