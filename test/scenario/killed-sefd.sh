#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# kill -9 of sefd in mid-update leaves one working instance.
. "$(dirname "$0")/lib.sh"

start_sefd
start_kvd
load 1000
start_check
start_paused_update
kill -KILL "$sefd_pid"
wait "$sefd_pid" || true
sefd_pid=
resume_update
wait "$sefctl_pid" && fail "sefctl reports success"
cat "$dir/update.log"
expect_one_instance
stop_check
verify 1000
