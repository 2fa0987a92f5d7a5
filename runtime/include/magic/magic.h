/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Public interface of the runtime (libmagicrt).
 *
 * A service is linked with the runtime by sef-cc; libsef reaches it through weak references, so
 * that a service without it links and runs. Historic names are those of libmagicrt on MINIX 3.
 */
#ifndef MAGIC_MAGIC_H
#define MAGIC_MAGIC_H

#include <stddef.h>
#include <stdint.h>

#include <magic/error.h>
#include <magic/records.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MAGIC_VARS_MAGIC 0x53415645u /* "EVAS" */
#define MAGIC_VARS_VERSION 1

/** One loaded image of this process. Addresses are this process's. */
struct magic_generation {
    uint64_t base;          /**< load bias: run-time minus link-time address */
    uint64_t lo, hi;        /**< run-time bounds of its segments */
    uint64_t phdrs;         /**< address of its program headers */
    uint32_t n_phdrs;
    uint32_t sealed;        /**< 1: an old generation */
    char path[4096];        /**< file it was loaded from */
};

/** Root of the state table, and what tools read first from another process. */
struct magic_vars {
    uint32_t magic;         /**< MAGIC_VARS_MAGIC */
    uint32_t version;       /**< MAGIC_VARS_VERSION */
    uint32_t size;          /**< sizeof(struct magic_vars) */
    uint32_t current;       /**< index of the generation that runs */
    uint64_t n_generations;
    uint64_t generations;   /**< address of an array of struct magic_generation pointers */
    uint64_t heap;          /**< address of the heap index (runtime/src/heap_layout.h) */
    uint64_t redirects;     /**< calls through stale code pointers redirected so far */
};

/** The root itself. Read-only for everybody but the runtime. */
extern struct magic_vars _magic_vars;

/** Prepare the runtime for use: index the running generation's table. Called on first need by
 * everything else; calling it again does nothing. Not async-signal-safe. Source: magic_init(). */
void magic_init(void);

/** Address and size in bytes of the table's root. Source: _magic_vars_addr/_size(). */
void *_magic_vars_addr(void);
size_t _magic_vars_size(void);

/** Set the program break without the wrappers. Errors: -1 with errno. Source: _magic_real_brk. */
int _magic_real_brk(char *newbrk);

/** Evaluate an expression over the live state of this process.
 *
 * C syntax; see docs/expressions.md. Names: variables ("x", "file.c:x", "func::x"), enumerators.
 * Errors: MAGIC_EINVAL syntax, or operands of wrong type; MAGIC_ENOENT unknown name;
 *   MAGIC_EAMBIGUOUS; MAGIC_EBADMSTATE division by zero or overflow; MAGIC_EFAULT a pointer leads
 *   to memory that cannot be read; MAGIC_ENOMEM. `*result` is written only on success.
 * Threads: callable from any thread; reads state without locks. Not async-signal-safe.
 * Source: magic_eval*(); differs: C precedence, short circuit, typed operands. */
int magic_eval_bool(char *expr, char *result);
int magic_eval_int(char *expr, long *result);
int magic_eval_float(char *expr, double *result);
/** As above with a message. `result` as text: "42", "3.5", "(struct x *) 0x..."; cut to size. */
int magic_eval(const char *expr, char *result, size_t size, struct magic_error *err);

/** Write expression, value and the values of the variables in it to the log hook.
 * Source: _magic_dump_eval_bool(); differs: evaluates its argument. */
void _magic_dump_eval_bool(char *expr);

/** Where the runtime's messages go: one line each, no newline. NULL (the default): nowhere.
 * May be called from a signal handler when a stale pointer is used. */
typedef void (*magic_log_t)(const char *line);
void magic_setcb_log(magic_log_t cb);

/** Start of a service image; the image's entry point passes this to libc in place of main.
 * Records generation 0 and the base of the main stack, calls main, exits with its result. */
int _magic_start(int argc, char **argv, char **envp);

/** Load the image at `path` as the next generation of this process. To be called in the child.
 *
 * Its constructors run; the old generation stays current. `path` must not be loaded yet.
 * Errors: MAGIC_ELOAD (dlopen's text), MAGIC_ENOTABLE, MAGIC_EABI, MAGIC_EFORMAT, MAGIC_ENOTSUP
 *   (process not started through _magic_start). After an error the process should _exit.
 * Threads: main thread only. */
__attribute__((warn_unused_result))
int magic_image_load(const char *path, struct magic_error *err);

/** Run the loaded generation's main on the base of the main stack. Does not return. */
_Noreturn void magic_image_enter(void);

/** Make the loaded generation current for good: old handlers and exits are dropped. */
void magic_image_commit(void);

/** Whether the running generation's main may be entered again after a crash of the calling thread.
 *
 * Errors: MAGIC_ENOTSUP this is not the main thread, or an update is going on; MAGIC_EBADMSTATE the
 *   thread is in the allocator, whose state nobody knows then. Async-signal-safe. */
__attribute__((warn_unused_result))
int magic_image_can_restart(void);

/** Run the running generation's main again on the base of the main stack, with variables and heap as
 * they are. Does not return. For a fork of a crashed process; async-signal-safe as longjmp() is. */
_Noreturn void magic_image_restart(void);

/** Write the coverage profile of the running generation, if it was built with one.
 * Errors: MAGIC_ENOENT it was not; MAGIC_EOS it could not be written. */
__attribute__((warn_unused_result))
int magic_image_profile(void);

/** As magic_image_profile(), for a generation that ends while the next one goes on: if the profile's
 * name has neither the process nor the image in it, the process' number is put before its suffix, so
 * that the next one's does not replace it. */
void magic_image_profile_last(void);

#ifdef __cplusplus
}
#endif
#endif
