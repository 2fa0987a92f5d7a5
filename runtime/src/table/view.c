/* SPDX-License-Identifier: BSD-2-Clause
 *
 * From program headers to a bounds-checked view of an image, and to its note.
 *
 * All later code addresses an image by link-time address through this file, so that a mapped image
 * and a file are read by the same code, and only this code can go out of bounds.
 */
#include "table/view.h"

#include <string.h>

/* No address of an image lies above this; leaves room for sums that cannot wrap. */
#define MAX_ADDR ((uint64_t) 1 << 47)

static const struct magic_view_segment *find_segment(const struct magic_view *view, uint64_t addr)
{
    size_t i;

    for (i = 0; i < view->n_segments; i++)
        if (addr >= view->segments[i].vaddr &&
            addr - view->segments[i].vaddr < view->segments[i].mem_size)
            return &view->segments[i];
    return NULL;
}

const unsigned char *magic__view_bytes(const struct magic_view *view, uint64_t addr, uint64_t size)
{
    const struct magic_view_segment *segment = find_segment(view, addr);

    if (!segment || !segment->bytes || addr - segment->vaddr > segment->size ||
        size > segment->size - (addr - segment->vaddr))
        return NULL;
    return segment->bytes + (addr - segment->vaddr);
}

const char *magic__view_string(const struct magic_view *view, uint64_t addr, size_t *len)
{
    const struct magic_view_segment *segment = find_segment(view, addr);
    const unsigned char *begin, *end;
    uint64_t limit;

    if (!segment || addr - segment->vaddr >= segment->size)
        return NULL;
    begin = segment->bytes + (addr - segment->vaddr);
    limit = segment->size - (addr - segment->vaddr);
    if (limit > MAGIC__MAX_STRING)
        limit = MAGIC__MAX_STRING;
    end = memchr(begin, 0, limit);
    if (!end)
        return NULL;
    *len = (size_t) (end - begin);
    return (const char *) begin;
}

int magic__view_has(const struct magic_view *view, uint64_t addr, uint64_t size)
{
    const struct magic_view_segment *segment = find_segment(view, addr);

    /* A variable of no size may lie right behind the last byte of its segment. */
    if (!segment && size == 0 && addr > 0)
        segment = find_segment(view, addr - 1);
    return segment && size <= segment->mem_size - (addr - segment->vaddr);
}

int magic__view_read(const struct magic_view *view, uint64_t addr, void *buf, size_t size)
{
    const struct magic_view_segment *segment = find_segment(view, addr);
    uint64_t offset, backed;

    if (size == 0)
        return 0;
    if (!segment || size > segment->mem_size - (addr - segment->vaddr))
        return MAGIC_EFAULT;
    offset = addr - segment->vaddr;
    backed = offset < segment->size ? segment->size - offset : 0;
    if (backed > size)
        backed = size;
    if (!segment->bytes)
        return MAGIC_EFAULT;
    if (backed)
        memcpy(buf, segment->bytes + offset, backed);
    memset((char *) buf + backed, 0, size - backed);
    return 0;
}

static int add_segment(struct magic_view *view, const Elf64_Phdr *ph, const void *bytes,
    size_t size, enum magic_view_source source, struct magic_error *err)
{
    struct magic_view_segment *segment;

    if (ph->p_vaddr > MAX_ADDR || ph->p_memsz > MAX_ADDR || ph->p_filesz > ph->p_memsz)
        return magic_error_set(err, MAGIC_EFORMAT, "segment at 0x%llx: size out of bounds",
            (unsigned long long) ph->p_vaddr);
    if (source == MAGIC_VIEW_FILE && (ph->p_offset > size || ph->p_filesz > size - ph->p_offset))
        return magic_error_set(err, MAGIC_EFORMAT, "segment at 0x%llx: reaches past the file's end",
            (unsigned long long) ph->p_vaddr);
    if (view->n_segments == MAGIC_VIEW_MAX_SEGMENTS)
        return magic_error_set(
            err, MAGIC_EFORMAT, "more than %d segments", MAGIC_VIEW_MAX_SEGMENTS);
    if (view->n_segments && ph->p_vaddr < view->hi)
        return magic_error_set(err, MAGIC_EFORMAT,
            "segment at 0x%llx: overlaps or precedes the one before",
            (unsigned long long) ph->p_vaddr);
    segment = &view->segments[view->n_segments];
    segment->vaddr = ph->p_vaddr;
    segment->mem_size = ph->p_memsz;
    if (ph->p_flags & PF_R) {
        segment->size = ph->p_filesz;
        segment->bytes = (const unsigned char *) bytes +
                         (source == MAGIC_VIEW_FILE ? ph->p_offset : ph->p_vaddr);
    }
    if (view->n_segments++ == 0)
        view->lo = ph->p_vaddr;
    view->hi = ph->p_vaddr + ph->p_memsz;
    return 0;
}

