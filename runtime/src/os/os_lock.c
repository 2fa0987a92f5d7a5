/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Waiting for a lock word.
 *
 * A raw futex call, because allocation waits here: nanosleep() is a point of cancellation, where
 * a thread could be cancelled inside malloc(); and a program that filters its system calls lets
 * its threads use futexes, but need not let them sleep.
 */
#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "os.h"

void magic__os_wait_while(const uint32_t *word, uint32_t value, long nanoseconds)
{
    struct timespec limit = { .tv_nsec = nanoseconds };
    int saved = errno;

    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, &limit, NULL, 0);
    errno = saved;
}
