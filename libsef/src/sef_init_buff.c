/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The init buffer: memory that a new instance has before it starts to load, so that an initialisation that needs
 * much does not find out in its midst that there is none.
 *
 * The init callback may use all of it; what it wants to keep it takes from the beginning, and moves
 * info->init_buff_cleanup_start behind that. From there on the buffer is unmapped when the initialisation has
 * succeeded.
 *
 * Source: the preallocated buffer of RS and VM, minix/lib/libsys/sef_init.c; differs: it is reserved in the new
 * instance, which is a fork, and inherited mappings stay beside it.
 */
#include <unistd.h>

#include "sef_internal.h"

/* The new instance's; NULL in any other process. */
static char *buffer;
static size_t length;

static size_t page_up(size_t n)
{
    const size_t page = (size_t) sysconf(_SC_PAGESIZE);

    return (n + page - 1) / page * page;
}

int sef__buffer_reserve(size_t size)
{
    void *memory;
    int r;

    buffer = NULL;
    length = 0;
    if (size == 0)
        return OK;
    r = sef__os_memory_get(page_up(size), &memory);
    if (r == OK) {
        buffer = memory;
        length = page_up(size);
    }
    return r;
}

void sef__buffer_info(sef_init_info_t *info)
{
    info->init_buff_start = info->init_buff_cleanup_start = buffer;
    info->init_buff_len = length;
}

void sef__buffer_clean(const sef_init_info_t *info)
{
    const uintptr_t start = (uintptr_t) buffer, keep = (uintptr_t) info->init_buff_cleanup_start;
    size_t kept;

    if (!buffer)
        return;
    kept = keep > start && keep - start < length ? page_up(keep - start)
           : keep >= start + length              ? length
                                                 : 0;
    if (kept < length)
        sef__os_memory_put(buffer + kept, length - kept);
    buffer = NULL;
    length = 0;
}
