#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# A service with another allocator in front (LD_PRELOAD) is updated back and forth.
. "$(dirname "$0")/lib.sh"

start_sefd
jemalloc=$(ldconfig -p | sed -n 's/.*libjemalloc\.so\.2.* => //p' | head -n 1)
[ -n "$jemalloc" ] || fail "libjemalloc.so.2 is not installed"
cat >"$dir/kvd" <<EOF
#!/bin/sh
LD_PRELOAD=$jemalloc exec "$bin/kvd-v1" "\$@"
EOF
chmod +x "$dir/kvd"
start_kvd "$dir/kvd"
grep -q libjemalloc "/proc/$(instance)/maps" || fail "jemalloc is not there"
load 20000
start_check
for version in 2 1 2; do
    update "$bin/kvd-v$version" || fail "the update exited with $?"
    expect_one_instance "$version.0.0"
done
stop_check
verify 20000
