/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The table of policies in docs/rules.md is that of the code: each policy, its default and what it is
 * about, in this order, and no other.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pair/rules.h"

static const struct {
    const char *name;
    enum st__action standard;
    const char *text;
} policies[] = {
#define ENTRY(name, action, text) { #name, ST__##action, text },
    ST__POLICIES(ENTRY)
#undef ENTRY
};

static void test_table_of_policies(void **state)
{
    FILE *file = fopen(DOCS "/rules.md", "r");
    char *line = NULL, want[512];
    size_t size = 0, n = 0;
    bool inside = false;

    (void) state;
    assert_non_null(file);
    while (getline(&line, &size, file) > 0) {
        if (strncmp(line, "| policy |", 10) == 0) {
            inside = getline(&line, &size, file) > 0;
            continue;
        }
        inside = inside && line[0] == '|';
        if (!inside)
            continue;
        assert_true(n < ST__N_POLICIES);
        snprintf(want, sizeof(want), "| `%s` | %s | %s |\n", policies[n].name,
            st__action_name(policies[n].standard), policies[n].text);
        assert_string_equal(line, want);
        n++;
    }
    assert_int_equal(n, ST__N_POLICIES);
    free(line);
    fclose(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_table_of_policies) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
