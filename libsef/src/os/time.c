/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Deadlines, and the interval timers that have to follow a service into its new instance.
 */
#include <limits.h>
#include <time.h>

#include "os.h"

#define NS_PER_S  1000000000u
#define NS_PER_US 1000u

static const int which[3] = { ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF };

uint64_t sef__os_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t) t.tv_sec * NS_PER_S + (uint64_t) t.tv_nsec;
}

uint64_t sef__os_deadline(int timeout)
{
    if (timeout < 0)
        return UINT64_MAX;
    return sef__os_now() + (uint64_t) timeout * SEF__NS_PER_MS;
}

int sef__os_timeout(uint64_t deadline)
{
    uint64_t now, left;

    if (deadline == UINT64_MAX)
        return -1;
    now = sef__os_now();
    if (deadline <= now)
        return 0;
    left = (deadline - now + SEF__NS_PER_MS - 1) / SEF__NS_PER_MS;
    return left > INT_MAX ? INT_MAX : (int) left;
}

void sef__os_timers_get(struct sef__timers *ret)
{
    for (int i = 0; i < 3; i++)
        getitimer(which[i], &ret->timer[i]);
}

void sef__os_timers_stop(struct sef__timers *ret)
{
    static const struct itimerval stopped;

    for (int i = 0; i < 3; i++)
        setitimer(which[i], &stopped, &ret->timer[i]);
}

void sef__os_timers_start(const struct sef__timers *timers, uint64_t elapsed)
{
    for (int i = 0; i < 3; i++) {
        struct itimerval timer = timers->timer[i];
        uint64_t left = (uint64_t) timer.it_value.tv_sec * NS_PER_S +
                        (uint64_t) timer.it_value.tv_usec * NS_PER_US;

        if (left == 0)
            continue;
        /* Only the real timer ran on; the others count this process's own time. */
        if (which[i] == ITIMER_REAL)
            left = left > elapsed + NS_PER_US ? left - elapsed : NS_PER_US;
        timer.it_value.tv_sec = (time_t) (left / NS_PER_S);
        timer.it_value.tv_usec = (suseconds_t) (left % NS_PER_S / NS_PER_US);
        setitimer(which[i], &timer, NULL);
    }
}
