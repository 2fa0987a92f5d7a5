#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# 200 updates in a row, from version 1 to 2 and back, under pipelined traffic: no connection is
# lost, no reply is wrong, no key is missing.
. "$(dirname "$0")/lib.sh"

updates=${SEF_SCENARIO_UPDATES:-200}
keys=20000

start_sefd
start_kvd
load $keys
start_check --connections 8 --pipeline 32
for ((i = 1; i <= updates; i++)); do
    update "$bin/kvd-v$((i % 2 + 1))" >"$dir/update.log" 2>&1 ||
        { cat "$dir/update.log"; fail "update $i exited with $?"; }
done
stop_check
cli dbsize | grep -qx $keys || fail "dbsize is $(cli dbsize), not $keys"
verify $keys
expect_one_instance "$((updates % 2 + 1)).0.0"
