# SPDX-License-Identifier: BSD-2-Clause
# --sef-asr builds variants that do the same at other addresses: the same file for the same seed,
# wherever it is built, functions and variables of all files elsewhere for another one, and a state
# table that differs in addresses alone.
mkdir here there
cat >here/a.c <<'C'
#include <stdio.h>
int counter = 3, zero;
static int calls;
int next(void);
void *volatile places[] = { &counter, &zero, &calls, next };
int main(void) { calls++; printf("%d\n", next() + counter); return places[0] == 0; }
C
echo 'int count = 4, nothing; int next(void) { return count++ + nothing; }' >here/b.c
cp here/*.c there
sefdump=$(dirname "$CC")/sefdump

linker=
# build FOLDER NAME OPTION...
build() {
    folder=$1 name=$2
    shift 2
    (cd "$folder" && for file in a b; do "$CC" -O2 "$@" -c $file.c -o $file.o || exit; done &&
        "$CC" "$@" $linker a.o b.o -o "../$name") 2>err || fail "$folder $name: $(cat err)"
    [ ! -s err ] || fail "said '$(cat err)'"
    [ "$(./"$name")" = 7 ] || fail "$name does something else"
}

# places NAME: the symbols of the program's own, each with its address.
places() { nm "$1" | grep -E ' (main|next|counter|zero|calls|count|nothing)$' | sort -k 3; }

build here plain
for seed in 1 2 3; do
    build here v$seed --sef-asr=$seed
    is_service_image v$seed
    places v$seed >places.$seed
    quiet "$sefdump" --diff v$seed plain
    lacks out 'type'
done
for pair in '1 2' '1 3' '2 3'; do
    [ "$(join -j 3 -o 1.1,2.1 places.${pair% *} places.${pair#* } | awk '$1 == $2' | wc -l)" -le 1 ] ||
        fail "variants $pair have the same addresses"
done
quiet "$sefdump" --vars plain
sed 's:/\*.*::; s/0x[0-9a-f]*//g' out | sort >plain.vars
quiet "$sefdump" --vars v1
sed 's:/\*.*::; s/0x[0-9a-f]*//g' out | sort >v1.vars
cmp plain.vars v1.vars || fail "the state table differs"

build there again --sef-asr=0x1
places again >places.again
cmp places.1 places.again || fail "another layout elsewhere"
for linker in -fuse-ld=bfd -fuse-ld=gold -fuse-ld=lld; do
    build here v$linker --sef-asr=1
done
linker=
quiet "$CC" --sef-asr=1 -shared here/b.o -o b.so
# The option reaches no link that makes no program, and the last one counts.
quiet "$CC" -Werror --sef-asr=1 -r here/a.o here/b.o -o c.o
build here last --sef-asr=2 --sef-asr=1
cmp v1 last || fail "the last seed does not count"

for wrong in '' x 1x -1 18446744073709551616; do
    expect 1 "$CC" "--sef-asr=$wrong" -c here/a.c -o a.o
    has err "sef-cc: error: --sef-asr='$wrong' is not --sef-asr=SEED with a number of 64 bits"
done
