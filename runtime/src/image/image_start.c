/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The base of the main stack: where a service starts, and where each later generation starts over.
 *
 * libc calls _magic_start() in place of main. Its frame stays for the whole life of the process; a
 * new generation's main is entered by a jump back into it. What a program does to its arguments
 * meanwhile (getopt reorders them, setproctitle writes over them) is undone before the next main
 * sees them.
 */

/* The checked longjmp refuses a jump from a stack other than the main one (a coroutine's). */
#undef _FORTIFY_SOURCE

#include <getopt.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <st/st.h>

#include "heap/wrap.h"
#include "image/image_internal.h"
#include "os/os.h"

static struct {
    jmp_buf base;
    uintptr_t stack_base;
    uintptr_t stack_left; /* end of the frames that the last enter left */
    pthread_t thread;
    const struct magic__image *again; /* whose main is to run, if no image is pending */
    int argc;
    char **argv, **envp;
    char **saved_argv;   /* the vector as it was; NULL if there was no memory for it */
    char *saved_strings; /* what its strings were, one after another */
    char *room[64];      /* for both, if they fit */
} start;

/* Keep what argv was. Without memory the next main gets it as it is then. */
static void save_arguments(void)
{
    size_t vector = ((size_t) start.argc + 1) * sizeof(char *), size = 0, at = 0;
    int i;

    for (i = 0; i < start.argc; i++)
        size += strlen(start.argv[i]) + 1;
    start.saved_argv = start.room;
    if (vector + size > sizeof(start.room))
        start.saved_argv = magic__image_alloc(vector + size);
    if (!start.saved_argv)
        return;
    memcpy(start.saved_argv, start.argv, vector);
    start.saved_strings = (char *) start.saved_argv + vector;
    for (i = 0; i < start.argc; i++) {
        size_t len = strlen(start.argv[i]) + 1;

        memcpy(start.saved_strings + at, start.argv[i], len);
        at += len;
    }
}

static void restore_arguments(void)
{
    size_t at = 0;
    int i;

    if (!start.saved_argv)
        return;
    memcpy(start.argv, start.saved_argv, ((size_t) start.argc + 1) * sizeof(char *));
    for (i = 0; i < start.argc; i++) {
        size_t len = strlen(start.saved_strings + at) + 1;

        memcpy(start.argv[i], start.saved_strings + at, len);
        at += len;
    }
}

/* Not inlined: its frame address is the border between what lasts and what main uses. */
__attribute__((noinline)) static int run_main(void)
{
    const struct magic__image *image = magic__image_pending();
    int result;

    if (!image)
        image = start.again;
    start.stack_base = (uintptr_t) __builtin_frame_address(0);
    result = image->main(start.argc, start.argv, start.envp);
    /* No tail call, which would give this frame up. */
    __asm__ volatile("" ::: "memory");
    return result;
}

int _magic_start(int argc, char **argv, char **envp)
{
    const struct magic__image *image = magic__image_program();

    if (!image) {
        magic__os_complain("cannot start: this program was linked for another version of the "
                           "runtime, build it again");
        return 127;
    }
    /* Without it the service runs all the same, a debugger just sees less. */
    if (magic__image_show_objects(image, NULL))
        magic__log("debuggers will not see the loaded objects");
    start.again = image;
    start.argc = argc;
    start.argv = argv;
    start.envp = envp;
    start.thread = pthread_self();
    save_arguments();
    _setjmp(start.base);
    exit(run_main());
}

void magic_image_enter(void)
{
    restore_arguments();
    start.envp = environ;
    /* getopt starts over, as in a new process. */
    optind = 0;
    opterr = 1;
    __magic_site = NULL;
    start.stack_left = (uintptr_t) __builtin_frame_address(0);
    longjmp(start.base, 1);
}

int magic_image_can_restart(void)
{
    if (!magic__image_on_main_thread() || magic__image_pending())
        return MAGIC_ENOTSUP;
    return magic__wrap_depth ? MAGIC_EBADMSTATE : 0;
}

void magic_image_restart(void)
{
    start.again = magic__image_current();
    magic_image_enter();
}

struct magic__range magic__image_left_frames(void)
{
    return (struct magic__range) { start.stack_left, start.stack_base };
}

uintptr_t magic__image_stack_base(void)
{
    return start.stack_base;
}

bool magic__image_on_main_thread(void)
{
    return start.stack_base && pthread_equal(pthread_self(), start.thread);
}

/* What st_stack_refs_save_restore keeps in its caller's buffer. */
struct stack_refs {
    char **environment;
    char **argv;
    int argc;
};
_Static_assert(sizeof(struct stack_refs) <= ST_STACK_REFS_BUFF_SIZE, "references fit");

void st_stack_refs_save_restore(char *buf, int is_save)
{
    struct stack_refs refs = { environ, start.argv, start.argc };

    if (is_save) {
        memcpy(buf, &refs, sizeof(refs));
        return;
    }
    memcpy(&refs, buf, sizeof(refs));
    start.argv = refs.argv;
    start.argc = refs.argc;
    /* An environment elsewhere than on the initial stack is state like any other. */
    if ((uintptr_t) refs.environment >= start.stack_base)
        environ = refs.environment;
}
