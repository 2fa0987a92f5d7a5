/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Writes records as the pass does, field by field from the layout of magic/records.h.
 */
#include "image_builder.h"

#include <stdlib.h>
#include <string.h>

#define NOTE_OFFSET 0x200u
#define N_PHDRS     3u

static void put_phdr(struct image *im, unsigned index, uint32_t type, uint32_t flags,
    uint64_t begin, uint64_t end, uint64_t mem_end)
{
    Elf64_Phdr *ph = (Elf64_Phdr *) (im->bytes + sizeof(Elf64_Ehdr)) + index;

    ph->p_type = type;
    ph->p_flags = flags;
    ph->p_offset = ph->p_vaddr = ph->p_paddr = begin;
    ph->p_filesz = end - begin;
    ph->p_memsz = mem_end - begin;
    ph->p_align = type == PT_NOTE ? 4 : 8;
}

static void put_head(struct image *im)
{
    Elf64_Ehdr *eh = (Elf64_Ehdr *) im->bytes;
    uint64_t data = IMAGE_SITES * im->unit, end = image_size(im);

    memcpy(eh->e_ident, ELFMAG, SELFMAG);
    eh->e_ident[EI_CLASS] = ELFCLASS64;
    eh->e_ident[EI_DATA] = ELFDATA2LSB;
    eh->e_ident[EI_VERSION] = EV_CURRENT;
    eh->e_type = ET_DYN;
    eh->e_machine = EM_X86_64;
    eh->e_version = EV_CURRENT;
    eh->e_phoff = sizeof(*eh);
    eh->e_ehsize = sizeof(*eh);
    eh->e_phentsize = sizeof(Elf64_Phdr);
    eh->e_phnum = N_PHDRS;
    put_phdr(im, 0, PT_LOAD, PF_R | PF_X, 0, data, data);
    put_phdr(im, 1, PT_LOAD, PF_R | PF_W, data, end, end + im->unit);
    put_phdr(im, 2, PT_NOTE, PF_R, NOTE_OFFSET,
        NOTE_OFFSET + sizeof(Elf64_Nhdr) + 4 + sizeof(struct magic_note),
        NOTE_OFFSET + sizeof(Elf64_Nhdr) + 4 + sizeof(struct magic_note));
    im->used[IMAGE_HEAD] = NOTE_OFFSET + sizeof(Elf64_Nhdr) + 4 + sizeof(struct magic_note);
}

static uint64_t note_at(void)
{
    return NOTE_OFFSET + sizeof(Elf64_Nhdr) + 4;
}

/* The note's references, again after each record: they say where the sections end. */
static void put_note(struct image *im)
{
    static const struct {
        enum image_section section;
        size_t start, stop;
    } bounds[] = {
        { IMAGE_MODULES, offsetof(struct magic_note, modules_start),
            offsetof(struct magic_note, modules_stop) },
        { IMAGE_TYPES, offsetof(struct magic_note, types_start),
            offsetof(struct magic_note, types_stop) },
        { IMAGE_VARS, offsetof(struct magic_note, vars_start),
            offsetof(struct magic_note, vars_stop) },
        { IMAGE_FUNCS, offsetof(struct magic_note, funcs_start),
            offsetof(struct magic_note, funcs_stop) },
        { IMAGE_SITES, offsetof(struct magic_note, sites_start),
            offsetof(struct magic_note, sites_stop) },
    };
    Elf64_Nhdr *header = image_at(im, NOTE_OFFSET);
    struct magic_note *note = image_at(im, note_at());
    size_t i;

    header->n_namesz = sizeof(MAGIC_NOTE_NAME);
    header->n_descsz = sizeof(*note);
    header->n_type = MAGIC_NOTE_TYPE;
    memcpy(header + 1, MAGIC_NOTE_NAME, sizeof(MAGIC_NOTE_NAME));
    note->magic = MAGIC_NOTE_MAGIC;
    note->abi_major = MAGIC_ABI_MAJOR;
    for (i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
        uint64_t start = bounds[i].section * im->unit;

        image_ref(im, note_at() + bounds[i].start, start);
        image_ref(im, note_at() + bounds[i].stop, start + im->used[bounds[i].section]);
    }
    image_ref(im, note_at() + offsetof(struct magic_note, main), IMAGE_TEXT * im->unit);
}

