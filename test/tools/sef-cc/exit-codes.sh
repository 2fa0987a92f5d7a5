# SPDX-License-Identifier: BSD-2-Clause
# Exit codes and fatal signals are clang's.
echo 'int x = ;' >bad.c
expect 1 "$CC" -c bad.c
has err 'expected expression'
expect 1 "$CC" bad.c -o bad
expect 1 "$CC" -c missing.c
expect 1 "$CC" --no-such-option -c "$inputs/part.c"
expect 0 "$CC" -c "$inputs/part.c"
# A wrapper that reads from a pipe nobody writes to ends by the signal it gets.
mkfifo pipe
exec 3<>pipe
for signal in TERM KILL; do
    "$CC" -x c -c -o part.o - <pipe &
    kill -s $signal $!
    code=0
    wait $! || code=$?
    [ "$(kill -l $code)" = $signal ] || fail "$signal gave exit code $code"
done
