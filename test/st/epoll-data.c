/* The data of epoll registrations that points to rebuilt objects is forwarded, in a set of the
 * new instance's own. */
// RUN: %versions
// RUN: %update | FileCheck %s
#include <sys/epoll.h>
#include <unistd.h>
#include "harness.h"

struct conn {
#if V == 2
    long added;
#endif
    int fd;
};
static struct conn *conn;
static int ep, pipefd[2];

static void setup(void) {
    struct epoll_event event = {.events = EPOLLIN};

    if (pipe(pipefd) < 0 || (ep = epoll_create1(EPOLL_CLOEXEC)) < 0)
        exit(1);
    conn = malloc(sizeof(*conn));
    conn->fd = pipefd[0];
    event.data.ptr = conn;
    epoll_ctl(ep, EPOLL_CTL_ADD, conn->fd, &event);
}

static void check(void) {
    struct epoll_event event;

    // CHECK-COUNT-3: ok:
    CHECK(write(pipefd[1], "x", 1) == 1);
    CHECK(epoll_wait(ep, &event, 1, 1000) == 1 && event.data.ptr == conn);
    CHECK(conn->fd == pipefd[0]);
}
