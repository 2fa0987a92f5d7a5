# SPDX-License-Identifier: BSD-2-Clause
# usage: run.sh SCRIPT SEF_CC WORK_DIR CMAKE BUILD_DIR
# Runs one test script in an empty folder, with what all of them use defined.
set -eu
script=$1 CC=$2 work=$3 CMAKE=$4 BUILD=$5
inputs=$(dirname "$script")/Inputs
lib=$(dirname "$CC")/../lib
export CC
unset CFLAGS CPPFLAGS LDFLAGS LIBS SEF_CC_DISABLE || :

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# expect CODE COMMAND...: the command ends with that code; its output is in out and err.
expect() {
    wanted=$1 code=0
    shift
    "$@" >out 2>err || code=$?
    if [ "$code" -ne "$wanted" ]; then
        cat out err >&2
        fail "exit code $code, not $wanted: $*"
    fi
}

# quiet COMMAND...: the command succeeds and says nothing on standard error.
quiet() {
    expect 0 "$@"
    [ ! -s err ] || fail "said '$(cat err)': $*"
}

# has FILE TEXT, lacks FILE TEXT: fixed strings.
has() {
    grep -qF -e "$2" "$1" || fail "'$2' is not in $1: $(cat "$1")"
}
lacks() {
    ! grep -qF -e "$2" "$1" || fail "'$2' is in $1"
}

# elf FILE: what readelf knows about it, in out.
elf() {
    readelf --wide --file-header --program-headers --dynamic --notes "$1" >out 2>err
}

# is_service_image FILE, is_plain FILE
is_service_image() {
    elf "$1"
    has out 'DYN (Shared object file)'
    has out 'INTERP'
    has out '[libmagicrt.so'
    has out 'SEF'
}
is_plain() {
    elf "$1"
    lacks out 'libmagicrt'
    lacks out 'SEF'
}

rm -rf "$work"
mkdir -p "$work"
cd "$work"
# shellcheck disable=SC1090 # the test
. "$script"
