#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# A service runs, is updated and goes on under gdb.
. "$(dirname "$0")/lib.sh"

start_sefd
cat >"$dir/kvd" <<EOF
#!/bin/sh
exec gdb -q -batch -ex 'set follow-fork-mode parent' -ex 'set detach-on-fork on' \
    -ex 'handle SIGTERM nostop noprint pass' -ex 'handle SIGSEGV nostop noprint pass' \
    -ex run --args "$bin/kvd-v1" "\$@" >"$dir/gdb.log" 2>&1
EOF
chmod +x "$dir/kvd"
start_kvd "$dir/kvd"
load 1000
start_check
update "$bin/kvd-v2" || fail "the update exited with $?"
expect 2.0.0 info kvd_version
stop_check
verify 1000
