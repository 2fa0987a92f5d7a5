/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Pages are well-formed whatever text is put into them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "html.h"

/* What `text` becomes. The caller frees it. */
static char *escaped(const char *text)
{
    char *buf;
    size_t size;
    FILE *out = open_memstream(&buf, &size);

    html_text(out, text);
    assert_int_equal(fclose(out), 0);
    return buf;
}

static void expect(const char *text, const char *want)
{
    char *got = escaped(text);

    assert_string_equal(got, want);
    free(got);
}

static void test_markup_is_escaped(void **state)
{
    (void) state;
    expect("a<b & \"c\" > 'd'", "a&lt;b &amp; &quot;c&quot; &gt; &#39;d&#39;");
    expect("</style><script>", "&lt;/style&gt;&lt;script&gt;");
    expect("", "");
}

static void test_control_characters(void **state)
{
    (void) state;
    expect("a\x1b[1m\x7f\rb", "a [1m  b");
    expect("a\n\tb", "a\n\tb");
}

/* Sequences that are cut, too long, surrogates or out of range are no UTF-8. */
static void test_bytes_that_are_no_utf8(void **state)
{
    (void) state;
    expect("\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80", "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80");
    expect("\xff", "?");
    expect("a\xc3", "a?");
    expect("\xe2\x82<", "??&lt;");
    expect("\xc0\xaf", "??");
    expect("\xe0\x80\xaf", "???");
    expect("\xed\xa0\x80", "???");
    expect("\xf4\x90\x80\x80", "????");
    expect("\xf0\x80\x80\x80", "????");
}

static void test_format(void **state)
{
    char *buf, *long_text = malloc(10000);
    size_t size;
    FILE *out = open_memstream(&buf, &size);

    (void) state;
    assert_non_null(long_text);
    memset(long_text, 'x', 9999);
    long_text[9999] = '\0';
    html_textf(out, "%d<%s", 7, "b");
    html_textf(out, "%s", long_text);
    assert_int_equal(fclose(out), 0);
    assert_memory_equal(buf, "7&lt;bxxx", 9);
    assert_int_equal(size, 6 + 4095);
    free(buf);
    free(long_text);
}

static void test_page(void **state)
{
    char *buf;
    size_t size;
    FILE *out = open_memstream(&buf, &size);

    (void) state;
    html_open(out, "a<b", ".mine{color:red}");
    html_close(out);
    assert_int_equal(fclose(out), 0);
    assert_memory_equal(buf, "<!DOCTYPE html>\n", 16);
    assert_non_null(strstr(buf, "<title>a&lt;b</title>"));
    assert_non_null(strstr(buf, "<h1>a&lt;b</h1>"));
    assert_non_null(strstr(buf, ".mine{color:red}</style>"));
    assert_string_equal(buf + size - 16, "</body>\n</html>\n");
    assert_null(strstr(buf, "http"));
    free(buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_markup_is_escaped),
        cmocka_unit_test(test_control_characters),
        cmocka_unit_test(test_bytes_that_are_no_utf8),
        cmocka_unit_test(test_format),
        cmocka_unit_test(test_page),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
