#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# What a user says about an update in a rules file, by --policy and in the image is done, and a report
# tells of it, whether the update came about or not.
. "$(dirname "$0")/lib.sh"

export RULED_STATE=$dir/state

up() {
    "$bin/sefctl" up ruled -- "$bin/ruled-v1" || fail "sefctl up exited with $?"
    session=$(ps -o sid= -p "$(pid)" | tr -d ' ')
}
down() { "$bin/sefctl" down ruled >/dev/null || fail "sefctl down exited with $?"; }
pid() { "$bin/sefctl" status --json ruled | sed -n 's/.*"pid": \([0-9]*\),/\1/p' | tail -n 1; }

# refused TEXT UPDATE-ARGUMENT...: the update is refused with this text, and the old version goes on.
refused() {
    local text=$1 status=0 before
    shift
    before=$(pid)
    rm -f "$RULED_STATE"
    "$bin/sefctl" update "$@" >"$dir/update.log" 2>&1 || status=$?
    cat "$dir/update.log"
    [ $status -eq 1 ] || fail "sefctl exited with $status, not 1"
    grep -Fq "$text" "$dir/update.log" || fail "the message does not say: $text"
    grep -q 'ruled: the old version goes on (generation 1)' "$dir/update.log" || fail "it is gone"
    [ "$(pid)" = "$before" ] || fail "another instance goes on"
}

# updated STATE UPDATE-ARGUMENT...: the new version found this state.
updated() {
    local state=$1
    shift
    rm -f "$RULED_STATE"
    "$bin/sefctl" update "$@" >"$dir/update.log" 2>&1 || fail "the update exited with $?"
    cat "$dir/update.log"
    expect "$state" cat "$RULED_STATE"
}

# reported EXPRESSION: true of the report r, in Python.
reported() {
    python3 -c 'import json, sys; r = json.load(open(sys.argv[1])); sys.exit(not eval(sys.argv[2]))' \
        "$dir/report.json" "$1" || { cat "$dir/report.json"; fail "the report: $1"; }
}
report=(--report "$dir/report.json")

cat >"$dir/v2.rules" <<'RULES'
# What version 2 calls by another name.
var n_requests: renamed_from=hits
struct client.fd: renamed_from=sock
RULES

start_sefd
up
updated 'requests 3, descriptor 7' --verify --rules "$dir/v2.rules" "${report[@]}" ruled "$bin/ruled-v2"
grep -Eq 'ruled: warning: obsolete \(.*state\.h:11\): dropped' "$dir/update.log" || fail "no warning"
grep -q 'hits\|sock' "$dir/update.log" && fail "what was renamed is said to be dropped"
reported 'r["outcome"] == "updated" and r["from"]["generation"] == 1'
reported 'r["rules"] == open("'"$dir"'/v2.rules").read()'
reported 'r["counts"]["objects_moved"] == 1 and r["counts"]["bytes_moved"] == 32'
reported '[(w["entity"], w["line"]) for w in r["warnings"]] == [("obsolete", 11)]'
reported '[p for p in r["policies"] if p["name"] == "removed"][0]["action"] == "warn"'
reported '[p for p in r["policies"] if p["name"] == "removed"][0]["count"] == 1'
down

# Without rules all of it is dropped, unless a policy forbids it.
up
refused 'obsolete (' --rules "$dir/v2.rules" --policy removed=refuse "${report[@]}" \
    ruled "$bin/ruled-v2"
grep -q 'policy removed=warn allows it' "$dir/update.log" || fail "no word on what to do"
reported 'r["outcome"] == "not updated" and r["running"] and r["generation"] == 1'
reported 'r["error"]["entity"] == "obsolete" and r["error"]["line"] == 11'
reported 'r["error"]["file"].endswith("v1/state.h")'
reported '"policy removed=refuse" in r["rules"] and "obsolete" in r["text"]'
updated 'requests 0, descriptor 0' --policy removed=ignore "${report[@]}" ruled "$bin/ruled-v2"
reported 'r["warnings"] == [] and r["counts"]["warnings"] == 0'
reported '[p for p in r["policies"] if p["name"] == "removed"][0]["count"] == 3'
down

# The image may forbid it; the command line goes before the image.
up
refused 'obsolete (' --rules "$dir/v2.rules" ruled "$bin/ruled-v3"
updated 'requests 3, descriptor 7' --rules "$dir/v2.rules" --policy removed=warn \
    ruled "$bin/ruled-v3"
down

# Rules that are wrong are refused with the line, as are those of another program.
up
printf '%s\n' '# a comment' 'var hits: colour=red' >"$dir/bad.rules"
refused "line 2 of the rules: there is no such attribute: 'colour'" --rules "$dir/bad.rules" \
    "${report[@]}" ruled "$bin/ruled-v2"
reported '"line 2 of the rules" in r["text"] and r["result"] == 22 and "error" not in r'
refused "line 1 of the rules: there is no such policy: 'removd'" --policy removd=warn \
    ruled "$bin/ruled-v2"
printf 'var nothing: noxfer' >"$dir/bad.rules"
refused "line 1 of the rules: neither version has this entity: 'var nothing'" \
    --rehearse --rules "$dir/bad.rules" ruled "$bin/ruled-v2"

# A page, and a report that cannot be written: the update stands.
status=0
"$bin/sefctl" update --rules "$dir/v2.rules" --report "$dir/none/report.html" ruled \
    "$bin/ruled-v2" >"$dir/update.log" 2>&1 || status=$?
cat "$dir/update.log"
[ $status -eq 4 ] || fail "sefctl exited with $status, not 4"
expect 'requests 3, descriptor 7' cat "$RULED_STATE"
"$bin/sefctl" update --report "$dir/report.html" ruled "$bin/ruled-v2" || fail "exited with $?"
grep -q '<td class="num">' "$dir/report.html" || fail "the page has no numbers"
down
