/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Reading a state table: sections and module records first, then one step after the other.
 *
 * The module records say who wrote the others; nothing else is looked at before they are known to
 * be of this version.
 */
#include "table/reader.h"

#include <string.h>

int magic__no_memory(struct magic__reader *rd)
{
    return magic_error_set(rd->err, MAGIC_ENOMEM, "out of memory for the state table");
}

static int init_section(struct magic__reader *rd, struct magic__section *section, const char *name,
    size_t note_offset, magic_ref_t start, magic_ref_t stop)
{
    uint64_t field = rd->view->note + note_offset;

    section->name = name;
    section->start = field + (uint64_t) (int64_t) start;
    section->stop = field + sizeof(magic_ref_t) + (uint64_t) (int64_t) stop;
    if (section->start == section->stop)
        return 0;
    if (section->start > section->stop ||
        !magic__view_bytes(rd->view, section->start, section->stop - section->start))
        return magic_error_set(rd->err, MAGIC_EFORMAT, "section %s: outside the image", name);
    return 0;
}

static int init_sections(struct magic__reader *rd)
{
    struct magic_note note;
    int error = 0;

    memcpy(&note, magic__view_bytes(rd->view, rd->view->note, sizeof(note)), sizeof(note));
#define SECTION(x)                                                                                \
    error = error ? error                                                                         \
                  : init_section(rd, &rd->x, "magic_" #x, offsetof(struct magic_note, x##_start), \
                        note.x##_start, note.x##_stop)
    SECTION(modules);
    SECTION(types);
    SECTION(vars);
    SECTION(funcs);
    SECTION(sites);
#undef SECTION
    if (error)
        return error;
    rd->table->pub.lo = rd->view->lo;
    rd->table->pub.hi = rd->view->hi;
    rd->table->pub.main =
        MAGIC__FIELD(rd->view->note, magic_note, main) + (uint64_t) (int64_t) note.main;
    if (!magic__view_has(rd->view, rd->table->pub.main, 1))
        return magic_error_set(rd->err, MAGIC_EFORMAT, "image note: main lies outside the image");
    return 0;
}

int magic__section_count(
    struct magic__reader *rd, const struct magic__section *section, size_t rec_size, size_t *n)
{
    uint64_t size = section->stop - section->start;

    if (size % rec_size)
        return magic_error_set(rd->err, MAGIC_EFORMAT,
            "section %s: %llu bytes are not a number of records of %zu bytes", section->name,
            (unsigned long long) size, rec_size);
    if (size / rec_size >= MAGIC__NONE / 2)
        return magic_error_set(
            rd->err, MAGIC_EFORMAT, "section %s: too many records", section->name);
    *n = size / rec_size;
    return 0;
}

static int check_module(struct magic__reader *rd, const struct magic_module_rec *rec, uint64_t addr)
{
    const char *text;
    int error;

    if (rec->magic != MAGIC_MODULE_MAGIC)
        return magic_error_set(rd->err, MAGIC_EFORMAT,
            "module record at 0x%llx: bad magic number 0x%08x", (unsigned long long) addr,
            rec->magic);
    if (rec->abi_major != MAGIC_ABI_MAJOR)
        return magic_error_set(rd->err, MAGIC_EABI,
            "module record at 0x%llx: version %u of the records, this reader knows %u: build the "
            "image again",
            (unsigned long long) addr, rec->abi_major, MAGIC_ABI_MAJOR);
    if (rec->type_size != MAGIC_TYPE_SIZE || rec->member_size != MAGIC_MEMBER_SIZE ||
        rec->enumerator_size != MAGIC_ENUMERATOR_SIZE || rec->var_size != MAGIC_VAR_SIZE ||
        rec->func_size != MAGIC_FUNC_SIZE || rec->site_size != MAGIC_SITE_SIZE)
        return magic_error_set(rd->err, MAGIC_EABI,
            "module record at 0x%llx: records of other sizes than this reader's: build the image "
            "again",
            (unsigned long long) addr);
    error = magic__ref_string(
        rd, MAGIC__FIELD(addr, magic_module_rec, file), rec->file, "module: file", &text);
    return error ? error
                 : magic__ref_string(rd, MAGIC__FIELD(addr, magic_module_rec, producer),
                       rec->producer, "module: producer", &text);
}

static int check_modules(struct magic__reader *rd)
{
    struct magic_module_rec rec;
    size_t n, i;
    int error = magic__section_count(rd, &rd->modules, sizeof(rec), &n);

    if (error)
        return error;
    if (n == 0)
        return magic_error_set(rd->err, MAGIC_ENOTABLE,
            "image has no state table: none of its files was compiled by sef-cc");
    for (i = 0; i < n && !error; i++) {
        uint64_t addr = rd->modules.start + i * sizeof(rec);

        memcpy(&rec, magic__view_bytes(rd->view, addr, sizeof(rec)), sizeof(rec));
        error = check_module(rd, &rec, addr);
    }
    return error;
}

int magic__ref_string(
    struct magic__reader *rd, uint64_t field, magic_ref_t ref, const char *what, const char **ret)
{
    size_t len;

    *ret = "";
    if (ref == 0)
        return 0;
    *ret = magic__view_string(rd->view, field + (uint64_t) (int64_t) ref, &len);
    if (!*ret)
        return magic_error_set(rd->err, MAGIC_EFORMAT, "%s at 0x%llx: no string there", what,
            (unsigned long long) field);
    return 0;
}

uint32_t *magic__sorted_ids(struct magic__reader *rd, struct magic_arena *arena, size_t n,
    magic__cmp_t cmp, const void *ctx)
{
    uint32_t *ids = magic_arena_array(arena, n, sizeof(*ids));
    uint32_t *tmp = magic_arena_array(&rd->scratch, n, sizeof(*tmp));
    size_t i;

    if (!ids || !tmp)
        return NULL;
    for (i = 0; i < n; i++)
        ids[i] = (uint32_t) i;
    magic__sort_ids(ids, tmp, n, cmp, ctx);
    return ids;
}

static int read_all(struct magic__reader *rd)
{
    static int (*const steps[])(struct magic__reader *) = {
        init_sections,
        check_modules,
        magic__read_types,
        magic__merge_types,
        magic__build_types,
        magic__check_types,
        magic__read_vars,
        magic__read_funcs,
        magic__read_sites,
        magic__index_names,
    };
    size_t i;
    int error = 0;

    for (i = 0; i < sizeof(steps) / sizeof(steps[0]) && !error; i++)
        error = steps[i](rd);
    return error;
}

/* Keys repeat file and function names. Real ones take less than the image's strings do; a hostile
 * image could otherwise make each record cost the longest string thrice. */
static uint64_t key_budget(const struct magic_view *view)
{
    uint64_t bytes = 1 << 16;
    size_t i;

    for (i = 0; i < view->n_segments; i++)
        bytes += 16 * view->segments[i].size;
    return bytes;
}

int magic_table_read(const struct magic_view *view, struct magic_arena *arena,
    const struct magic_table **ret, struct magic_error *err)
{
    struct magic__reader rd = { .view = view, .arena = arena, .err = err };
    int error;

    rd.key_budget = key_budget(view);
    rd.table = magic_arena_alloc(arena, sizeof(*rd.table));
    error = rd.table ? read_all(&rd) : magic__no_memory(&rd);
    magic_arena_deinit(&rd.scratch);
    if (!error)
        *ret = &rd.table->pub;
    return error;
}
