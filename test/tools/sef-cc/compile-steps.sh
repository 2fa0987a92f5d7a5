# SPDX-License-Identifier: BSD-2-Clause
# Steps that do not link give what clang gives, without a word about unused options.
set -- -Wall -Wextra -Werror
quiet "$CC" "$@" -c "$inputs/args.c"
[ -s args.o ]
quiet "$CC" "$@" -c "$inputs/args.c" -o other.o -fPIE -MD -MF deps.d
[ -s other.o ]
has deps.d args.c
quiet "$CC" "$@" -MMD -MT target -c "$inputs/args.c" -oclose.o
has close.d target:
quiet "$CC" "$@" -S "$inputs/args.c"
has args.s main:
quiet "$CC" "$@" -E "$inputs/args.c"
has out 'tls = 40'
quiet "$CC" "$@" -M "$inputs/args.c"
has out args.c
quiet "$CC" "$@" -MM "$inputs/args.c"
has out args.c
quiet "$CC" "$@" -fsyntax-only "$inputs/args.c"
quiet "$CC" "$@" -emit-llvm -c "$inputs/args.c" -o args.bc
[ -s args.bc ]
quiet "$CC" -c "$inputs/part.c" "$inputs/part-main.c"
[ -s part.o ] && [ -s part-main.o ]
