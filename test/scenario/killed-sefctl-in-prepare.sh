#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# kill -9 of sefctl while the service is not ready: the service goes on, and can be updated later.
. "$(dirname "$0")/lib.sh"

start_sefd
start_kvd
start_check
mkfifo "$dir/phases"
"$bin/sefctl" -v update kvd "$bin/kvd-v2" --eval 'kvd.n_conns == 0' --timeout 2s 2>"$dir/phases" &
sefctl_pid=$!
read -r phase <"$dir/phases"
[[ $phase == *prepare* ]] || fail "sefctl says: $phase"
kill -KILL "$sefctl_pid"
wait "$sefctl_pid" || true
expect_one_instance 1.0.0

# The request ends by its own time limit; until then another one is refused.
wait_until eval 'update "$bin/kvd-v2" >"$dir/update.log" 2>&1'
expect_one_instance 2.0.0
stop_check
