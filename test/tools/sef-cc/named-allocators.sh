# SPDX-License-Identifier: BSD-2-Clause
# Allocators that the user names by option or in a file reach the pass, with any way to compile, and a
# malformed one is an error that names it.
cat >a.c <<'C'
#include <stddef.h>
struct node { struct node *next; long v; } *a, *b, *c;
void *get(void *, size_t);
void *take(size_t, size_t);
void give(int, void *);
void f(void) { a = get(0, sizeof *a); b = take(2, sizeof *b); give(1, c); }
C
cat >names <<'N'
# the pool
take:2:1   # size, count

N
sefdump=$(dirname "$CC")/sefdump

sites() {
    cat >stubs.c <<'C'
#include <stdlib.h>
void *get(void *p, size_t n) { (void) p; return malloc(n); }
void *take(size_t n, size_t k) { return malloc(n * k); }
void give(int i, void *p) { (void) i, (void) p; }
void f(void);
int main(void) { f(); return 0; }
C
    SEF_CC_DISABLE=1 quiet "$CC" -fPIC -c stubs.c -o stubs.o
    quiet "$CC" "$@" a.o stubs.o -o prog
    quiet ./prog
    quiet "$sefdump" --sites prog
}

quiet "$CC" -O2 -c a.c -o a.o
sites
lacks out 'array'
quiet "$CC" --sef-alloc=get:2 -O2 --sef-pool=@names --sef-free=give:2 -c a.c -o a.o
sites
has out 'a = get(): struct node, one'
has out 'b = take(): struct node, array'
quiet nm a.o
has out '__magic_pool_free'
# In front of a build system's own options, in a response file, and after other pass options.
printf '%s\n' '--sef-alloc=get:2 -O0 -c' >options
MAGIC_PASS_OPTIONS="pool=take:2:1" quiet "$CC" @options a.c -o a.o
sites
has out 'a = get(): struct node, one'
has out 'b = take(): struct node, array'

for wrong in alloc=get alloc=get: alloc=:1 alloc=get:x alloc=get:1:2:3 pool=a-b:1 free=give:0 \
    free=give:1:2; do
    expect 1 "$CC" --sef-$wrong -c a.c -o a.o
    has err "sef-cc: error: --sef-${wrong%%=*}='${wrong#*=}' is not --sef-${wrong%%=*}=NAME:"
done
echo 'take' >>names
expect 1 "$CC" --sef-pool=@names -c a.c -o a.o
has err "sef-cc: error: names:4: 'take' is not --sef-pool=NAME:SIZEARG[:COUNTARG]"
expect 1 "$CC" --sef-pool=@nowhere -c a.c -o a.o
has err 'sef-cc: error: --sef-pool=@nowhere: No such file'
expect 1 "$CC" --sef-something -c a.c -o a.o
has err 'sef-cc: error: unknown option --sef-something'
