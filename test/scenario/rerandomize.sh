#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# A service is re-randomised when asked to and by itself, under traffic, and every variant gets its turn.
. "$(dirname "$0")/lib.sh"

# running: the image that runs; another_than IMAGE: it is another one by now.
running() {
    "$bin/sefctl" --json status kvd |
        python3 -c 'import json, sys; print(json.load(sys.stdin)["services"][0]["image"])'
}
another_than() { [ "$(running)" != "$1" ]; }

edit() {
    python3 - "$XDG_RUNTIME_DIR/sef/control" "$@" <<'P'
import json, socket, struct, sys
request = {"version": 1, "command": "edit", "label": "kvd",
           "settings": dict(word.split("=", 1) for word in sys.argv[2:])}
frame = json.dumps(request).encode()
with socket.socket(socket.AF_UNIX) as control:
    control.connect(sys.argv[1])
    control.sendall(struct.pack("<I", len(frame)) + frame)
    control.shutdown(socket.SHUT_WR)
    reply = json.loads(control.makefile("rb").read()[4:])
sys.exit(reply["result"] and reply["text"])
P
}

start_sefd
start_kvd
load 2000
edit "Variants=$(echo "$bin"/kvd-v1-asr{1,2,3})"
start_check
seen=
for ((i = 0; i < 50; i++)); do
    before=$(running)
    "$bin/sefctl" rerandomize kvd || fail "the update exited with $?"
    another_than "$before" || fail "the same variant runs"
    seen+=" $(running)"
    [ "$(tr ' ' '\n' <<<"$seen" | sort -u | grep -c asr)" -lt 3 ] || break
done
[ "$(tr ' ' '\n' <<<"$seen" | sort -u | grep -c asr)" -eq 3 ] || fail "only$seen ran"

before=$(running)
edit RerandomizeSec=100ms
wait_until another_than "$before"
edit RerandomizeSec=0
stop_check

# What was set is there for the next sefd too, also after a kill.
edit "Variants=$bin/kvd-v2"
kill -KILL "$sefd_pid"
wait "$sefd_pid" || true
start_sefd
back() { "$bin/sefctl" rerandomize kvd >"$dir/back.log" 2>&1; }
wait_until back
expect_one_instance 2.0.0
verify 2000
