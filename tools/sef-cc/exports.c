/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The version script of a program; see exports.h.
 *
 * Libraries are looked for as the linker will do it. One that is read in vain, because an archive is
 * taken in the end, only exports more than is needed; one that is not found makes us give up.
 */
#include "exports.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "library.h"
#include "scan.h"

#define MAX_DIRECTORIES 256
#define MAX_NESTING     8

/** A script under construction. */
struct exports {
    const char *directories[MAX_DIRECTORIES]; /* where -l looks, in order */
    size_t n_directories;
    struct argv_list names;
};

static bool starts_with(const char *text, const char *prefix)
{
    return !strncmp(text, prefix, strlen(prefix));
}

static bool starts_with_any(const char *text, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (starts_with(text, list[i]))
            return true;
    return false;
}
#define STARTS_WITH_ANY(text, list) starts_with_any(text, list, sizeof(list) / sizeof((list)[0]))

/* With these of the compiler's options the libraries are others, or all symbols are wanted. */
static const char *const compiler_gives_up[] = { "-rdynamic", "-m32", "-mx32", "-target",
    "--target", "--sysroot", "-isysroot", "-B", "-nodefaultlibs", "-nolibc", "-gcc-toolchain",
    "--gcc-toolchain", "-resource-dir", "-fsanitize", "-T", "-ld-path", "--ld-path" };

/* So do these of the linker's: a list of the user's own, all symbols, more options in a file. */
static const char *const linker_gives_up[] = { "-E", "--export-dynamic", "-export-dynamic",
    "--dynamic-list", "-dynamic-list", "--version-script", "-version-script", "-T", "--script",
    "--sysroot", "-m", "-Y", "@" };

/* What the compiler does not hand to the linker. */
static const char *const sources[] = { ".c", ".i", ".s", ".S", ".sx", ".h", ".ll" };

static bool is_source(const char *path)
{
    const char *suffix = strrchr(path, '.');

    for (size_t i = 0; suffix && i < sizeof(sources) / sizeof(sources[0]); i++)
        if (!strcmp(suffix, sources[i]))
            return true;
    return false;
}

static bool add_file(struct exports *ex, const char *path, unsigned depth);

/** Find `name` in the directories; `name` is a file's or, without `exact`, a library's. */
static bool add_by_name(struct exports *ex, const char *name, bool exact, unsigned depth)
{
    for (size_t i = 0; i < ex->n_directories; i++) {
        const char *dir = ex->directories[i];
        char *path =
            exact ? words_format("%s/%s", dir, name) : words_format("%s/lib%s.so", dir, name);

        if (access(path, R_OK) == 0)
            return add_file(ex, path, depth);
        if (!exact && access(words_format("%s/lib%s.a", dir, name), R_OK) == 0)
            return true;
    }
    return false;
}

/** A library as named after -l. */
static bool add_library(struct exports *ex, const char *name, unsigned depth)
{
    return name[0] == ':' ? add_by_name(ex, name + 1, true, depth)
                          : add_by_name(ex, name, false, depth);
}

/** The libraries that a linker script names, which stands in for a library. */
static bool add_script(struct exports *ex, char *text, unsigned depth)
{
    static const char separators[] = " \t\r\n(),;\"";
    char *rest = text, *word, *comment;

    while ((comment = strstr(text, "/*"))) {
        char *end = strstr(comment + 2, "*/");

        memset(comment, ' ', end ? (size_t) (end + 2 - comment) : strlen(comment));
    }
    while ((word = strsep(&rest, separators))) {
        if (starts_with(word, "-l")) {
            if (!add_library(ex, word + 2, depth + 1))
                return false;
        } else if (strchr(word, '/')) {
            if (!add_file(ex, word, depth + 1))
                return false;
        } else if (strstr(word, ".so")) {
            if (!add_by_name(ex, word, true, depth + 1))
                return false;
        }
    }
    return true;
}

/** A file that the linker reads, whatever it is. */
static bool add_file(struct exports *ex, const char *path, unsigned depth)
{
    char *script = NULL;

    if (depth > MAX_NESTING)
        return false;
    switch (library_names(path, &ex->names, &script)) {
    case LIBRARY_SCRIPT:
        return add_script(ex, script, depth);
    case LIBRARY_BROKEN:
        return false;
    default:
        return true;
    }
}

