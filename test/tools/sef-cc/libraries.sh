# SPDX-License-Identifier: BSD-2-Clause
# Shared libraries and relocatable links are clang's; a library finds the runtime if it uses it.
cat >lib.c <<'C'
#include <stdlib.h>
struct item { struct item *next; int value; };
struct item *make(void) { return malloc(sizeof(struct item)); }
C
for linker in bfd gold lld; do
    quiet "$CC" -Wall -Werror -fuse-ld=$linker -shared -Wl,-z,defs -Wl,-soname,libx.so lib.c \
        -o "libx-$linker.so"
    elf "libx-$linker.so"
    lacks out INTERP
    has out 'Library soname: [libx.so]'
    quiet "$CC" -fuse-ld=$linker -shared -Wl,--no-undefined "$inputs/part.c" -o libpart.so
    is_plain libpart.so
    expect 1 "$CC" -fuse-ld=$linker -shared -Wl,-z,defs "$inputs/part-main.c" -o no.so
    quiet "$CC" -fuse-ld=$linker -r -nostdlib "$inputs/part-main.c" "$inputs/part.c" -o whole.o
    quiet "$CC" -fuse-ld=$linker whole.o -o whole
    expect 7 ./whole
done
quiet "$CC" -Wl,-shared "$inputs/part.c" -o libpart2.so
quiet "$CC" "$inputs/part-main.c" -L. -lpart -Wl,-rpath,'$ORIGIN' -o main
is_service_image main
expect 7 ./main
