/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Expressions over the sample image: C's operators, names, text, and every error.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "eval/eval.h"
#include "image_builder.h"
#include "table/view.h"

static struct image im;
static struct magic_arena arena;
static struct magic_view view;
static struct magic__eval_env env;

static int read_image(void *ctx, uint64_t addr, void *buf, size_t size)
{
    /* The first page is there in the file, but never in a process. */
    return addr < 4096 ? MAGIC_EFAULT : magic__view_read(ctx, addr, buf, size);
}

/* What the sample has no errors for: names with several meanings, a type that nobody defines. */
static void put_ambiguous(void)
{
    uint64_t i = image_type(&im, MAGIC_KIND_INTEGER, "short", 2, 0, 0), twin, color;
    uint32_t n;

    for (n = 1; n <= 2; n++) {
        twin = image_type(&im, MAGIC_KIND_STRUCT, "twin", 2 * n, 0, 0);
        image_member(&im, twin, n == 1 ? "a" : "b", i, 0, 0);
        color = image_type(&im, MAGIC_KIND_ENUM, n == 1 ? "one" : "two", 2, i, 0);
        image_enumerator(&im, color, "TWICE", n);
    }
    image_type(&im, MAGIC_KIND_STRUCT, "hidden", 0, 0, MAGIC_TYPE_INCOMPLETE);
}

static int setup(void **state)
{
    struct magic_error err;
    int code;

    (void) state;
    image_init(&im, 4096);
    image_fill_sample(&im);
    put_ambiguous();
    image_var(&im, "tls", NULL, 0, MAGIC_VAR_TLS, IMAGE_TEXT * 4096, 8);
    env.table = image_read(&im, &arena, &view, &code, &err);
    env.ctx = &view;
    env.read = read_image;
    return code;
}

static int teardown(void **state)
{
    (void) state;
    magic_arena_deinit(&arena);
    image_deinit(&im);
    return 0;
}

static int eval(const char *expr, struct magic__eval_value *value, struct magic_error *err)
{
    struct magic__eval_node nodes[MAGIC__EVAL_NODES];
    struct magic__eval_program program = { .nodes = nodes, .cap = MAGIC__EVAL_NODES };
    int error = magic__eval_compile(&env, expr, strlen(expr), &program, err);

    return error ? error : magic__eval_run(&env, &program, value, err);
}

struct expectation {
    const char *expr, *text;
};

static void check_all(const struct expectation *all, size_t n)
{
    struct magic__eval_value value;
    struct magic_error err;
    char text[300];
    size_t i;

    for (i = 0; i < n; i++) {
        int error = eval(all[i].expr, &value, &err);

        if (!error)
            error = magic__eval_to_text(&env, &value, text, sizeof(text), &err);
        if (error)
            fail_msg("%s: %s", all[i].expr, err.text);
        if (strcmp(text, all[i].text) != 0)
            fail_msg("%s gives %s, not %s", all[i].expr, text, all[i].text);
    }
}
#define CHECK(...)                                               \
    do {                                                         \
        static const struct expectation all[] = { __VA_ARGS__ }; \
        check_all(all, sizeof(all) / sizeof(all[0]));            \
    } while (0)

static void assert_error(const char *expr, int code, const char *text)
{
    struct magic__eval_value value;
    struct magic_error err = { 0, "" };
    int error = eval(expr, &value, &err);

    if (error != code)
        fail_msg("%s gives %d (%s), not %d", expr, error, err.text, code);
    assert_int_equal(err.code, code);
    assert_string_equal(err.text, text);
}

static void operators_have_the_precedence_of_c(void **state)
{
    (void) state;
    CHECK({ "1 + 2 * 3", "7" }, { "(1 + 2) * 3", "9" }, { "10 - 4 - 3", "3" },
        { "100 / 7 % 5", "4" }, { "1 << 2 + 1", "8" }, { "1 | 6 & 3", "3" }, { "5 ^ 1 | 8", "12" },
        { "1 < 2 == 1", "1" }, { "4 & 5 == 5", "0" }, { "!0 + 1", "2" }, { "-2 * -3", "6" },
        { "~0", "-1" }, { "+7", "7" }, { "1 || 0 && 0", "1" }, { "0 ? 1 : 1 ? 2 : 3", "2" },
        { "1 ? 2 : 0 ? 3 : 4", "2" }, { "1, 2, 3", "3" }, { "- - 3", "3" }, { "!!5", "1" },
        { "7 >= 7 && 7 <= 7 && 1 != 2", "1" }, { "3 > 2 > 1", "0" }, { "1 - -1", "2" },
        { "-7 / 2", "-3" }, { "-7 % 2", "-1" }, { "-8 >> 1", "-4" }, { "6 ^ 3", "5" },
        { "(1, 2) + 3", "5" });
}

