/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The registry of generations, and its published root _magic_vars.
 *
 * Generation 0 is the program itself, found on first need: constructors that run before main may
 * already ask. Images are never taken out, because stale pointers into them may turn up at any
 * time. Nothing here takes a lock: generations are added by the only thread of a fresh child.
 */
#include "image/image.h"

#include <link.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "heap/heap.h"
#include "image/image_internal.h"
#include "os/os.h"

enum { FIRST_CAPACITY = 16 };

/* Room for the first generations, so that a program maps nothing for them at its start. */
static struct magic__image program;
static struct magic_generation published_program;
static struct magic__image *first_images[FIRST_CAPACITY];
static struct magic_generation *first_published[FIRST_CAPACITY];

struct magic_vars _magic_vars = {
    .magic = MAGIC_VARS_MAGIC,
    .version = MAGIC_VARS_VERSION,
    .size = sizeof(struct magic_vars),
    .generations = (uintptr_t) first_published,
};

static struct magic_arena registry; /* later images and larger arrays; never given back */
static struct magic__image **images = first_images;
static struct magic_generation **published = first_published; /* the same, as tools see it */
static unsigned n_images, capacity = FIRST_CAPACITY;
static struct magic__image *current, *pending;

/* Make room for one more image. Old arrays stay: a tool may be reading them. */
static int reserve(void)
{
    unsigned wanted = capacity * 2;
    struct magic__image **more_images;
    struct magic_generation **more_published;

    if (n_images < capacity)
        return 0;
    more_images = magic_arena_array(&registry, wanted, sizeof(*images));
    more_published = magic_arena_array(&registry, wanted, sizeof(*published));
    if (!more_images || !more_published)
        return MAGIC_ENOMEM;
    memcpy(more_images, images, n_images * sizeof(*images));
    memcpy(more_published, published, n_images * sizeof(*published));
    images = more_images;
    published = more_published;
    capacity = wanted;
    _magic_vars.generations = (uintptr_t) published;
    return 0;
}

static int add_range(
    struct magic__range *ranges, unsigned *n, struct magic__range range, struct magic_error *err)
{
    if (*n == MAGIC__MAX_RANGES)
        return magic_error_set(
            err, MAGIC_ENOTSUP, "more than %d segments of one kind", MAGIC__MAX_RANGES);
    ranges[(*n)++] = range;
    return 0;
}

static int describe_segment(
    struct magic__image *image, const Elf64_Phdr *ph, struct magic_error *err)
{
    uintptr_t lo = image->base + ph->p_vaddr;
    struct magic__range range = { lo, lo + ph->p_memsz };

    switch (ph->p_type) {
    case PT_LOAD:
        if (ph->p_flags & PF_W)
            return add_range(image->data, &image->n_data, range, err);
        if (ph->p_flags & PF_X)
            return add_range(image->text, &image->n_text, range, err);
        return add_range(image->rodata, &image->n_rodata, range, err);
    case PT_GNU_RELRO:
        image->relro = range;
        return 0;
    case PT_DYNAMIC:
        image->dynamic = range;
        return 0;
    case PT_TLS:
        image->tls_image = (struct magic__range) { lo, lo + ph->p_filesz };
        return 0;
    default:
        return 0;
    }
}

static int find_main(struct magic__image *image, struct magic_error *err)
{
    const struct magic_note *note = (const void *) (image->base + image->view.note);
    uintptr_t entry = (uintptr_t) MAGIC_REF_PTR(note->main);
    unsigned i;

    for (i = 0; i < image->n_text; i++)
        if (entry >= image->text[i].lo && entry < image->text[i].hi) {
            image->main = (int (*)(int, char **, char **)) entry;
            return 0;
        }
    return magic_error_set(err, MAGIC_EFORMAT, "image note: main is not in an executable segment");
}

static int describe(
    struct magic__image *image, const Elf64_Phdr *phdrs, size_t n, struct magic_error *err)
{
    int ret;
    size_t i;

    ret = magic_view_init(
        &image->view, phdrs, n, (const void *) image->base, 0, MAGIC_VIEW_MAPPED, err);
    for (i = 0; !ret && i < n; i++)
        ret = describe_segment(image, &phdrs[i], err);
    if (ret)
        return ret;
    image->span.lo = magic__os_page_down(image->base + image->view.lo);
    image->span.hi = magic__os_page_up(image->base + image->view.hi);
    return find_main(image, err);
}

/* A zeroed generation with its published part, or NULL. */
static struct magic__image *new_image(void)
{
    struct magic__image *image;

    if (n_images == 0) { /* the place may have been used in vain before */
        program = (struct magic__image) { .pub = &published_program };
        return &program;
    }
    image = magic_arena_alloc(&registry, sizeof(*image));
    if (image)
        image->pub = magic_arena_alloc(&registry, sizeof(*image->pub));
    return image && image->pub ? image : NULL;
}

