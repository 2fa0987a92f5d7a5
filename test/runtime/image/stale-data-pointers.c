// Use of an old variable, or of an old function without successor, is logged; then the process dies
// of the fault, or the service's own handler sees it.
// RUN: %image -DGEN=0 %s -o %t.0
// RUN: %image -DGEN=1 %s -o %t.1
// RUN: %status %t.0 %t.1 read | FileCheck --check-prefixes=READ,DEATH %s
// RUN: %status %t.0 %t.1 bss | FileCheck --check-prefixes=READ,DEATH %s
// RUN: %status %t.0 %t.1 call | FileCheck --check-prefixes=CALL,DEATH %s
// RUN: %status %t.0 %t.1 handler | FileCheck --check-prefixes=READ,HANDLER %s
// RUN: %status %t.0 %t.1 other | FileCheck --check-prefix=OTHER %s
#include "image-test.h"

#include <signal.h>
#include <sys/resource.h>

/* Larger than a page, so that a layout without relro does not keep all of it readable. */
static int data[65536] = { 1 };
static int bss[65536];
static void removed(void) { data[0]++; }

static void handler(int sig, siginfo_t *info, void *context)
{
    (void)context;
    printf("handler: signal %d at the variable %d\n", sig,
        info->si_addr == state()->pointer[0]);
    fflush(stdout);
    _exit(4);
}

static void handle(void)
{
    struct sigaction act = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };

    sigaction(SIGSEGV, &act, NULL);
}

int main(int argc, char **argv)
{
    const struct rlimit no_core = { 0, 0 };
    struct state *s = state();

    (void)argc;
    setrlimit(RLIMIT_CORE, &no_core);
    magic_setcb_log(print_log);
    if (GEN == 0) {
        s->pointer[0] = strcmp(argv[2], "bss") ? &data[32768] : &bss[32768];
        s->pointer[1] = removed;
        go(argv[1]);
    }
    if (!take_over())
        return 1;
    fflush(stdout);
    if (strcmp(argv[2], "handler") == 0)
        handle();
    if (strcmp(argv[2], "call") == 0)
        ((void (*)(void))s->pointer[1])();
    if (strcmp(argv[2], "other") == 0)
        s->pointer[0] = (void *)8;
    return *(volatile int *)s->pointer[0];
}
// READ:         log: stale pointer: access to 0x{{.*}} in old generation 0 ({{.*}}.0+0x{{.*}}), from {{.*}}.1+0x
// CALL:         log: stale pointer: call of {{.*}}.0+0x{{.*}} in old generation 0, which has no successor
// OTHER-NOT:    log
// DEATH-NEXT:   status 139
// HANDLER-NEXT: handler: signal 11 at the variable 1
// HANDLER-NEXT: status 4
// OTHER:        status 139
