/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Bare kernel threads for the length of one call.
 */
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "os/os_parallel.h"

enum { STACK_SIZE = 256 << 10, MAX_WORKERS = 15 };

struct worker {
    void (*run)(void *ctx);
    void *ctx;
    char *stack;
    pid_t tid; /* the kernel clears it when the thread is gone */
};

unsigned magic__os_cores(void)
{
    cpu_set_t set;

    return sched_getaffinity(0, sizeof(set), &set) == 0 ? (unsigned) CPU_COUNT(&set) : 1;
}

static int worker_main(void *arg)
{
    struct worker *w = arg;

    w->run(w->ctx);
    return 0;
}

static int start(struct worker *w)
{
    const int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
                      CLONE_SYSVSEM | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;

    w->stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (w->stack == MAP_FAILED)
        return -1;
    if (clone(worker_main, w->stack + STACK_SIZE, flags, w, &w->tid, NULL, &w->tid) < 0) {
        munmap(w->stack, STACK_SIZE);
        return -1;
    }
    return 0;
}

static void join(struct worker *w)
{
    pid_t tid;

    while ((tid = __atomic_load_n(&w->tid, __ATOMIC_ACQUIRE)) != 0)
        syscall(SYS_futex, &w->tid, FUTEX_WAIT, tid, NULL, NULL, 0);
    munmap(w->stack, STACK_SIZE);
}

void magic__os_parallel(unsigned n, void (*run)(void *ctx), void *ctx)
{
    struct worker workers[MAX_WORKERS];
    unsigned started = 0;
    sigset_t all, saved;

    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &saved);
    for (; started + 1 < n && started < MAX_WORKERS; started++) {
        workers[started] = (struct worker) { .run = run, .ctx = ctx };
        if (start(&workers[started]) != 0)
            break;
    }
    run(ctx);
    while (started > 0)
        join(&workers[--started]);
    sigprocmask(SIG_SETMASK, &saved, NULL);
}
