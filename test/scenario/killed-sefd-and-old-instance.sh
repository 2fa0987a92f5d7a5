#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# kill -9 of the old instance and then of sefd in mid-update: the new version goes on, and the next sefd takes it.
. "$(dirname "$0")/lib.sh"

start_sefd
start_kvd
load 1000
update "$bin/kvd-v2"
start_check
old=$(instance)
start_paused_update
kill -KILL "$old"
kill -KILL "$sefd_pid"
wait "$sefd_pid" "$sefctl_pid" || true
resume_update
start_sefd
rm "$KVD_V3_MODE_FILE"
back() { "$bin/sefctl" update --rehearse kvd "$bin/kvd-v2" >"$dir/back.log" 2>&1; }
wait_until back
expect_one_instance
[ "$(instance)" = "$child" ] || fail "another instance than the new version"
stop_check
verify 1000

# Copies of images are those of the version that runs and of the one before.
(cd "$dir/sef/images/kvd" && ls) | diff - <(printf '2\n3\n')
