#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# kvd crashes, on request under traffic and by a fault, in each version: keys and connections stay, and its
# next update succeeds.
. "$(dirname "$0")/lib.sh"

status() { "$bin/sefctl" --json status kvd | sed -n "s/^ *\"$1\": \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}$/\1/p"; }
restarted() { [ "$(status restarts)" = "$1" ] && [ "$(status state | head -n 1)" = running ]; }

# crash NUMBER COMMAND...: what the command does to kvd is its restart of that number.
crash() {
    local number=$1 before endpoint
    shift
    before=$(instance)
    endpoint=$(status endpoint)
    "$@"
    wait_until restarted "$number"
    [ "$(instance)" != "$before" ] || fail "the process that crashed goes on"
    wait_until gone "$before"
    expect "$endpoint" status endpoint
    expect "continued with its state" status outcome
    expect_one_instance "$version.*"
}

by_request() { "$bin/sefctl" fi kvd >/dev/null; }

# A fault in the midst of waiting: no request is under way, and no memory is allocated.
sleeps() { grep -q '^State:.S' "/proc/$1/status"; }
by_fault() {
    local pid
    pid=$(status pid | head -n 1)
    wait_until sleeps "$pid"
    kill -SEGV "$pid"
}

start_sefd --crash-window 1ms
start_kvd
"$bin/sefctl" edit kvd --restart-policy restart >/dev/null
load 10000
connect
expect +OK ask set mine here

for version in 1 2; do
    start_check
    crash $((version * 3 - 2)) by_request
    crash $((version * 3 - 1)) by_request
    stop_check
    crash $((version * 3)) by_fault
    verify 10000
    expect "\$4" ask get mine
    IFS= read -r value <&"$conn"
    [ "${value%$'\r'}" = here ] || fail "the connection has another key"
    [ "$version" = 2 ] || update "$bin/kvd-v2"
done
update self
verify 10000
