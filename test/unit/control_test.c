/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Framing of the control protocol, checked JSON access, and the names that users write.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include <sef/sef.h>

#include "control.h"
#include "json.h"
#include "names.h"

/* ---- Frames ------------------------------------------------------------------------------ */

struct wire {
    int fds[2];
    struct control_reader reader;
};

static int set_up(void **state)
{
    struct wire *wire = calloc(1, sizeof *wire);
    wire->reader.max = 1000;
    *state = wire;
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, wire->fds);
}

static int tear_down(void **state)
{
    struct wire *wire = *state;
    control_reader_deinit(&wire->reader);
    close(wire->fds[0]);
    if (wire->fds[1] >= 0)
        close(wire->fds[1]);
    free(wire);
    return 0;
}

static void put(struct wire *wire, const void *bytes, size_t len)
{
    assert_int_equal(write(wire->fds[1], bytes, len), len);
}

static int fill(struct wire *wire)
{
    int r;
    do
        r = control_reader_fill(&wire->reader, wire->fds[0]);
    while (r == 0);
    return r;
}

static void frame_round_trip(void **state)
{
    struct wire *wire = *state;
    json_t *object = json_pack("{s:s, s:i}", "text", "\u00e9", "number", 7), *back;
    unsigned char *frame;
    size_t len;
    char why[JSON_ERROR_TEXT_LENGTH];
    assert_int_equal(control_frame(object, 1000, &frame, &len), 0);
    for (size_t i = 0; i < len; i++) {
        assert_int_equal(fill(wire), -EAGAIN);
        put(wire, frame + i, 1);
    }
    put(wire, "next", 4);
    assert_int_equal(fill(wire), 1);
    assert_int_equal(control_reader_parse(&wire->reader, &back, why), 0);
    assert_true(json_equal(object, back));
    char rest[8];
    assert_int_equal(read(wire->fds[0], rest, sizeof rest), 4);
    json_decref(back);
    json_decref(object);
    free(frame);
}

/* Send bytes with descriptors of /dev/null. */
static void put_files(struct wire *wire, const void *bytes, size_t len, size_t n)
{
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(8 * sizeof(int))];
    } control = { .header = { .cmsg_len = CMSG_LEN(n * sizeof(int)),
                      .cmsg_level = SOL_SOCKET,
                      .cmsg_type = SCM_RIGHTS } };
    char copy[64];
    memcpy(copy, bytes, len);
    struct iovec iov = { .iov_base = copy, .iov_len = len };
    struct msghdr message = { .msg_iov = &iov,
        .msg_iovlen = 1,
        .msg_control = &control,
        .msg_controllen = CMSG_SPACE(n * sizeof(int)) };
    int fd = open("/dev/null", O_RDONLY);
    for (size_t i = 0; i < n; i++)
        memcpy(CMSG_DATA(&control.header) + i * sizeof fd, &fd, sizeof fd);
    assert_int_equal(sendmsg(wire->fds[1], &message, 0), len);
    close(fd);
}

/* The number that the next descriptor will have. */
static int next_fd(void)
{
    int fd = dup(0);
    close(fd);
    return fd;
}

static void frame_with_files(void **state)
{
    struct wire *wire = *state;
    int next = next_fd(), file = -1;
    put_files(wire, "\4\0\0\0", 4, 1);
    assert_int_equal(control_reader_fill(&wire->reader, wire->fds[0]), 0);
    assert_int_equal(next_fd(), next);
    put_files(wire, "{}", 2, 8);
    assert_int_equal(control_reader_fill_file(&wire->reader, wire->fds[0], &file), 0);
    assert_int_equal(file, next);
    assert_int_equal(fcntl(file, F_GETFD), FD_CLOEXEC);
    put_files(wire, "  ", 2, 1);
    assert_int_equal(control_reader_fill_file(&wire->reader, wire->fds[0], &file), 1);
    assert_int_equal(file, next);
    close(file);
    assert_int_equal(next_fd(), next);
}

