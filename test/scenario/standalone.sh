#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Without supervisor and without runtime a service runs, serves Redis clients and ends cleanly.
. "$(dirname "$0")/lib.sh"

for image in kvd-plain kvd-v1 kvd-v2; do
    rm -f "$dir/port"
    "$bin/$image" --port 0 --port-file "$dir/port" --unixsocket "$socket" >"$dir/kvd.log" 2>&1 &
    sefd_pid=$!     # ended by the trap, like a supervisor
    wait_until test -s "$dir/port"
    expect PONG cli ping
    redis-benchmark -s "$socket" -q -n 20000 -c 8 -P 4 -r 1000 -t ping,set,get,incr \
        >"$dir/benchmark.log" 2>&1 || fail "redis-benchmark exited with $?"
    grep -Eqi 'error|warning' "$dir/benchmark.log" && fail "redis-benchmark complains"
    cli flushall >/dev/null
    load 10000
    "$bin/kvd-check" --port "$(cat "$dir/port")" --seconds 1 >"$dir/check.log" ||
        fail "a reply was wrong"
    verify 10000
    expect 10000 cli dbsize
    kill -TERM "$sefd_pid"
    wait "$sefd_pid" || fail "$image ended with $?"
    [ ! -e "$socket" ] || fail "the socket was left behind"
done
