/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Coverage profiles of service images.
 *
 * The functions that write a profile are part of the image and hidden in it. The start file has a
 * function that calls the one which is there (runtime/start/start.S).
 */
#include <dlfcn.h>

#include "image/image_internal.h"

int magic_image_profile(void)
{
    const struct magic__image *image = magic__image_current();
    int (*profile)(void), result;

    profile = (int (*)(void)) dlsym(image->handle ? image->handle : RTLD_DEFAULT, "__sef_profile");
    result = profile ? profile() : -1;
    if (result < 0)
        return MAGIC_ENOENT;
    return result == 0 ? 0 : MAGIC_EOS;
}
