# SPDX-License-Identifier: BSD-2-Clause
# Optimisation levels, standards and code generation options of real build systems.
for option in -O0 -O1 -O2 -O3 -Os -Oz -Og -std=c99 -std=gnu11 -std=c17 -fno-plt -fvisibility=hidden \
    -ffunction-sections -fno-common -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fno-omit-frame-pointer \
    -fno-strict-aliasing -pthread -pipe -g3 -ggdb -march=x86-64-v2 -s -rdynamic -Wl,--gc-sections; do
    quiet "$CC" -O1 $option -Wall -Wno-macro-redefined "$inputs/args.c" -o args
    is_service_image args
    expect 3 ./args 1 2 3
    has out 42
done
# Link-time optimisation, thin and full, with the linker of the same release.
for kind in thin full; do
    quiet "$CC" -O2 -flto=$kind -c "$inputs/part.c" "$inputs/part-main.c"
    quiet "$CC" -O2 -flto=$kind -fuse-ld=lld part.o part-main.o -o lto
    is_service_image lto
    expect 7 ./lto
    quiet "$CC" -O2 -flto=$kind -fuse-ld=lld "$inputs/args.c" -o lto
    expect 1 ./lto x
done
