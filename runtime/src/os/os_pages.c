/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Memory: pages, their protection, and reads that may fail.
 */
#include <errno.h>
#include <sys/uio.h>
#include <unistd.h>

#include "os.h"

size_t magic__os_page_size(void)
{
    static size_t size;

    if (!size)
        size = (size_t) sysconf(_SC_PAGESIZE);
    return size;
}

uintptr_t magic__os_page_down(uintptr_t addr)
{
    return addr & ~((uintptr_t) magic__os_page_size() - 1);
}

uintptr_t magic__os_page_up(uintptr_t addr)
{
    return magic__os_page_down(addr + magic__os_page_size() - 1);
}

/* Result of a system call as an error code, errno as it was before. */
static int result(int failed, int saved)
{
    int code = failed ? errno : 0;

    errno = saved;
    return code;
}

int magic__os_protect(uintptr_t lo, uintptr_t hi, int prot)
{
    int saved = errno;

    return result(mprotect((void *) lo, hi - lo, prot) != 0, saved);
}

int magic__os_discard(uintptr_t lo, uintptr_t hi)
{
    int saved = errno;
    void *p = mmap((void *) lo, hi - lo, PROT_NONE,
        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);

    return result(p == MAP_FAILED, saved);
}

int magic__os_reserve(uintptr_t lo, uintptr_t hi)
{
    int saved = errno;
    void *p = mmap((void *) lo, hi - lo, PROT_NONE,
        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);

    return result(p == MAP_FAILED, saved);
}

int magic__os_read(void *dst, uintptr_t addr, size_t size)
{
    struct iovec local = { dst, size }, remote = { (void *) addr, size };
    int saved = errno;
    ssize_t n = process_vm_readv(getpid(), &local, 1, &remote, 1, 0);

    if (n >= 0 && (size_t) n < size) {
        errno = saved;
        return EFAULT;
    }
    return result(n < 0, saved);
}
