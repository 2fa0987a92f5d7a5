/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The smallest service image that preflight accepts: a main and one module record. With NO_TABLE
 * defined it has the image note of the start file but no state table.
 */
#include <magic/MagicRecords.inc>

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
        .short  MAGIC_ABI_MAJOR, MAGIC_ABI_MINOR
        .short  MAGIC_TYPE_SIZE, MAGIC_MEMBER_SIZE, MAGIC_ENUMERATOR_SIZE
        .short  MAGIC_VAR_SIZE, MAGIC_FUNC_SIZE, MAGIC_SITE_SIZE
        .long   0
        .long   file - .
        .long   file - .
        .section .rodata
file:   .asciz  "image.S"
#endif
        .section .note.GNU-stack, "", @progbits
