/* SPDX-License-Identifier: BSD-2-Clause
 *
 * This process: its program file, its threads, its clock, its end, interrupted contexts.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "os.h"

int magic__os_exe_id(uint64_t *dev, uint64_t *ino)
{
    struct stat st;
    int saved = errno, code = 0;

    if (stat("/proc/self/exe", &st)) {
        code = errno;
        errno = saved;
        return code;
    }
    *dev = st.st_dev;
    *ino = st.st_ino;
    return 0;
}

struct path_query {
    uintptr_t addr;
    char *buf;
    size_t size;
};

static int match_path(void *ctx, const struct magic__map *map)
{
    struct path_query *query = ctx;

    if (query->addr < map->lo || query->addr >= map->hi)
        return 0;
    if (map->inode)
        snprintf(query->buf, query->size, "%s", map->path);
    return 1;
}

void magic__os_path_at(uintptr_t addr, char *buf, size_t size)
{
    struct path_query query = { addr, buf, size };

    buf[0] = '\0';
    if (magic__os_maps(match_path, &query) < 0)
        buf[0] = '\0';
}

void magic__os_thread_vector(uintptr_t *lo, uintptr_t *hi)
{
    struct slot {
        uintptr_t block, to_free;
    } *vector;

    __asm__("movq %%fs:8, %0" : "=r"(vector));
    *lo = (uintptr_t) (vector - 1);
    *hi = (uintptr_t) (vector + 1 + vector[-1].block);
}

void magic__os_program_path(uintptr_t phdrs, char *buf, size_t size)
{
    /* No interpreter base: the kernel started the interpreter itself, which loaded the program. */
    ssize_t n = getauxval(AT_BASE) ? readlink("/proc/self/exe", buf, size - 1) : -1;

    if (n > 0)
        buf[n] = '\0';
    else
        magic__os_path_at(phdrs, buf, size);
}

uintptr_t magic__os_entry(void)
{
    return getauxval(AT_ENTRY);
}

int magic__os_on_valgrind(void)
{
    /* Valgrind's client request "running on Valgrind": no effect on a real processor. */
    const uint64_t request[6] = { 0x1001 };
    uint64_t answer = 0;

    __asm__ volatile("rolq $3, %%rdi\n\trolq $13, %%rdi\n\t"
                     "rolq $61, %%rdi\n\trolq $51, %%rdi\n\txchgq %%rbx, %%rbx"
        : "+d"(answer)
        : "a"(request)
        : "cc", "memory");
    return answer != 0;
}

unsigned magic__os_threads(void)
{
    struct stat st;

    /* The directory has one subdirectory a thread. */
    if (stat("/proc/self/task", &st) || st.st_nlink < 3)
        return 0;
    return (unsigned) st.st_nlink - 2;
}

uint64_t magic__os_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t) now.tv_sec * 1000000000u + (uint64_t) now.tv_nsec;
}

_Noreturn void magic__os_exit(int status)
{
    _exit(status);
}

void magic__os_complain(const char *line)
{
    if (write(STDERR_FILENO, line, strlen(line)) < 0 || write(STDERR_FILENO, "\n", 1) < 0)
        return;
}

uintptr_t magic__os_context_pc(const void *context)
{
    return (uintptr_t) ((const ucontext_t *) context)->uc_mcontext.gregs[REG_RIP];
}

void magic__os_context_set_pc(void *context, uintptr_t pc)
{
    ((ucontext_t *) context)->uc_mcontext.gregs[REG_RIP] = (greg_t) pc;
}