static void frame_bounds(void **state)
{
    struct wire *wire = *state;
    static const unsigned char bad[][4] = { { 0, 0, 0, 0 }, { 0xe9, 3, 0, 0 },
        { 0xff, 0xff, 0xff, 0xff } };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        put(wire, bad[i], sizeof bad[i]);
        assert_int_equal(fill(wire), -EMSGSIZE);
        control_reader_deinit(&wire->reader);
    }
    json_t *object = json_pack("{s:s}", "key", "0123456789");
    unsigned char *frame;
    size_t len;
    assert_int_equal(control_frame(object, 18, &frame, &len), -EMSGSIZE);
    assert_int_equal(control_frame(object, 20, &frame, &len), 0);
    assert_int_equal(len, 4 + 20);
    free(frame);
    json_decref(object);
}

static void frame_cut_off(void **state)
{
    struct wire *wire = *state;
    put(wire, "\4\0\0\0{}", 6);
    assert_int_equal(fill(wire), -EAGAIN);
    close(wire->fds[1]);
    wire->fds[1] = -1;
    assert_int_equal(fill(wire), -ECONNRESET);
    control_reader_deinit(&wire->reader);
    assert_int_equal(fill(wire), -ENODATA);
}

static void frame_content(void **state)
{
    struct wire *wire = *state;
    static const char *const bad[] = { "[]", "1", "{", "{\"a\":1,\"a\":2}", "{\"a\":\"\\u0000\"}",
        "{\"a\":\"\xff\"}", "{} {}", "nothing" };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        unsigned char len = (unsigned char) strlen(bad[i]);
        char why[JSON_ERROR_TEXT_LENGTH] = "";
        json_t *object;
        put(wire, (unsigned char[4]) { len }, 4);
        put(wire, bad[i], len);
        assert_int_equal(fill(wire), 1);
        assert_int_equal(control_reader_parse(&wire->reader, &object, why), -EBADMSG);
        assert_true(why[0]);
        control_reader_deinit(&wire->reader);
    }
}

static void places(void **state)
{
    char dir[PATH_MAX], longest[200];
    struct sockaddr_un address;
    (void) state;
    setenv("XDG_RUNTIME_DIR", "/x", 1);
    assert_int_equal(control_runtime_dir(dir), 0);
    assert_string_equal(dir, "/x/sef");
    setenv("XDG_RUNTIME_DIR", "relative", 1);
    assert_int_equal(control_runtime_dir(dir), 0);
    assert_string_equal(dir, "/run/sef");
    unsetenv("XDG_RUNTIME_DIR");
    assert_int_equal(control_runtime_dir(dir), 0);
    assert_string_equal(dir, "/run/sef");

    memset(longest, 'x', sizeof longest);
    longest[sizeof address.sun_path] = '\0';
    assert_int_equal(control_address(longest, &address), -ENAMETOOLONG);
    assert_int_equal(control_address("", &address), -ENAMETOOLONG);
    longest[sizeof address.sun_path - 1] = '\0';
    assert_int_equal(control_address(longest, &address), 0);
    assert_string_equal(address.sun_path, longest);
}

/* ---- Members ----------------------------------------------------------------------------- */

static void members(void **state)
{
    json_t *object = json_pack("{s:s, s:i, s:b, s:[ss], s:[i], s:n}", "text", "four", "number", 42,
        "flag", 1, "list", "a", "b", "numbers", 1, "null");
    const char *text = "kept", **list = NULL;
    int64_t number = -1;
    bool flag = false;
    (void) state;
    assert_int_equal(json_get_string(object, "none", 9, &text), -ENOENT);
    assert_int_equal(json_get_string(object, "null", 9, &text), -EINVAL);
    assert_int_equal(json_get_string(object, "text", 3, &text), -ERANGE);
    assert_string_equal(text, "kept");
    assert_int_equal(json_get_string(object, "text", 4, &text), 0);
    assert_string_equal(text, "four");
    assert_int_equal(json_get_integer(object, "text", 0, 99, &number), -EINVAL);
    assert_int_equal(json_get_integer(object, "number", 43, 99, &number), -ERANGE);
    assert_int_equal(json_get_integer(object, "number", 0, 41, &number), -ERANGE);
    assert_int_equal(json_get_integer(object, "number", 42, 42, &number), 0);
    assert_int_equal(number, 42);
    assert_int_equal(json_get_boolean(object, "number", &flag), -EINVAL);
    assert_int_equal(json_get_boolean(object, "flag", &flag), 0);
    assert_true(flag);
    assert_int_equal(json_get_strings(object, "text", 9, &list), -EINVAL);
    assert_int_equal(json_get_strings(object, "numbers", 9, &list), -EINVAL);
    assert_int_equal(json_get_strings(object, "list", 1, &list), -ERANGE);
    assert_int_equal(json_get_strings(object, "list", 2, &list), 0);
    assert_string_equal(list[1], "b");
    assert_null(list[2]);
    free(list);
    json_decref(object);
}

