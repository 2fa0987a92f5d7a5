/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Whole pages from the kernel. Apart from the rest of os.h, because the table reader in the tools
 * needs it too.
 */
#include "os/os_memory.h"

#include <sys/mman.h>

void *magic__os_pages_alloc(size_t size)
{
    void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return pages == MAP_FAILED ? NULL : pages;
}

void magic__os_pages_free(void *pages, size_t size)
{
    munmap(pages, size);
}
