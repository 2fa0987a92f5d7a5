/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The request to start: image, options, and what a service without the runtime makes of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "sef_internal.h"

static struct sef__inherit inherit;
static char why[256];

static int read_text(const char *text)
{
    why[0] = '\0';
    return sef__inherit_read(&inherit, text, why, sizeof(why));
}

static void test_image_alone(void **state)
{
    (void) state;
    memset(inherit.rules, 'x', 10);
    assert_int_equal(read_text("/images/s/2/kvd"), OK);
    assert_string_equal(inherit.path, "/images/s/2/kvd");
    assert_string_equal(inherit.rules, "");
}

static void test_rules(void **state)
{
    (void) state;
    assert_int_equal(read_text("/v2\nrules=/r u=l"), OK);
    assert_string_equal(inherit.path, "/v2");
    assert_string_equal(inherit.rules, "/r u=l");
}

static void test_prealloc(void **state)
{
    (void) state;
    assert_int_equal(read_text("/v2\nprealloc=65536\nrules=/r"), OK);
    assert_int_equal(inherit.prealloc, 65536);
    assert_int_equal(read_text("/v2"), OK);
    assert_int_equal(inherit.prealloc, 0);
    assert_int_equal(read_text("/v2\nprealloc="), EINVAL);
    assert_int_equal(read_text("/v2\nprealloc=-1"), EINVAL);
    assert_int_equal(read_text("/v2\nprealloc=1K"), EINVAL);
    assert_string_equal(why, "not a size: 1K");
    assert_int_equal(read_text("/v2\nprealloc=99999999999999999999"), EINVAL);
}

static void test_refused(void **state)
{
    char text[PATH_MAX + 20];

    (void) state;
    assert_int_equal(read_text(""), EINVAL);
    assert_string_equal(why, "no image to update to");
    assert_int_equal(read_text("\nrules=/x"), EINVAL);
    assert_int_equal(read_text("/v2\n"), EINVAL);
    assert_string_equal(why, "unknown option of the request: ");
    assert_int_equal(read_text("/v2\nrule=/x\nrules=/x"), EINVAL);
    assert_string_equal(why, "unknown option of the request: rule=/x");
    assert_int_equal(read_text("/v2\nrules="), EINVAL);
    assert_string_equal(why, "a path is missing");
    memset(text, 'p', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    assert_int_equal(read_text(text), ENAMETOOLONG);
    memcpy(text, "/v2\nrules=", 10);
    assert_int_equal(read_text(text), ENAMETOOLONG);
    assert_string_equal(why, "a path is too long");
    text[10 + PATH_MAX - 1] = '\0';
    assert_int_equal(read_text(text), OK);
}

static void test_runtime_is_absent(void **state)
{
    (void) state;
    memset(&inherit, 0, sizeof(inherit));
    assert_int_equal(sef__wishes_pass(&inherit, why, sizeof(why)), OK);
    strcpy(inherit.rules, "/dev/null");
    assert_int_equal(sef__wishes_pass(&inherit, why, sizeof(why)), ENOSYS);
    assert_string_equal(why, "the service's runtime knows no rules");
    inherit.flags = SEF_LU_VERIFY;
    assert_int_equal(sef__wishes_pass(&inherit, why, sizeof(why)), ENOSYS);
    assert_string_equal(why, "the service's runtime cannot verify a transfer");
    sef__wishes_drop();
}

/* Make a file of `size` bytes. Returns its name. */
static const char *make_file(size_t size)
{
    static char path[] = "/tmp/sef_wishes.XXXXXX";
    int fd;

    strcpy(path + sizeof(path) - 7, "XXXXXX");
    fd = mkstemp(path);
    assert_true(fd >= 0);
    for (size_t i = 0; i < size; i++)
        assert_int_equal(write(fd, i % 2 ? "b" : "a", 1), 1);
    close(fd);
    return path;
}

static void test_file_is_read(void **state)
{
    static const size_t sizes[] = { 0, 1, 4095, 4096, 5000 };
    struct sef__file file;

    (void) state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        const char *path = make_file(sizes[i]);

        assert_int_equal(sef__os_file_read(path, 5000, &file), OK);
        assert_int_equal(file.len, sizes[i]);
        for (size_t k = 0; k < file.len; k++)
            assert_int_equal(file.text[k], k % 2 ? 'b' : 'a');
        sef__os_file_drop(&file);
        assert_null(file.text);
        unlink(path);
    }
    sef__os_file_drop(&file);
}

static void test_file_that_cannot_be_read(void **state)
{
    struct sef__file file = { 0 };
    const char *path = make_file(5001);

    (void) state;
    assert_int_equal(sef__os_file_read(path, 5000, &file), EFBIG);
    unlink(path);
    assert_int_equal(sef__os_file_read(path, 5000, &file), ENOENT);
    assert_int_equal(sef__os_file_read("/", 5000, &file), EISDIR);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(sef__os_file_read(path, 5000, &file), OK);
    assert_int_equal(file.len, 0);
    sef__os_file_drop(&file);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_image_alone),
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_prealloc),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_runtime_is_absent),
        cmocka_unit_test(test_file_is_read),
        cmocka_unit_test(test_file_that_cannot_be_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
