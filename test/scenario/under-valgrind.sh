#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# A service runs and is updated under valgrind, which finds no error.
. "$(dirname "$0")/lib.sh"

start_sefd
# By default valgrind puts its allocator in the place of libmagicrt's malloc(), which then sees no
# allocation and knows no types; so it gets only libc's, which is behind libmagicrt's.
cat >"$dir/kvd" <<EOF
#!/bin/sh
exec valgrind -q --error-exitcode=9 --log-file="$dir/valgrind-%p.log" \
    --soname-synonyms=somalloc=nouserintercepts \
    --suppressions="$(dirname "$0")/Inputs/valgrind.supp" "$bin/kvd-v1" "\$@"
EOF
chmod +x "$dir/kvd"
start_kvd "$dir/kvd"
load 1000
start_check --connections 2
for version in 2 1; do
    update "$bin/kvd-v$version" --timeout 1m || fail "the update exited with $?"
    expect_one_instance "$version.0.0"
done
stop_check
verify 1000
"$bin/sefctl" down kvd >"$dir/down.log" || fail "sefctl down exited with $?"
grep -qF '(exited with status 0)' "$dir/down.log" || fail "$(cat "$dir/down.log")"
logs=("$dir"/valgrind-*.log)
[ ${#logs[@]} -eq 3 ] || fail "not every instance ran under valgrind"
cat "${logs[@]}" | grep . && fail "valgrind complains"
exit 0
