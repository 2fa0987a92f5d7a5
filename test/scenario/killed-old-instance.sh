#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# kill -9 of the old instance while the new one initialises: one of them goes on.
. "$(dirname "$0")/lib.sh"

start_sefd
start_kvd
load 1000
start_check
old=$(instance)
start_paused_update
kill -KILL "$old"
resume_update
wait "$sefctl_pid" || true
cat "$dir/update.log"
expect_one_instance
stop_check
verify 1000
