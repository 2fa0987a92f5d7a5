# SPDX-License-Identifier: BSD-2-Clause
# UBSan works in a service; sanitizers that replace the allocator or need an executable are refused
# when linking.
cat >shift.c <<'C'
int main(int argc, char **argv)
{
    (void) argv;
    return (1 << (argc + 30)) == 0;
}
C
quiet "$CC" -fsanitize=undefined shift.c -o ubsan
is_service_image ubsan
expect 0 ./ubsan x
has err 'runtime error: shift exponent'
for kind in address thread memory undefined,address safe-stack; do
    expect 1 "$CC" -fsanitize=$kind shift.c -o no
    has err 'sef-cc: error: -fsanitize='
done
quiet "$CC" -fsanitize=address -c shift.c
