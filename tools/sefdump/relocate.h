/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Pointers in an image file before it is loaded.
 */
#ifndef SEFDUMP_RELOCATE_H
#define SEFDUMP_RELOCATE_H

#include <magic/table.h>

/** Write into `bytes`, which the view looks at, the pointers that a loader at base 0 would write.
 * What leads out of the image or to other libraries is left as it is. */
void relocate_image(
    const struct magic_view *view, const Elf64_Phdr *phdrs, size_t n, unsigned char *bytes);

#endif
