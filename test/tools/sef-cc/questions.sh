# SPDX-License-Identifier: BSD-2-Clause
# Questions to the compiler are answered by clang.
quiet "$CC" --version
has out 'clang version'
quiet "$CC" -dumpmachine
has out x86_64
quiet "$CC" -print-prog-name=ld
quiet "$CC" -print-resource-dir
expect 0 "$CC" -v
expect 1 "$CC"
has err 'no input files'
lacks err Xlinker
expect 0 "$CC" -E -dM -x c /dev/null
has out '__clang__ 1'
has out '__PIC__ 2'
quiet "$CC" --sef-print-config
has out 'clang: /'
has out 'runtime: /'
