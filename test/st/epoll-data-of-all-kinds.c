/* Epoll data that leads into rebuilt objects is forwarded in every set, with flags and state of the
 * registration; numbers and descriptors stay, and so does a set that needs no other data. */
// RUN: %versions
// RUN: %update | FileCheck %s
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>
#include "harness.h"

struct conn {
#if V == 2
    long added[8];
#endif
    long id;
    int fd;
};

enum { INTERIOR, TAGGED, NUMBER, ONESHOT, FIRED, EDGE, PIPES };

static struct conn *conns[PIPES];
static int ends[PIPES][2], sets[3], outer, outermost;
static int untouched;

/* Wait for pipe i, which is watched in this set, to become readable. */
static uint64_t data_of(int set, int i) {
    struct epoll_event event = {0};

    if (write(ends[i][1], "x", 1) != 1 || epoll_wait(set, &event, 1, 1000) != 1)
        return 0;
    return event.data.u64;
}

static void watch(int set, int fd, uint32_t flags, uint64_t data) {
    struct epoll_event event = {.events = EPOLLIN | flags, .data.u64 = data};

    if (epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) != 0)
        exit(1);
}

static void drain(int i) {
    char byte;

    if (read(ends[i][0], &byte, 1) != 1)
        exit(1);
}

static void make_things(void) {
    for (int i = 0; i < 3; i++)
        sets[i] = epoll_create1(i ? 0 : EPOLL_CLOEXEC);
    outer = epoll_create1(0);
    outermost = epoll_create1(0);
    for (int i = 0; i < PIPES; i++) {
        conns[i] = malloc(sizeof(*conns[i]));
        conns[i]->id = i;
        if (pipe(ends[i]) != 0)
            exit(1);
    }
}

/* As the old instance of an update does, another process keeps all files open. */
static void be_held(void) {
    int ready[2];
    char byte;

    if (pipe(ready) != 0)
        exit(1);
    if (fork() == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(ready[1]);
        while (read(ready[0], &byte, 1) != 0)
            ;
        _exit(0);
    }
    close(ready[0]);
}

static void setup(void) {
    make_things();
    /* The outer sets have lower numbers than what they hold, or not. */
    watch(outermost, outer, 0, 77);
    watch(outer, sets[0], 0, 78);
    watch(sets[0], ends[INTERIOR][0], 0, (uintptr_t)&conns[INTERIOR]->fd);
    watch(sets[1], ends[TAGGED][0], 0, (uintptr_t)conns[TAGGED] | 1);
    watch(sets[1], ends[ONESHOT][0], EPOLLONESHOT, (uintptr_t)conns[ONESHOT]);
    watch(sets[1], ends[FIRED][0], EPOLLONESHOT, (uintptr_t)conns[FIRED]);
    watch(sets[1], ends[EDGE][0], EPOLLET, (uintptr_t)conns[EDGE]);
    watch(sets[2], ends[NUMBER][0], 0, (uint64_t)ends[NUMBER][0] << 32 | 5);
    if (data_of(sets[1], FIRED) != (uintptr_t)conns[FIRED])
        exit(1);
    untouched = dup(sets[2]);
    be_held();
}

static int is_quiet(int set) {
    struct epoll_event event;

    return epoll_wait(set, &event, 1, 0) == 0;
}

static void check_flags(void) {
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = 9};

    // CHECK-NOT: FAILED
    CHECK(is_quiet(sets[1])); /* FIRED's pipe is readable still */
    epoll_ctl(sets[1], EPOLL_CTL_MOD, ends[FIRED][0], &event);
    CHECK(epoll_wait(sets[1], &event, 1, 0) == 1 && event.data.u64 == 9);
    drain(FIRED);
    CHECK(data_of(sets[1], ONESHOT) == (uintptr_t)conns[ONESHOT]);
    CHECK(is_quiet(sets[1]));
    CHECK(data_of(sets[1], EDGE) == (uintptr_t)conns[EDGE]);
    CHECK(is_quiet(sets[1]));
}

static void check(void) {
    struct epoll_event event = {.events = EPOLLIN};

    CHECK(data_of(sets[1], TAGGED) == ((uintptr_t)conns[TAGGED] | 1));
    drain(TAGGED);
    check_flags();
    CHECK(data_of(sets[2], NUMBER) == ((uint64_t)ends[NUMBER][0] << 32 | 5));
    /* The same set still: what one number watches the other does. */
    CHECK(epoll_ctl(untouched, EPOLL_CTL_MOD, ends[NUMBER][0], &event) == 0);
    CHECK(epoll_wait(sets[2], &event, 1, 0) == 1 && event.data.u64 == 0);
    CHECK(is_quiet(outermost));
    CHECK(data_of(outermost, INTERIOR) == 77);
    CHECK(epoll_wait(outer, &event, 1, 0) == 1 && event.data.u64 == 78);
    CHECK(epoll_wait(sets[0], &event, 1, 0) == 1 && event.data.ptr == &conns[INTERIOR]->fd);
    CHECK(epoll_ctl(outer, EPOLL_CTL_MOD, sets[0], &event) == 0);
    CHECK(st_last_stats()->ptrs_conservative == 5);
    // CHECK: checked
    printf("checked\n");
}
