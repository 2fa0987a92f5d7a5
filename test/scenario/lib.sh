# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# What the scenario tests share: a private sefd, kvd under it, clients, and cleaning up.
#
# A test sources this file with SEF_BIN set to the folder of programs. Everything it makes is in a
# temporary folder of its own, the socket of sefd too; the trap ends what it started, by process id
# or, for kvd whose instances come and go, by the session that sefd gave it.
set -euo pipefail

bin=${SEF_BIN:?folder with sefd, sefctl, kvd-v1 and so on}
dir=$(mktemp -d "${TMPDIR:-/tmp}/sef-scenario.XXXXXX")
socket=$dir/kvd.sock
export XDG_RUNTIME_DIR=$dir
export KVD_V3_MODE_FILE=$dir/mode

# shellcheck disable=SC2207 # words
tree_options=($("$(dirname "${BASH_SOURCE[0]}")/../../script/trust-options" "$bin"))
sefd_pid=
check_pid=
session=            # of all instances of kvd

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# end SIGNAL PID: of a process that this shell started, if there is one.
end() {
    [ -z "$2" ] || { kill "-$1" "$2" && wait "$2"; } 2>/dev/null
}

cleanup() {
    local status=$?
    trap - EXIT
    set +e
    end KILL "$check_pid"
    end TERM "$sefd_pid"
    # shellcheck disable=SC2046 # a list of process ids
    [ -z "$session" ] || kill -KILL $(pgrep -s "$session") 2>/dev/null
    if [ "$status" -ne 0 ]; then
        tail -n 40 "$dir"/*.log >&2
    fi
    rm -rf "$dir"
    exit "$status"
}
trap cleanup EXIT
trap 'exit 129' HUP INT TERM

# wait_until COMMAND...: for what sends no event to a shell. Fails after twenty seconds.
wait_until() {
    local end=$((SECONDS + 20))
    while [ $SECONDS -lt $end ]; do
        "$@" && return 0
        sleep 0.01
    done
    fail "never became true: $*"
}

gone() { ! kill -0 "$1" 2>/dev/null; }

# start_sefd [OPTION...]: until it answers; its socket is there before that.
start_sefd() {
    "$bin/sefd" "${tree_options[@]}" "$@" >"$dir/sefd.log" 2>&1 &
    sefd_pid=$!
    wait_until answers
}

answers() { "$bin/sefctl" status >/dev/null 2>&1; }

# start_kvd [IMAGE]: bring kvd up as the service "kvd", on $socket and on the TCP port in $dir/port.
start_kvd() {
    local image=${1:-$bin/kvd-v1}
    "$bin/sefctl" up kvd -- "$image" --port 0 --port-file "$dir/port" \
        --unixsocket "$socket" ||
        fail "sefctl up exited with $?"
    session=$(ps -o sid= -p "$(instance)" | tr -d ' ')
}

update() { "$bin/sefctl" update kvd "$@"; }

cli() { redis-cli -s "$socket" "$@"; }

serves() { [ "$(cli ping 2>/dev/null)" = PONG ]; }

# info FIELD: of kvd's INFO.
info() { cli info | tr -d '\r' | sed -n "s/^$1://p"; }

instance() { info process_id; }

# start_check [OPTION...]: verified traffic on connections that stay open until stop_check.
start_check() {
    rm -f "$dir/check.fifo"
    mkfifo "$dir/check.fifo"
    "$bin/kvd-check" --unix "$socket" --until-signal "$@" >"$dir/check.fifo" 2>"$dir/check.log" &
    check_pid=$!
    exec {check_fd}<"$dir/check.fifo"
    local line
    read -r line <&"$check_fd" && [ "$line" = running ] || fail "the checking client did not start"
}

# No connection that start_check opened may have seen anything wrong.
stop_check() {
    local line status=0
    kill -TERM "$check_pid"
    read -r line <&"$check_fd" || fail "no result of the checking client"
    wait "$check_pid" || status=$?
    check_pid=
    exec {check_fd}<&-
    echo "check: $line"
    [[ $status -eq 0 && $line == *" errors=0 resets=0 wrong=0 "* ]] || fail "clients saw errors"
}

load() { "$bin/kvd-check" --unix "$socket" --load "$1" >>"$dir/load.log" || fail "bulk load"; }
verify() { "$bin/kvd-check" --unix "$socket" --verify "$1" >>"$dir/load.log" || fail "keys lost"; }

# A connection of the shell's own: connect opens it as $conn, ask sends an inline command and prints
# a reply of one line.
connect() { exec {conn}<>"/dev/tcp/127.0.0.1/$(cat "$dir/port")"; }
ask() {
    local line
    printf '%s\r\n' "$*" >&"$conn"
    IFS= read -r line <&"$conn" || fail "the connection is lost"
    echo "${line%$'\r'}"
}

# expect TEXT COMMAND...: the command prints just this.
expect() {
    local want=$1 got
    shift
    got=$("$@")
    [ "$got" = "$want" ] || fail "$*: '$got', not '$want'"
}

one_process() { [ "$(pgrep -s "$session" | wc -l)" -eq 1 ]; }

# expect_one_instance [VERSION]: exactly one process of the service is left, and it serves.
expect_one_instance() {
    local version want=${1:-*}
    wait_until one_process
    [ "$(cli ping)" = PONG ] || fail "the instance left does not answer"
    [ "$(instance)" = "$(pgrep -s "$session")" ] || fail "another process answers"
    version=$(info kvd_version)
    # shellcheck disable=SC2053 # a pattern
    [[ $version == $want ]] || fail "version $version goes on, not $want"
}

# expect_rollback PATTERN UPDATE-ARGUMENT...: the update fails with exit code 1 and a message that
# matches the extended regular expression; the same process and the same connections go on.
expect_rollback() {
    local pattern=$1 status=0 before version
    shift
    load 1000
    start_check
    before=$(instance)
    version=$(info kvd_version)
    update "$@" >"$dir/update.log" 2>&1 || status=$?
    cat "$dir/update.log"
    [ "$status" -eq 1 ] || fail "sefctl exited with $status, not 1"
    grep -Eqi "$pattern" "$dir/update.log" || fail "the message does not match: $pattern"
    expect_one_instance "$version"
    [ "$(instance)" = "$before" ] || fail "it is not the old instance that goes on"
    stop_check
    verify 1000
}

# What an update with version 3 does: see examples/kvd/v3/faults.c.
fault_mode() { echo "$1" >"$KVD_V3_MODE_FILE"; }

# start_paused_update: returns when the new instance stands in its initialisation, with its process
# id in $child; sefctl's is in $sefctl_pid. resume_update lets the initialisation go on.
#
# The FIFOs are opened for both directions: that waits for nobody, who may be gone.
start_paused_update() {
    fault_mode pause
    mkfifo "$KVD_V3_MODE_FILE.pid" "$KVD_V3_MODE_FILE.go"
    exec {pid_fd}<>"$KVD_V3_MODE_FILE.pid"
    "$bin/sefctl" update kvd "$bin/kvd-v3" >"$dir/update.log" 2>&1 &
    sefctl_pid=$!
    read -r -t 20 child <&"$pid_fd" || fail "the new version did not get to its initialisation"
}

resume_update() { exec {go_fd}<>"$KVD_V3_MODE_FILE.go"; }

export child sefctl_pid
