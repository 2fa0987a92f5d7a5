# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh disable=SC2034,SC2154 # root, build and rounds are the sourcing script's
#
# What bench/pause and bench/scale share: the services made of heap.c, and one update of them.

# Objects of 64 bytes, with malloc's header, in a MiB; blocks in a MiB.
objects_per_mib=16384 blocks_per_mib=16

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$build/bin/sef-cc" -std=gnu11 -O2 "$root/bench/heap.c" -o "$work/heap"
"$build/bin/sef-cc" -std=gnu11 -O2 -DHOT_GREW "$root/bench/heap.c" -o "$work/grew"
cp "$work/heap" "$work/same"

# measure CORES NEW-IMAGE COLUMN ARGUMENT...: of $rounds updates, each of a service started for it,
# what bench-drive says of the one with the median in that column. CORES 0 are all. $verify may be -v.
measure() {
    cores=$1 image=$2 column=$3
    shift 3
    [ "$cores" -eq 0 ] && cores= || cores="-c $cores"
    i=0
    while [ $i -lt "$rounds" ]; do
        # shellcheck disable=SC2086 # an option and its value, or nothing
        "$build/bin/bench-drive" $cores ${verify:-} "$work/$image" "$work/heap" "$@"
        i=$((i + 1))
    done >"$work/rounds"
    sort -n -k "$column,$column" "$work/rounds" | sed -n "$(((rounds + 1) / 2))p"
}
