#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# bench/scale updates services of each of its kinds, the services find their state as it was, and
# the counts in its result are those of what the services hold. Nothing depends on a time.
. "$(dirname "$0")/lib.sh"

cores=$(nproc)
result=$dir/scale.json
[ "$cores" -gt 1 ] || { echo "skipped: one core"; exit 0; }
"$(dirname "$0")/../../bench/scale" -b "$bin/.." -r 1 -n 1000 -m 1 -j >"$result"

# count PATTERN: rows of the result.
count() { grep -Ec "$1" "$result"; }
expect 16 count '^ ?.*"sweep": "[a-z]+", "size"'
expect 2 count '"sweep": "objects", "size": 1000, .*"objects": 1000, "moved": 0,'
expect 2 count '"sweep": "changed", "size": 1000, .*"objects": 1000, "moved": 1000,'
expect 2 count '"sweep": "table", "size": 1000, .*"objects": 1001, "moved": 1000,'
expect 2 count '"sweep": "opaque", "size": 1, .*"objects": 17, "moved": 0,'
expect 8 count '"sweep": "[a-z]+", "cores": [12], "transfer"'
