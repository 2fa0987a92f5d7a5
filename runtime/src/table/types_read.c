/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Type records to raw types: record sizes, strings and references are checked here, so that later
 * steps work on indexes alone.
 */
#include <string.h>

#include "table/reader.h"

/* Bytes of one entry of a kind's records, 0 if it has none. */
static size_t entry_size(unsigned kind)
{
    switch (kind) {
    case MAGIC_KIND_STRUCT:
    case MAGIC_KIND_UNION:
        return sizeof(struct magic_member_rec);
    case MAGIC_KIND_ENUM:
        return sizeof(struct magic_enumerator_rec);
    case MAGIC_KIND_FUNCTION:
        return sizeof(struct magic_param_rec);
    default:
        return 0;
    }
}

static int bad_record(struct magic__reader *rd, uint64_t addr, const char *why)
{
    return magic_error_set(
        rd->err, MAGIC_EFORMAT, "type record at 0x%llx: %s", (unsigned long long) addr, why);
}

/* Read one header and check its size against its kind and count. */
static int read_header(struct magic__reader *rd, uint64_t addr, struct magic_type_rec *rec)
{
    uint64_t left = rd->types.stop - addr, want;

    if (left < sizeof(*rec))
        return bad_record(rd, addr, "cut off");
    memcpy(rec, magic__view_bytes(rd->view, addr, sizeof(*rec)), sizeof(*rec));
    if (rec->kind > MAGIC_KIND_TYPEDEF)
        return bad_record(rd, addr, "unknown kind");
    if (rec->count && entry_size(rec->kind) == 0)
        return bad_record(rd, addr, "entries in a kind that has none");
    want = (sizeof(*rec) + (uint64_t) rec->count * entry_size(rec->kind) + 7) & ~(uint64_t) 7;
    if (rec->rec_size != want || want > left)
        return bad_record(rd, addr, "size does not fit its entries");
    return 0;
}

/* Pass 1: how many records and entries there are. */
static int count_records(struct magic__reader *rd)
{
    struct magic_type_rec rec;
    uint64_t addr = rd->types.start;
    int error;

    while (addr < rd->types.stop) {
        error = read_header(rd, addr, &rec);
        if (error)
            return error;
        addr += rec.rec_size;
        rd->n_raw++;
        rd->n_entries += rec.count;
    }
    if (rd->n_raw >= MAGIC__NONE / 2 || rd->n_entries >= MAGIC__NONE / 2)
        return bad_record(rd, rd->types.start, "too many of them");
    return 0;
}

int magic__ref_type(
    struct magic__reader *rd, uint64_t field, magic_ref_t ref, const char *what, uint32_t *ret)
{
    uint64_t addr = field + (uint64_t) (int64_t) ref;
    size_t lo = 0, hi = rd->n_raw;

    *ret = MAGIC__NONE;
    if (ref == 0)
        return 0;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (rd->raw[mid].addr < addr)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo == rd->n_raw || rd->raw[lo].addr != addr)
        return magic_error_set(rd->err, MAGIC_EFORMAT, "%s at 0x%llx: no type record there", what,
            (unsigned long long) field);
    *ret = (uint32_t) lo;
    return 0;
}

static int read_member(struct magic__reader *rd, uint64_t addr, struct magic__raw_entry *entry)
{
    struct magic_member_rec rec;
    int error;

    memcpy(&rec, magic__view_bytes(rd->view, addr, sizeof(rec)), sizeof(rec));
    entry->value = rec.bit_offset;
    entry->bit_size = rec.bit_size;
    error = magic__ref_string(
        rd, MAGIC__FIELD(addr, magic_member_rec, name), rec.name, "member: name", &entry->name);
    if (!error)
        error = magic__ref_string(rd, MAGIC__FIELD(addr, magic_member_rec, attrs), rec.attrs,
            "member: attributes", &entry->attrs);
    if (!error)
        error = magic__ref_type(
            rd, MAGIC__FIELD(addr, magic_member_rec, type), rec.type, "member: type", &entry->type);
    if (!error && entry->type == MAGIC__NONE)
        error = bad_record(rd, addr, "member without a type");
    return error;
}

