#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# A value that the other version cannot hold (a stalled connection's state) is not lost: refused.
. "$(dirname "$0")/lib.sh"

start_sefd
start_kvd "$bin/kvd-v2"
value=$(printf '%0100000d' 7)
cli set large "$value" >/dev/null
connect
requests=400
for ((i = 0; i < requests; i++)); do
    printf 'GET large\r\n'
done >&"$conn"
# The kernel's buffers grow for a while: stalled for good is stalled with the same numbers five
# times in a row.
seen=
same=0
stalled_for_good() {
    local now
    now=$(cli client list | grep 'cmd=get' | sed 's/ idle=[0-9]*//')
    [[ $now == *state=stalled* && $now == "$seen" ]] && same=$((same + 1)) || same=0
    seen=$now
    [ $same -ge 5 ]
}
wait_until stalled_for_good

status=0
update "$bin/kvd-v1" >"$dir/update.log" 2>&1 || status=$?
cat "$dir/update.log"
[ $status -eq 1 ] || fail "sefctl exited with $status, not 1"
grep -q CONN_STALLED "$dir/update.log" || fail "the message does not name the value"
expect_one_instance 2.0.0

# The stalled client reads on: "$100000\r\n", the value and "\r\n" for each request.
size=$((requests * (9 + 100000 + 2)))
[ "$(head -c $size <&"$conn" | wc -c)" -eq $size ] || fail "replies are missing"
update "$bin/kvd-v1" || fail "the update exited with $?"
expect_one_instance 1.0.0
