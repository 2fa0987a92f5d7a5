# SPDX-License-Identifier: BSD-2-Clause
# Source on standard input; -x stays in force for what the user names and touches nothing else.
for linker in bfd gold lld; do
    quiet "$CC" -fuse-ld=$linker -x c - -o args <"$inputs/args.c"
    is_service_image args
    expect 1 ./args x
done
quiet "$CC" -xc -c -o args.o - <"$inputs/args.c"
quiet "$CC" args.o -o args
expect 1 ./args x
quiet "$CC" -E - <"$inputs/args.c"
has out 'tls = 40'
