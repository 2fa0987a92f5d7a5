/* SPDX-License-Identifier: BSD-2-Clause */
#define RESULT 9
        .globl  part
        .type   part, @function
part:   movl    $RESULT, %eax
        ret
        .size   part, . - part
        .section .note.GNU-stack, "", @progbits