static int read_enumerator(struct magic__reader *rd, uint64_t addr, struct magic__raw_entry *entry)
{
    struct magic_enumerator_rec rec;

    memcpy(&rec, magic__view_bytes(rd->view, addr, sizeof(rec)), sizeof(rec));
    entry->value = (uint64_t) rec.value;
    entry->type = MAGIC__NONE;
    return magic__ref_string(rd, MAGIC__FIELD(addr, magic_enumerator_rec, name), rec.name,
        "enumerator: name", &entry->name);
}

static int read_param(struct magic__reader *rd, uint64_t addr, struct magic__raw_entry *entry)
{
    struct magic_param_rec rec;

    memcpy(&rec, magic__view_bytes(rd->view, addr, sizeof(rec)), sizeof(rec));
    entry->name = "";
    return magic__ref_type(
        rd, MAGIC__FIELD(addr, magic_param_rec, type), rec.type, "parameter: type", &entry->type);
}

static int read_entries(struct magic__reader *rd, const struct magic__raw_type *raw)
{
    uint64_t addr = raw->addr + sizeof(raw->rec);
    size_t size = entry_size(raw->rec.kind);
    uint32_t i;
    int error = 0;

    for (i = 0; i < raw->rec.count && !error; i++, addr += size) {
        struct magic__raw_entry *entry = &rd->entries[raw->first_entry + i];

        if (raw->rec.kind == MAGIC_KIND_ENUM)
            error = read_enumerator(rd, addr, entry);
        else if (raw->rec.kind == MAGIC_KIND_FUNCTION)
            error = read_param(rd, addr, entry);
        else
            error = read_member(rd, addr, entry);
    }
    return error;
}

static int read_type(struct magic__reader *rd, struct magic__raw_type *raw)
{
    int error = magic__ref_string(
        rd, MAGIC__FIELD(raw->addr, magic_type_rec, name), raw->rec.name, "type: name", &raw->name);

    if (!error)
        error = magic__ref_string(rd, MAGIC__FIELD(raw->addr, magic_type_rec, file), raw->rec.file,
            "type: file", &raw->file);
    if (!error)
        error = magic__ref_string(rd, MAGIC__FIELD(raw->addr, magic_type_rec, attrs),
            raw->rec.attrs, "type: attributes", &raw->attrs);
    if (!error)
        error = magic__ref_type(rd, MAGIC__FIELD(raw->addr, magic_type_rec, target),
            raw->rec.target, "type: target", &raw->target);
    return error ? error : read_entries(rd, raw);
}

static void place_records(struct magic__reader *rd)
{
    uint64_t addr = rd->types.start;
    uint32_t entries = 0;
    size_t i;

    for (i = 0; i < rd->n_raw; i++) {
        struct magic__raw_type *raw = &rd->raw[i];

        memcpy(&raw->rec, magic__view_bytes(rd->view, addr, sizeof(raw->rec)), sizeof(raw->rec));
        raw->addr = addr;
        raw->first_entry = entries;
        raw->alias = "";
        addr += raw->rec.rec_size;
        entries += raw->rec.count;
    }
}

int magic__read_types(struct magic__reader *rd)
{
    size_t i;
    int error = count_records(rd);

    if (error)
        return error;
    rd->raw = magic_arena_array(&rd->scratch, rd->n_raw, sizeof(*rd->raw));
    rd->entries = magic_arena_array(&rd->scratch, rd->n_entries, sizeof(*rd->entries));
    if (!rd->raw || !rd->entries)
        return magic__no_memory(rd);
    place_records(rd);
    for (i = 0; i < rd->n_raw && !error; i++)
        error = read_type(rd, &rd->raw[i]);
    return error;
}