static void constants_have_the_types_of_c(void **state)
{
    (void) state;
    CHECK({ "0x10", "16" }, { "010", "8" }, { "0b101", "5" }, { "0", "0" }, { "42u", "42" },
        { "sizeof(2147483647)", "4" }, { "sizeof 2147483648", "8" }, { "sizeof 0xffffffff", "4" },
        { "sizeof 1L", "8" }, { "18446744073709551615u", "18446744073709551615" },
        { "0xffffffffffffffff", "18446744073709551615" }, { "'a'", "97" }, { "'\\n'", "10" },
        { "'\\x41'", "65" }, { "'\\101'", "65" }, { "'\\0'", "0" }, { "'\\''", "39" },
        { "'\"'", "34" }, { "'\\xff'", "-1" }, { "1.5", "1.5" }, { "1e3", "1000" }, { ".5", "0.5" },
        { "2.", "2" }, { "1.5e-1", "0.15" }, { "sizeof 1.0f", "4" }, { "sizeof 1.0", "8" },
        { "true", "1" }, { "false", "0" }, { "NULL", "(void *) 0x0" });
}

static void integers_convert_as_in_c(void **state)
{
    (void) state;
    CHECK({ "-1 < 1u", "0" }, { "-1 < 1L", "1" }, { "-1L < 1u", "1" }, { "4294967295u + 1u", "0" },
        { "(unsigned char)257", "1" }, { "(signed char)200", "-56" }, { "(char)-1", "-1" },
        { "(int8_t)255", "-1" }, { "(uint16_t)-1", "65535" },
        { "(unsigned long)-1", "18446744073709551615" },
        { "(long unsigned int)1 - 2", "18446744073709551615" }, { "(_Bool)2", "1" },
        { "(bool)0.5", "1" }, { "(int)2.9", "2" }, { "(int)-2.9", "-2" }, { "(unsigned)-0.5", "0" },
        { "sizeof((char)1 + (char)1)", "4" }, { "(short)65537", "1" },
        { "(unsigned char)255 + 1", "256" }, { "1 << 31", "-2147483648" },
        { "1u << 31 >> 31", "1" }, { "~0u", "4294967295" }, { "-1u", "4294967295" },
        { "(long)(int)3000000000L", "-1294967296" }, { "1 ? -1 : 1u", "4294967295" },
        { "(long long)5", "5" }, { "(const volatile int)5", "5" });
}

static void floating_point_works(void **state)
{
    (void) state;
    CHECK({ "1 + 0.5", "1.5" }, { "3 / 2.0", "1.5" }, { "(float)0.1 == 0.1", "0" },
        { "0.1f == 0.1f", "1" }, { "-first.weight", "-2.5" }, { "first.weight * 2 == 5", "1" },
        { "first.weight > 2 && first.weight < 3", "1" }, { "!0.0", "1" }, { "0.5 ? 1 : 2", "1" },
        { "(double)18446744073709551615u > 1e19", "1" }, { "0.5 && 1", "1" },
        { "(long double)2", "2" });
}

static void short_circuit_spares_the_right_side(void **state)
{
    (void) state;
    CHECK({ "0 && 1 / 0", "0" }, { "1 || 1 / 0", "1" }, { "1 ? 2 : 1 / 0", "2" },
        { "head->next && head->next->hits", "0" }, { "sizeof(1 / 0)", "4" });
    assert_error("1 && 1 / 0", MAGIC_EBADMSTATE, "division by zero");
}

static void names_lead_to_variables(void **state)
{
    (void) state;
    CHECK({ "counter", "-3" }, { "unit.c:counter", "-3" }, { "src/unit.c:counter + 1", "-2" },
        { "handle::calls", "0" }, { "unit.c:handle::calls", "0" }, { "calls == 0", "1" },
        { "GREEN", "5" }, { "BLUE < RED", "1" }, { "1 ? counter : GREEN", "-3" },
        { "1 ?counter:GREEN", "-3" }, { "0 ? first.color:counter", "-3" }, { "sizeof blob", "24" });
}

