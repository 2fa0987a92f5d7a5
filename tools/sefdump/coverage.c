/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Coverage by types; see coverage.h.
 *
 * Nothing records untyped objects, so of a process only an upper bound of their bytes can be told: the
 * resident private anonymous memory without the index of typed objects, which has itself marked as
 * not to be of huge pages. It holds the allocator's free memory and the stacks of threads too.
 */
#include "coverage.h"

#include <inttypes.h>
#include <string.h>

#include "json.h"

struct counts {
    uint64_t typed, leaf, opaque, late;
};

struct live {
    uint64_t objects, bytes; /* typed, sub-objects among them */
    uint64_t sub_objects, sub_bytes;
    uint64_t anonymous; /* resident bytes that can hold heap objects; 0: unknown */
};

static bool is_opaque(const struct magic_site *site)
{
    return !site->type && !(site->flags & (MAGIC_SITE_LEAF | MAGIC_SITE_LATE | MAGIC_SITE_INNER));
}

static struct counts count_sites(const struct source *source)
{
    struct counts counts = { 0 };
    for (size_t i = 0; i < source->table->n_sites; i++) {
        const struct magic_site *site = &source->table->sites[i];
        if (site->flags & MAGIC_SITE_LATE)
            counts.late++;
        else if (is_opaque(site))
            counts.opaque++;
        else if (site->flags & MAGIC_SITE_LEAF)
            counts.leaf++;
        else
            counts.typed += site->type != NULL;
    }
    return counts;
}

/* One mapping in /proc/PID/smaps. */
struct mapping {
    bool counts;
    uint64_t kib;
};

/* Begin a mapping if the line is its first: "LO-HI rw-p OFFSET DEVICE INODE   NAME". */
static bool begin_mapping(const char *line, struct mapping *mapping)
{
    char protection[5], name[32] = "";
    uint64_t inode;
    if (sscanf(line, "%*x-%*x %4s %*x %*s %" SCNu64 " %31s", protection, &inode, name) < 2)
        return false;
    bool is_stack = strncmp(name, "[stack", 6) == 0;
    *mapping =
        (struct mapping) { .counts = strcmp(protection, "rw-p") == 0 && inode == 0 && !is_stack };
    return true;
}

/* Resident bytes of a process's memory that can hold heap objects; 0 if unknown. */
static uint64_t anonymous_bytes(pid_t pid)
{
    char path[64], line[512];
    struct mapping mapping = { 0 };
    uint64_t total = 0;
    snprintf(path, sizeof(path), "/proc/%d/smaps", (int) pid);
    FILE *in = fopen(path, "re");
    if (!in)
        return 0;
    while (fgets(line, sizeof(line), in)) {
        if (begin_mapping(line, &mapping))
            continue;
        sscanf(line, "Anonymous: %" SCNu64, &mapping.kib);
        if (strncmp(line, "VmFlags:", 8) == 0 && mapping.counts && !strstr(line, " nh"))
            total += mapping.kib * 1024;
    }
    fclose(in);
    return total;
}

static struct live count_live(const struct source *source, const struct heap_summary *heap)
{
    struct live live = { .anonymous = anonymous_bytes(source->pid) };
    for (uint32_t i = 1; i < heap->n; i++) {
        const struct heap_kind *kind = &heap->kinds[i];
        if (!kind->type)
            continue;
        live.objects += kind->objects;
        live.bytes += kind->bytes;
        live.sub_objects += kind->is_sub ? kind->objects : 0;
        live.sub_bytes += kind->is_sub ? kind->bytes : 0;
    }
    return live;
}

static uint64_t opaque_at_most(const struct live *live)
{
    return live->anonymous > live->bytes ? live->anonymous - live->bytes : 0;
}

static double percent(uint64_t part, uint64_t whole)
{
    return whole ? 100.0 * (double) part / (double) whole : 0;
}

static void put_live(FILE *out, const struct live *live)
{
    fprintf(out, "typed objects: %" PRIu64 ", %" PRIu64 " bytes", live->objects, live->bytes);
    if (live->sub_objects)
        fprintf(out, " (inside blocks: %" PRIu64 ", %" PRIu64 " bytes)", live->sub_objects,
            live->sub_bytes);
    if (live->anonymous)
        fprintf(out, "\nopaque memory: at most %" PRIu64 " bytes, of %" PRIu64 " resident",
            opaque_at_most(live), live->anonymous);
    fputc('\n', out);
}

void coverage_text(FILE *out, const struct source *source, const struct heap_summary *heap)
{
    struct counts counts = count_sites(source);
    uint64_t all = counts.typed + counts.leaf + counts.opaque;
    fprintf(out,
        "allocation sites: %" PRIu64 ", typed %" PRIu64 " (%.1f %%), leaf %" PRIu64
        " (%.1f %%), opaque %" PRIu64 " (%.1f %%)\n",
        all, counts.typed, percent(counts.typed, all), counts.leaf, percent(counts.leaf, all),
        counts.opaque, percent(counts.opaque, all));
    if (counts.late)
        fprintf(out, "calls that may allocate: %" PRIu64 ", typed when they do\n", counts.late);
    if (heap) {
        struct live live = count_live(source, heap);
        put_live(out, &live);
    }
    for (size_t i = 0; i < source->table->n_sites; i++) {
        const struct magic_site *site = &source->table->sites[i];
        if (!is_opaque(site))
            continue;
        fprintf(out, "%s:%u: %s(): %s%s%s(): opaque%s%s\n", site->file, site->line, site->function,
            site->receiver, *site->receiver ? " = " : "", site->callee, *site->reason ? ": " : "",
            site->reason);
    }
}

static json_t *opaque_json(const struct source *source)
{
    json_t *sites = json_array();
    for (size_t i = 0; i < source->table->n_sites; i++) {
        const struct magic_site *site = &source->table->sites[i];
        if (!is_opaque(site))
            continue;
        json_array_append_new(
            sites, json_pack("{s:o, s:o, s:o, s:o, s:o, s:I}", "function",
                       json_text(site->function), "receiver", json_text(site->receiver), "callee",
                       json_text(site->callee), "reason", json_text(site->reason), "file",
                       json_text(site->file), "line", (json_int_t) site->line));
    }
    return sites;
}

json_t *coverage_json(const struct source *source, const struct heap_summary *heap)
{
    struct counts counts = count_sites(source);
    json_t *object =
        json_pack("{s:{s:I, s:I, s:I, s:I}, s:o}", "sites", "typed", (json_int_t) counts.typed,
            "leaf", (json_int_t) counts.leaf, "opaque", (json_int_t) counts.opaque, "late",
            (json_int_t) counts.late, "opaque_sites", opaque_json(source));
    if (!heap)
        return object;
    struct live live = count_live(source, heap);
    json_t *memory = json_pack("{s:I, s:I, s:I, s:I}", "typed_objects", (json_int_t) live.objects,
        "typed_bytes", (json_int_t) live.bytes, "sub_objects", (json_int_t) live.sub_objects,
        "sub_bytes", (json_int_t) live.sub_bytes);
    if (live.anonymous) {
        json_object_set_new(memory, "resident_bytes", json_integer((json_int_t) live.anonymous));
        json_object_set_new(
            memory, "opaque_bytes_at_most", json_integer((json_int_t) opaque_at_most(&live)));
    }
    json_object_set_new(object, "heap", memory);
    return object;
}
