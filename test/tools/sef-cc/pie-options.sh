# SPDX-License-Identifier: BSD-2-Clause
# Whatever kind of position independence is asked for, objects fit into a service image.
set -- -Wall -Werror "$inputs/args.c"
for option in -pie -no-pie -fPIE -fpie -fno-PIE -fno-pie -fno-pic -fno-PIC -fPIC -fpic \
    -Wl,-pie -Wl,--no-pie -Wl,-z,relro,-pie,-z,now -ftls-model=local-exec; do
    quiet "$CC" $option "$@" -o "args$option"
    is_service_image "args$option"
    expect 1 "./args$option" x
done
quiet "$CC" -Xlinker -pie "$@" -Xlinker -z -Xlinker now -o args-xlinker
is_service_image args-xlinker
has out NOW
elf args-Wl,-z,relro,-pie,-z,now
has out NOW
# As build systems pass them: to the compiler and to the link step.
quiet "$CC" -O2 -fPIE -c "$inputs/args.c" -o args.o
quiet "$CC" -fPIE -pie args.o -o args
expect 1 ./args x
# The name of an output is not an option.
quiet "$CC" "$@" -o -pie
[ -x ./-pie ]
