# SPDX-License-Identifier: BSD-2-Clause
# What cannot be linked is an error, or configure scripts find functions that do not exist.
for linker in bfd gold lld; do
    expect 1 "$CC" -fuse-ld=$linker "$inputs/part-main.c" -o a
    [ ! -e a ]
    # gold 2.40 fails over the line tables of DWARF 5 when it reports the place.
    [ $linker = gold ] || has err part
    expect 1 "$CC" -fuse-ld=$linker "$inputs/part.c" -o a
    [ $linker = gold ] || has err main
    expect 1 "$CC" -fuse-ld=$linker "$inputs/part-main.c" "$inputs/part.c" -lno_such_library -o a
    has err no_such_library
done
