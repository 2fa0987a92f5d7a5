#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Updates between variants of one program, under traffic: everything pairs, nothing is converted, all
# state goes on, and functions and variables are elsewhere each time.
. "$(dirname "$0")/lib.sh"

variants=("$bin"/kvd-v1-asr{1,2,3})

# offsets IMAGE: where some functions and variables of several files are in it.
offsets() {
    nm "$1" | grep -E ' [tTdDbB] (main|kvd|options|(buffer|cmd|conn|flow|net|reply|store|table)_[a-z_]*)$' |
        sort
}

# expect_count REPORT NAME WANT
expect_count() {
    local got
    got=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["counts"][sys.argv[2]])' \
        "$1" "$2")
    [ "$got" -eq "$3" ] || fail "$2 is $got, not $3"
}

for ((i = 0; i < 3; i++)); do
    offsets "${variants[i]}" >"$dir/offsets.$i"
    [ "$(wc -l <"$dir/offsets.$i")" -gt 5 ] || fail "no symbols in ${variants[i]}"
    for ((k = 0; k < i; k++)); do
        same=$(comm -12 "$dir/offsets.$i" "$dir/offsets.$k" | wc -l)
        [ "$same" -le 1 ] || fail "$same symbols of variants $i and $k have one address"
    done
done

start_sefd
start_kvd
load 2000
connect
expect +OK ask set counter 41
start_check
for image in "${variants[@]}" "$bin/kvd-v1" "${variants[@]}"; do
    id=$(ask client id)
    commands=$(info total_commands_processed)
    update --verify --report "$dir/report.json" "$image" || fail "the update exited with $?"
    for zero in vars_added vars_removed vars_converted types_changed objects_moved differences; do
        expect_count "$dir/report.json" $zero 0
    done
    expect "$id" ask client id
    [ "$(info total_commands_processed)" -gt "$commands" ] || fail "a counter was reset"
done
stop_check
expect :42 ask incr counter
verify 2000
expect_one_instance 1.0.0
