#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# A service by its unit file from start to end: started with the daemon, edited, prepared, updated to
# itself under traffic, stopped in the midst of an update, cloned, refreshed, and shut down.
. "$(dirname "$0")/lib.sh"

ctl() { "$bin/sefctl" "$@"; }
settings() { ctl --json status kvd | sed -n "s/^ *\"$1\": \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}$/\1/p"; }

mkdir -p "$dir/units"
cat >"$dir/units/kvd.service" <<UNIT
[Service]
ExecStart=$bin/kvd-v1 --port 0 --port-file $dir/port --unixsocket $socket
Start=yes
Restart=no
HeartbeatSec=0
UNIT
chmod 644 "$dir/units/kvd.service"
chmod 755 "$dir/units"
start_sefd --units-dir "$dir/units"
wait_until serves
session=$(ps -o sid= -p "$(instance)" | tr -d ' ')
load 1000

# Only the state is reached.
first=$(instance)
start_check
ctl update --prepare-only kvd
ctl update --prepare-only --state unreachable --timeout 100ms kvd && fail "an unreachable state was reached"
expect "$first" instance

# The same image, by the quick and by the typed way.
ctl update kvd self
[ "$(instance)" != "$first" ] || fail "the old process goes on"
ctl update kvd self --force-transfer --prealloc 1M
expect 2 settings updates
stop_check
verify 1000

# What runs keeps its settings until its file changes.
ctl edit kvd --set UpdateState=unreachable >/dev/null
ctl reload
expect unreachable settings UpdateState
ctl update --no-block --timeout 0 kvd self
running() { [ "$(ctl upd_status)" != "no updates" ]; }
wait_until running
ctl sysctl upd_stop kvd
expect "no updates" ctl upd_status
echo nonsense >>"$dir/units/kvd.service"
ctl reload 2>"$dir/reload.log" && fail "nonsense was read"
grep -q "kvd.service:6: neither NAME=VALUE nor \[Service\]" "$dir/reload.log" ||
    fail "the error has no line"
sed -i '/nonsense/d; s/HeartbeatSec=0/Standby=no/' "$dir/units/kvd.service"
ctl reload
expect work-free settings UpdateState
verify 1000

# A replica that waits, and goes with the service.
ctl clone kvd
replica=$(settings standby)
kill -0 "$replica" || fail "no replica stands by"
ctl unclone kvd
wait_until gone "$replica"

# Refreshed it has no data, but its label.
endpoint=$(settings endpoint)
rm -f "$socket"
ctl refresh kvd
wait_until serves
session=$(ps -o sid= -p "$(instance)" | tr -d ' ')
expect 0 cli dbsize
[ "$(settings endpoint)" != "$endpoint" ] || fail "the endpoint stayed"
last=$(instance)
ctl shutdown
wait "$sefd_pid" || fail "sefd exited with $?"
sefd_pid=
session=
gone "$last" || fail "kvd outlived the shutdown"
