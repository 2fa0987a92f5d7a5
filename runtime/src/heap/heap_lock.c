/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The slow side of the index's spin locks, and their behaviour over fork.
 *
 * Critical sections are a hundred instructions, so spinning is right; a waiter that spins long has
 * met a holder that was descheduled, and must sleep rather than yield, or a real-time waiter would
 * keep the holder from running.
 */
#include <pthread.h>

#include "heap/heap_internal.h"
#include "os/os.h"

enum { SPINS = 200 };

void magic__lock_wait(uint32_t *lock)
{
    do {
        for (int i = 0; i < SPINS && __atomic_load_n(lock, __ATOMIC_RELAXED); i++)
            __builtin_ia32_pause();
        if (__atomic_load_n(lock, __ATOMIC_RELAXED))
            magic__os_wait_while(lock, 1, 20000);
    } while (__atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE));
}

void magic__heap_before_fork(void)
{
    for (int i = 0; i < MAGIC__STRIPES; i++)
        magic__lock(&magic__stripes[i].lock);
    magic__kinds_lock();
    magic__pool_lock();
}

void magic__heap_after_fork_parent(void)
{
    magic__pool_unlock();
    magic__kinds_unlock();
    for (int i = 0; i < MAGIC__STRIPES; i++)
        magic__unlock(&magic__stripes[i].lock);
}

void magic__heap_after_fork(void)
{
    magic__heap_after_fork_parent();
}

void magic__heap_prepare(void)
{
    magic__page_init();
}

/* Handlers that the program or another library registers later may allocate: they run before the
 * locks are taken, and after they are released. Without memory for the registration a fork of a
 * busy process stays unguarded, as it would be in any library. */
__attribute__((constructor)) static void guard_forks(void)
{
    pthread_atfork(magic__heap_before_fork, magic__heap_after_fork_parent, magic__heap_after_fork);
}
