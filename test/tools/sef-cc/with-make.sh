# SPDX-License-Identifier: BSD-2-Clause
# make's built-in rules, with nothing but CC set.
cp "$inputs"/part*.c .
echo 'part-main: part-main.o part.o' >Makefile
quiet make CC="$CC" CFLAGS='-O2 -Wall -Werror'
is_service_image part-main
expect 7 ./part-main
