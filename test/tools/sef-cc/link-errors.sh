# SPDX-License-Identifier: BSD-2-Clause
# What cannot be linked is an error, or configure scripts find functions that do not exist.
for linker in bfd gold lld; do
    expect 1 "$CC" -fuse-ld=$linker "$inputs/part-main.c" -o a
    has err part
    [ ! -e a ]
    expect 1 "$CC" -fuse-ld=$linker "$inputs/part.c" -o a
    has err main
    expect 1 "$CC" -fuse-ld=$linker "$inputs/part-main.c" "$inputs/part.c" -lno_such_library -o a
    has err no_such_library
done
