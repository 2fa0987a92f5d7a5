# SPDX-License-Identifier: BSD-2-Clause
# Objects carry a state table unless the wrapper is switched off.
quiet "$CC" -c "$inputs/args.c" -o with.o
quiet env SEF_CC_DISABLE=1 "$CC" -c "$inputs/args.c" -o without.o
readelf --wide -S with.o >sections
has sections magic_vars
has sections magic_types
readelf --wide -S without.o >sections
lacks sections magic_
lacks sections debug_info
# Orders to leave out the types do not leave the table without them.
for option in -g0 -g1 -gline-tables-only -gmlt; do
    quiet "$CC" $option -c "$inputs/args.c" -o less.o
    readelf --wide -S less.o >sections
    has sections magic_types
done
