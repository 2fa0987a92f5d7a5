# SPDX-License-Identifier: BSD-2-Clause
# Options may stand in response files, nested and quoted; what must go goes from there too.
printf '%s\n' -Wall "-DTEXT=\"\\\"some text\\\"\"" "'-DNAME=another one'" -c >options
cat >text.c <<'C'
#define STR(x) #x
#define XSTR(x) STR(x)
const char *text = TEXT, *name = XSTR(NAME);
C
quiet "$CC" @options text.c -o text.o
strings text.o >found
has found 'some text'
has found 'another one'
printf '%s\n' '-pie -fPIE' @inner >outer
printf '%s -o\n\tnested' "$inputs/args.c" >inner
quiet "$CC" -Werror @outer
is_service_image nested
expect 1 ./nested x
printf '%s' '-shared' >shared
quiet "$CC" @shared "$inputs/part.c" -o libpart.so
is_plain libpart.so
printf '%s' -static >static
expect 1 "$CC" @static "$inputs/args.c"
has err 'sef-cc: error: -static'
: >empty
quiet "$CC" @empty "$inputs/args.c" -o args
expect 1 "$CC" @missing "$inputs/args.c" -o args
has err missing
echo @loop >loop
expect 1 "$CC" @loop
has err "sef-cc: error: response file 'loop' is nested too deeply"
# Too long for a command line.
seq -f '-DLONG_NAME_OF_A_MACRO_%.0f=1' 100000 >long
quiet "$CC" @long "$inputs/args.c" -o args
expect 1 ./args x
# Too long also for words of which one had to go.
echo -pie >>long
expect 1 "$CC" @long "$inputs/args.c" -o args
has err 'sef-cc: error: cannot run /'
has err 'Argument list too long'
# Readable only once.
mkfifo once
printf '%s' '-fPIE -c' >once &
quiet "$CC" @once "$inputs/args.c" -o once.o
[ -s once.o ]
