/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The start file of every service image: entry point, interpreter name and image note.
 *
 * A service image is a shared object, so that later versions of it can be loaded into the running
 * process, and it is runnable, because this file gives it what crt1.o gives a program. The entry
 * point hands _magic_start() of the runtime to libc in place of main; the runtime finds main in
 * the image note, which it and every tool find through PT_NOTE alone.
 *
 * x86-64 System V ABI. The zero-sized sections make the linker define __start_ and __stop_ for
 * tables that no translation unit contributes to.
 */
        .section .interp, "aR", @progbits
        .asciz  "/lib64/ld-linux-x86-64.so.2"

        .text
        .globl  _sef_start
        .hidden _sef_start
        .type   _sef_start, @function
_sef_start:
        .cfi_startproc
        .cfi_undefined %rip
        xorl    %ebp, %ebp
        movq    %rdx, %r9               /* rtld_fini */
        popq    %rsi                    /* argc */
        movq    %rsp, %rdx              /* argv */
        andq    $-16, %rsp
        pushq   %rax
        pushq   %rsp                    /* stack_end */
        xorl    %r8d, %r8d              /* libc runs the image's own init and fini */
        xorl    %ecx, %ecx
        movq    _magic_start@GOTPCREL(%rip), %rdi
        call    *__libc_start_main@GOTPCREL(%rip)
        hlt
        .cfi_endproc
        .size   _sef_start, . - _sef_start

        /* What writes the profile of an image that was built for coverage, by clang's functions or by
         * those of gcc's kind; NULL what it does not have. struct profile of image_profile.c. */
        .macro  profile_part name
        .weak   \name
        .quad   \name
        .endm

        .section .data.rel.ro, "aw", @progbits
        .balign 8
        .globl  __sef_profile
        .type   __sef_profile, @object
__sef_profile:
        profile_part __llvm_profile_write_file
        profile_part __llvm_profile_reset_counters
        profile_part __llvm_profile_get_filename
        profile_part __llvm_profile_set_filename
        profile_part __llvm_profile_filename
        profile_part __gcov_dump
        profile_part __gcov_reset
        .size   __sef_profile, . - __sef_profile

        .section magic_modules, "aR", @progbits
        .section magic_types, "aR", @progbits
        .section magic_vars, "aR", @progbits
        .section magic_funcs, "aR", @progbits
        .section magic_sites, "awR", @progbits

        .macro  bounds name
        .hidden __start_magic_\name
        .hidden __stop_magic_\name
        .long   __start_magic_\name - .
        .long   __stop_magic_\name - .
        .endm

        /* struct magic_note of magic/records.h */
        .section .note.sef, "aR", @note
        .balign 4
        .long   4, 2f - 1f, 1
        .asciz  "SEF"
1:      .long   0x4e464553
        .short  3, 0                    /* MAGIC_ABI_MAJOR, MAGIC_ABI_MINOR */
        bounds  modules
        bounds  types
        bounds  vars
        bounds  funcs
        bounds  sites
        .long   main - .
        .long   0
2:
        .section .note.GNU-stack, "", @progbits
