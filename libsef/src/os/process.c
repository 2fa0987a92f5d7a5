/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Questions about this process, its threads, children and memory.
 */
#include <errno.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os.h"

#define OK     0
#define PROBES 64

int sef__os_thread_count(unsigned *ret)
{
    struct stat st;

    /* One link for each thread, and those of "." and "..". */
    if (stat("/proc/self/task", &st) != 0)
        return errno;
    if (st.st_nlink < 3)
        return ENOTSUP;
    *ret = (unsigned) st.st_nlink - 2;
    return OK;
}

bool sef__os_on_main_thread(void)
{
    return gettid() == getpid();
}

bool sef__os_reap_ended(pid_t child, int *status)
{
    return waitpid(child, status, WNOHANG) == child;
}

int sef__os_reap(pid_t child)
{
    int status = 0;

    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    return status;
}

/* Read, and with `write` write back, one byte at each address. */
static int probe_bytes(struct iovec *remote, size_t n, bool write)
{
    char bytes[PROBES];
    struct iovec local = { bytes, n };
    pid_t self = getpid();
    ssize_t done;

    done = process_vm_readv(self, &local, 1, remote, n, 0);
    if (done == (ssize_t) n && write)
        done = process_vm_writev(self, &local, 1, remote, n, 0);
    if (done == (ssize_t) n)
        return OK;
    return done < 0 ? errno : EFAULT;
}

int sef__os_probe(uintptr_t addr, size_t size, bool write)
{
    const uintptr_t page = (uintptr_t) sysconf(_SC_PAGESIZE);
    struct iovec remote[PROBES];
    uintptr_t end;
    size_t n = 0;
    int r;

    if (__builtin_add_overflow(addr, size, &end))
        return EFAULT;
    while (addr < end) {
        remote[n++] = (struct iovec) { (void *) addr, 1 };
        if (__builtin_add_overflow(addr & ~(page - 1), page, &addr))
            addr = end;
        if (n == PROBES || addr >= end) {
            r = probe_bytes(remote, n, write);
            if (r != OK)
                return r;
            n = 0;
        }
    }
    return OK;
}
