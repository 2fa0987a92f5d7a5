// Files that must not be loaded are refused with a message, before any of their code runs.
// RUN: %image %s -o %t
// RUN: %plain -DOTHER -c %s -o %t.o
// RUN: %plain -DOTHER -shared %s -o %t.lib
// RUN: sed 's,^ *\.short .*MAGIC_ABI_MAJOR.*,.short 99\, 0,' %{start_source} > %t.S
// RUN: %plain -c %t.S -o %t.start.o
// RUN: %plain -shared -Wl,-Bsymbolic -Wl,-e,_sef_start %t.start.o %s %library -o %t.abi
// RUN: sed 's,^ *\.long *main - \.,.long __start_magic_sites - .,' %{start_source} > %t.data.S
// RUN: %plain -c %t.data.S -o %t.start-data.o
// RUN: %plain -shared -Wl,-Bsymbolic -Wl,-e,_sef_start %t.start-data.o %s %library -o %t.data
// RUN: cp %t %t.arm && printf '\267' | dd of=%t.arm bs=1 seek=18 conv=notrunc status=none
// RUN: cp %t %t.headers && printf '\377\377' | dd of=%t.headers bs=1 seek=56 conv=notrunc status=none
// RUN: %image-undefined -DMISSING %s -o %t.missing
// RUN: cp %t %t.copy && ln -sf %t %t.link
// RUN: head -c 2000 %t.copy > %t.short
// RUN: echo "not an image" > %t.txt && touch %t.empty
// RUN: %t %t.txt %t.empty /nonexistent/image %T %t.o %t.lib %t.abi %t.short %t.link \
// RUN:   %library_file %t.missing %t.arm %t.headers %t.data | FileCheck %s
// RUN: %status %t.abi 2>&1 | FileCheck %s --check-prefix=START
#include "image-test.h"

extern void there_is_no_such_function(void);
#ifndef OTHER
__attribute__((constructor)) static void construct(void)
{
    if (magic__image_count() && magic__image_of((uintptr_t)construct))
        printf("started\n");
    else
        printf("constructor of a refused image\n");
}
#endif

int main(int argc, char **argv)
{
    (void)argc;
#ifdef MISSING
    there_is_no_such_function();
#endif
    for (argv++; *argv; argv++)
        go(*argv);
    fflush(stdout); /* once an image is loaded, exit() does nothing */
    return 0;
}
// CHECK:      started
// CHECK-NEXT: cannot load: -109 {{.*}}.txt: not an ELF file
// CHECK-NEXT: cannot load: -109 {{.*}}.empty: not an ELF file
// CHECK-NEXT: cannot load: -112 /nonexistent/image: No such file or directory
// CHECK-NEXT: cannot load: -112 {{.*}}: Is a directory
// CHECK-NEXT: cannot load: -109 {{.*}}.o: not a shared object: link it with sef-cc
// CHECK-NEXT: cannot load: -111 {{.*}}.lib: not a service image: no SEF note; link it with sef-cc
// CHECK-NEXT: cannot load: -110 {{.*}}.abi: image was linked for version 99 of the runtime's interface, this is version {{[0-9]+}}: build it with the sef-cc of this release
// CHECK-NEXT: cannot load: -109 {{.*}}.short: {{.*}}
// CHECK-NEXT: cannot load: -112 {{.*}}: this file is already loaded; load a copy of it
// CHECK-NEXT: cannot load: -111 {{.*}}libmagicrt.so{{.*}}: not a service image: no SEF note
// CHECK-NEXT: cannot load: -112 {{.*}}.missing: undefined symbol: there_is_no_such_function
// CHECK-NEXT: cannot load: -109 {{.*}}.arm: built for another machine
// CHECK-NEXT: cannot load: -109 {{.*}}.headers: program headers out of bounds
// CHECK-NEXT: constructor of a refused image
// CHECK-NEXT: cannot load: -109 {{.*}}.data: image note: main is not in an executable segment
// CHECK-NOT:  {{.}}
// START:      cannot start: this program was linked for another version of the runtime, build it again
// START-NEXT: constructor of a refused image
// START-NEXT: status 127
