#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# A service runs and is updated under valgrind, which finds no invalid access.
. "$(dirname "$0")/lib.sh"

start_sefd
cat >"$dir/kvd" <<EOF
#!/bin/sh
exec valgrind -q --error-exitcode=9 --log-file="$dir/valgrind-%p.log" "$bin/kvd-v1" "\$@"
EOF
chmod +x "$dir/kvd"
start_kvd "$dir/kvd"
load 1000
start_check --connections 2
update "$bin/kvd-v2" --timeout 1m || fail "the update exited with $?"
expect_one_instance 2.0.0
stop_check
verify 1000
"$bin/sefctl" down kvd || fail "sefctl down exited with $?"
for log in "$dir"/valgrind-*.log; do
    grep -E 'Invalid (read|write)|uninitialised' "$log" && fail "valgrind complains"
done
exit 0