static bool add_directory(struct exports *ex, const char *path)
{
    if (ex->n_directories == MAX_DIRECTORIES)
        return false;
    ex->directories[ex->n_directories++] = path;
    return true;
}

/** The directories of the environment and of the compiler, after the user's. */
static bool add_standard_directories(struct exports *ex)
{
    char *rest = words_format(
             "%s:" SEF_CLANG_LIBRARY_PATH, getenv("LIBRARY_PATH") ? getenv("LIBRARY_PATH") : ""),
         *dir;

    while ((dir = strsep(&rest, ":")))
        if (*dir && !add_directory(ex, dir))
            return false;
    return true;
}

/** What is done with one thing on the command line. */
typedef bool (*visit_t)(struct exports *ex, const char *text);

static bool visit_directory(struct exports *ex, const char *text)
{
    if (starts_with(text, "-L"))
        return add_directory(ex, text + 2);
    if (starts_with(text, "--library-path="))
        return add_directory(ex, text + strlen("--library-path="));
    return true;
}

static bool visit_input(struct exports *ex, const char *text)
{
    if (starts_with(text, "-l"))
        return add_library(ex, text + 2, 0);
    if (starts_with(text, "--library="))
        return add_library(ex, text + strlen("--library="), 0);
    return text[0] == '-' || is_source(text) || access(text, R_OK) != 0 || add_file(ex, text, 0);
}

/** Visit what goes straight to the linker. A value of an option may be taken for an input. */
static bool visit_linker_word(struct exports *ex, const char *text, visit_t visit)
{
    char *rest = words_format("%s", text), *part;

    while ((part = strsep(&rest, ",")))
        if (STARTS_WITH_ANY(part, linker_gives_up) || !strcmp(part, "-l") || !strcmp(part, "-L") ||
            !visit(ex, part))
            return false;
    return true;
}

/** Visit all words: options with a value joined to it, inputs, what goes to the linker. */
static bool visit_words(struct exports *ex, const struct words *words, visit_t visit)
{
    bool fine = true;

    for (size_t i = 0; fine && i < words->n; i++) {
        const char *text = words->v[i].text, *next = i + 1 < words->n ? words->v[i + 1].text : NULL;

        if (!text)
            continue;
        if (STARTS_WITH_ANY(text, compiler_gives_up)) {
            fine = false;
        } else if (!strcmp(text, "-Xlinker") && next) {
            fine = visit_linker_word(ex, next, visit);
            i++;
        } else if (starts_with(text, "-Wl,")) {
            fine = visit_linker_word(ex, text + strlen("-Wl,"), visit);
        } else if (!strcmp(text, "-l") || !strcmp(text, "-L")) {
            fine = next && visit(ex, words_format("%s%s", text, next));
            i++;
        } else if (scan_takes_value(text)) {
            i++;
        } else {
            fine = visit(ex, text);
        }
    }
    return fine;
}

/** Collect the names; false if everything is to be exported. */
static bool collect(struct exports *ex, const struct words *words, char *const *own)
{
    if (!visit_words(ex, words, visit_directory) || !add_standard_directories(ex))
        return false;
    for (; *own; own++)
        if (!add_file(ex, *own, 0))
            return false;
    return visit_words(ex, words, visit_input) && add_library(ex, "c", 0);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *) a, *(char *const *) b);
}

/** Write each name once, as far as a version script can hold it as it is. */
static void write_script(FILE *out, struct argv_list *names)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.$";

    qsort(names->v, names->n, sizeof(*names->v), compare_names);
    fputs("{ global:\n__sef_profile;\n", out); /* of the start file: the runtime looks for it */
    for (size_t i = 0; i < names->n; i++) {
        const char *name = names->v[i];

        if (*name && !name[strspn(name, plain)] && (i == 0 || strcmp(name, names->v[i - 1]) != 0))
            fprintf(out, "%s;\n", name);
    }
    fputs("local: *; };\n", out);
}

char *exports_script(const struct words *words, char *const *own)
{
    struct exports ex = { 0 };
    FILE *out;
    int fd;

    if (!collect(&ex, words, own))
        return NULL;
    /* Not close-on-exec: the linker reads it. */
    fd = memfd_create("exports", 0);
    out = fd < 0 ? NULL : fdopen(dup(fd), "w");
    if (!out)
        return NULL;
    write_script(out, &ex.names);
    return fclose(out) ? NULL : words_format("/proc/self/fd/%d", fd);
}
