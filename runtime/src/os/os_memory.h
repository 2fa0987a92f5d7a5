/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Whole pages from the kernel, past any allocator of the process.
 *
 * The runtime describes and rewrites the service's heap, so its own data must not live there.
 */
#ifndef MAGIC_OS_MEMORY_H
#define MAGIC_OS_MEMORY_H

#include <stddef.h>

/** Map `size` zeroed bytes, readable and writable; NULL when memory is out. pre: size > 0. */
void *magic__os_pages_alloc(size_t size);

/** Unmap what magic__os_pages_alloc gave for the same size. */
void magic__os_pages_free(void *pages, size_t size);

#endif
