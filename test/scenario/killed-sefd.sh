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

# The next one finds the service, and goes on where the other one was.
known() { "$bin/sefctl" status kvd 2>/dev/null | grep -q running; }
back() { "$bin/sefctl" update --rehearse kvd "$bin/kvd-v2" >"$dir/back.log" 2>&1; }
pid=$(instance)
start_sefd
wait_until known
wait_until back
[ "$(instance)" = "$pid" ] || fail "another instance after another sefd"
start_check
update "$bin/kvd-v2"
stop_check
verify 1000

# Killed while nothing happens, under load.
start_check
kill -KILL "$sefd_pid"
wait "$sefd_pid" || true
start_sefd
wait_until back
update "$bin/kvd-v1"
stop_check
verify 1000
expect_one_instance
