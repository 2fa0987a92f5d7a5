// SPDX-License-Identifier: BSD-2-Clause
// What the C library allocates for a program is the program's to read, resize and free.
#include "check.h"
#include <dirent.h>
#include <limits.h>
#include <regex.h>
#include <search.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

static int sum;
static int compare(const void *a, const void *b)
{
    return *(const int *) a - *(const int *) b;
}
static void visit(const void *node, VISIT when, int depth)
{
    (void) depth;
    if (when == postorder || when == leaf)
        sum += **(int *const *) node;
}

static void check_tree(void)
{
    void *root = NULL;

    for (int i = 0; i < 100; i++) {
        int *n = malloc(sizeof(*n));
        *n = i * 37 % 101;
        CHECK(*(int **) tsearch(n, &root, compare) == n);
    }
    twalk(root, visit);
    tdelete(&(int) { 37 }, &root, compare);
    CHECK(!tfind(&(int) { 37 }, &root, compare) && tfind(&(int) { 74 }, &root, compare));
    tdestroy(root, free);
}
static void check_text(void)
{
    char *text = NULL, *line = NULL, *grown;
    size_t n = 0, length = 0;
    FILE *out = open_memstream(&text, &n), *in;

    for (int i = 0; i < 1000; i++)
        fprintf(out, "line %d\n", i);
    fclose(out);
    in = fmemopen(text, n, "r");
    for (int i = 0; getline(&line, &length, in) > 0; i++)
        CHECK(atoi(line + 5) == i);
    fclose(in);
    CHECK(asprintf(&grown, "%s%05d", strndup("abcdef", 3), 42) == 8);
    grown = realloc(grown, 10000);
    CHECK(!strcmp(grown, "abc00042"));
    free(grown);
    free(line);
    free(text);
}

int main(void)
{
    regex_t regex;
    regmatch_t match[2];
    struct dirent **entries;
    char *cwd = getcwd(NULL, 0), *real = realpath("/usr/../usr/./bin", NULL);
    wchar_t *wide = wcsdup(L"wide");
    int found = scandir("/", &entries, NULL, alphasort), etc = 0;

    check_tree();
    check_text();
    CHECK(!regcomp(&regex, "b(.*)d", REG_EXTENDED) && !regexec(&regex, "abccd", 2, match, 0));
    CHECK(match[1].rm_so == 2 && match[1].rm_eo == 4 && cwd[0] == '/' && real[0] == '/');
    regfree(&regex);
    for (int i = 0; i < found; i++) {
        etc += !strcmp(entries[i]->d_name, "etc");
        free(entries[i]);
    }
    CHECK(etc == 1 && wcslen(wide) == 4);
    free(entries), free(cwd), free(real), free(wide);
    printf("ok %d\n", sum);
}
