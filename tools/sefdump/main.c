/* SPDX-License-Identifier: BSD-2-Clause
 *
 * sefdump, the viewer of state tables: command line.
 */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compare_files.h"
#include "coverage.h"
#include "dump.h"
#include "rules_text.h"

const char *argp_program_version = "sefdump 0.1.0";

enum { STATUS_OK, STATUS_NO, STATUS_ERROR };

/* Sections, as bits. */
enum { TYPES = 1, VARS = 2, FUNCS = 4, SITES = 8, HEAP = 16, COVERAGE = 32 };

enum {
    OPT_TYPES = 0x100,
    OPT_VARS,
    OPT_FUNCS,
    OPT_SITES,
    OPT_HEAP,
    OPT_COVERAGE,
    OPT_JSON,
    OPT_TEST,
    OPT_DIFF,
    OPT_RULES,
    OPT_POLICY,
    OPT_HTML
};

struct options {
    pid_t pid;
    const char *file, *expr;
    unsigned sections;
    bool json, test, diff, html;
    const char *new, *rules; /* with --diff, where `file` is the old image */
    char *policies;          /* lines of rules; owned */
    struct value_limits limits;
};

static const struct argp_option argp_options[] = {
    { "pid", 'p', "PID", 0, "Look into a running service instead of a file", 0 },
    { "types", OPT_TYPES, NULL, 0, "Show types", 1 },
    { "vars", OPT_VARS, NULL, 0, "Show variables with their values", 1 },
    { "funcs", OPT_FUNCS, NULL, 0, "Show functions", 1 },
    { "sites", OPT_SITES, NULL, 0, "Show allocation sites", 1 },
    { "heap", OPT_HEAP, NULL, 0, "Show typed heap objects by kind (with --pid)", 1 },
    { "diff", OPT_DIFF, NULL, 0, "Compare two images and tell what an update takes", 1 },
    { "rules", OPT_RULES, "FILE", 0, "With --diff: rules for the update", 1 },
    { "policy", OPT_POLICY, "NAME=ACTION", 0, "With --diff: a policy, ignore, warn or refuse", 1 },
    { "html", OPT_HTML, NULL, 0, "With --diff: write a page that shows the layouts", 2 },
    { "coverage", OPT_COVERAGE, NULL, 0,
        "Show how much memory has a known type, and which allocation sites have none", 1 },
    { "json", OPT_JSON, NULL, 0, "Write JSON", 2 },
    { "depth", 'd', "N", 0, "Show N levels of structs and arrays (default 4)", 2 },
    { "elements", 'e', "N", 0, "Show N elements of an array (default 8)", 2 },
    { "test", OPT_TEST, NULL, 0, "Print nothing; exit with 1 if the value is false or zero", 2 },
    { 0 },
};

static unsigned parse_number(const char *text, unsigned max, struct argp_state *state)
{
    char *end;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    if (errno || *end || end == text || *text == '-' || value == 0 || value > max)
        argp_error(state, "not a number from 1 to %u: %s", max, text);
    return (unsigned) value;
}

static int end_diff(struct options *o, struct argp_state *state)
{
    if (!o->new)
        argp_error(state, "--diff needs OLD and NEW");
    if (o->pid || o->sections || o->test)
        argp_error(state, "--diff compares two files and shows no sections or values");
    if (o->json && o->html)
        argp_error(state, "--json and --html exclude each other");
    return 0;
}

static int end_options(struct options *o, struct argp_state *state)
{
    if (o->diff)
        return end_diff(o, state);
    if (o->rules || o->policies || o->html)
        argp_error(state, "--rules, --policy and --html go with --diff");
    if (!o->pid && !o->file)
        argp_error(state, "a FILE or --pid is needed");
    if (o->expr && o->sections)
        argp_error(state, "sections and NAME or EXPR exclude each other");
    if (o->test && !o->expr)
        argp_error(state, "--test needs an EXPR");
    if (!o->pid && (o->sections & HEAP))
        argp_error(state, "--heap needs --pid: a file has no heap");
    return 0;
}

static void set_argument(struct options *o, char *arg, struct argp_state *state)
{
    if (!o->pid && !o->file)
        o->file = arg;
    else if (o->diff && !o->new)
        o->new = arg;
    else if (!o->diff && !o->expr)
        o->expr = arg;
    else
        argp_error(state, "unexpected argument: %s", arg);
}

static void add_policy(struct options *o, const char *arg, struct argp_state *state)
{
    int r = rules_add_policy(&o->policies, arg);
    if (r == -EINVAL)
        argp_error(state, "not a policy (NAME=ignore, NAME=warn or NAME=refuse): %s", arg);
    else if (r < 0)
        argp_failure(state, DIFF_FAILED, -r, "policies");
}

