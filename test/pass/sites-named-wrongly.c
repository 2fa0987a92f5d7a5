// What the user says of a function that is not so is an error that names it; a static function of
// the same name in another file is another function.
// RUN: env MAGIC_PASS_OPTIONS="alloc=get:3" not %magic_cc -c %s -o %t.o 2>&1 | FileCheck %s --check-prefix=FEW
// RUN: env MAGIC_PASS_OPTIONS="pool=get:2" not %magic_cc -c %s -o %t.o 2>&1 | FileCheck %s --check-prefix=KIND
// RUN: env MAGIC_PASS_OPTIONS="alloc=number:1" not %magic_cc -c %s -o %t.o 2>&1 | FileCheck %s --check-prefix=RESULT
// RUN: env MAGIC_PASS_OPTIONS="free=get:1" not %magic_cc -c %s -o %t.o 2>&1 | FileCheck %s --check-prefix=FREE
// RUN: env MAGIC_PASS_OPTIONS="alloc=get:1" not %magic_cc -DBAD -c %s -o %t.o 2>&1 | FileCheck %s --check-prefix=ATTRIBUTE
// RUN: env MAGIC_PASS_OPTIONS="alloc=local:3;alloc=absent:1;alloc=old:2" %magic_cc -c %s -o %t.o
void *get(unsigned long size, void *pool);
int number(int);
void *old();
static void *local(void) { return &number; }
#ifdef BAD
__attribute__((annotate("sef:pool=x"))) void *bad(int);
void *use_bad(void) { return bad(1); }
#endif
void *use(void) { return number(1) ? local() : old() ? get(8, 0) : 0; }
// FEW: error: magic: option 'alloc=get:3' does not fit the function: it has 2 arguments
// KIND: error: magic: option 'pool=get:2' does not fit the function: argument 2 is no integer
// RESULT: error: magic: option 'alloc=number:1' does not fit the function: it returns no pointer
// FREE: error: magic: option 'free=get:1' does not fit the function: argument 1 is no pointer
// ATTRIBUTE: error: magic: SEF_POOL(x) of 'bad' does not name arguments counted from 1
