/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What sefdump looks into: an image file, or a running service.
 *
 * Both give a state table and an environment for expressions. Everything in them is untrusted.
 */
#ifndef SEFDUMP_SOURCE_H
#define SEFDUMP_SOURCE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <magic/magic.h>
#include <magic/table.h>

#include "eval/eval.h"

struct source {
    pid_t pid;       /**< 0: a file */
    char path[4096]; /**< of the image */
    struct magic_view view;
    struct magic_arena arena;
    const struct magic_table *table;
    struct magic__eval_env env; /**< reads this source; env.base is 0 for a file */
    uint64_t heap;              /**< address of the heap index root; 0: none */
    uint64_t generation;        /**< number of the running generation, from 0 */
    unsigned char *bytes;       /**< owned: what the view looks at */
};

/** Open an image file. Initial values are those after relocation at base 0.
 *
 * Errors: a MAGIC_* code and `err`; source_deinit() is needed nevertheless. */
__attribute__((warn_unused_result)) int source_open_file(
    struct source *source, const char *path, struct magic_error *err);

/** Open the running generation of a process. It is not stopped: values change while it is read.
 *
 * Errors: as above; MAGIC_EOS when it may not be read, MAGIC_ENOTABLE when it is no service. */
__attribute__((warn_unused_result)) int source_open_process(
    struct source *source, pid_t pid, struct magic_error *err);

/** Release what a source holds. */
void source_deinit(struct source *source);

/** Copy memory of a process. Returns 0 or MAGIC_EFAULT. */
__attribute__((warn_unused_result)) int source_read(
    const struct source *source, uint64_t addr, void *buf, size_t size);

/** Read the table of the image that `bytes` holds. The source owns `bytes` from here on, whatever
 * is returned. */
__attribute__((warn_unused_result)) int source_read_table(struct source *source,
    unsigned char *bytes, size_t size, const Elf64_Phdr *phdrs, size_t n, bool relocate,
    struct magic_error *err);

#endif
