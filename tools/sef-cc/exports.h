/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Which of a program's symbols other objects can see.
 *
 * A linker exports every global symbol of a shared object, but of an executable only what the
 * libraries it is linked with refer to or define as well, unless the user asks for more. A service
 * image is a shared object that stands for an executable, so it gets a version script that says the
 * same. Without one its dynamic symbols alone would be a tenth of it.
 */
#ifndef SEF_CC_EXPORTS_H
#define SEF_CC_EXPORTS_H

#include "words.h"

/** Work out what a program exports by the libraries on its command line.
 *
 * `own` are shared libraries that are linked besides, NULL-terminated.
 * Returns the name of a version script that lasts as long as this process and what it becomes, or
 * NULL if everything is to be exported: because the user asks for that or brings a list, or because
 * some library could not be read, in which case that is the safe answer. */
char *exports_script(const struct words *words, char *const *own);

#endif
