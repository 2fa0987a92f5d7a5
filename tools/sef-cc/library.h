/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The dynamic symbols of a shared library's file.
 */
#ifndef SEF_CC_LIBRARY_H
#define SEF_CC_LIBRARY_H

#include "words.h"

enum library_kind {
    LIBRARY_READ,   /**< a shared library: its names were given */
    LIBRARY_SCRIPT, /**< text that may be a linker script */
    LIBRARY_OTHER,  /**< object, archive, bit code, directory: exports nothing to us */
    LIBRARY_BROKEN, /**< cannot be read or makes no sense */
};

/** Append every name that a shared library defines or refers to.
 *
 * Shape: names and, with LIBRARY_SCRIPT, the file's text in *script are never given back. */
enum library_kind library_names(const char *path, struct argv_list *names, char **script);

#endif
