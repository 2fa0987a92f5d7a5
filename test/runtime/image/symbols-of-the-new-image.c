// After an update, symbol lookups of plug-ins and of dlsym find the new generation; the new image
// is not bound to what only the old one has.
// RUN: %plain -shared -DPLUGIN %s -o %t.plugin.so
// RUN: %image -DGEN=0 %s -o %t.0
// RUN: %image -DGEN=1 %s -o %t.1
// RUN: %image -DGEN=2 %s -o %t.2
// RUN: %image-undefined -DGEN=3 %s -o %t.3
// RUN: %t.0 %t.plugin.so %t.1 %t.2 %t.3 | FileCheck %s
#ifdef PLUGIN
int version(void);
int plugin(void);
int plugin(void) { return version(); }
#else
#include "image-test.h"

#include <dlfcn.h>

int version(void);
int version(void) { return GEN; }
int only_old(void);
#if GEN < 3
int only_old(void) { return 1; }
#endif

int main(int argc, char **argv)
{
    int (*f)(void);

    (void)argc;
    if (GEN > 0 && !take_over())
        return 1;
    if (GEN < 2 || (GEN == 3 && only_old()))
        go(argv[GEN + 2]);
    *(void **)&f = dlsym(RTLD_DEFAULT, "version");
    printf("dlsym %d\n", f());
    *(void **)&f = dlsym(dlopen(argv[1], RTLD_NOW), "plugin");
    printf("plugin %d\n", f());
    go(argv[GEN + 2]);
    return 0;
}
#endif
// CHECK:      dlsym 2
// CHECK-NEXT: plugin 2
// CHECK-NEXT: cannot load: -112 {{.*}}undefined symbol: only_old