static void members_and_elements_are_reached(void **state)
{
    (void) state;
    CHECK({ "first.hits", "7" }, { "head->hits", "7" }, { "(*head).hits", "7" },
        { "head[0].hits", "7" }, { "conns[2].fd", "12" }, { "(conns + 1)->fd", "11" },
        { "2[conns].fd", "12" }, { "conns->fd", "10" }, { "first.u.l", "42" },
        { "first.u.c", "42" }, { "first.low", "5" }, { "first.high", "17" },
        { "first.low - 6", "-1" }, { "first.color == GREEN", "1" }, { "first.name[0]", "97" },
        { "*first.name == 'a'", "1" }, { "&first == head", "1" }, { "&conns[3] - &conns[1]", "2" },
        { "&conns[3] - 1 == conns + 2", "1" }, { "*&counter", "-3" }, { "head->next == NULL", "1" },
        { "!head->next", "1" }, { "head != 0", "1" }, { "sizeof first", "56" },
        { "sizeof(struct entry)", "56" }, { "sizeof(conn_t)", "4" },
        { "sizeof conns / sizeof conns[0]", "4" }, { "sizeof(int *)", "8" },
        { "sizeof first.name", "16" }, { "*(unsigned char *)&first.hits", "7" },
        { "((struct entry *)(void *)head)->hits", "7" }, { "(*&first.name)[1]", "108" },
        { "scratch[7] + scratch[0]", "0" }, { "(*&conns)[1].fd", "11" });
}

static void text_is_compared(void **state)
{
    (void) state;
    CHECK({ "first.name == \"alpha\"", "1" }, { "first.name != \"alpha\"", "0" },
        { "\"alpha\" == head->name", "1" }, { "first.name == \"alph\"", "0" },
        { "first.name == \"alphaa\"", "0" }, { "first.name == \"al\\x70ha\"", "1" },
        { "greeting == \"hello\"", "1" }, { "greeting != \"help\"", "1" },
        { "greeting == \"\"", "0" }, { "(char *)0 == \"\"", "0" }, { "(char *)0 != \"x\"", "1" },
        { "first.name + 2 == \"pha\"", "1" }, { "(char *)&conns[1].fd == \"\\v\"", "1" },
        { "first.name", "\"alpha\"" }, { "*&first.name", "\"alpha\"" });
}

static void an_unterminated_array_is_its_whole_text(void **state)
{
    const struct magic_var *var;

    (void) state;
    assert_int_equal(magic_table_find_var(env.table, "first", 5, &var, NULL), 0);
    memcpy(image_at(&im, var->addr + 8), "0123456789abcdef", 16);
    CHECK({ "first.name == \"0123456789abcdef\"", "1" },
        { "first.name == \"0123456789abcde\"", "0" },
        { "first.name == \"0123456789abcdefg\"", "0" }, { "first.name", "\"0123456789abcdef\"" });
}

static void functions_are_addresses(void **state)
{
    (void) state;
    CHECK({ "handler == handle", "1" }, { "handler == &handle", "1" },
        { "*handler == handle", "1" }, { "handler != main", "1" },
        { "unit.c:handle == handle", "1" }, { "handle != 0", "1" }, { "sizeof handler", "8" });
}

static void results_are_spelled(void **state)
{
    const struct magic_var *var;
    char expected[64];
    const struct expectation pointer[] = { { "head", expected } };

    (void) state;
    assert_int_equal(magic_table_find_var(env.table, "first", 5, &var, NULL), 0);
    snprintf(expected, sizeof(expected), "(struct entry *) 0x%llx", (unsigned long long) var->addr);
    check_all(pointer, 1);
    CHECK({ "(struct entry **)16", "(struct entry **) 0x10" }, { "(void *)0", "(void *) 0x0" },
        { "(int *)1", "(int *) 0x1" });
}

