/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A stand-in for libmagicrt. See fake_runtime.h.
 */
#include "fake_runtime.h"

#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <magic/magic.h>
#include <st/st.h>

static jmp_buf base;
static char image[4096];
static int commits, value, restart_code;
static struct st_stats stats;
static struct st_error error;
static magic_log_t hook;
static struct st_error warning;
static const char *rules;
static size_t rules_len;
static unsigned flags;

void fake_run(int (*service_main)(const char *image))
{
    setjmp(base);
    exit(service_main(image));
}

int fake_commits(void)
{
    return commits;
}

void fake_set_value(int v)
{
    value = v;
}

void fake_set_restart(int code)
{
    restart_code = code;
}

void fake_log(const char *line)
{
    if (hook)
        hook(line);
}

void magic_setcb_log(magic_log_t cb)
{
    hook = cb;
}

void magic_init(void)
{
}

int magic_image_load(const char *path, struct magic_error *err)
{
    if (strcmp(path, "load-error") == 0) {
        err->code = MAGIC_ELOAD;
        snprintf(err->text, sizeof(err->text), "load-error: undefined symbol: gone");
        return MAGIC_ELOAD;
    }
    if (strcmp(path, "load-crash") == 0)
        raise(SIGSEGV);
    snprintf(image, sizeof(image), "%s", path);
    return 0;
}

void magic_image_enter(void)
{
    longjmp(base, 1);
}

int magic_image_can_restart(void)
{
    return restart_code;
}

void magic_image_restart(void)
{
    longjmp(base, 1);
}

void magic_image_commit(void)
{
    commits++;
}

/* More than a packet's text can hold. */
static void log_much(void)
{
    char line[256];

    for (int i = 0; i < 400; i++) {
        snprintf(line, sizeof(line), "warning: %d %0100d", i, 0);
        fake_log(line);
    }
}

/* A warning that has its parts, one of them with characters that would end a field or a line. */
static void log_warning_with_parts(void)
{
    char line[1024];

    warning = (struct st_error) { .entity = "s\tlimit",
        .member = ".soft",
        .type = "int",
        .file = "a\nb.c",
        .line = 7,
        .text = "s\tlimit.soft (a\nb.c:7): dropped" };
    snprintf(line, sizeof(line), "warning: %s", warning.text);
    fake_log(line);
    fake_log("something else");
}

/* A value that was got wrong. */
static void log_difference(void)
{
    char line[1024];

    warning = (struct st_error) { .entity = "limit",
        .member = ".hard",
        .type = "int",
        .file = "c.c",
        .line = 9,
        .text = "limit.hard (c.c:9): was 1, comes back as 2" };
    snprintf(line, sizeof(line), "difference: %s", warning.text);
    fake_log(line);
}

/* What the update was asked to do. */
static void log_wishes(void)
{
    char line[256];

    snprintf(line, sizeof(line), "flags %#x, %zu bytes of rules: %.*s", flags, rules_len,
        (int) rules_len, rules ? rules : "");
    fake_log(line);
}

static void set_error(void)
{
    error = (struct st_error) { .code = MAGIC_ELOST,
        .entity = "limit",
        .member = "[3].soft",
        .type = "unsigned char",
        .old_addr = 0x1000,
        .new_addr = 0x2000,
        .file = "src/main.c",
        .line = 7 };
    snprintf(error.text, sizeof(error.text), "value of 'limit' does not fit");
}

int _magic_state_transfer(void *info)
{
    (void) info;
    error = (struct st_error) { 0 };
    if (strcmp(image, "transfer-parts") == 0)
        log_warning_with_parts();
    if (strcmp(image, "transfer-wishes") == 0)
        log_wishes();
    if (strcmp(image, "transfer-warnings") == 0) {
        fake_log("warning: 'limit' was dropped");
        fake_log("handler of signal 3: dropped");
    }
    if (strcmp(image, "transfer-much") == 0)
        log_much();
    if (strcmp(image, "transfer-stale") == 0) {
        fake_log("stale pointer: access to 'limit'");
        raise(SIGSEGV);
    }
    stats = (struct st_stats) { .vars_paired = 11,
        .objects_moved = 22,
        .ns_scan = 33,
        .objects_in_place = 44,
        .bytes_moved = 55,
        .ns_verify = 66,
        .values_checked = 77,
        .values_unchecked = 88,
        .differences = 99 };
    if (strcmp(image, "transfer-difference") == 0)
        log_difference();
    if (strcmp(image, "transfer-much-error") == 0)
        log_much();
    if (strstr(image, "-error") || strcmp(image, "transfer-difference") == 0) {
        set_error();
        return MAGIC_ELOST;
    }
    return 0;
}

const struct st_stats *st_last_stats(void)
{
    return &stats;
}

const struct st_error *st_last_error(void)
{
    return &error;
}

const struct st_error *st_last_warning(void)
{
    return &warning;
}

size_t st_last_policies(const struct st_policy **ret)
{
    static const struct st_policy policies[] = { { "removed", "warn", 3 },
        { "lost", "refuse", 0 } };

    *ret = policies;
    return sizeof(policies) / sizeof(policies[0]);
}

void st_set_rules(const char *text, size_t len)
{
    rules = text;
    rules_len = len;
}

void st_set_flags(unsigned wanted)
{
    flags = wanted;
}

int magic_eval_bool(char *expr, char *result)
{
    if (strcmp(expr, "wrong") == 0)
        return MAGIC_ENOENT;
    if (value < 0)
        return value;
    *result = (char) value;
    return 0;
}

int magic_eval(const char *expr, char *result, size_t size, struct magic_error *err)
{
    (void) result;
    (void) size;
    err->code = MAGIC_ENOENT;
    snprintf(err->text, sizeof(err->text), "no variable '%s'", expr);
    return MAGIC_ENOENT;
}
