#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# kvd-check notices a wrong value, a missing key and a lost connection.
. "$(dirname "$0")/lib.sh"

"$bin/kvd-plain" --port -1 --unixsocket "$socket" >"$dir/kvd.log" 2>&1 &
sefd_pid=$!     # ended by the trap, like a supervisor
wait_until serves
load 1000

cli set bulk:7 wrong >/dev/null
"$bin/kvd-check" --unix "$socket" --verify 1000 >"$dir/check.log" 2>&1 && fail "wrong value unseen"
grep -q ' errors=1 resets=0 wrong=1 ' "$dir/check.log" || fail "wrong value not counted"

load 1000
cli del bulk:999 >/dev/null
"$bin/kvd-check" --unix "$socket" --verify 1000 >"$dir/check.log" 2>&1 && fail "missing key unseen"

start_check --connections 3
kill -KILL "$sefd_pid"
read -r line <&"$check_fd"
wait "$check_pid" && fail "lost connections unseen"
check_pid=
[[ $line == *" errors=3 resets=3 wrong=0 "* ]] || fail "lost connections not counted: $line"
