/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Generations before the last: which of them the state still refers to.
 *
 * The scan that looks for pointers into the old image notes those into older ones on the way; they
 * are pointers to string literals and removed constants, and stay. A generation without any is
 * unloaded. The dynamic linker's own pointers into an image do not count.
 */
#include "st/transfer.h"

static bool may_retire(const struct st__transfer *t, const struct magic__image *image)
{
    return image->handle && !image->retired && image != t->old && image != t->new;
}

int st__watch_older(struct st__transfer *t)
{
    int err = 0;

    for (unsigned i = 0; i < magic__image_count() && !err; i++) {
        struct magic__image *image = magic__image_at(i);

        if (!may_retire(t, image))
            continue;
        image->referenced = false;
        if (!t->older.hi || image->span.lo < t->older.lo)
            t->older.lo = image->span.lo;
        if (image->span.hi > t->older.hi)
            t->older.hi = image->span.hi;
        err = st__mark(t, &t->marks, image->span.lo, image->span.hi);
    }
    return err;
}

bool st__is_older(struct st__transfer *t, uintptr_t addr)
{
    struct magic__image *image;

    if (addr < t->older.lo || addr >= t->older.hi)
        return false;
    image = magic__image_of(addr);
    if (!image || !may_retire(t, image))
        return false;
    if (magic__image_stays_readable(image, addr) && !magic__image_is_linkers(image, addr))
        __atomic_store_n(&image->referenced, true, __ATOMIC_RELAXED);
    return true;
}

void st__retire_older(struct st__transfer *t)
{
    for (unsigned i = 0; i < magic__image_count(); i++) {
        struct magic__image *image = magic__image_at(i);

        if (may_retire(t, image) && !image->referenced)
            magic__image_retire(image);
    }
}
