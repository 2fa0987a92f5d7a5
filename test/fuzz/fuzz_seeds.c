/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Writes the seeds: fuzz_seeds table|eval|rules|control|diff DIRECTORY.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image_builder.h"

enum { UNIT = 2048 };

static int write_seed(const char *dir, const char *name, const void *bytes, size_t size)
{
    char path[4096];
    FILE *out;
    int failed;

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    out = fopen(path, "w");
    if (!out) {
        perror(path);
        return 1;
    }
    failed = fwrite(bytes, 1, size, out) != size;
    failed |= fclose(out) != 0;
    if (failed)
        perror(path);
    return failed;
}

/* Two units, one of which knows a type by name only: what merging has to do. */
static void fill_two_units(struct image *im)
{
    int i;

    for (i = 0; i < 2; i++) {
        uint64_t inner =
            image_type(im, MAGIC_KIND_STRUCT, "inner", i ? 4 : 0, 0, i ? 0 : MAGIC_TYPE_INCOMPLETE);
        uint64_t pointer, outer;

        if (i)
            image_member(im, inner, "v", image_type(im, MAGIC_KIND_INTEGER, "int", 4, 0, 0), 0, 0);
        pointer = image_type(im, MAGIC_KIND_POINTER, NULL, 8, inner, 0);
        outer = image_type(im, MAGIC_KIND_STRUCT, "outer", 8, 0, 0);
        image_member(im, outer, "inner", pointer, 0, 0);
        image_module(im);
    }
}

static int write_images(const char *dir)
{
    struct image im;
    int failed;

    image_init(&im, UNIT);
    failed = write_seed(dir, "empty-image", im.bytes, image_size(&im));
    fill_two_units(&im);
    failed |= write_seed(dir, "merged-units", im.bytes, image_size(&im));
    image_deinit(&im);
    image_init(&im, UNIT);
    image_fill_sample(&im);
    failed |= write_seed(dir, "sample", im.bytes, image_size(&im));
    failed |= write_seed(dir, "cut", im.bytes, image_size(&im) / 2);
    image_deinit(&im);
    return failed;
}

struct text_seed {
    const char *name, *text;
};

static int write_texts(const char *dir, const struct text_seed *seeds, size_t n)
{
    int failed = 0;

    for (size_t i = 0; i < n; i++)
        failed |= write_seed(dir, seeds[i].name, seeds[i].text, strlen(seeds[i].text));
    return failed;
}

#define WRITE_TEXTS(dir, seeds) write_texts(dir, seeds, sizeof(seeds) / sizeof((seeds)[0]))

static int write_rules(const char *dir)
{
    static const struct text_seed seeds[] = {
        { "renames", "struct entry.seen: renamed_from=hits\nvar list: renamed_from=head\n"
                     "enum color.OLIVE: renamed_from=GREEN\nfunc handle: renamed_from=old\n" },
        { "attributes", "# steer\nvar first: cixfer\ntype conn_t: noxfer\n"
                        "struct entry.u: union_by=color: RED=l, 5=c, *=l\n"
                        "struct entry.next: tagged=0x3\n  var unit.c:counter:\tixfer" },
        { "policies", "policy removed=refuse\npolicy lost = warn\npolicy union=ignore\n" },
    };

    return WRITE_TEXTS(dir, seeds);
}

/* The first byte is the user: an odd one is the daemon's own. */
static int write_requests(const char *dir)
{
    static const struct text_seed seeds[] = {
        { "up", "1{\"version\":1,\"command\":\"up\",\"label\":\"web\",\"image\":\"/srv/web\","
                "\"args\":[\"web\",\"-p\"],\"cwd\":\"/\",\"env\":[\"A=b\"],\"timeout_ms\":5}" },
        { "update", "0{\"version\":1,\"command\":\"update\",\"label\":\"web\",\"image\":\"/v2\","
                    "\"state\":4,\"eval\":\"n==0\",\"rehearse\":true,\"timeout_ms\":9}" },
        { "status", "1{\"version\":1,\"command\":\"status\",\"label\":\"web\"}" },
    };

    return WRITE_TEXTS(dir, seeds);
}

static int write_expressions(const char *dir)
{
    static const struct text_seed seeds[] = {
        { "arithmetic",
            "1 + 2u * -3L / 0x4 % 5 << 1 >> 1 & ~6 | 7 ^ 8 ? 1.5e1 : .5f, !0 && 2 || 3" },
        { "names",
            "src/unit.c:handle::calls == unit.c:counter + head->hits + conns[2].fd + GREEN" },
        { "text",
            "first.name == \"alp\\x68a\" && greeting != \"\\n\\0\\\"\" && *first.name == 'a'" },
        { "casts", "(unsigned char)*(long *)&first.low - sizeof(struct entry *) + sizeof first" },
    };

    return WRITE_TEXTS(dir, seeds);
}

/* Rules, a zero byte, and the sample image, in which `was` is called `is` (of equal length). */
static int write_changed(
    const char *dir, const char *name, const char *rules, const char *was, const char *is)
{
    size_t len = strlen(rules) + 1, size;
    unsigned char *bytes;
    struct image im;
    char *at;
    int failed;

    image_init(&im, UNIT);
    image_fill_sample(&im);
    at = memmem(im.bytes, image_size(&im), was, strlen(was) + 1);
    if (at)
        memcpy(at, is, strlen(was));
    size = len + image_size(&im);
    bytes = malloc(size);
    if (!bytes || !at)
        abort();
    memcpy(bytes, rules, len);
    memcpy(bytes + len, im.bytes, image_size(&im));
    failed = write_seed(dir, name, bytes, size);
    free(bytes);
    image_deinit(&im);
    return failed;
}

static int write_versions(const char *dir)
{
    return write_changed(dir, "member", "", "hits", "seen") |
           write_changed(dir, "enumerator", "policy removed=refuse\n", "GREEN", "OLIVE") |
           write_changed(dir, "type", "struct enter: renamed_from=entry\n", "entry", "enter");
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*write)(const char *dir);
    } kinds[] = {
        { "table", write_images },
        { "eval", write_expressions },
        { "rules", write_rules },
        { "control", write_requests },
        { "diff", write_versions },
    };

    for (size_t i = 0; argc == 3 && i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(argv[1], kinds[i].name) == 0)
            return kinds[i].write(argv[2]);
    fputs("usage: fuzz_seeds table|eval|rules|control|diff DIRECTORY\n", stderr);
    return 2;
}