/* The descriptor of the image note in the notes at [addr, addr + size), or 0. */
static uint64_t find_note(
    const struct magic_view *view, uint64_t addr, uint64_t size, uint64_t align)
{
    const uint64_t pad = align == 8 ? 7 : 3;

    while (size >= sizeof(Elf64_Nhdr)) {
        const unsigned char *bytes = magic__view_bytes(view, addr, sizeof(Elf64_Nhdr));
        const char *name;
        Elf64_Nhdr header;
        uint64_t desc, next;

        if (!bytes)
            return 0;
        memcpy(&header, bytes, sizeof(header));
        desc = (sizeof(header) + (uint64_t) header.n_namesz + pad) & ~pad;
        next = (desc + header.n_descsz + pad) & ~pad;
        name = (const char *) magic__view_bytes(view, addr + sizeof(header), header.n_namesz);
        if (name && header.n_type == MAGIC_NOTE_TYPE &&
            header.n_namesz == sizeof(MAGIC_NOTE_NAME) &&
            memcmp(name, MAGIC_NOTE_NAME, sizeof(MAGIC_NOTE_NAME)) == 0 &&
            header.n_descsz >= sizeof(struct magic_note) && desc + header.n_descsz <= size)
            return addr + desc;
        if (next > size)
            return 0;
        addr += next;
        size -= next;
    }
    return 0;
}

static int check_note(const struct magic_view *view, struct magic_error *err)
{
    const unsigned char *bytes = magic__view_bytes(view, view->note, sizeof(struct magic_note));
    struct magic_note note;

    if (!bytes)
        return magic_error_set(err, MAGIC_EFORMAT, "image note: cut off");
    memcpy(&note, bytes, sizeof(note));
    if (note.magic != MAGIC_NOTE_MAGIC)
        return magic_error_set(
            err, MAGIC_EFORMAT, "image note: bad magic number 0x%08x", note.magic);
    if (note.abi_major != MAGIC_ABI_MAJOR)
        return magic_error_set(err, MAGIC_EABI,
            "image was linked for version %u of the runtime's interface, this is version %u: build "
            "it with the sef-cc of this release",
            note.abi_major, MAGIC_ABI_MAJOR);
    return 0;
}

int magic_view_init(struct magic_view *view, const Elf64_Phdr *phdrs, size_t n, const void *bytes,
    size_t size, enum magic_view_source source, struct magic_error *err)
{
    size_t i;
    int error;

    memset(view, 0, sizeof(*view));
    for (i = 0; i < n; i++) {
        if (phdrs[i].p_type != PT_LOAD || phdrs[i].p_memsz == 0)
            continue;
        error = add_segment(view, &phdrs[i], bytes, size, source, err);
        if (error)
            return error;
    }
    for (i = 0; i < n && !view->note; i++)
        if (phdrs[i].p_type == PT_NOTE)
            view->note = find_note(view, phdrs[i].p_vaddr, phdrs[i].p_filesz, phdrs[i].p_align);
    if (!view->note)
        return magic_error_set(
            err, MAGIC_ENOTABLE, "not a service image: no SEF note; link it with sef-cc");
    return check_note(view, err);
}
