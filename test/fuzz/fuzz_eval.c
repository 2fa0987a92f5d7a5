/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Fuzz target: an expression over the sample image, compiled, run and converted.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "eval/eval.h"
#include "image_builder.h"
#include "table/view.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct magic_view view;
static struct magic__eval_env env;

static int read_image(void *ctx, uint64_t addr, void *buf, size_t size)
{
    return magic__view_read(ctx, addr, buf, size);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static struct image im;
    static struct magic_arena arena;
    struct magic_error err;
    int code;

    (void) argc;
    (void) argv;
    image_init(&im, 4096);
    image_fill_sample(&im);
    env.table = image_read(&im, &arena, &view, &code, &err);
    env.ctx = &view;
    env.read = read_image;
    if (code)
        abort();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct magic__eval_node nodes[MAGIC__EVAL_NODES];
    struct magic__eval_program program = { .nodes = nodes, .cap = MAGIC__EVAL_NODES };
    struct magic__eval_value value;
    struct magic_error err;
    char text[100];
    int64_t number;
    double real;
    int is_true;

    if (magic__eval_compile(&env, (const char *) data, size, &program, &err) ||
        magic__eval_run(&env, &program, &value, &err))
        return 0;
    (void) !magic__eval_to_bool(&value, &is_true, &err);
    (void) !magic__eval_to_int(&value, &number, &err);
    (void) !magic__eval_to_float(&value, &real, &err);
    (void) !magic__eval_to_text(&env, &value, text, sizeof(text), &err);
    return 0;
}