void image_init(struct image *im, size_t unit)
{
    memset(im, 0, sizeof(*im));
    im->unit = unit;
    im->bytes = calloc(IMAGE_SECTIONS, unit);
    if (!im->bytes)
        abort();
    put_head(im);
    im->string_file = image_string(im, "src/unit.c");
    image_module(im);
    image_take(im, IMAGE_TEXT, 16);
    put_note(im);
}

void image_deinit(struct image *im)
{
    free(im->bytes);
    im->bytes = NULL;
}

size_t image_size(const struct image *im)
{
    return IMAGE_SECTIONS * im->unit;
}

uint64_t image_bss(const struct image *im)
{
    return image_size(im);
}

void *image_at(const struct image *im, uint64_t addr)
{
    return im->bytes + addr;
}

uint64_t image_take(struct image *im, enum image_section section, size_t size)
{
    uint64_t addr = section * im->unit + im->used[section];

    size = (size + 7) & ~(size_t) 7;
    if (size > im->unit - im->used[section])
        abort();
    im->used[section] += size;
    return addr;
}

void image_ref(struct image *im, uint64_t field, uint64_t target)
{
    magic_ref_t ref = target ? (magic_ref_t) (target - field) : 0;

    memcpy(image_at(im, field), &ref, sizeof(ref));
}

uint64_t image_string(struct image *im, const char *text)
{
    size_t size = strlen(text) + 1;
    uint64_t addr = IMAGE_STRINGS * im->unit + im->used[IMAGE_STRINGS];

    if (size > im->unit - im->used[IMAGE_STRINGS])
        abort();
    memcpy(image_at(im, addr), text, size);
    im->used[IMAGE_STRINGS] += size;
    return addr;
}

static uint64_t string_or_none(struct image *im, const char *text)
{
    return text && *text ? image_string(im, text) : 0;
}

uint64_t image_module(struct image *im)
{
    uint64_t addr = image_take(im, IMAGE_MODULES, MAGIC_MODULE_SIZE);
    struct magic_module_rec *rec = image_at(im, addr);

    rec->magic = MAGIC_MODULE_MAGIC;
    rec->abi_major = MAGIC_ABI_MAJOR;
    rec->abi_minor = MAGIC_ABI_MINOR;
    rec->type_size = MAGIC_TYPE_SIZE;
    rec->member_size = MAGIC_MEMBER_SIZE;
    rec->enumerator_size = MAGIC_ENUMERATOR_SIZE;
    rec->var_size = MAGIC_VAR_SIZE;
    rec->func_size = MAGIC_FUNC_SIZE;
    rec->site_size = MAGIC_SITE_SIZE;
    image_ref(im, addr + offsetof(struct magic_module_rec, file), im->string_file);
    put_note(im);
    return addr;
}

uint64_t image_type(struct image *im, enum magic_type_kind kind, const char *name, uint64_t size,
    uint64_t target, unsigned flags)
{
    uint64_t addr = image_take(im, IMAGE_TYPES, MAGIC_TYPE_SIZE);
    struct magic_type_rec *rec = image_at(im, addr);

    rec->rec_size = MAGIC_TYPE_SIZE;
    rec->kind = (uint16_t) kind;
    rec->flags = (uint16_t) flags;
    rec->hash = addr;
    rec->size = size;
    rec->align = size && size <= 8 && !(size & (size - 1)) ? (uint32_t) size : 0;
    image_ref(im, addr + offsetof(struct magic_type_rec, name), string_or_none(im, name));
    image_ref(im, addr + offsetof(struct magic_type_rec, target), target);
    put_note(im);
    return addr;
}

uint64_t image_array(struct image *im, uint64_t element, uint64_t elem_size, uint64_t nelems)
{
    uint64_t addr = image_type(im, MAGIC_KIND_ARRAY, NULL, elem_size * nelems, element, 0);

    ((struct magic_type_rec *) image_at(im, addr))->nelems = nelems;
    return addr;
}

/* Room for one more entry of the newest type record; the entry's address. */
static uint64_t take_entry(struct image *im, uint64_t type, size_t size)
{
    struct magic_type_rec *rec = image_at(im, type);
    uint64_t addr = image_take(im, IMAGE_TYPES, size);

    rec->count++;
    rec->rec_size += (uint32_t) ((size + 7) & ~(size_t) 7);
    put_note(im);
    return addr;
}

