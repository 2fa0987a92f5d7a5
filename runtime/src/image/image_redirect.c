/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Faults in sealed images.
 *
 * A code pointer that no scan could see (libc mangles some, programs encode some) leads to an old
 * function's entry, where nothing can be executed any more: the handler continues in the
 * function's successor. Any other access is a stale pointer that was missed; it is named in the
 * log, and then the process fares as it would have.
 */
#include <errno.h>
#include <stdio.h>

#include "image/image_internal.h"
#include "os/os.h"

static bool redirect_call(const struct magic__image *image, uintptr_t pc, void *context)
{
    uintptr_t to =
        image->redirect ? image->redirect(image->redirect_ctx, image, pc - image->base) : 0;

    if (!to)
        return false;
    __atomic_fetch_add(&_magic_vars.redirects, 1, __ATOMIC_RELAXED);
    magic__os_context_set_pc(context, to);
    return true;
}

static void report(const struct magic__image *image, uintptr_t addr, uintptr_t pc)
{
    const struct magic_var *var =
        image->table ? magic_table_var_at(image->table, addr - image->base) : NULL;
    unsigned generation = magic__image_number(image);
    char code[256];

    magic__image_code_name(pc, code, sizeof(code));
    if (pc == addr)
        magic__log("stale pointer: call of %s in old generation %u, which has no successor", code,
            generation);
    else if (var)
        magic__log("stale pointer: access to %s+%lu (0x%lx) of old generation %u, from %s",
            var->key, (unsigned long) (addr - image->base - var->addr), (unsigned long) addr,
            generation, code);
    else
        magic__log("stale pointer: access to 0x%lx in old generation %u (%s+0x%lx), from %s",
            (unsigned long) addr, generation, image->pub->path,
            (unsigned long) (addr - image->base), code);
}

void magic__redirect_fault(int sig, siginfo_t *info, void *context)
{
    uintptr_t addr = (uintptr_t) info->si_addr, pc = magic__os_context_pc(context);
    const struct magic__image *image;
    int saved = errno;

    /* A privileged instruction, as on the program's entry page (image_seal.c), has no address. */
    if (info->si_code == SI_KERNEL)
        addr = pc;
    image = info->si_code > 0 ? magic__image_of(addr) : NULL;
    if (image && image->pub->sealed) {
        if (pc == addr && redirect_call(image, pc, context)) {
            errno = saved;
            return;
        }
        report(image, addr, pc);
    }
    errno = saved;
    magic__signal_chain(sig, info, context);
}
