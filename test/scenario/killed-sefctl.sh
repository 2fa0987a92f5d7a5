#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# kill -9 of sefctl in mid-update leaves one working instance, and sefd goes on.
. "$(dirname "$0")/lib.sh"

start_sefd
start_kvd
load 1000
start_check
start_paused_update
kill -KILL "$sefctl_pid"
wait "$sefctl_pid" || true
resume_update
expect_one_instance
stop_check
verify 1000
rm "$KVD_V3_MODE_FILE" "$dir/check.fifo"
start_check
update "$bin/kvd-v2" || fail "the next update exited with $?"
expect_one_instance 2.0.0
stop_check
verify 1000
