/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What sefd tells the service manager, and the manager's store of descriptors: this process is
 * manager and daemon in one, with a notification socket of its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "notify.h"

static int manager = -1;

static int set_up(void **state)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int n = snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "sef-notify-%d", getpid());
    char name[sizeof address.sun_path + 1];
    (void) state;
    manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    snprintf(name, sizeof name, "@%s", address.sun_path + 1);
    if (manager < 0 || setenv("NOTIFY_SOCKET", name, 1) < 0)
        return -1;
    return bind(manager, (struct sockaddr *) &address,
        (socklen_t) (offsetof(struct sockaddr_un, sun_path) + 1 + (size_t) n));
}

static int tear_down(void **state)
{
    (void) state;
    close(manager);
    return 0;
}

/* The next message to the manager must be `text`; returns the descriptor in it, or -1. */
static int expect_message(const char *text)
{
    char got[512];
    union {
        struct cmsghdr head;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec iov = { got, sizeof got - 1 };
    struct msghdr msg = {
        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control
    };
    int fd = -1;
    ssize_t n = recvmsg(manager, &msg, MSG_CMSG_CLOEXEC);

    assert_true(n >= 0);
    got[n] = '\0';
    assert_string_equal(got, text);
    struct cmsghdr *head = CMSG_FIRSTHDR(&msg);
    if (head && head->cmsg_type == SCM_RIGHTS)
        memcpy(&fd, CMSG_DATA(head), sizeof fd);
    return fd;
}

static void same_file(int a, int b)
{
    struct stat x, y;
    assert_return_code(fstat(a, &x), errno);
    assert_return_code(fstat(b, &y), errno);
    assert_true(x.st_dev == y.st_dev && x.st_ino == y.st_ino);
}

static void a_pushed_descriptor_reaches_the_manager_with_its_name(void **state)
{
    int ends[2];
    (void) state;
    assert_return_code(pipe2(ends, O_CLOEXEC), errno);
    assert_int_equal(notify_store_push("service.kvd", ends[0]), 0);
    int fd = expect_message("FDSTORE=1\nFDNAME=service.kvd");
    same_file(fd, ends[0]);
    close(fd);
    assert_int_equal(notify_store_remove("service.kvd"), 0);
    assert_int_equal(expect_message("FDSTOREREMOVE=1\nFDNAME=service.kvd"), -1);
    close(ends[0]);
    close(ends[1]);
}

static void names_that_the_manager_would_refuse_are_refused(void **state)
{
    char name[NOTIFY_NAME_MAX + 2];
    static const char *const wrong[] = { "", "a:b", "a b", "a\nREADY=1", "\xc3\xa4" };
    (void) state;
    memset(name, 'x', sizeof name);
    name[sizeof name - 1] = '\0';
    assert_int_equal(notify_store_push(name, 0), -EINVAL);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(notify_store_push(wrong[i], 0), -EINVAL);
        assert_int_equal(notify_store_remove(wrong[i]), -EINVAL);
    }
    name[NOTIFY_NAME_MAX] = '\0';
    assert_int_equal(notify_store_remove(name), 0);
    char text[sizeof name + 32];
    snprintf(text, sizeof text, "FDSTOREREMOVE=1\nFDNAME=%s", name);
    expect_message(text);
}

static void without_a_manager_nothing_is_kept(void **state)
{
    char *name = strdup(getenv("NOTIFY_SOCKET"));
    struct notify_store store;
    (void) state;
    unsetenv("NOTIFY_SOCKET");
    assert_int_equal(notify_store_push("a", STDIN_FILENO), -EOPNOTSUPP);
    assert_int_equal(notify_store_remove("a"), 0);
    notify_ready("here");
    assert_int_equal(notify_store_init(&store), 0);
    int fd;
    assert_int_equal(notify_store_pop(&store, "a", &fd), -ENOENT);
    notify_store_deinit(&store);
    assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
    free(name);
}

static void the_manager_is_told_of_the_state(void **state)
{
    (void) state;
    notify_ready("Waiting");
    expect_message("READY=1\nSTATUS=Waiting");
    notify_main_pid(77);
    expect_message("MAINPID=77");
    notify_reloading();
    expect_message("RELOADING=1");
    notify_stopping();
    expect_message("STOPPING=1");
}

static void signs_of_life_are_sent_if_wanted(void **state)
{
    sd_event *event;
    (void) state;
    assert_return_code(sd_event_new(&event), errno);
    assert_int_equal(notify_watchdog(event), 0);
    setenv("WATCHDOG_USEC", "40000", 1);
    assert_int_equal(notify_watchdog(event), 40000);
    expect_message("WATCHDOG=1");
    while (recv(manager, (char[1]) { 0 }, 1, MSG_PEEK | MSG_DONTWAIT) < 0)
        assert_true(sd_event_run(event, UINT64_MAX) >= 0);
    expect_message("WATCHDOG=1");
    setenv("WATCHDOG_USEC", "soon", 1);
    assert_true(notify_watchdog(event) < 0);
    unsetenv("WATCHDOG_USEC");
    sd_event_unref(event);
}

/* In a process of its own, since descriptors come at fixed numbers. Returns the number of the check
 * that failed. */
static int take_over(int a, int b)
{
    struct notify_store store;
    char pid[16];
    int first, second, fd;

    snprintf(pid, sizeof pid, "%d", getpid());
    if (dup2(a, 3) < 0 || dup2(b, 4) < 0 || dup2(a, 5) < 0)
        return 1;
    setenv("LISTEN_PID", pid, 1);
    setenv("LISTEN_FDS", "3", 1);
    setenv("LISTEN_FDNAMES", "state:service.kvd:state", 1);
    if (notify_store_init(&store) != 0 || store.n != 3 || getenv("LISTEN_FDS"))
        return 2;
    if (notify_store_pop(&store, "other", &fd) != -ENOENT)
        return 3;
    if (notify_store_pop(&store, "service.kvd", &fd) != 0 || fd != 4)
        return 4;
    if (notify_store_pop(&store, "service.kvd", &second) != -ENOENT)
        return 5;
    if (notify_store_pop(&store, "state", &first) != 0 || first != 3)
        return 6;
    if (!(fcntl(first, F_GETFD) & FD_CLOEXEC))
        return 7;
    notify_store_deinit(&store);
    if (fcntl(5, F_GETFD) >= 0 || fcntl(first, F_GETFD) < 0 || fcntl(fd, F_GETFD) < 0)
        return 8;
    return notify_store_init(&store) != 0 || store.n != 0 ? 9 : 0;
}

static void kept_descriptors_are_popped_by_name(void **state)
{
    int ends[2], status;
    (void) state;
    assert_return_code(pipe(ends), errno);
    pid_t pid = fork();
    if (pid == 0) {
        int a = fcntl(ends[0], F_DUPFD, 10), b = fcntl(ends[1], F_DUPFD, 10);
        _exit(take_over(a, b));
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pushed_descriptor_reaches_the_manager_with_its_name),
        cmocka_unit_test(names_that_the_manager_would_refuse_are_refused),
        cmocka_unit_test(without_a_manager_nothing_is_kept),
        cmocka_unit_test(the_manager_is_told_of_the_state),
        cmocka_unit_test(signs_of_life_are_sent_if_wanted),
        cmocka_unit_test(kept_descriptors_are_popped_by_name),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