int magic__image_add(uintptr_t base, const Elf64_Phdr *phdrs, size_t n, const char *path,
    struct magic__image **ret, struct magic_error *err)
{
    struct magic__image *image;
    int code = reserve();

    image = code ? NULL : new_image();
    if (!image)
        return magic_error_set(err, MAGIC_ENOMEM, "no memory for one more generation");
    image->base = base;
    code = describe(image, phdrs, n, err);
    if (code)
        return code;
    image->pub->base = base;
    image->pub->lo = image->span.lo;
    image->pub->hi = image->span.hi;
    image->pub->phdrs = (uintptr_t) phdrs;
    image->pub->n_phdrs = (uint32_t) n;
    memccpy(image->pub->path, path, '\0', sizeof(image->pub->path) - 1);
    images[n_images] = image;
    published[n_images] = image->pub;
    if (n_images++)
        pending = image;
    else
        current = image;
    _magic_vars.n_generations = n_images;
    *ret = image;
    return 0;
}

void *magic__image_alloc(size_t size)
{
    return magic_arena_alloc(&registry, size);
}

void magic__image_promote(void)
{
    current = pending;
    pending = NULL;
    _magic_vars.current = magic__image_number(current);
}

static int first_object(struct dl_phdr_info *info, size_t size, void *ctx)
{
    (void) size;
    memcpy(ctx, info, offsetof(struct dl_phdr_info, dlpi_adds));
    return 1;
}

/* Find generation 0, once. A program that is no service image leaves the registry empty. */
static void find_program(void)
{
    static bool looked;
    struct dl_phdr_info info = { 0 };
    struct magic__image *image;

    if (looked)
        return;
    looked = true;
    _magic_vars.heap = (uintptr_t) magic__heap_root();
    if (dl_iterate_phdr(first_object, &info))
        (void) magic__image_add(
            info.dlpi_addr, info.dlpi_phdr, info.dlpi_phnum, "", &image, NULL);
}

/* Find generation 0 and its file, which takes a system call that not every program needs. */
static void name_program(void)
{
    find_program();
    if (program.main && !*published_program.path)
        magic__os_program_path(published_program.phdrs, published_program.path,
            sizeof(published_program.path));
}

const struct magic__image *magic__image_program(void)
{
    find_program();
    return program.main ? &program : NULL;
}

unsigned magic__image_count(void)
{
    name_program();
    return n_images;
}

struct magic__image *magic__image_at(unsigned index)
{
    return images[index];
}

struct magic__image *magic__image_current(void)
{
    name_program();
    return current;
}

struct magic__image *magic__image_pending(void)
{
    return pending;
}

struct magic__image *magic__image_of(uintptr_t addr)
{
    unsigned i;

    find_program();
    for (i = n_images; i-- > 0;)
        if (addr >= images[i]->span.lo && addr < images[i]->span.hi)
            return images[i];
    return NULL;
}

struct magic__image *magic__image_old_of(uintptr_t addr)
{
    struct magic__image *image = magic__image_of(addr);

    return image == (pending ? pending : current) ? NULL : image;
}

unsigned magic__image_number(const struct magic__image *image)
{
    unsigned i = n_images;

    while (i > 0 && images[--i] != image)
        ;
    return i;
}

int magic__image_table(
    struct magic__image *image, const struct magic_table **ret, struct magic_error *err)
{
    int code;

    if (!image->table) {
        code = magic_table_read(&image->view, &image->arena, &image->table, err);
        if (code) {
            image->table = NULL;
            magic_arena_deinit(&image->arena);
            return code;
        }
    }
    *ret = image->table;
    return 0;
}

void *magic__image_var_addr(const struct magic__image *image, const struct magic_var *var)
{
    uintptr_t addr = image->base + var->addr;

    return var->flags & MAGIC_VAR_TLS ? ((void *(*) (void) ) addr)() : (void *) addr;
}

const char *magic__image_code_name(uintptr_t addr, char *buf, size_t size)
{
    const struct magic__image *image = magic__image_of(addr);
    const struct magic_func *func =
        image && image->table ? magic_table_func_at(image->table, addr - image->base) : NULL;

    if (func)
        snprintf(buf, size, "%s", func->key);
    else if (image)
        snprintf(buf, size, "%s+0x%lx", image->pub->path, (unsigned long) (addr - image->base));
    else
        snprintf(buf, size, "0x%lx", (unsigned long) addr);
    return buf;
}

void magic_init(void)
{
    struct magic__image *image = magic__image_current();
    const struct magic_table *table;
    struct magic_error err;

    if (image && magic__image_table(image, &table, &err))
        magic__log("%s: %s", image->pub->path, err.text);
}

void *_magic_vars_addr(void)
{
    name_program();
    return &_magic_vars;
}

size_t _magic_vars_size(void)
{
    return sizeof(_magic_vars);
}

int _magic_real_brk(char *newbrk)
{
    return brk(newbrk);
}

void magic__image_drop_table(struct magic__image *image)
{
    image->table = NULL;
    magic_arena_deinit(&image->arena);
}
