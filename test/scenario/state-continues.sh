#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# State of every kind comes over to version 2 and back; constants and code are the new ones.
. "$(dirname "$0")/lib.sh"

start_sefd
start_kvd
connect
id=$(ask client id)
expect +OK ask set counter 41
expect +OK ask set volatile x ex 1000
expect :42 ask incr counter
expect "-ERR unknown command 'strlen'" ask strlen counter
expect 1 info rejected_commands     # thread-local

for version in 2 1 2; do
    commands=$(info total_commands_processed)
    update "$bin/kvd-v$version" || fail "the update exited with $?"
    expect "$version.0.0" info kvd_version
    expect "$id" ask client id
    expect '$2' ask get counter
    read -r _ <&"$conn"
    [ "$(ask ttl volatile | tr -d :)" -gt 900 ] || fail "a key lost its expiry time"
    [ "$(info total_commands_processed)" -gt "$commands" ] || fail "a counter was reset"
    [ "$(cli client id)" -gt "${id#:}" ] || fail "a function's static variable was reset"
    expect "$([ $version = 1 ] && echo fixed || echo adaptive)" info expiry_policy
done
expect 1 info rejected_commands
expect :2 ask strlen counter
expect :2 ask touch counter volatile
expect 2 info touched_keys
expect +OK ask config set track-hits no
expect '+OK' ask client setname shell
expect 'OK' cli flushall

# The signal handler and the options are state too: a clean end removes the socket.
"$bin/sefctl" down kvd >"$dir/down.log" || fail "sefctl down exited with $?"
cat "$dir/down.log"
grep -q 'signal' "$dir/down.log" && fail "kvd did not end by itself"
[ ! -e "$socket" ] || fail "kvd did not end by its SIGTERM handler"