static void results_convert(void **state)
{
    struct magic__eval_value value;
    struct magic_error err;
    int is_true;
    int64_t number;
    double real;

    (void) state;
    assert_int_equal(eval("first.weight", &value, &err), 0);
    assert_int_equal(magic__eval_to_bool(&value, &is_true, &err), 0);
    assert_int_equal(magic__eval_to_int(&value, &number, &err), 0);
    assert_int_equal(magic__eval_to_float(&value, &real, &err), 0);
    assert_true(is_true && number == 2 && real == 2.5);
    assert_int_equal(eval("1e30", &value, &err), 0);
    assert_int_equal(magic__eval_to_int(&value, &number, &err), MAGIC_EBADMSTATE);
    assert_string_equal(err.text, "the result does not fit an integer");
    assert_int_equal(eval("first", &value, &err), 0);
    assert_int_equal(value.cls, MAGIC__OBJECT);
    assert_int_equal(magic__eval_to_bool(&value, &is_true, &err), MAGIC_EINVAL);
    assert_int_equal(magic__eval_to_int(&value, &number, &err), MAGIC_EINVAL);
    assert_int_equal(magic__eval_to_float(&value, &real, &err), MAGIC_EINVAL);
    assert_string_equal(err.text, "the result is no single value but 'struct entry'");
    assert_int_equal(eval("conns", &value, &err), 0);
    assert_int_equal(magic__eval_to_bool(&value, &is_true, &err), 0);
    assert_true(is_true);
}

static void syntax_errors_are_einval(void **state)
{
    static const struct expectation bad[] = {
        { "", "expected an operand at the end of the expression" },
        { "  ", "expected an operand at the end of the expression" },
        { "1 +", "expected an operand at the end of the expression" },
        { "(1", "expected ')' at the end of the expression" },
        { "1)", "expected an operator at ')'" },
        { "* 2 3", "* needs a pointer: operand is 'int'" },
        { "counter counter", "expected an operator at 'counter'" },
        { "1 ? 2", "expected ':' at the end of the expression" },
        { "1 ? 2 :", "expected an operand at the end of the expression" },
        { "counter = 1", "expressions cannot change state at '= 1'" },
        { "counter += 1", "expressions cannot change state at '+= 1'" },
        { "counter <<= 1", "expressions cannot change state at '<<= 1'" },
        { "++counter", "expected an operand at '++counter'" },
        { "counter++", "expressions cannot change state at '++'" },
        { "counter--", "expressions cannot change state at '--'" },
        { "--counter", "expected an operand at '--counter'" },
        { "0x", "bad number at the end of the expression" },
        { "08", "bad number at '8'" },
        { "1.2.3", "bad number at '1.2.3'" },
        { "1e", "bad number at '1e'" },
        { "123abc", "bad number at 'abc'" },
        { "18446744073709551616", "number too large at '6'" },
        { "9223372036854775808", "number too large at the end of the expression" },
        { "'", "bad character at '''" },
        { "''", "bad character at ''''" },
        { "'ab'", "bad character at ''ab''" },
        { "'\\q'", "bad character at ''\\q''" },
        { "'\\400'", "bad character at ''\\400''" },
        { "\"abc", "bad string at '\"abc'" },
        { "\"\\q\" == first.name", "bad string at '\"\\q\" == first.name'" },
        { "first.", "expected a member name at the end of the expression" },
        { "first.1", "expected a member name at '1'" },
        { "head->", "expected a member name at the end of the expression" },
        { "conns[", "expected an operand at the end of the expression" },
        { "conns[1", "expected ']' at the end of the expression" },
        { "handle(1)", "functions cannot be called at '(1)'" },
        { "@", "expected an operand at '@'" },
        { "#", "expected an operand at '#'" },
        { "sizeof", "expected an operand at the end of the expression" },
        { "sizeof(", "expected an operand at the end of the expression" },
        { "sizeof(void)", "sizeof of an incomplete type" },
        { "sizeof \"x\"", "sizeof of a string literal or bit-field" },
        { "sizeof first.low", "sizeof of a string literal or bit-field" },
        { "(struct)0", "expected a tag at ')0'" },
        { "(unsigned float)1", "bad type name at ')1'" },
        { "(int", "expected ')' at the end of the expression" },
        { "(long long long)1", "bad type name at ')1'" },
        { "1 = = 1", "expressions cannot change state at '= = 1'" },
        { "&&counter", "expected an operand at '&&counter'" },
        { "\"text\"", "a string literal can only be compared with == or !=" },
        { "\"a\" < first.name", "a string literal can only be compared with == or !=" },
        { "\"a\" + 1", "a string literal can only be compared with == or !=" },
        { "\"a\" == \"a\"", "a string literal can only be compared with == or !=" },
        { "1 ? \"a\" : \"b\"", "a string literal can only be compared with == or !=" },
    };
    size_t i;

    (void) state;
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_error(bad[i].expr, MAGIC_EINVAL, bad[i].text);
}

