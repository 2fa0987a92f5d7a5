// One new version at a time, and by the main thread; the first one is entered all the same.
// RUN: %image -DGEN=0 %s -o %t.0
// RUN: %image -DGEN=1 %s -o %t.1
// RUN: cp %t.1 %t.2
// RUN: %status %t.0 %t.1 %t.2 | FileCheck %s
#include "image-test.h"

#include <pthread.h>

static void *load(void *path)
{
    struct magic_error err = {0};
    int code = magic_image_load(path, &err);

    printf("loaded: %d %s\n", code, err.text);
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t thread;

    (void)argc;
    if (GEN == 0) {
        pthread_create(&thread, NULL, load, argv[1]);
        pthread_join(thread, NULL);
        load(argv[1]);
        load(argv[2]);
        magic_image_enter();
    }
    printf("entered\n");
    fflush(stdout);
    _exit(0);
}
// CHECK:      loaded: -116 a new version can only be loaded on the main thread of a service
// CHECK-NEXT: loaded: 0
// CHECK-NEXT: loaded: -116 another new version is loaded already
// CHECK-NEXT: entered
