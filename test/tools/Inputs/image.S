/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The smallest service image that preflight accepts: a main and one module record. With NO_TABLE
 * defined it has the image note of the start file but no state table.
 */
        .globl  main
        .hidden main
        .type   main, @function
        .text
main:   xorl    %eax, %eax
        ret
        .size   main, . - main
#ifndef NO_TABLE
        .section magic_modules, "aR", @progbits
        .balign 8
        .long   0x54464553              /* MAGIC_MODULE_MAGIC */
        .short  1, 0                    /* MAGIC_ABI_MAJOR, MAGIC_ABI_MINOR */
        .short  56, 24, 16, 40, 24, 48  /* record sizes, in the order of MAGIC_MODULE_FIELDS */
        .long   0
        .long   file - .
        .long   file - .
        .section .rodata
file:   .asciz  "image.S"
#endif
        .section .note.GNU-stack, "", @progbits
