/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A service whose supervisor was killed works on, and finds the next one where it was told to look.
 */
#include "driver.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static char directory[] = "/tmp/sef-resume.XXXXXX";
static char path[64];

static int make_path(void **state)
{
    (void) state;
    if (!mkdtemp(directory))
        return -1;
    snprintf(path, sizeof(path), "%s/socket", directory);
    service_resume_path = path;
    return 0;
}

static int remove_path(void **state)
{
    (void) state;
    unlink(path);
    return rmdir(directory);
}

static int start_listening(void)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

    strcpy(address.sun_path, path);
    unlink(path);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *) &address, sizeof(address)), 0);
    assert_int_equal(listen(fd, 4), 0);
    return fd;
}

static void hang_up(struct service *s)
{
    close(s->control);
    s->control = -1;
}

/* Take the service's connection and hear who it is. */
static void meet(struct service *s, int listener)
{
    struct sef_packet packet;

    s->control = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    assert_true(s->control >= 0);
    packet = service_expect_text(s, RS_RESUME, OK, "test");
    assert_int_equal(packet.endpoint, 7);
}

static void resume(struct service *s, int listener)
{
    meet(s, listener);
    service_send(s, RS_RESUME, 0, 0, "");
}

static void finds_the_next(const char *mode)
{
    struct service s;
    long fd;
    int listener;

    service_start_fresh(&s, SERVICE_FAKE, mode);
    fd = service_ask_number(&s, 'd', "fd");
    hang_up(&s);
    unlink(path);
    service_ask(&s, 'n', "endpoint 7"); /* nobody listens, and it works */
    listener = start_listening();
    resume(&s, listener);
    assert_int_equal(service_ask_number(&s, 'd', "fd"), fd);
    service_make_ready(&s, 0);
    service_send_start(&s, 0, 20000, "v2");
    service_expect_line(&s, "init state 1");
    service_expect(&s, RS_LU_START, OK);
    service_send(&s, RS_LU_COMMIT, 0, 0, "");
    service_expect(&s, RS_LU_COMMIT, OK);
    /* The new instance does the same. */
    hang_up(&s);
    resume(&s, listener);
    service_ask(&s, 'n', "endpoint 7");
    service_end(&s);
    close(listener);
}

static void test_wait(void **state)
{
    (void) state;
    finds_the_next("wait");
}

static void test_epoll(void **state)
{
    (void) state;
    finds_the_next("epoll");
}

static void test_own_loop(void **state)
{
    (void) state;
    finds_the_next("loop");
}

static void test_one_that_does_not_know_it(void **state)
{
    struct sef_packet no = {
        .magic = SEF_WIRE_MAGIC, .version = SEF_WIRE_VERSION, .type = RS_RESUME, .result = ESRCH
    };
    struct service s;
    int listener = start_listening();

    (void) state;
    service_start_fresh(&s, SERVICE_FAKE, "wait");
    hang_up(&s);
    meet(&s, listener);
    assert_true(send(s.control, &no, offsetof(struct sef_packet, text) + 1, 0) > 0);
    service_expect_hangup(&s);
    service_ask(&s, 'd', "fd -1");
    service_end(&s);
    close(listener);
}

static void test_lost_while_ready(void **state)
{
    struct service s;
    int listener = start_listening();

    (void) state;
    service_start_fresh(&s, SERVICE_FAKE, "wait");
    service_make_ready(&s, 0);
    hang_up(&s);
    resume(&s, listener);
    service_ask(&s, 'n', "endpoint 7");
    service_end(&s);
    close(listener);
}

static void test_lost_in_mid_update(void **state)
{
    struct service s;
    int listener = start_listening();

    (void) state;
    service_start_fresh(&s, SERVICE_FAKE, "wait");
    service_make_ready(&s, 0);
    service_send_start(&s, 0, 20000, "v2");
    service_expect_line(&s, "init state 1");
    service_expect(&s, RS_LU_START, OK);
    hang_up(&s);
    resume(&s, listener); /* rolled back */
    assert_int_equal(service_ask_number(&s, 'p', "pid"), s.pid);
    service_end(&s);
    close(listener);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wait),
        cmocka_unit_test(test_epoll),
        cmocka_unit_test(test_own_loop),
        cmocka_unit_test(test_one_that_does_not_know_it),
        cmocka_unit_test(test_lost_while_ready),
        cmocka_unit_test(test_lost_in_mid_update),
    };

    return cmocka_run_group_tests(tests, make_path, remove_path);
}
