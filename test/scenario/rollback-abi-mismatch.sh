#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# An image for another ABI of the runtime is refused; the old version goes on.
. "$(dirname "$0")/lib.sh"

# The note's descriptor: 4 bytes of magic number, then the ABI's major number.
cp "$bin/kvd-v2" "$dir/image"
read -r offset < <(readelf -SW "$bin/kvd-v2" |
    awk '{ for (i = 1; i < NF; i++) if ($i == ".note.sef") print $(i + 3) }')
printf '\143\0' | dd of="$dir/image" bs=1 seek=$((0x$offset + 16 + 4)) conv=notrunc status=none

start_sefd
start_kvd
expect_rollback 'version 99 of the runtime' "$dir/image"
