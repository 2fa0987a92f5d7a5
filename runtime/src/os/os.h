/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the runtime asks of the operating system, and the only way it asks.
 *
 * Everything here works without the service's heap, so that it can be called while the heap is
 * being rewritten and from the fault handler. Functions returning int give 0 or an errno value and
 * leave errno alone, unless they say otherwise. Addresses are of this process; `hi` is exclusive;
 * lo and hi of a mapping are page-aligned.
 */
#ifndef MAGIC_OS_H
#define MAGIC_OS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

/** One mapping of this process. */
struct magic__map {
    uintptr_t lo, hi;
    int prot;         /**< PROT_READ, PROT_WRITE, PROT_EXEC */
    int shared;       /**< 1: MAP_SHARED */
    uint64_t inode;   /**< 0: no file behind it */
    const char *path; /**< as the kernel spells it, "[heap]", "" ...; valid during the call */
};

/** Called for each mapping; anything but 0 ends the iteration. */
typedef int (*magic__map_cb_t)(void *ctx, const struct magic__map *map);

/** Visit all mappings of this process in address order. Allocates nothing; uses 16 KiB of stack.
 *
 * A callback that changes mappings behind the one it is given may see them in either form.
 * Errors: what the callback returned; -1 if the list cannot be read, with errno set. */
__attribute__((warn_unused_result)) int magic__os_maps(magic__map_cb_t cb, void *ctx);

/** Size of a page in bytes, a power of two; and an address rounded to pages. */
size_t magic__os_page_size(void);
uintptr_t magic__os_page_down(uintptr_t addr);
uintptr_t magic__os_page_up(uintptr_t addr);

/** Set the protection of whole pages. pre: page-aligned. */
__attribute__((warn_unused_result)) int magic__os_protect(uintptr_t lo, uintptr_t hi, int prot);

/** Give the memory of whole pages back and keep their addresses reserved and inaccessible.
 * pre: page-aligned, mapped. */
__attribute__((warn_unused_result)) int magic__os_discard(uintptr_t lo, uintptr_t hi);

/** Reserve whole pages that are not mapped, inaccessible. pre: page-aligned. Errors: EEXIST if
 * something is there. */
__attribute__((warn_unused_result)) int magic__os_reserve(uintptr_t lo, uintptr_t hi);

/** Copy `size` bytes from `addr`, which may be any address: EFAULT if not all can be read. */
__attribute__((warn_unused_result)) int magic__os_read(void *dst, uintptr_t addr, size_t size);

/** A file in memory, read-only. */
struct magic__file {
    const unsigned char *bytes; /**< NULL if size is 0 */
    size_t size;
    uint64_t dev, ino;
};

/** Map a regular file; to be unmapped by the caller. Errors: as open(2); EINVAL not regular. */
__attribute__((warn_unused_result)) int magic__os_file_map(
    const char *path, struct magic__file *ret);
void magic__os_file_unmap(struct magic__file *file);

/** Device and inode of the program this process was started as. */
__attribute__((warn_unused_result)) int magic__os_exe_id(uint64_t *dev, uint64_t *ino);

/** Path of the file mapped at `addr`, cut to `size`; "" if there is none. */
void magic__os_path_at(uintptr_t addr, char *buf, size_t size);

/** The calling thread's vector of thread-local blocks, [*lo, *hi). The dynamic linker keeps it where
 * the program's own memory is. Source: glibc's dtv_t; the vector's address is the thread control
 * block's second word, its count of slots stands before it. */
void magic__os_thread_vector(uintptr_t *lo, uintptr_t *hi);

/** Path of the program whose program header table is at `phdrs`: what the kernel started, or,
 * if that was the dynamic linker, the file mapped there. Cut to `size`; "" if unknown. */
void magic__os_program_path(uintptr_t phdrs, char *buf, size_t size);

/** Entry point of the program. */
uintptr_t magic__os_entry(void);

/** True if the process runs on Valgrind's synthetic processor. */
int magic__os_on_valgrind(void);

/** Number of threads of this process, 0 if it cannot be known. */
unsigned magic__os_threads(void);

/** Monotonic clock, nanoseconds. */
uint64_t magic__os_now(void);

/** Sleep as long as *word is `value`, but not longer than the time given, of less than a second.
 * Nobody has to wake the sleeper. No point of cancellation. */
void magic__os_wait_while(const uint32_t *word, uint32_t value, long nanoseconds);

/** End the process at once: no handlers, no flushing. */
_Noreturn void magic__os_exit(int status);

/** Write a line to standard error. Async-signal-safe. For a process that cannot even start. */
void magic__os_complain(const char *line);

/** Program counter of an interrupted context (the third argument of a signal handler), and set
 * it: execution continues there. */
uintptr_t magic__os_context_pc(const void *context);
void magic__os_context_set_pc(void *context, uintptr_t pc);

#endif
