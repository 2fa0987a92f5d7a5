# SPDX-License-Identifier: BSD-2-Clause
# Assembler files, with and without preprocessing, compile and link.
quiet "$CC" -Wall -Werror -c "$inputs/part.S" -o part.o
quiet "$CC" "$inputs/part-main.c" part.o -o object
expect 9 ./object
quiet "$CC" -E "$inputs/part.S" -o part.s
quiet "$CC" -Wall -Werror -c part.s -o part2.o
quiet "$CC" "$inputs/part-main.c" part2.o -o object
expect 9 ./object
for linker in bfd gold lld; do
    quiet "$CC" -fuse-ld=$linker "$inputs/part-main.c" "$inputs/part.S" -o "direct-$linker"
    expect 9 "./direct-$linker"
done
quiet "$CC" -x assembler-with-cpp -c "$inputs/part.S" -o part3.o
