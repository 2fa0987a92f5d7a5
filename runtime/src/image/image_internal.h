/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the files of this folder share among themselves.
 */
#ifndef MAGIC_IMAGE_INTERNAL_H
#define MAGIC_IMAGE_INTERNAL_H

#include <signal.h>
#include <stdbool.h>

#include "image/image.h"

/* -- image.c ------------------------------------------------------------------------------ */

/** Append a mapped image, which becomes the pending one unless it is the first. `path` is copied.
 * Errors: as magic_view_init; MAGIC_ENOMEM; MAGIC_ENOTSUP more segments of a kind than we hold. */
__attribute__((warn_unused_result)) int magic__image_add(uintptr_t base, const Elf64_Phdr *phdrs,
    size_t n, const char *path, struct magic__image **ret, struct magic_error *err);

/** Generation 0, or NULL if the program is no service image. Its path may not be known yet. */
const struct magic__image *magic__image_program(void);

/** Memory that lasts as long as the process and is no part of its state; NULL when it is out. */
void *magic__image_alloc(size_t size);

/** The pending image becomes the current one. */
void magic__image_promote(void);

/** The generation of an address if it is neither the pending nor, with none pending, the current
 * one; else NULL. */
struct magic__image *magic__image_old_of(uintptr_t addr);

/** The index of a generation. */
unsigned magic__image_number(const struct magic__image *image);

/** Write a name for the code at `addr`: the function's key if its table is read, else the address
 * with the file. Async-signal-safe. Returns buf. */
const char *magic__image_code_name(uintptr_t addr, char *buf, size_t size);

/* -- image_start.c ------------------------------------------------------------------------ */

/** True on the thread that runs (or ran) main, in a process that came through _magic_start. */
bool magic__image_on_main_thread(void);

/* -- image_dynamic.c ---------------------------------------------------------------------- */

/** Take an image's symbols out of every later symbol lookup. Errors: MAGIC_EOS. */
__attribute__((warn_unused_result)) int magic__image_hide(
    const struct magic__image *image, struct magic_error *err);

/** See to it that an image's fini functions never run. Errors: MAGIC_EOS. */
__attribute__((warn_unused_result)) int magic__image_mute(
    const struct magic__image *image, struct magic_error *err);

/** Leave no relocation to be found in an image whose slots are about to become inaccessible: whoever
 * patches slots of all loaded objects passes it by. Errors: MAGIC_EOS. */
__attribute__((warn_unused_result)) int magic__image_drop_relocations(
    const struct magic__image *image, struct magic_error *err);

/** Let debuggers that attach find the list of loaded objects through this image, which must be the
 * program. Errors: MAGIC_EOS. */
__attribute__((warn_unused_result)) int magic__image_show_objects(
    const struct magic__image *image, struct magic_error *err);

/* -- image_load.c ------------------------------------------------------------------------- */

/** True if `addr` lies in the object that is being loaded right now, whose constructors run before
 * it is a generation. */
bool magic__image_loading(uintptr_t addr);

/* -- image_exit.c ------------------------------------------------------------------------- */

/** From now on exit() ends the process at once, without handlers and flushing, until the guard is
 * lifted. Errors: MAGIC_ENOMEM. */
__attribute__((warn_unused_result)) int magic__exit_guard(struct magic_error *err);
void magic__exit_unguard(void);

/** The part of magic__image_reinstall for exit functions; and drop those of old images. */
__attribute__((warn_unused_result)) int magic__exit_forward(
    magic__forward_t forward, void *ctx, struct magic_error *err);
void magic__exit_drop_old(void);

/* -- image_signal.c ----------------------------------------------------------------------- */

/** Call what the service installed for SIGSEGV behind the runtime's handler. */
void magic__signal_chain(int sig, siginfo_t *info, void *context);

/** Put `handler` in front of what is installed for SIGSEGV, if it is not there. Errors: MAGIC_EOS. */
__attribute__((warn_unused_result)) int magic__signal_take_faults(
    void (*handler)(int, siginfo_t *, void *), struct magic_error *err);

/** The part of magic__image_reinstall for signals; and set those of old images to default. */
__attribute__((warn_unused_result)) int magic__signal_forward(
    magic__forward_t forward, void *ctx, struct magic_error *err);
void magic__signal_drop_old(void);

/* -- log.c -------------------------------------------------------------------------------- */

/** The part of magic__image_reinstall for the log hook; and unset one of an old image. */
__attribute__((warn_unused_result)) int magic__log_forward(
    magic__forward_t forward, void *ctx, struct magic_error *err);
void magic__log_drop_old(void);

/* -- image_redirect.c --------------------------------------------------------------------- */

/** Handler of faults in sealed images. */
void magic__redirect_fault(int sig, siginfo_t *info, void *context);

/** Keep the libraries that an image needs for good: what it got from them outlives it. */
void magic__image_pin_libraries(const struct magic__image *image);

#endif
