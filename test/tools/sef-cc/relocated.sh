# SPDX-License-Identifier: BSD-2-Clause
# The wrapper works through a symbolic link and from a tree whose path has spaces.
mkdir -p 'a tree/bin' links
cp "$CC" 'a tree/bin/'
cp -a "$lib" 'a tree/lib'
ln -s "$PWD/a tree/bin/sef-cc" links/cc
for linker in bfd gold lld; do
    quiet links/cc -fuse-ld=$linker "$inputs/service.c" -o service
    elf service
    has out 'a tree/lib]'
    quiet ./service
done
PATH=$PWD/links:$PATH quiet cc "$inputs/args.c" -o args
is_service_image args
