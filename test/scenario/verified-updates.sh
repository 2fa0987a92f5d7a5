#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# An update that is verified goes through if all state comes back as it was when it is transferred back,
# and the report says how much that is. Otherwise it is rolled back, and told with the first differences.
. "$(dirname "$0")/lib.sh"

export VERIFIED_STATE=$dir/state
report=(--report "$dir/report.json")

# up STATE
up() {
    "$bin/sefctl" up verified -- "$bin/verified-v1" "$1" || fail "sefctl up exited with $?"
    session=$(ps -o sid= -p "$(pid)" | tr -d ' ')
}
down() { "$bin/sefctl" down verified >/dev/null || fail "sefctl down exited with $?"; }
pid() { "$bin/sefctl" status --json verified | sed -n 's/.*"pid": \([0-9]*\),/\1/p' | tail -n 1; }

# says PATTERN: of what the last update printed.
says() { grep -Eq "$1" "$dir/update.log" || fail "no word of: $1"; }

# reported EXPRESSION: true of the report r, in Python.
reported() {
    python3 -c 'import json, sys; r = json.load(open(sys.argv[1])); sys.exit(not eval(sys.argv[2]))' \
        "$dir/report.json" "$1" || { cat "$dir/report.json"; fail "the report: $1"; }
}

# try STATUS OPTION... VERSION: update with this exit status.
try() {
    local status=0 version=${*: -1}
    rm -f "$VERIFIED_STATE"
    "$bin/sefctl" update "${report[@]}" "${@:2:$#-2}" verified "$bin/verified-$version" \
        >"$dir/update.log" 2>&1 || status=$?
    cat "$dir/update.log"
    [ $status -eq "$1" ] || fail "sefctl exited with $status, not $1"
}

# refused OPTION... VERSION: and the same instance goes on.
refused() {
    local before
    before=$(pid)
    try 1 "$@"
    says 'verified: the old version goes on \(generation 1\)'
    says 'transferred back, [0-9]+ values? differs?: correct the .* or update without --verify'
    [ "$(pid)" = "$before" ] || fail "another instance goes on"
}

# What version 2 makes of two states that version 1 tells apart.
cat >"$dir/v2.rules" <<'RULES'
enum state.HALF: renamed_from=CLOSED
enum state.SHUT: renamed_from=CLOSED
RULES
found='state 1, client 12, client 11, client 10'
start_sefd

# A good update, rehearsed and for good.
up 1
try 0 --rehearse --verify --rules "$dir/v2.rules" v2
says 'verified: verified: [0-9]+ values transferred back, 0 parts of them could not be checked'
reported 'r["outcome"] == "rehearsed" and r["verify"] and r["counts"]["values_checked"] >= 3'
try 0 --verify --rules "$dir/v2.rules" v2
says 'verified: verified: [0-9]+ values transferred back, 0 parts of them could not be checked'
expect "$found" cat "$VERIFIED_STATE"
reported 'r["outcome"] == "updated" and r["counts"]["values_checked"] >= 3'
reported 'r["counts"]["differences"] == 0 and "differences" not in r'
reported 'r["phases_ns"]["verify"] > 0'
down

# Rules that lose which of two states it was.
up 2
refused --verify --rules "$dir/v2.rules" v2
says 'difference: .*:state \(.*verified\.c:[0-9]+\): was 2, comes back as 1: its conversion loses'
reported 'r["outcome"] == "not updated" and r["generation"] == 1 and r["counts"]["differences"] == 1'
reported '[(d["entity"].split(":")[-1], d.get("member")) for d in r["differences"]] == [("state", None)]'
reported 'r["error"]["entity"].endswith(":state") and r["error"]["reason"] == "bad state"'
try 0 --rules "$dir/v2.rules" v2
expect "$found" cat "$VERIFIED_STATE"
reported 'r["counts"]["values_checked"] == 0 and r["phases_ns"]["verify"] == 0'
down

# A callback that writes beyond its member, found in a rehearsal, and in an update.
up 1
for rehearse in --rehearse ''; do
    refused $rehearse --verify --rules "$dir/v2.rules" v3
    says 'difference: struct client\.fd allocated in init_fresh\(\) \(.*\): was 1[0-2], comes back as 0'
    says '2 more differences like these'
    reported '[d["member"] for d in r["differences"]] == [".fd"] and r["counts"]["differences"] == 3'
    reported 'r["error"]["member"] == ".fd" and r["error"]["code"] == -104'
done
grep -q 'verified: difference: struct client.fd' "$dir/sefd.log" || fail "sefd's log has no difference"
report=(--report "$dir/report.html")
refused --verify --rules "$dir/v2.rules" v3
grep -q '<h2>Differences</h2>' "$dir/report.html" || fail "the page has no differences"
grep -q 'no: [0-9]* values checked, 3 differences' "$dir/report.html" || fail "it was not verified"
try 0 --verify --rules "$dir/v2.rules" v2
expect "$found" cat "$VERIFIED_STATE"
grep -q 'yes: [0-9]* values checked, 0 differences' "$dir/report.html" || fail "it was verified"
down
