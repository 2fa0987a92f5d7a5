#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# sefd is updated under load: its services and their clients notice nothing, and go on to be updated.
. "$(dirname "$0")/lib.sh"

start_sefd
start_kvd
load 1000
start_check
pid=$(instance)
cp "$bin/sefd" "$dir/new-sefd"
for _ in 1 2 3; do
    "$bin/sefctl" update sefd "$dir/new-sefd" >"$dir/replace.log" 2>&1 || fail "sefd was not replaced"
    [ "$(readlink "/proc/$sefd_pid/exe")" = "$dir/new-sefd" ] || fail "the same program runs"
    [ "$(instance)" = "$pid" ] || fail "another instance"
done
update "$bin/kvd-v2"
"$bin/sefctl" update sefd "$bin/sefd" >"$dir/replace.log" 2>&1 || fail "sefd was not replaced"
update "$bin/kvd-v1"
stop_check
verify 1000
expect_one_instance

# What is no sefd, or belongs to somebody else, changes nothing.
for image in /bin/false "$bin/kvd-v1" "$dir/none" "$dir"; do
    "$bin/sefctl" update sefd "$image" >"$dir/replace.log" 2>&1 && fail "replaced by $image"
    cat "$dir/replace.log"
done
if [ ${#tree_options[@]} -eq 0 ]; then
    chmod o+w "$dir/new-sefd"
    "$bin/sefctl" update sefd "$dir/new-sefd" >"$dir/replace.log" 2>&1 && fail "replaced by anybody's"
    grep -q "others may write to it" "$dir/replace.log"
fi
update "$bin/kvd-v2"

# The daemon is still its services' parent: their end is known as before.
kill -KILL "$(instance)"
ended() { "$bin/sefctl" status kvd --json | grep -q 'killed by signal 9'; }
wait_until ended
