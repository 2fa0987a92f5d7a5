; The passes by name, and a wrong seed.
; RUN: %opt_passes'magic-asr<7>,magic-asr-frames<7>,verify' %s | FileCheck %s
; RUN: %opt_passes'magic-asr<7>,magic-asr-frames<7>,magic-asr<7>,magic-asr-frames<7>,verify' %s | FileCheck %s
; RUN: %opt_passes'magic<asr=7>,verify' %s | FileCheck %s --check-prefix=LAYOUT
; RUN: not %opt_passes'magic-asr' %s 2>&1 | FileCheck %s --check-prefix=OTHER
; RUN: not %opt_passes'magic-asr<x>' %s 2>&1 | FileCheck %s --check-prefix=OTHER
; RUN: not %opt_passes'magic<asr=>' %s 2>&1 | FileCheck %s --check-prefix=SEED
; RUN: not %opt_passes'magic<asr=18446744073709551616>' %s 2>&1 | FileCheck %s --check-prefix=SEED
; OTHER: unknown pass name 'magic-asr
; SEED: error: magic: option 'asr={{.*}}' is not asr=SEED with a number of 64 bits
; CHECK-COUNT-1: @__magic_pad
; CHECK-NOT: @__magic_pad = internal
; CHECK: define void @f() prefix
; CHECK-COUNT-1: alloca
; CHECK-NOT: alloca
; CHECK: ret void
; LAYOUT: define void @f() prefix
; LAYOUT-NOT: alloca
@v = global i32 0
define void @f() {
  ret void
}