void image_member(struct image *im, uint64_t type, const char *name, uint64_t member,
    uint64_t bit_offset, uint32_t bit_size)
{
    uint64_t addr = take_entry(im, type, MAGIC_MEMBER_SIZE);
    struct magic_member_rec *rec = image_at(im, addr);

    rec->bit_offset = bit_offset;
    rec->bit_size = bit_size;
    image_ref(im, addr + offsetof(struct magic_member_rec, name), string_or_none(im, name));
    image_ref(im, addr + offsetof(struct magic_member_rec, type), member);
}

void image_enumerator(struct image *im, uint64_t type, const char *name, int64_t value)
{
    uint64_t addr = take_entry(im, type, MAGIC_ENUMERATOR_SIZE);

    ((struct magic_enumerator_rec *) image_at(im, addr))->value = value;
    image_ref(im, addr + offsetof(struct magic_enumerator_rec, name), string_or_none(im, name));
}

void image_param(struct image *im, uint64_t type, uint64_t param)
{
    uint64_t addr = take_entry(im, type, MAGIC_PARAM_SIZE);

    image_ref(im, addr + offsetof(struct magic_param_rec, type), param);
}

uint64_t image_var(struct image *im, const char *name, const char *scope, uint64_t type,
    unsigned flags, uint64_t addr, uint64_t size)
{
    uint64_t rec_addr = image_take(im, IMAGE_VARS, MAGIC_VAR_SIZE);
    struct magic_var_rec *rec = image_at(im, rec_addr);

    rec->size = size;
    rec->line = 10;
    rec->flags = flags;
    rec->align = 1;
    image_ref(im, rec_addr + offsetof(struct magic_var_rec, name), string_or_none(im, name));
    image_ref(im, rec_addr + offsetof(struct magic_var_rec, scope), string_or_none(im, scope));
    image_ref(im, rec_addr + offsetof(struct magic_var_rec, file), im->string_file);
    image_ref(im, rec_addr + offsetof(struct magic_var_rec, type), type);
    image_ref(im, rec_addr + offsetof(struct magic_var_rec, addr), addr);
    put_note(im);
    return rec_addr;
}

uint64_t image_func(
    struct image *im, const char *name, uint64_t type, unsigned flags, uint64_t addr)
{
    uint64_t rec_addr = image_take(im, IMAGE_FUNCS, MAGIC_FUNC_SIZE);
    struct magic_func_rec *rec = image_at(im, rec_addr);

    rec->line = 20;
    rec->flags = flags;
    image_ref(im, rec_addr + offsetof(struct magic_func_rec, name), string_or_none(im, name));
    image_ref(im, rec_addr + offsetof(struct magic_func_rec, file), im->string_file);
    image_ref(im, rec_addr + offsetof(struct magic_func_rec, type), type);
    image_ref(im, rec_addr + offsetof(struct magic_func_rec, addr), addr);
    put_note(im);
    return rec_addr;
}

uint64_t image_site(struct image *im, const char *function, const char *receiver, uint64_t type,
    uint64_t elem_size, unsigned flags)
{
    uint64_t addr = image_take(im, IMAGE_SITES, MAGIC_SITE_SIZE);
    struct magic_site_rec *rec = image_at(im, addr);

    rec->elem_size = elem_size;
    rec->line = 30;
    rec->flags = flags;
    image_ref(im, addr + offsetof(struct magic_site_rec, type), type);
    image_ref(im, addr + offsetof(struct magic_site_rec, function), string_or_none(im, function));
    image_ref(im, addr + offsetof(struct magic_site_rec, receiver), string_or_none(im, receiver));
    image_ref(im, addr + offsetof(struct magic_site_rec, callee), string_or_none(im, "malloc"));
    image_ref(im, addr + offsetof(struct magic_site_rec, file), im->string_file);
    put_note(im);
    return addr;
}

int image_view(const struct image *im, struct magic_view *view, struct magic_error *err)
{
    return magic_view_init(view, (const Elf64_Phdr *) (im->bytes + sizeof(Elf64_Ehdr)), N_PHDRS,
        im->bytes, image_size(im), MAGIC_VIEW_FILE, err);
}

const struct magic_table *image_read(const struct image *im, struct magic_arena *arena,
    struct magic_view *view, int *code, struct magic_error *err)
{
    const struct magic_table *table = NULL;

    memset(err, 0, sizeof(*err));
    *code = image_view(im, view, err);
    if (!*code)
        *code = magic_table_read(view, arena, &table, err);
    return table;
}
