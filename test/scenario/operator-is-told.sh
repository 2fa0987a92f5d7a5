#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# After an update the operator knows what the other version could not hold, with name and source
# line, and whether the image was a new one.
. "$(dirname "$0")/lib.sh"

start_sefd
start_kvd "$bin/kvd-v2"
load 1000
cli touch bulk:1 >/dev/null
cli incr counter >/dev/null

told() { grep -Eqx "$1" "$dir/update.log" || fail "the operator is not told: $1"; }
# dropped NAME FILE KIND ENTITY
dropped() {
    told "kvd: warning: $4 \\(examples/kvd/$2:[0-9]+\\): dropped: the $3 no longer exists; if one \
continues it, say there renamed_from=$1"
}

update --rehearse "$bin/kvd-v1" >"$dir/update.log" || fail "the rehearsal exited with $?"
cat "$dir/update.log"
dropped writes src/table.c member 'struct entry\.writes allocated in entry_create\(\)'
told 'kvd: [0-9]{3,4} more warnings like these'

update "$bin/kvd-v1" >"$dir/update.log" || fail "the update exited with $?"
cat "$dir/update.log"
dropped writes src/table.c member 'struct entry\.writes allocated in entry_create\(\)'
dropped bytes_in src/main.c member 'kvd\.bytes_in'
dropped '[a-z0-9/.]*commands\.c:touched' v2/commands.c variable '[a-z0-9/.]*commands\.c:touched'
grep -q 'kvd: warning: kvd\.bytes_in' "$dir/sefd.log" || fail "the log is not told"
[ "$(sort "$dir/update.log" | uniq -d | wc -l)" -eq 0 ] || fail "the operator is told twice"

cli set other value >/dev/null
update --json "$bin/kvd-v2" >"$dir/update.log" || fail "the update exited with $?"
told '  "warnings": \[\],?'
cli incr counter >/dev/null
update --json "$bin/kvd-v1" >"$dir/update.log" || fail "the update exited with $?"
told '      "text": "kvd\.bytes_in \(.*: dropped: the member no longer exists; .*",?'

for version in 1 2 2; do
    update "$bin/kvd-v$version" >"$dir/update.log" || fail "the update exited with $?"
    [ $version = "${last:-1}" ] && told 'kvd: this image is the one that ran before'
    last=$version
done
"$bin/sefctl" down kvd >"$dir/down.log"

start_kvd
update "$bin/kvd-v1" >"$dir/update.log" || fail "the update exited with $?"
told 'kvd: this image is the one that ran before'
update "$bin/kvd-v2" >"$dir/update.log" || fail "the update exited with $?"
grep -q 'ran before' "$dir/update.log" && fail "a new image is said to be the old one"
exit 0
