# SPDX-License-Identifier: BSD-2-Clause
# Arguments arrive at clang byte for byte.
mkdir 'a dir,x'
cat >'a dir,x/so me.c' <<'C'
#include <stdio.h>
int main(void) { puts(TEXT); return 0; }
C
quiet "$CC" '-DTEXT="a  b, $HOME '\''c'\'' \\ *"' 'a dir,x/so me.c' -o 'a dir,x/so me'
quiet './a dir,x/so me'
[ "$(cat out)" = "a  b, \$HOME 'c' \\ *" ] || fail "$(cat out)"
quiet "$CC" -D 'TEXT="-c"' -o 'x y' -I 'a dir,x' -include stdlib.h 'a dir,x/so me.c'
quiet './x y'
[ "$(cat out)" = '-c' ] || fail "$(cat out)"