static void text_of_any_bytes(void **state)
{
    (void) state;
    json_t *good = json_text("\xc3\xa9"), *bad = json_text("a\xff\xc3\xa9z");
    assert_string_equal(json_string_value(good), "\xc3\xa9");
    assert_string_equal(json_string_value(bad), "a???z");
    json_decref(good);
    json_decref(bad);
}

/* ---- Names ------------------------------------------------------------------------------- */

static void labels(void **state)
{
    char longest[66];
    (void) state;
    memset(longest, 'x', sizeof longest);
    longest[65] = '\0';
    assert_false(label_is_valid(longest));
    longest[64] = '\0';
    assert_true(label_is_valid(longest));
    assert_true(label_is_valid("kvd-1.A_b"));
    assert_true(label_is_valid("..."));
    assert_false(label_is_valid(""));
    assert_false(label_is_valid("."));
    assert_false(label_is_valid(".."));
    assert_false(label_is_valid("a/b"));
    assert_false(label_is_valid("\xc3\xa9"));
}

static void states(void **state)
{
    int n = -1;
    (void) state;
    for (int i = SEF_LU_STATE_WORK_FREE; i < SEF_LU_STATE_CUSTOM_BASE; i++) {
        assert_int_equal(state_parse(state_name(i), &n), 0);
        assert_int_equal(n, i);
    }
    assert_null(state_name(SEF_LU_STATE_NULL));
    assert_null(state_name(SEF_LU_STATE_CUSTOM_BASE));
    assert_null(state_name(-1));
    assert_int_equal(state_parse("2147483647", &n), 0);
    assert_int_equal(n, INT_MAX);
    static const char *const bad[] = { "", "0", "-1", "2147483648", "7x", "null",
        "99999999999999999999" };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(state_parse(bad[i], &n), -EINVAL);
}

static void durations(void **state)
{
    static const struct {
        const char *text;
        int r;
        unsigned ms;
    } cases[] = {
        { "1", 0, 1000 },
        { "1.5", 0, 1500 },
        { "250ms", 0, 250 },
        { "2s", 0, 2000 },
        { "60m", 0, 3600000 },
        { "0.1ms", 0, 1 },
        { "0", -ERANGE, 0 },
        { "61m", -ERANGE, 0 },
        { "1e3", -EINVAL, 0 },
        { "-1", -EINVAL, 0 },
        { "", -EINVAL, 0 },
        { "s", -EINVAL, 0 },
        { "1h", -EINVAL, 0 },
        { "1 s", -EINVAL, 0 },
        { "1.2.3", -EINVAL, 0 },
        { "inf", -EINVAL, 0 },
        { "0x10", -EINVAL, 0 },
        { "99999999999999999999m", -ERANGE, 0 },
    };
    (void) state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        unsigned ms = 0;
        assert_int_equal(duration_parse(cases[i].text, &ms), cases[i].r);
        assert_int_equal(ms, cases[i].ms);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(frame_round_trip, set_up, tear_down),
        cmocka_unit_test_setup_teardown(frame_with_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(frame_bounds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(frame_cut_off, set_up, tear_down),
        cmocka_unit_test_setup_teardown(frame_content, set_up, tear_down),
        cmocka_unit_test(places),
        cmocka_unit_test(members),
        cmocka_unit_test(text_of_any_bytes),
        cmocka_unit_test(labels),
        cmocka_unit_test(states),
        cmocka_unit_test(durations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
