/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A service for sefdump to look into. "sample wait" says "ready" and waits for its input to end;
 * "sample eval EXPR..." evaluates expressions about itself.
 */
#include <magic/magic.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef unsigned int u32;
enum color { RED, GREEN = 5, BLUE = -1 };

struct entry {
    struct entry *next;
    char name[16];
    u32 hits;
    unsigned low : 3, high : 5;
    enum color color;
    double weight;
    union {
        long l;
        char c;
    } u;
    long double precise;
    _Bool flag;
};

typedef struct {
    int fd;
    char *label;
} conn_t;

struct entry first = {
    .name = "alpha",
    .hits = 7,
    .low = 5,
    .high = 17,
    .color = GREEN,
    .weight = 2.5,
    .u.l = 42,
    .precise = 1.25L,
    .flag = 1,
};
struct entry *head = &first;
static int counter = -3;
conn_t conns[4] = { { 1, "one" }, { 2, "two" } };
const char *greeting = "hello \"you\"";
char unterminated[4] = { 'f', 'u', 'l', 'l' };
__thread int per_thread = 4;
unsigned long big[1000];
const int constants[3] = { 1, 2, 3 };
int *dangling = (int *) 16;

static int handle(int a, char *b)
{
    static long calls;

    calls += a;
    return b[0] + counter++ + (int) calls;
}
int (*handler)(int, char *) = handle;

static void build(void)
{
    conn_t *many = calloc(5000, sizeof(*many));
    int i;

    for (i = 0; i < 10; i++) {
        struct entry *e = malloc(sizeof(*e));

        if (!e || !many)
            abort();
        *e = first;
        e->next = head;
        e->hits = (u32) i;
        head = e;
    }
    many[4000].label = strdup("far");
    big[9] = (unsigned long) many;
    conns[3].label = many[4000].label;
}

static void log_line(const char *line)
{
    puts(line);
}

static void evaluate(char *expr)
{
    struct magic_error err;
    char text[128], is_true = 2;
    long number = 0;
    double real = 0;
    int code = magic_eval(expr, text, sizeof(text), &err);

    printf("%s: %d %s\n", expr, code, code ? err.text : text);
    /* Twice, since the second time comes from the cache. */
    code = magic_eval_bool(expr, &is_true);
    if (code != magic_eval_bool(expr, &is_true))
        abort();
    printf("bool %d %d\n", code, is_true);
    code = magic_eval_int(expr, &number);
    printf("int %d %ld\n", code, number);
    code = magic_eval_float(expr, &real);
    printf("float %d %g\n", code, real);
    _magic_dump_eval_bool(expr);
}

int main(int argc, char **argv)
{
    char byte;
    int i;

    magic_setcb_log(log_line);
    build();
    if (argc > 2 && strcmp(argv[1], "eval") == 0) {
        for (i = 2; i < argc; i++)
            evaluate(argv[i]);
        return 0;
    }
    puts("ready");
    fflush(stdout);
    while (read(0, &byte, 1) > 0)
        ;
    return handler(0, argv[0]) == 0;
}
