#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# kill -9 of the new instance in its initialisation: the old version goes on.
. "$(dirname "$0")/lib.sh"

start_sefd
start_kvd
load 1000
start_check
old=$(instance)
start_paused_update
kill -KILL "$child"
wait "$sefctl_pid" && fail "sefctl reports success"
cat "$dir/update.log"
grep -Eqi 'SIGKILL|killed' "$dir/update.log" || fail "the message does not tell what happened"
expect_one_instance 1.0.0
[ "$(instance)" = "$old" ] || fail "it is not the old instance that goes on"
stop_check
verify 1000
