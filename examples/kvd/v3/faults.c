/* SPDX-License-Identifier: BSD-2-Clause
 *
 * An update that goes wrong, to show that the old version goes on.
 *
 * The environment variable KVD_V3_MODE_FILE names a file with one word:
 *
 *   ok               nothing goes wrong (also: no variable, no file)
 *   ctor-crash       a constructor of the new image crashes
 *   exit-early       main exits before it calls sef_startup()
 *   crash-transfer   the state transfer crashes
 *   fail             the initialisation fails, after the state has come over
 *   crash            ... crashes
 *   hang             ... never ends
 *   pause            ... waits until FILE.go, a FIFO, is opened for writing, and goes on
 *
 * Before it hangs or pauses, the new instance writes its process id to FILE.pid, if that is a FIFO
 * it waits for a reader.
 */
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "version.h"

enum { EXIT_EARLY = 3 };

/* Is this the word in the mode file? */
static int mode_is(const char *word)
{
    const char *path = getenv("KVD_V3_MODE_FILE");
    FILE *file = path ? fopen(path, "re") : NULL;
    char mode[32] = "";

    if (!file)
        return 0;
    int found = fscanf(file, "%31s", mode) == 1 && strcmp(mode, word) == 0;
    fclose(file);
    return found;
}

__attribute__((constructor)) static void crash_in_constructor(void)
{
    if (mode_is("ctor-crash"))
        __builtin_trap();
}

/* Make the variables of the program first started inaccessible; stops the iteration. */
static int hide_variables(struct dl_phdr_info *program, size_t size, void *ctx)
{
    size_t page = (size_t) sysconf(_SC_PAGESIZE);

    (void) size, (void) ctx;
    for (int i = 0; i < program->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &program->dlpi_phdr[i];
        if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_W))
            continue;
        uintptr_t lo = (program->dlpi_addr + segment->p_vaddr) & -page;
        uintptr_t hi = program->dlpi_addr + segment->p_vaddr + segment->p_memsz;
        mprotect((void *) lo, hi - lo, PROT_NONE);
    }
    return 1;
}

/* Open the FIFO beside the mode file; blocks until its other end is open. */
static FILE *open_fifo(const char *suffix, const char *how)
{
    char path[4096];

    snprintf(path, sizeof(path), "%s.%s", getenv("KVD_V3_MODE_FILE"), suffix);
    return fopen(path, how);
}

static void report_pid(void)
{
    FILE *file = open_fifo("pid", "we");

    if (!file)
        return;
    fprintf(file, "%d\n", (int) getpid());
    fclose(file);
}

static int pause_init(void)
{
    report_pid();
    FILE *file = open_fifo("go", "re");
    if (!file)
        return ENOENT;
    fclose(file);
    return OK;
}

static int init_lu(int type, sef_init_info_t *info)
{
    if (mode_is("crash-transfer"))
        dl_iterate_phdr(hide_variables, NULL);

    int result = sef_cb_init_lu_generic(type, info);
    if (result != OK)
        return result;
    if (mode_is("fail"))
        return ECANCELED;
    if (mode_is("crash"))
        return sef_cb_init_crash(type, info);
    if (mode_is("hang")) {
        report_pid();
        return sef_cb_init_timeout(type, info);
    }
    return mode_is("pause") ? pause_init() : OK;
}

sef_cb_init_t faults_init_lu(void)
{
    if (mode_is("exit-early"))
        exit(EXIT_EARLY);
    return init_lu;
}
