# SPDX-License-Identifier: BSD-2-Clause
# Thread-local variables work whatever access to them is asked for, in the source or by an option.
cat >threads.c <<'C'
#include <stdlib.h>
static __thread int *mine __attribute__((tls_model("local-exec")));
__thread int shared = 2;
int main(void)
{
    mine = malloc(sizeof(*mine));
    *mine = shared++ + 3;
    return *mine + shared;
}
C
for option in -O2 -ftls-model=local-exec -ftls-model=initial-exec -femulated-tls; do
    for linker in bfd gold lld; do
        quiet "$CC" $option -fuse-ld=$linker threads.c -o threads
        is_service_image threads
        expect 8 ./threads
    done
done
