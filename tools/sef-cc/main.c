/* SPDX-License-Identifier: BSD-2-Clause
 *
 * sef-cc: clang for services, usable wherever a build system wants a C compiler.
 *
 * It runs clang with a configuration file that adds debug information, position-independent code
 * and the pass plugin, and it links programs as service images: shared objects that are also
 * runnable (see runtime/start/start.S). Whatever else a compiler is asked to do, clang does. The
 * process becomes clang, so that exit codes and signals are clang's.
 *
 * Everything is found from the wrapper's own place: bin/sef-cc, lib/sef.cfg, lib/sef_start.o and
 * the libraries; the clang that fits the plugin is fixed when the wrapper is built.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "allocators.h"
#include "asr.h"
#include "exports.h"
#include "scan.h"
#include "words.h"

static char clang[] = SEF_CLANG;

/** The wrapper's own tree. */
struct places {
    char *lib, *config, *start, *runtime, *libsef;
};

static struct places find_places(void)
{
    char self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
    struct places p;

    if (n < 0)
        words_fail("cannot find my own directory: %s", strerror(errno));
    self[n] = '\0';
    for (int levels = 0; levels < 2; levels++)
        if (strrchr(self, '/'))
            *strrchr(self, '/') = '\0';
    p.lib = words_format("%s/lib", self);
    p.config = words_format("%s/sef.cfg", p.lib);
    p.start = words_format("%s/sef_start.o", p.lib);
    p.runtime = words_format("%s/libmagicrt.so", p.lib);
    p.libsef = words_format("%s/libsef.so", p.lib);
    return p;
}

static int print_config(const struct places *p)
{
    printf("clang: %s\nlib: %s\nconfig: %s\nstart: %s\nruntime: %s\nlibsef: %s\n", clang, p->lib,
        p->config, p->start, p->runtime, p->libsef);
    return 0;
}

static int print_help(void)
{
    fputs("Usage: sef-cc [OPTION...] FILE...\n"
          "clang for services: options and files are clang's, and programs become service images.\n"
          "Besides clang's options:\n\n"
          "      --sef-alloc=NAME:SIZE[:COUNT]\n"
          "                             NAME returns memory that it gets from malloc and the like, "
          "of\n"
          "                             as many bytes as its argument number SIZE says, times its\n"
          "                             argument number COUNT\n"
          "      --sef-asr=SEED         Build the variant of the program that has this number\n"
          "      --sef-free=NAME:PTR    NAME gives the object that its argument number PTR points "
          "to\n"
          "                             back to a pool\n"
          "      --sef-help             Give this help list\n"
          "      --sef-pool=NAME:SIZE[:COUNT]\n"
          "                             NAME cuts objects out of larger blocks\n"
          "      --sef-print-config     Print where clang, libraries and configuration are\n\n"
          "In place of NAME:... @FILE names a file with one a line. Set SEF_CC_DISABLE=1 to build\n"
          "without SEF.\n",
        stdout);
    return fflush(stdout) == 0 ? 0 : 1;
}

/** Hand a word to the linker, in its place among the inputs and whatever -x is in force. */
static void push_linker(struct argv_list *args, char *text)
{
    argv_push(args, "-Xlinker");
    argv_push(args, text);
}

/** Hand over a shared library with its own as-needed state, untouched by the user's. */
static void push_library(struct argv_list *args, char *path, char *needed)
{
    push_linker(args, "--push-state");
    push_linker(args, "-Bdynamic");
    push_linker(args, needed);
    push_linker(args, path);
    push_linker(args, "--pop-state");
}

/** What stands before the user's words when a program is linked: the runtime goes first, so that
 * its malloc family is found before every other. */
static void push_program_head(
    struct argv_list *args, const struct places *p, const struct scan *scan)
{
    argv_push(args, "-shared");
    push_linker(args, "-Bsymbolic");
    push_linker(args, "-z");
    push_linker(args, "defs");
    push_linker(args, "-e");
    push_linker(args, "_sef_start");
    push_library(args, p->runtime, "--no-as-needed");
    push_linker(args, p->start);
    if (scan->sanitized) {
        argv_push(args, "-shared-libsan");
        push_linker(args, "-rpath");
        push_linker(args, SEF_CLANG_RUNTIME_DIR);
    }
}

/** Export what the linker would export of an executable. */
static void push_exports(struct argv_list *args, const struct places *p, const struct words *words)
{
    char *const own[] = { p->runtime, p->libsef, NULL };
    char *script = exports_script(words, own);

    if (!script)
        return;
    push_linker(args, words_format("--version-script=%s", script));
    push_linker(args, "--undefined-version");
}

/** What stands after the user's words: libraries for those who refer to them. */
static void push_link_tail(struct argv_list *args, const struct places *p, enum scan_mode mode)
{
    if (mode != SCAN_LINK_PROGRAM && mode != SCAN_LINK_OTHER)
        return;
    argv_push(args, "-L");
    argv_push(args, p->lib);
    if (mode == SCAN_LINK_PROGRAM)
        push_library(args, p->libsef, "--as-needed");
    else
        push_library(args, p->runtime, "--as-needed");
    push_linker(args, "-rpath");
    push_linker(args, p->lib);
}

/** The user's words: each argument as it was given, or, where a word of it was changed, its words. */
static void push_user_words(struct argv_list *args, const struct words *words, char **argv)
{
    for (size_t i = 0, end; i < words->n; i = end) {
        size_t arg = words->v[i].arg;
        bool changed = false;

        for (end = i; end < words->n && words->v[end].arg == arg; end++)
            changed |= words->v[end].changed;
        if (!changed)
            argv_push(args, argv[arg]);
        for (size_t k = i; changed && k < end; k++)
            if (words->v[k].text)
                argv_push(args, words->v[k].text);
    }
}

static _Noreturn void run_clang(char **args)
{
    execv(clang, args);
    words_fail("cannot run %s: %s", clang, strerror(errno));
}

static bool is_disabled(void)
{
    const char *value = getenv("SEF_CC_DISABLE");

    return value && *value && strcmp(value, "0") != 0;
}

int main(int argc, char **argv)
{
    struct argv_list args = { 0 };
    struct words words = { 0 };
    static struct places places;
    struct scan scan;
    struct asr asr;

    /* With -cc1 clang is not a driver, and takes no configuration. */
    if (argc < 1 || is_disabled() || (argc > 1 && !strncmp(argv[1], "-cc1", 4))) {
        if (argc > 0)
            argv[0] = clang;
        run_clang(argv);
    }
    places = find_places();
    if (argc == 2 && !strcmp(argv[1], "--sef-print-config"))
        return print_config(&places);
    if (argc == 2 && !strcmp(argv[1], "--sef-help"))
        return print_help();
    words_read(argc, argv, &words);
    scan = scan_words(&words);
    asr = asr_take(&words);
    allocators_take(&words);
    if (scan.refused)
        words_fail("%s does not work for a service: %s; set SEF_CC_DISABLE=1 to build without SEF",
            scan.refused, scan.why);

    argv_push(&args, clang);
    argv_push(&args, words_format("--config=%s", places.config));
    if (scan.mode == SCAN_LINK_PROGRAM) {
        push_program_head(&args, &places, &scan);
        push_exports(&args, &places, &words);
    }
    if (scan.mode == SCAN_LINK_PROGRAM || scan.mode == SCAN_LINK_OTHER)
        asr_push_link(&args, &asr, &words);
    push_user_words(&args, &words, argv);
    push_link_tail(&args, &places, scan.mode);
    run_clang(args.v);
}
