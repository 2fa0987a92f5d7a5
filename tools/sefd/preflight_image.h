/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A service image as preflight reads it: libelf the headers, the runtime's own reader the state table.
 */
#ifndef SEFD_PREFLIGHT_IMAGE_H
#define SEFD_PREFLIGHT_IMAGE_H

#include <stdbool.h>

#include <libelf.h>

#include <magic/table.h>

#include "preflight.h"

struct preflight_image {
    Elf *elf;
    struct magic_view view;
    struct magic_arena arena;
    const struct magic_table *table; /**< NULL unless opened */
};

/** Read an image; `fd` is borrowed until it is closed. Returns 0, or a negative errno value and the reason in `why`;
 * preflight_image_close() is needed nevertheless. */
__attribute__((warn_unused_result)) int preflight_image_open(
    struct preflight_image *image, int fd, char why[static PREFLIGHT_TEXT_MAX]);
void preflight_image_close(struct preflight_image *image);

/** True if an image imports a function whose name begins so. */
bool preflight_image_imports(const struct preflight_image *image, const char *prefix);

#endif
