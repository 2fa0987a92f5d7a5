// What the dynamic linker, libc and the unwinder read of a sealed image stays: literals, constants,
// symbol tables, initial thread-local variables of new threads, unwind tables.
// RUN: %plain -shared -DLIBRARY %s -o %t.lib.so
// RUN: %image -DGEN=0 %s -lm -pthread -o %t.0
// RUN: %image -DGEN=1 %s -lm -pthread -o %t.1
// RUN: %image -DGEN=2 %s -lm -pthread -o %t.2
// RUN: %t.0 %t.lib.so %t.1 %t.2 | FileCheck %s
#ifdef LIBRARY
#include <math.h>

double library(double x);
double library(double x) { return cos(x); }
#else
#include "image-test.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <link.h>
#include <pthread.h>

static __thread int local = 7 + GEN;
static const char *const words[] = { "literal", "constant" };

static int count(struct dl_phdr_info *info, size_t size, void *ctx)
{
    int *sum = ctx;

    (void)size;
    for (int i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_DYNAMIC)
            ++*sum;
    return 0;
}

static void *thread(void *arg)
{
    void *frames[8];

    printf("thread %d, frames %d\n", ++local, backtrace(frames, 8) > 1);
    pthread_exit(arg);
}

int main(int argc, char **argv)
{
    struct state *s = state();
    double (*library)(double);
    pthread_t id;
    void *ret;
    int objects = 0;

    if (GEN == 0) {
        s->pointer[0] = (void *)(uintptr_t)words[0];
        s->pointer[1] = (void *)(uintptr_t)&argv[1];
    }
    if (GEN > 0 && !take_over())
        return 1;
    if (argc > GEN + 2)
        go(argv[GEN + 2]);
    printf("%s\n", (char *)s->pointer[0]);
    pthread_create(&id, NULL, thread, &objects);
    pthread_join(id, &ret);
    dl_iterate_phdr(count, &objects);
    printf("joined %d, objects %d\n", ret == &objects, objects >= 5);
    *(void **)&library = dlsym(dlopen(argv[1], RTLD_LAZY), "library");
    printf("library %g\n", library(0));
    return 0;
}
#endif
// CHECK:      literal
// CHECK-NEXT: thread 10, frames 1
// CHECK-NEXT: joined 1, objects 1
// CHECK-NEXT: library 1
