/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Reading a compiler command line; see scan.h.
 *
 * Only options that change what is produced are known here; clang checks everything. Options whose
 * value is the next word are listed, so that a value is not taken for an option or an input.
 */
#include "scan.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Nothing is linked when one of these is there. */
static const char *const no_link[] = { "-c", "-S", "-E", "-M", "-MM", "-fsyntax-only", "--analyze",
    "-emit-ast", "--precompile", "-help", "--help", "--help-hidden", "--target-help", "--version",
    "-dumpversion", "-dumpmachine", "--compile", "--assemble", "--preprocess", "--dependencies",
    "--user-dependencies" };

/* The value of these is the next word. */
static const char *const with_value[] = { "-o", "-x", "-I", "-L", "-D", "-U", "-B", "-F", "-T",
    "-u", "-z", "-e", "-A", "-b", "-G", "-include", "-imacros", "-isystem", "-idirafter", "-iquote",
    "-iprefix", "-iwithprefix", "-iwithprefixbefore", "-iwithsysroot", "-isysroot", "-include-pch",
    "-ivfsoverlay", "-isystem-after", "-cxx-isystem", "-MF", "-MT", "-MQ", "-MJ", "-Xclang",
    "-Xassembler", "-Xpreprocessor", "-Xanalyzer", "-Xopenmp-target", "-mllvm", "-target", "-arch",
    "-aux-info", "-resource-dir", "-gcc-toolchain", "-working-directory", "-framework", "-rpath",
    "-undefined", "-dependency-dot", "-dependency-file", "-index-store-path",
    "-serialize-diagnostics", "--sysroot", "--param", "--config", "--output", "--language",
    "--include", "--imacros", "--include-directory", "--include-directory-after",
    "--include-prefix", "--include-with-prefix", "--define-macro", "--undefine-macro",
    "--library-directory", "--for-assembler", "--prefix", "--std", "--entry", "-Xarch_host",
    "-Xarch_device" };

/* Code models that do not fit into a shared object, and orders to leave out the types: the
 * configuration file asks for -fPIC and -g first, so that an option after it would win. */
static const char *const dropped_always[] = { "-fPIE", "-fpie", "-fno-PIE", "-fno-pie", "-fno-PIC",
    "-fno-pic", "-mdynamic-no-pic", "-ftls-model=local-exec", "-femulated-tls", "-g0", "-g1",
    "-ggdb0", "-ggdb1", "-gmlt", "-gline-tables-only", "-gline-directives-only" };

/* A service image is a shared object, whatever kind of program was asked for. */
static const char *const dropped_in_program[] = { "-pie", "-no-pie", "-nopie", "--pie",
    "--no-pie" };
static const char *const dropped_by_linker[] = { "-pie", "-no-pie", "--pie", "--no-pie",
    "--pic-executable", "-pic-executable" };

static const char *const makes_library[] = { "-shared", "--shared" };
static const char *const makes_relocatable[] = { "-r", "--relocatable" };
static const char *const own_start[] = { "-nostdlib", "-nostartfiles", "--no-standard-libraries" };

static const char *const allocator_sanitizers[] = { "address", "thread", "memory", "hwaddress",
    "leak", "dataflow" };
static const char *const executable_sanitizers[] = { "safe-stack" };

/** State of the reading; the words after "--" are inputs. */
struct reader {
    struct scan result;
    bool has_input, no_link, library, relocatable, own_start;
    bool inputs_only, sanitized, libsan_chosen;
    const char *static_option, *sanitizer, *sanitizer_why;
};

#define IS_ONE_OF(text, list) is_one_of(text, list, COUNT(list))

static bool is_one_of(const char *text, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(text, list[i]))
            return true;
    return false;
}

bool scan_takes_value(const char *text)
{
    return IS_ONE_OF(text, with_value);
}

static bool starts_with(const char *text, const char *prefix)
{
    return !strncmp(text, prefix, strlen(prefix));
}

/** Note an option that goes straight to the linker. Returns false if a program must not have it. */
static bool read_linker_option(struct reader *r, const char *text)
{
    if (IS_ONE_OF(text, makes_library) || !strcmp(text, "-Bshareable"))
        r->library = true;
    else if (IS_ONE_OF(text, makes_relocatable))
        r->relocatable = true;
    return !IS_ONE_OF(text, dropped_by_linker);
}

/** Read the parts of a -Wl, word. Returns it without what a program must not have, or NULL. */
static char *read_linker_word(struct reader *r, const char *text)
{
    char *rest = words_format("%s", text + strlen("-Wl,")), *ret = NULL, *part;

    while ((part = strsep(&rest, ",")))
        if (read_linker_option(r, part))
            ret = words_format("%s,%s", ret ? ret : "-Wl", part);
    return ret;
}

