/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What each generated program has in common: see support.c.
 *
 * The names that end in no version are defined by the generated files.
 */
#ifndef SUPPORT_H
#define SUPPORT_H

#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#if __has_include(<sef/attributes.h>)
#include <sef/attributes.h>
#endif

#ifndef SEF_ALLOC
#define SEF_ALLOC(...)
#define SEF_POOL(...)
#endif

extern const int gen_version;
void gen_build(void);    /* makes the live state */
void gen_check(void);    /* compares it with what is expected */
void gen_exercise(void); /* uses and frees it */

void gen_bad(const char *what); /* reports a mismatch */
int gen_failed(void);           /* whether there was one */
void gen_use(void *object);     /* grows and frees a heap object */
int gen_same(const volatile void *a, const volatile void *b);
size_t gen_size(size_t n);       /* n, which the compiler does not see */
char *gen_line(const char *text); /* text as getline() reads it */

#define CK(cond, what) ((cond) ? (void) 0 : gen_bad(what))

#endif
