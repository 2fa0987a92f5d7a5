/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What makes a test program update itself: no supervisor, no fork, one process.
 *
 * Each test defines setup(), run by version 1, and check(), run by version 2 after the transfer.
 * The environment variable ST_NEXT names the images to go to, separated by colons; ST_RULES has rules.
 * A test with PREPARE defines prepare(), called before each transfer, for callbacks.
 */
#ifndef HARNESS_H
#define HARNESS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <magic/magic.h>
#include <st/st.h>

static void setup(void);
static void check(void);
#ifdef PREPARE
static void prepare(void);
#else
static void prepare(void) {
}
#endif

static void harness_log(const char *line) {
    printf("%s\n", line);
}

/* Go to the next image, if any is left; returns otherwise. */
static void harness_next(void) {
    char path[4096], *list = getenv("ST_NEXT"), *colon;
    struct magic_error err = {0};

    if (!list || !*list)
        return;
    snprintf(path, sizeof(path), "%s", list);
    colon = strchr(path, ':');
    setenv("ST_NEXT", colon ? colon + 1 : "", 1);
    if (colon)
        *colon = '\0';
    setenv("ST_UPDATE", "1", 1);
    if (magic_image_load(path, &err) != 0) {
        printf("load: %s\n", err.text);
        exit(2);
    }
    magic_image_enter();
}

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    magic_setcb_log(harness_log);
    if (getenv("ST_UPDATE")) {
        const char *rules = getenv("ST_RULES");

        st_set_flags(getenv("ST_UNVERIFIED") ? 0 : ST_VERIFY);
        st_set_rules(rules, rules ? strlen(rules) : 0);
        prepare();
        if (_magic_state_transfer(NULL) != 0) {
            printf("refused: %s\n", st_last_error()->text);
            _exit(3);
        }
        magic_image_commit();
        check();
    } else {
        setup();
    }
    harness_next();
    return 0;
}

#define CHECK(cond) printf("%s: %s\n", (cond) ? "ok" : "FAILED", #cond)

#endif
