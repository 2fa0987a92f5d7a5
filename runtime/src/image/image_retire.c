/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Unloading generations that nothing refers to any more.
 *
 * After an update the old image's read-only data stays, because the state may point to its string
 * literals. Once a later transfer has gone through all memory and met no address in a generation,
 * it can go, or a service that is updated for years would keep them all. Its addresses are not
 * given to anybody else: a code pointer that no scan could see is redirected as before.
 */
#include <dlfcn.h>
#include <link.h>

#include "image/image_internal.h"
#include "os/os.h"

static int is_loaded_at(struct dl_phdr_info *info, size_t size, void *base)
{
    (void) size;
    return info->dlpi_addr == *(const uintptr_t *) base;
}

void magic__image_retire(struct magic__image *image)
{
    if (!image->handle || image->retired || !image->pub->sealed)
        return;
    /* Its fini functions were taken away when it was sealed. */
    if (dlclose(image->handle) != 0 || dl_iterate_phdr(is_loaded_at, &image->base))
        return;
    image->retired = true;
    image->handle = NULL;
    if (magic__os_reserve(image->span.lo, image->span.hi) != 0)
        magic__log("the addresses of an old generation could not be kept");
}
