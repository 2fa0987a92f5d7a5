#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# kill -9 of sefctl while the service is not ready: it goes on, and can be updated.
. "${0%/*}/lib.sh"

start_sefd
start_kvd
start_check
update "$bin/kvd-v2" --eval 'kvd.n_conns == 0' --timeout 1m >"$dir/update.log" 2>&1 &
sefctl_pid=$!
wait_until eval '"$bin/sefctl" status --json | grep -qi prepar'
kill -KILL "$sefctl_pid"
wait "$sefctl_pid" || true
expect_one_instance 1.0.0
wait_until eval 'update "$bin/kvd-v2" >"$dir/update.log" 2>&1'
expect_one_instance 2.0.0
stop_check
