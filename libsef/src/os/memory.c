/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Memory that is there when it is needed.
 */
#include <errno.h>
#include <sys/mman.h>

#include "os.h"

int sef__os_memory_get(size_t size, void **ret)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int error;

    if (memory == MAP_FAILED)
        return errno;
    /* MAP_POPULATE would not tell that there is too little. Kernels before 5.14 cannot do this. */
    if (madvise(memory, size, MADV_POPULATE_WRITE) == 0 || errno == EINVAL) {
        *ret = memory;
        return 0;
    }
    error = errno;
    munmap(memory, size);
    return error;
}

void sef__os_memory_put(void *memory, size_t size)
{
    munmap(memory, size);
}
