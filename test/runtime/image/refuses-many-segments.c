// An image of more segments than the runtime keeps track of is refused.
// RUN: %image %s -o %t
// RUN: %plain -shared -fuse-ld=bfd -Wl,-Bsymbolic -Wl,-e,_sef_start %{start_object} -DMANY %s %library \
// RUN:   -Wl,--section-start=.data1=0x1000000 -Wl,--section-start=.data2=0x2000000 \
// RUN:   -Wl,--section-start=.data3=0x3000000 -Wl,--section-start=.data4=0x4000000 \
// RUN:   -Wl,--section-start=.data5=0x5000000 -Wl,--section-start=.data6=0x6000000 \
// RUN:   -Wl,--section-start=.data7=0x7000000 -Wl,--section-start=.data8=0x8000000 -o %t.many
// RUN: %t %t.many | FileCheck %s
#include "image-test.h"

#ifdef MANY
#define IN(n) __attribute__((section(".data" #n))) int data##n = n;
IN(1) IN(2) IN(3) IN(4) IN(5) IN(6) IN(7) IN(8)
#endif

int main(int argc, char **argv)
{
    (void)argc;
    go(argv[1]);
    fflush(stdout);
    return 0;
}
// CHECK: cannot load: -116 {{.*}}.many: more than 8 segments of one kind
