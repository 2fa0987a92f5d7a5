/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Words, durations, sizes and settings, and what their values are refused for.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sef/sef.h>

#include "names.h"
#include "settings.h"
#include "words.h"

/* Split and join with bars. */
static const char *split(const char *text)
{
    static char joined[256];
    char **words;
    joined[0] = '\0';
    if (words_split(text, 4, &words) < 0)
        return "refused";
    for (char **w = words; *w; w++) {
        strcat(joined, *w);
        strcat(joined, "|");
    }
    words_free(words);
    return joined;
}

static void test_words(void **state)
{
    char **words;
    (void) state;
    assert_string_equal(split(""), "");
    assert_string_equal(split(" \t "), "");
    assert_string_equal(split("a"), "a|");
    assert_string_equal(split("  a\tb  c "), "a|b|c|");
    assert_string_equal(split("'a b' \"c d\" e\\ f"), "a b|c d|e f|");
    assert_string_equal(split("a'b'\"c\"d"), "abcd|");
    assert_string_equal(split("'' \"\""), "||");
    assert_string_equal(split("'a\\' \"b\\\"\""), "a\\|b\"|");
    assert_string_equal(split("'a\"' \"b'\""), "a\"|b'|");
    assert_int_equal(words_split("'a", 4, &words), -EINVAL);
    assert_int_equal(words_split("\"a", 4, &words), -EINVAL);
    assert_int_equal(words_split("a\\", 4, &words), -EINVAL);
    assert_int_equal(words_split("a b c d e", 4, &words), -E2BIG);
    words_free(NULL);
}

static void test_spans(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
    } cases[] = { { "0", 0 }, { "1", 1000 }, { "1.5", 1500 }, { "0.0001", 1 }, { "20ms", 20 },
        { "2m", 120000 }, { "1h", 3600000 }, { "1d", -ERANGE }, { "3601", -ERANGE },
        { "", -EINVAL }, { "-1", -EINVAL }, { "1e3", -EINVAL }, { "1 s", -EINVAL },
        { "s", -EINVAL }, { "1.2.3", -EINVAL } };
    (void) state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint64_t ms = 7;
        int r = span_parse(cases[i].text, TIMEOUT_MAX_MS, &ms);
        assert_int_equal(r < 0 ? r : (int64_t) ms, cases[i].ms);
        assert_true(r == 0 || ms == 7);
    }
}

static void test_sizes(void **state)
{
    size_t size;
    (void) state;
    assert_int_equal(size_parse("0", 10, &size), 0);
    assert_int_equal(size, 0);
    assert_int_equal(size_parse("1.5K", 4096, &size), 0);
    assert_int_equal(size, 1536);
    assert_int_equal(size_parse("1T", SIZE_MAX / 2, &size), 0);
    assert_int_equal(size, (size_t) 1 << 40);
    assert_int_equal(size_parse("5K", 4096, &size), -ERANGE);
    assert_int_equal(size_parse("5k", 4096, &size), -EINVAL);
    assert_int_equal(size_parse("K", 4096, &size), -EINVAL);
}

/* A setting that is refused changes nothing; what may stand in a file alone is unknown elsewhere. */
static void test_settings(void **state)
{
    struct service_config config, copy;
    char why[SETTINGS_TEXT_MAX];
    (void) state;
    service_config_init(&config);
    service_config_init(&copy);
    assert_int_equal(settings_apply(&config, "RestartPolicy", "reset", false, why), 0);
    assert_int_equal(config.policy, SERVICE_POLICY_RESET);
    assert_int_equal(settings_apply(&config, "RestartPolicy", "never", false, why), -EINVAL);
    assert_string_equal(why, "RestartPolicy is restart, reset or none, not \"never\"");
    assert_int_equal(config.policy, SERVICE_POLICY_RESET);
    assert_int_equal(settings_apply(&config, "Start", "yes", false, why), -ENOENT);
    assert_int_equal(settings_apply(&config, "Start", "yes", true, why), 0);
    assert_int_equal(settings_apply(&config, "UpdateExpression", "a == b", false, why), 0);
    assert_int_equal(config.state, SEF_LU_STATE_EVAL);
    assert_int_equal(service_config_copy(&copy, &config), 0);
    assert_string_equal(copy.expression, "a == b");
    assert_true(copy.start);
    assert_int_equal(settings_apply(&config, "UpdateState", "2", false, why), 0);
    assert_null(config.expression);
    service_config_deinit(&config);
    service_config_deinit(&copy);
}

/* What is described can be set again, and gives the same. */
static void test_description(void **state)
{
    struct service_config config, again;
    char why[SETTINGS_TEXT_MAX];
    (void) state;
    service_config_init(&config);
    service_config_init(&again);
    config.no_restart = config.standby = true;
    config.heartbeat_ms = 1500;
    config.prepare_ms = 0;
    config.rerandomize_ms = 90000;
    config.prealloc = 12345;
    json_t *described = settings_describe(&config);
    assert_int_equal(settings_apply_all(&again, described, why), 0);
    json_t *twice = settings_describe(&again);
    assert_true(json_equal(described, twice));
    assert_true(again.no_restart && again.standby);
    assert_int_equal(again.heartbeat_ms, 1500);
    assert_int_equal(again.rerandomize_ms, 90000);
    json_decref(described);
    json_decref(twice);
    service_config_deinit(&config);
    service_config_deinit(&again);
}

static void test_environment(void **state)
{
    struct service_config config;
    (void) state;
    service_config_init(&config);
    assert_int_equal(service_config_add_env(&config, "A=1"), 0);
    assert_int_equal(service_config_add_env(&config, "AB=2"), 0);
    assert_int_equal(service_config_add_env(&config, "A=3"), 0);
    assert_string_equal(config.env[0], "A=3");
    assert_string_equal(config.env[1], "AB=2");
    assert_null(config.env[2]);
    service_config_deinit(&config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_spans),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_settings),
        cmocka_unit_test(test_description),
        cmocka_unit_test(test_environment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
