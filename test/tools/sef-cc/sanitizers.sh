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
refused() {
    expect 1 "$CC" "-fsanitize=$1" shift.c -o no
    has err "sef-cc: error: -fsanitize=${1#*,} does not work for a service: $2; \
set SEF_CC_DISABLE=1 to build without SEF"
}
for kind in address thread memory undefined,address; do
    refused $kind 'the runtime and this sanitizer both stand in front of the allocator'
done
refused safe-stack "this sanitizer's runtime cannot be part of a shared object"
quiet "$CC" -fsanitize=address -c shift.c