static void type_errors_are_einval(void **state)
{
    static const struct expectation bad[] = {
        { "first + 1", "a number or pointer is needed: operand is 'struct entry'" },
        { "!first", "a number or pointer is needed: operand is 'struct entry'" },
        { "-head", "a number is needed: operand is 'struct entry *'" },
        { "~1.5", "a number is needed: operand is 'double'" },
        { "1.5 % 2", "a number is needed: operand is 'double'" },
        { "1.5 << 1", "a number is needed: operand is 'double'" },
        { "head + head", "an integer is needed: operand is 'struct entry *'" },
        { "1 - head", "a pointer is needed: operand is 'int'" },
        { "head * 2", "a number is needed: operand is 'struct entry *'" },
        { "head + 1.0", "an integer is needed: operand is 'double'" },
        { "first.hits.x", "a struct or union is needed: operand is 'u32'" },
        { "counter->x", "* needs a pointer: operand is 'int'" },
        { "head.hits", "a struct or union is needed: operand is 'struct entry *'" },
        { "*counter", "* needs a pointer: operand is 'int'" },
        { "&1", "& needs an object that has an address: operand is 'int'" },
        { "&first.low", "& needs an object that has an address: operand is 'u32'" },
        { "&(counter + 1)", "& needs an object that has an address: operand is 'int'" },
        { "(struct entry)1", "a cast must be to a number or pointer type" },
        { "(double)head", "cast between pointer and floating point: operand is 'struct entry *'" },
        { "(char *)1.5", "cast between pointer and floating point: operand is 'double'" },
        { "head == 1.5",
            "comparison of a pointer with a floating-point number: operand is 'struct entry *'" },
        { "1 ? head : 1.5",
            "?: of a pointer and a floating-point number: operand is 'struct entry *'" },
        { "*(void *)head", "a pointer to void has no target: operand is 'void *'" },
        { "first ? 1 : 2", "a number or pointer is needed: operand is 'struct entry'" },
        { "first && 1", "a number or pointer is needed: operand is 'struct entry'" },
        { "counter == \"x\"", "text is compared with char arrays and pointers: operand is 'int'" },
        { "head == \"x\"",
            "text is compared with char arrays and pointers: operand is 'struct entry *'" },
        { "(int)first", "a number or pointer is needed: operand is 'struct entry'" },
        { "1 ? first : first", "a number or pointer is needed: operand is 'struct entry'" },
        { "conns[1.5]", "an integer is needed: operand is 'double'" },
        { "blob + 1", "a number or pointer is needed: operand is '<opaque>'" },
        { "(char *)head - head",
            "difference of pointers to unlike types: operand is 'struct entry *'" },
        { "(struct hidden *)0 + 1",
            "pointer to a type of unknown size: operand is 'struct hidden *'" },
    };
    size_t i;

    (void) state;
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_error(bad[i].expr, MAGIC_EINVAL, bad[i].text);
}

static void names_with_several_meanings_are_eambiguous(void **state)
{
    (void) state;
    assert_error("sizeof(struct twin)", MAGIC_EAMBIGUOUS, "several types are named 'twin'");
    assert_error("TWICE", MAGIC_EAMBIGUOUS, "enumerator 'TWICE' is 1 in one enum and 2 in another");
}

static void results_need_room(void **state)
{
    struct magic__eval_value value;
    struct magic_error err;
    char text[7];

    (void) state;
    assert_int_equal(eval("first.name", &value, &err), 0);
    assert_int_equal(magic__eval_to_text(&env, &value, text, sizeof(text), &err), MAGIC_EINVAL);
    assert_string_equal(err.text, "no room for the result");
}

static void unknown_names_are_enoent(void **state)
{
    (void) state;
    assert_error("nothing", MAGIC_ENOENT, "no variable, enumerator or function 'nothing'");
    assert_error(
        "other.c:counter", MAGIC_ENOENT, "no variable, enumerator or function 'other.c:counter'");
    assert_error(
        "nobody::calls", MAGIC_ENOENT, "no variable, enumerator or function 'nobody::calls'");
    assert_error("first.nothing", MAGIC_ENOENT, "struct entry has no member 'nothing'");
    assert_error("head->nothing", MAGIC_ENOENT, "struct entry has no member 'nothing'");
    assert_error("(struct nothing *)0", MAGIC_ENOENT, "no type 'nothing'");
}

