#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# usage: run.sh DOCUMENT BIN [--write]
#
# A tutorial must not lie: the commands of a document, typed one after the other into one shell, print
# what the document says.
#
# Commands are the fenced blocks marked sh; the block marked text after one is what they print, on both
# outputs, and without it they print nothing. Compared are the lines but for what differs from run to run
# or from machine to machine: times, process ids, where the source tree is, which is ~/sef in the document,
# and how many objects and pointers were found and changed, which libraries and their allocator have a
# part in. The commands find a
# source tree with examples/ and build/bin around them, and BIN is that bin. With --write the document is
# changed to what was printed.
set -uo pipefail

document=$(realpath "$1")
bin=$(realpath "$2")
write=${3:-}
source_dir=$(dirname "$(dirname "$document")")
dir=$(mktemp -d "${TMPDIR:-/tmp}/sef-tutorial.XXXXXX")

finish() {
    local status=$?
    trap - EXIT
    # shellcheck disable=SC2046 # a list of process ids
    kill $(jobs -p) 2>/dev/null
    wait
    [ "$status" -eq 0 ] || tail -n 20 "$dir"/build/station/*.log >&2
    rm -rf "$dir"
    exit "$status"
}
trap finish EXIT
trap 'exit 129' HUP INT TERM

mkdir "$dir/build"
ln -s "$bin" "$dir/build/bin"
ln -s "$source_dir/examples" "$dir/examples"
cd "$dir" || exit 1

normalise() {
    sed -E -e "s|$dir|~/sef|g" -e 's/process [0-9]+/process N/' \
        -e '/ms pause/{s/[0-9]+\.[0-9]/T/g;s/[0-9]+ objects?.* conservative/N conservative/}' "$1"
}

failed() {
    echo "FAILED: $document:$1: $2" >&2
    exit 1
}

# compare LINE: what the commands at that line printed with what is expected.
compare() {
    diff -u <(normalise "$dir/want") <(normalise "$dir/got") >"$dir/diff" && return
    cat "$dir/diff" >&2
    failed "$1" "other output (+) than the document says (-)"
}

# A block of commands ends at a line; one before it must have printed nothing.
commands() {
    silent
    ran=$1
    n_blocks=$((n_blocks + 1))
    eval "$text" >"$dir/got" 2>&1 </dev/null
}

silent() {
    : >"$dir/want"
    [ -z "$ran" ] || compare "$ran"
}

# A block of output ends at a line.
output() {
    [ "$ran" ] || failed "$1" "output without commands"
    printf '%s' "$text" >"$dir/want"
    [ "$write" ] || compare "$ran"
    sed "s|$dir|~/sef|g" "$dir/got" >>"$dir/new"
    ran=
}

mapfile -t lines <"$document"
block=     # sh or text while in one
text=      # of the block
ran=       # the line of commands whose output was not looked at yet
n_blocks=0
for ((i = 0; i < ${#lines[@]}; i++)); do
    line=${lines[i]}
    case $block:$line in
    :'```sh' | :'```text')
        block=${line#'```'}
        text=
        ;;
    sh:'```')
        commands $((i + 1))
        block=
        ;;
    text:'```')
        output $((i + 1))
        block=
        ;;
    text:*)
        text+=$line$'\n'
        continue
        ;;
    sh:*)
        text+=$line$'\n'
        ;;
    esac
    printf '%s\n' "$line" >>"$dir/new"
done
silent
[ "$n_blocks" -gt 0 ] || failed 1 "no commands"
[ -z "$write" ] || cp "$dir/new" "$document"
echo "$n_blocks blocks of commands print what $(basename "$document") says"
