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
static int commits, value;
static struct st_stats stats;
static struct st_error error;
static magic_log_t hook;

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

void magic_image_commit(void)
{
    commits++;
}

/* More than a packet's text can hold. */
static void log_much(void)
{
    char line[256];

    for (int i = 0; i < 100; i++) {
        snprintf(line, sizeof(line), "warning: %d %0100d", i, 0);
        fake_log(line);
    }
}

int _magic_state_transfer(void *info)
{
    (void) info;
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
    stats = (struct st_stats) { .vars_paired = 11, .objects_moved = 22, .ns_scan = 33 };
    if (strcmp(image, "transfer-error") == 0) {
        error = (struct st_error) { .code = MAGIC_ELOST };
        snprintf(error.text, sizeof(error.text), "value of 'limit' does not fit");
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