static void undefined_arithmetic_is_ebadmstate(void **state)
{
    static const struct expectation bad[] = {
        { "1 / 0", "division by zero" },
        { "1 % 0", "division by zero" },
        { "1.0 / 0", "division by zero" },
        { "2147483647 + 1", "integer overflow" },
        { "-2147483647 - 2", "integer overflow" },
        { "65536 * 65536", "integer overflow" },
        { "9223372036854775807 + 1", "integer overflow" },
        { "9223372036854775807 * 2", "integer overflow" },
        { "-(-2147483647 - 1)", "integer overflow" },
        { "(-2147483647 - 1) / -1", "integer overflow" },
        { "1 << 32", "shift by 32 bits" },
        { "1 << -1", "shift by -1 bits" },
        { "1L >> 64", "shift by 64 bits" },
        { "(int)1e10", "integer overflow" },
        { "(unsigned)-1.5", "integer overflow" },
        { "(unsigned char)256.0", "integer overflow" },
        { "(int)(0.0 * 1e308 * 10 * 1e308)  + (int)1e300", "integer overflow" },
        { "(char *)head - (char *)0 + 9223372036854775807", "integer overflow" },
        { "(long *)&first.hits - (long *)(&first.hits + 1)",
            "difference of pointers is no number of elements" },
    };
    size_t i;

    (void) state;
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_error(bad[i].expr, MAGIC_EBADMSTATE, bad[i].text);
    CHECK({ "(-2147483647 - 1) % -1", "0" });
}

static void bad_addresses_are_efault(void **state)
{
    (void) state;
    assert_error("*(int *)1", MAGIC_EFAULT, "4 bytes at 0x1 cannot be read");
    assert_error("head->next->hits", MAGIC_EFAULT, "4 bytes at 0x18 cannot be read");
    assert_error("conns[1000000].fd", MAGIC_EFAULT, "4 bytes at 0x3d8950 cannot be read");
    assert_error(
        "conns[-1000000].fd", MAGIC_EFAULT, "4 bytes at 0xffffffffffc37750 cannot be read");
    assert_error("(char *)1 == \"x\"", MAGIC_EFAULT, "text at 0x1 cannot be read");
    assert_error("((struct entry *)8)->low", MAGIC_EFAULT, "1 bytes at 0x24 cannot be read");
}

static void thread_local_variables_need_a_thread(void **state)
{
    (void) state;
    assert_error("tls", MAGIC_ENOTSUP, "tls: thread-local, its address is not known here");
}

static void depth_and_length_are_bounded(void **state)
{
    static char text[20000];
    size_t i;

    (void) state;
    memset(text, '(', sizeof(text) - 1);
    assert_error(text, MAGIC_EINVAL, "expression nests deeper than 64");
    memset(text, '-', sizeof(text) - 1);
    for (i = 1; i < sizeof(text) - 1; i += 2)
        text[i] = ' ';
    assert_error(text, MAGIC_EINVAL, "expression nests deeper than 64");
    for (i = 0; i + 4 < sizeof(text); i += 4)
        memcpy(text + i, "1?1:", 5);
    assert_error(text, MAGIC_EINVAL, "expression nests deeper than 64");
    for (i = 0; i + 2 < sizeof(text); i += 2)
        memcpy(text + i, "1+", 3);
    assert_error(text, MAGIC_ENOMEM, "expression too long");
    memset(text, '1', sizeof(text));
    text[1] = '.';
    text[80] = 0;
    assert_error(
        text, MAGIC_EINVAL, "number too long at '1.11111111111111111111111111111111111111'");
    memset(text, '*', sizeof(text));
    memcpy(text, "(int", 4);
    text[80] = 0;
    assert_error(text, MAGIC_EINVAL, "too many stars at '***********'");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    static const struct CMUnitTest tests[] = {
        TEST(operators_have_the_precedence_of_c),
        TEST(constants_have_the_types_of_c),
        TEST(integers_convert_as_in_c),
        TEST(floating_point_works),
        TEST(short_circuit_spares_the_right_side),
        TEST(names_lead_to_variables),
        TEST(members_and_elements_are_reached),
        TEST(text_is_compared),
        TEST(an_unterminated_array_is_its_whole_text),
        TEST(functions_are_addresses),
        TEST(results_are_spelled),
        TEST(results_convert),
        TEST(syntax_errors_are_einval),
        TEST(type_errors_are_einval),
        TEST(names_with_several_meanings_are_eambiguous),
        TEST(results_need_room),
        TEST(unknown_names_are_enoent),
        TEST(undefined_arithmetic_is_ebadmstate),
        TEST(bad_addresses_are_efault),
        TEST(thread_local_variables_need_a_thread),
        TEST(depth_and_length_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
