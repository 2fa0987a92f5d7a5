# SPDX-License-Identifier: BSD-2-Clause
# A program becomes a runnable shared object with the runtime first, under each linker.
for linker in bfd gold lld; do
    quiet "$CC" -O2 -Wall -Werror -fuse-ld=$linker "$inputs/args.c" -o "args-$linker"
    is_service_image "args-$linker"
    lacks out libsef
    has out "$(realpath "$lib")"
    [ "$(grep -m1 NEEDED out | sed 's/.*\[//')" = 'libmagicrt.so.1]' ] || fail "runtime not first"
    expect 2 "./args-$linker" 'a b' c
    has out 'a b'
    has out 42

    quiet "$CC" -fuse-ld=$linker -Wl,--as-needed "$inputs/service.c" -o "service-$linker"
    is_service_image "service-$linker"
    has out '[libsef.so'
    quiet "./service-$linker"
done
