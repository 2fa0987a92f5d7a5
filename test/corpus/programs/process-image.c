// SPDX-License-Identifier: BSD-2-Clause
// The program finds itself: its name, its segments, the linker's symbols, its own functions.
#include "check.h"
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

extern char etext, edata, end, __bss_start;
extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));
static char in_bss[100];
static int in_data = 5;

static int first_object(struct dl_phdr_info *info, size_t size, void *ret)
{
    (void) size;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *p = &info->dlpi_phdr[i];
        char *start = (char *) info->dlpi_addr + p->p_vaddr;
        if (p->p_type == PT_LOAD && (char *) ret >= start && (char *) ret < start + p->p_memsz)
            return info->dlpi_name[0] == 0 ? 1 : 2;
    }
    return 3;
}

int main(int argc, char **argv)
{
    char self[200], *slash = strrchr(argv[0], '/');
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
    Dl_info info;

    CHECK(argc == 1 && n > 0 && !strcmp(program_invocation_name, argv[0]));
    CHECK(slash && !strcmp(program_invocation_short_name, slash + 1));
    self[n] = 0;
    CHECK(!strcmp(strrchr(self, '/'), slash));
    CHECK(!memcmp(__ehdr_start.e_ident, ELFMAG, SELFMAG));
    CHECK((char *) main < &etext && (char *) &in_data < &edata && in_bss < &end);
    CHECK(in_bss >= &__bss_start && getauxval(AT_ENTRY) && getauxval(AT_PHNUM) > 3);
    CHECK(getauxval(AT_ENTRY) < (unsigned long) &etext);
    CHECK(dl_iterate_phdr(first_object, in_bss) == 1);
    CHECK(dladdr((void *) main, &info) && info.dli_fbase == (void *) &__ehdr_start);
    CHECK(dlopen(NULL, RTLD_NOW) && dlsym(dlopen(NULL, RTLD_NOW), "malloc") == (void *) malloc);
    CHECK(dlsym(RTLD_DEFAULT, "malloc") == (void *) malloc);
    puts("ok");
}
