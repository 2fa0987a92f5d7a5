# SPDX-License-Identifier: BSD-2-Clause
# A program exports what an executable of the same linker exports, with and without -rdynamic.
cat >lib.c <<'C'
int hook(void);
__attribute__((weak)) int maybe(void);
int twice(int x) { return 2 * x; }
int through(int x) { return hook() + (maybe ? maybe() : 0) + twice(x); }
C
cat >main.c <<'C'
#include <stdlib.h>
int through(int x);
int hook(void) { return 1; }
int maybe(void) { return 2; }
int twice(int x) { return 4 * x; }
int mine(int x) { return x; }
int table[4];
void qsort(void *base, size_t n, size_t size, int (*compare)(const void *, const void *))
{
    (void) base, (void) n, (void) size, (void) compare;
}
int main(int argc, char **argv) { (void) argv; return mine(through(argc)); }
C
cat >list <<'C'
{ mine; };
C
mkdir sub
PLAIN=$("$CC" --sef-print-config | sed -n 's/^clang: //p')

# exports FILE: the names that a file defines for others, but for those of the start files.
exports() {
    readelf --wide --dyn-syms "$1" | awk '$4 != "NOTYPE" && $7 != "UND" && NR > 4 { print $8 }' |
        grep -vxE '_init|_fini|_start|_IO_stdin_used|(__)?data_start|__sef_profile' | sort
}

# same WORDS...: with these words sef-cc's program exports what clang's does.
same() {
    quiet "$PLAIN" "$@" -o plain
    quiet "$CC" "$@" -o service
    is_service_image service
    exports plain >plain.names
    exports service >service.names
    diff plain.names service.names >&2 || fail "other exports: $*"
    expect 7 ./service
}

for linker in bfd gold lld; do
    quiet "$PLAIN" -fuse-ld=$linker -fPIC -shared lib.c -o libx.so
    cp libx.so sub/libscripted.so.1
    echo 'GROUP ( libscripted.so.1 AS_NEEDED ( libm.so.6 ) )' >sub/libscripted.so
    common="-fuse-ld=$linker -fPIC main.c -Wl,-rpath,."
    same $common ./libx.so
    has service.names hook
    has service.names maybe
    has service.names twice
    has service.names qsort
    lacks service.names mine
    lacks service.names table
    lacks service.names main
    same $common -L. -lx
    same $common -L . -l x
    same $common -L. -l:libx.so
    same $common -Wl,-L.,-lx
    same $common -Xlinker libx.so
    echo "-L. -lx" >words
    same $common @words
    same $common -Wl,-rpath,sub -L sub -lscripted
    LIBRARY_PATH=. same $common -lx

    for all in -rdynamic -Wl,-E; do
        same $common ./libx.so $all
        has service.names mine
        has service.names table
    done
    quiet "$CC" $common ./libx.so -Wl,--dynamic-list=list -o service
    exports service >service.names
    has service.names mine
done

# What cannot be read is the linker's to complain about.
echo 'This is no library.' >libbad.so
expect 1 "$CC" main.c libx.so -L. -lbad -o no
expect 1 "$CC" main.c libx.so -lno-such-library -o no
head -c 4000 libx.so >libcut.so
expect 1 "$CC" main.c -L. -lcut -o no