static int parse_diff_option(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;
    switch (key) {
    case OPT_DIFF:
        o->diff = true;
        return 0;
    case OPT_HTML:
        o->html = true;
        return 0;
    case OPT_RULES:
        if (o->rules)
            argp_error(state, "--rules is given twice");
        o->rules = arg;
        return 0;
    case OPT_POLICY:
        add_policy(o, arg, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;
    switch (key) {
    case OPT_TYPES:
    case OPT_VARS:
    case OPT_FUNCS:
    case OPT_SITES:
    case OPT_HEAP:
    case OPT_COVERAGE:
        o->sections |= 1u << (key - OPT_TYPES);
        return 0;
    case OPT_JSON:
        o->json = true;
        return 0;
    case OPT_TEST:
        o->test = true;
        return 0;
    case 'd':
        o->limits.depth = parse_number(arg, EMIT_DEPTH_MAX, state);
        return 0;
    case 'e':
        o->limits.elements = parse_number(arg, 1 << 20, state);
        return 0;
    case 'p':
        o->pid = (pid_t) parse_number(arg, 1 << 30, state);
        return 0;
    case ARGP_KEY_ARG:
        set_argument(o, arg, state);
        return 0;
    case ARGP_KEY_END:
        return end_options(o, state);
    default:
        return parse_diff_option(key, arg, state);
    }
}

static const struct argp argp = {
    .options = argp_options,
    .parser = parse_option,
    .args_doc = "FILE [NAME|EXPR]\n--pid PID [NAME|EXPR]\n--diff OLD NEW",
    .doc = "Show the state table of a service image or of a running service, or what changed "
           "between two images.\v"
           "Without a section all are shown, except the coverage. NAME or EXPR shows one value: a "
           "variable as \"x\", "
           "\"file.c:x\", \"func::x\" or \"file.c:func::x\", a C expression over variables, or a "
           "type as \"struct x\". A running service is not stopped while it is read.\n\n"
           "Exit status: 0 when all went well, 1 when there is no such name or its value cannot be "
           "read (or, with --test, is false), 2 when the usage is wrong, the expression is "
           "malformed, or FILE or PID cannot be read.\n\n"
           "With --diff: 0 when nothing is to be decided, 1 when a decision is needed, 2 when a "
           "change is impossible, 64 when usage or rules are wrong, 65 when an image cannot be "
           "read, 71 when memory or output fails.",
};

static int fail(const char *where, const struct magic_error *err, int code, int status)
{
    fprintf(stderr, "sefdump: %s%s%s\n", where ? where : "", where ? ": " : "",
        err->text[0] ? err->text : magic_strerror(code));
    return status;
}

static int write_json(json_t *object)
{
    int r = object ? json_dumpf(object, stdout, JSON_INDENT(2) | JSON_SORT_KEYS) : -1;
    if (r == 0)
        putchar('\n');
    else if (!ferror(stdout)) /* main() tells what cannot be written */
        fputs("sefdump: out of memory\n", stderr);
    json_decref(object);
    return r == 0 ? STATUS_OK : STATUS_ERROR;
}

/* A type whose C spelling the user gave, or NULL. */
static const struct magic_type *find_type(const struct source *source, const char *spelling)
{
    char spelled[512];
    for (size_t i = 0; i < source->table->n_types; i++) {
        const struct magic_type *type = &source->table->types[i];
        if (strcmp(magic_type_spell(type, spelled, sizeof(spelled)), spelling) != 0)
            continue;
        bool names_anonymous =
            type->kind == MAGIC_KIND_TYPEDEF && strcmp(type->target->typedef_name, type->name) == 0;
        return names_anonymous ? type->target : type;
    }
    return NULL;
}

static int evaluate(const struct source *source, const char *expr, struct magic__eval_value *value,
    struct magic_error *err)
{
    struct magic__eval_node nodes[MAGIC__EVAL_NODES];
    struct magic__eval_program program = { .nodes = nodes, .cap = MAGIC__EVAL_NODES };
    int r = magic__eval_compile(&source->env, expr, strlen(expr), &program, err);
    return r ? r : magic__eval_run(&source->env, &program, value, err);
}

static int show_value(
    const struct source *source, const struct options *o, const struct magic__eval_value *value)
{
    struct emit emit = { .out = o->json ? NULL : stdout };
    char spelled[512];
    value_emit(source, value, &o->limits, &emit);
    if (!o->json) {
        putchar('\n');
        return STATUS_OK;
    }
    magic__eval_spell(value->type, spelled, sizeof(spelled));
    return write_json(
        json_pack("{s:s, s:s, s:o}", "expression", o->expr, "type", spelled, "value", emit.root));
}

static int show_expression(const struct source *source, const struct options *o)
{
    struct magic__eval_value value;
    struct magic_error err = { 0 };
    const struct magic_type *type;
    int is_true, r = evaluate(source, o->expr, &value, &err);
    if (r != 0 && !o->test && (type = find_type(source, o->expr))) {
        if (o->json)
            return write_json(dump_type_json(type));
        dump_type_text(stdout, type);
        return STATUS_OK;
    }
    if (r == 0 && o->test)
        r = magic__eval_to_bool(&value, &is_true, &err);
    if (r != 0)
        return fail(
            NULL, &err, r, r == MAGIC_EINVAL || r == MAGIC_ENOMEM ? STATUS_ERROR : STATUS_NO);
    if (o->test)
        return is_true ? STATUS_OK : STATUS_NO;
    return show_value(source, o, &value);
}

static void show_text(
    const struct source *source, const struct options *o, const struct heap_summary *heap)
{
    printf("/* %s", source->path);
    if (source->pid)
        printf(", process %d, generation %llu", (int) source->pid,
            (unsigned long long) source->generation);
    puts(" */");
    if (o->sections & TYPES)
        dump_types_text(stdout, source);
    if (o->sections & VARS)
        dump_vars_text(stdout, source, &o->limits);
    if (o->sections & FUNCS)
        dump_funcs_text(stdout, source);
    if (o->sections & SITES)
        dump_sites_text(stdout, source);
    if (o->sections & HEAP)
        dump_heap_text(stdout, heap);
    if (o->sections & COVERAGE)
        coverage_text(stdout, source, heap);
}

static int show_json(
    const struct source *source, const struct options *o, const struct heap_summary *heap)
{
    json_t *object = json_pack("{s:s}", "image", source->path);
    if (source->pid) {
        json_object_set_new(object, "pid", json_integer(source->pid));
        json_object_set_new(object, "generation", json_integer((json_int_t) source->generation));
    }
    if (o->sections & TYPES)
        json_object_set_new(object, "types", dump_types_json(source));
    if (o->sections & VARS)
        json_object_set_new(object, "vars", dump_vars_json(source, &o->limits));
    if (o->sections & FUNCS)
        json_object_set_new(object, "funcs", dump_funcs_json(source));
    if (o->sections & SITES)
        json_object_set_new(object, "sites", dump_sites_json(source));
    if (o->sections & HEAP)
        json_object_set_new(object, "heap", dump_heap_json(heap));
    if (o->sections & COVERAGE)
        json_object_set_new(object, "coverage", coverage_json(source, heap));
    return write_json(object);
}

static int show_sections(const struct source *source, const struct options *o)
{
    struct heap_summary heap = { 0 };
    struct magic_error err = { 0 };
    bool with_heap = source->pid && (o->sections & (HEAP | COVERAGE));
    int r = with_heap ? heap_summary_init(&heap, source, &err) : 0;
    int status = r ? fail(NULL, &err, r, STATUS_ERROR) : STATUS_OK;
    if (r == 0 && o->json)
        status = show_json(source, o, with_heap ? &heap : NULL);
    else if (r == 0)
        show_text(source, o, with_heap ? &heap : NULL);
    heap_summary_deinit(&heap);
    return status;
}

static int diff(const struct options *o)
{
    enum diff_form form = o->html ? DIFF_HTML : o->json ? DIFF_JSON : DIFF_TEXT;
    char *rules = rules_text("sefdump", o->rules, o->policies);
    int status = rules ? compare_files(o->file, o->new, rules, form) : DIFF_USAGE;
    free(rules);
    free(o->policies);
    return status;
}

int main(int argc, char **argv)
{
    struct options o = { .limits = { .depth = 4, .elements = 8, .total = 4096 } };
    static struct source source;
    struct magic_error err = { 0 };
    argp_err_exit_status = STATUS_ERROR;
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--diff") == 0)
            argp_err_exit_status = DIFF_USAGE;
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    if (o.diff)
        return diff(&o);
    if (!o.sections)
        o.sections = o.pid ? TYPES | VARS | FUNCS | SITES | HEAP : TYPES | VARS | FUNCS | SITES;
    int r =
        o.pid ? source_open_process(&source, o.pid, &err) : source_open_file(&source, o.file, &err);
    int status = r        ? fail(o.file, &err, r, STATUS_ERROR)
                 : o.expr ? show_expression(&source, &o)
                          : show_sections(&source, &o);
    source_deinit(&source);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "sefdump: cannot write: %s\n", strerror(errno));
        return STATUS_ERROR;
    }
    return status;
}
