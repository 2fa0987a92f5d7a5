/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Variants; see asr.h.
 *
 * The pass permutes what is in one translation unit. The translation units of a program are
 * permuted by lld, which can shuffle the sections it reads; only those of code and data, since the
 * order of others, such as lists of constructors, means something.
 */
#include "asr.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PASS_OPTIONS "MAGIC_PASS_OPTIONS"
#define OPTION       "--sef-asr="
#define COUNT(a)     (sizeof(a) / sizeof((a)[0]))

static const char *const shuffled[] = { ".text*", ".rodata*", ".data*", ".bss*", "COMMON" };

static uint64_t read_seed(const char *text)
{
    char *end;
    unsigned long long seed;

    errno = 0;
    seed = strtoull(text, &end, 0);
    if (errno || *end || text[0] < '0' || text[0] > '9')
        words_fail("%s'%s' is not %sSEED with a number of 64 bits", OPTION, text, OPTION);
    return seed;
}

struct asr asr_take(struct words *words)
{
    const char *given = getenv(PASS_OPTIONS);
    struct asr ret = { 0 };

    for (size_t i = 0; i < words->n; i++) {
        const char *text = words->v[i].text;

        if (!text || strncmp(text, OPTION, strlen(OPTION)) != 0)
            continue;
        ret.wanted = true;
        ret.seed = read_seed(text + strlen(OPTION));
        words_set(&words->v[i], NULL);
    }
    if (ret.wanted && setenv(PASS_OPTIONS,
                          words_format("%s%sasr=%llu", given ? given : "",
                              given && *given ? ";" : "", (unsigned long long) ret.seed),
                          1) != 0)
        words_fail("out of memory");
    return ret;
}

/** The linker that the user chose, or NULL. */
static const char *chosen_linker(const struct words *words)
{
    static const char *const choices[] = { "-fuse-ld=", "--ld-path=" };
    const char *ret = NULL;

    for (size_t i = 0; i < words->n; i++)
        for (size_t k = 0; k < COUNT(choices); k++)
            if (words->v[i].text && !strncmp(words->v[i].text, choices[k], strlen(choices[k])))
                ret = words->v[i].text + strlen(choices[k]);
    return ret;
}

/** lld's seeds have 32 bits, and 0 and the largest one are no seeds. */
static uint32_t linker_seed(uint64_t seed)
{
    return (uint32_t) (((seed ^ seed >> 32) & UINT32_MAX) % (UINT32_MAX - 1)) + 1;
}

void asr_push_link(struct argv_list *args, const struct asr *asr, const struct words *words)
{
    const char *linker = chosen_linker(words);

    if (!asr->wanted || (linker && !strstr(linker, "lld")))
        return;
    if (!linker)
        argv_push(args, "-fuse-ld=lld");
    for (size_t i = 0; i < COUNT(shuffled); i++) {
        argv_push(args, "-Xlinker");
        argv_push(
            args, words_format("--shuffle-sections=%s=%u", shuffled[i], linker_seed(asr->seed)));
    }
}