/** Note which sanitizers a -fsanitize= list asks for. */
static void read_sanitizers(struct reader *r, const char *list)
{
    char *rest = words_format("%s", list), *part;

    r->sanitized = true;
    while ((part = strsep(&rest, ","))) {
        const char *why = NULL;

        if (IS_ONE_OF(part, allocator_sanitizers))
            why = "the runtime and this sanitizer both stand in front of the allocator";
        else if (IS_ONE_OF(part, executable_sanitizers))
            why = "this sanitizer's runtime cannot be part of a shared object";
        if (why) {
            r->sanitizer = words_format("-fsanitize=%s", part);
            r->sanitizer_why = why;
        }
    }
}

/** Note a word that is an option without a separate value. */
static void read_option(struct reader *r, const char *text)
{
    if (IS_ONE_OF(text, no_link) || starts_with(text, "-print-") || starts_with(text, "--print-"))
        r->no_link = true;
    else if (IS_ONE_OF(text, makes_library))
        r->library = true;
    else if (IS_ONE_OF(text, makes_relocatable))
        r->relocatable = true;
    else if (IS_ONE_OF(text, own_start))
        r->own_start = true;
    else if (!strcmp(text, "-static") || !strcmp(text, "--static") || !strcmp(text, "-static-pie"))
        r->static_option = text;
    else if (starts_with(text, "-fsanitize="))
        read_sanitizers(r, text + strlen("-fsanitize="));
    else if (!strcmp(text, "-shared-libsan") || !strcmp(text, "-static-libsan"))
        r->libsan_chosen = true;
    else if (starts_with(text, "-l"))
        r->has_input = true;
}

/** Read one word and, where it has one, its value. Returns the index of the last word read. */
static size_t read_word(struct reader *r, struct words *words, size_t i)
{
    struct word *word = &words->v[i];
    const char *text = word->text;

    if (r->inputs_only || text[0] != '-' || !text[1]) {
        r->has_input = true;
        if (r->inputs_only && text[0] == '-')
            words_set(word, words_format("./%s", text));
    } else if (!strcmp(text, "--")) {
        r->inputs_only = true;
        words_set(word, NULL);
    } else if (!strcmp(text, "-Xlinker") && i + 1 < words->n) {
        read_linker_option(r, words->v[++i].text);
    } else if (starts_with(text, "-Wl,")) {
        (void) read_linker_word(r, text);
    } else if (!strcmp(text, "-l")) {
        r->has_input = true;
        i++;
    } else if (IS_ONE_OF(text, with_value)) {
        i++;
    } else if (IS_ONE_OF(text, dropped_always)) {
        words_set(word, NULL);
    } else {
        read_option(r, text);
    }
    return i;
}

/** Take out of the words what would make the linker produce another kind of program. */
static void drop_program_kinds(struct words *words)
{
    struct reader unused = { 0 };

    for (size_t i = 0; i < words->n; i++) {
        struct word *word = &words->v[i];

        if (!word->text || IS_ONE_OF(word->text, with_value)) {
            i += word->text != NULL;
        } else if (!strcmp(word->text, "-Xlinker") && i + 1 < words->n) {
            if (!read_linker_option(&unused, words->v[++i].text)) {
                words_set(word, NULL);
                words_set(&words->v[i], NULL);
            }
        } else if (starts_with(word->text, "-Wl,")) {
            char *left = read_linker_word(&unused, word->text);

            if (!left || strcmp(left, word->text) != 0)
                words_set(word, left);
        } else if (IS_ONE_OF(word->text, dropped_in_program)) {
            words_set(word, NULL);
        }
    }
}

static enum scan_mode mode_of(const struct reader *r)
{
    if (r->no_link || !r->has_input)
        return SCAN_NO_LINK;
    if (r->relocatable)
        return SCAN_LINK_BARE;
    if (r->library)
        return SCAN_LINK_OTHER;
    if (r->own_start)
        return r->static_option ? SCAN_LINK_BARE : SCAN_LINK_OTHER;
    return SCAN_LINK_PROGRAM;
}

struct scan scan_words(struct words *words)
{
    struct reader r = { 0 };

    for (size_t i = 0; i < words->n; i++)
        i = read_word(&r, words, i);
    r.result.mode = mode_of(&r);
    if (r.result.mode != SCAN_LINK_PROGRAM)
        return r.result;
    if (r.static_option) {
        r.result.refused = r.static_option;
        r.result.why = "an update loads the next version into the running process, and that needs "
                       "a dynamically linked program";
    } else if (r.sanitizer) {
        r.result.refused = r.sanitizer;
        r.result.why = r.sanitizer_why;
    }
    r.result.sanitized = r.sanitized && !r.libsan_chosen;
    drop_program_kinds(words);
    return r.result;
}
