# SPDX-License-Identifier: BSD-2-Clause
# A static program cannot be a service, and the wrapper says so; compiling is not linking.
for option in -static --static -static-pie; do
    expect 1 "$CC" $option "$inputs/args.c" -o args
    has err "sef-cc: error: $option does not work for a service: an update loads the next version into \
the running process, and that needs a dynamically linked program; set SEF_CC_DISABLE=1 to build without SEF"
    [ ! -e args ]
done
quiet "$CC" -static-libgcc "$inputs/args.c" -o args
expect 0 "$CC" -static -c "$inputs/args.c"
# Libraries may still be chosen as archives.
quiet "$CC" -c "$inputs/part.c"
ar rc libpart.a part.o
for linker in bfd gold lld; do
    quiet "$CC" -fuse-ld=$linker "$inputs/part-main.c" -L. -Wl,-Bstatic -lpart -Wl,-Bdynamic -o a
    expect 7 ./a
    quiet "$CC" -fuse-ld=$linker "$inputs/part-main.c" -L. -Wl,-Bdynamic -Wl,-Bstatic -lpart \
        -Wl,-Bdynamic -o a
done
