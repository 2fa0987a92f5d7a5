; A wrong option is an error that names it.
; RUN: not %opt_passes'magic<bogus>' %s 2>&1 | FileCheck %s --check-prefix=UNKNOWN
; RUN: not %opt_passes'magic<alloc=foo>' %s 2>&1 | FileCheck %s --check-prefix=ALLOC
; RUN: not %opt_passes'magic<alloc=foo:x>' %s 2>&1 | FileCheck %s --check-prefix=ALLOC
; RUN: not %opt_passes'magic<alloc=foo:0:1:2>' %s 2>&1 | FileCheck %s --check-prefix=ALLOC
; RUN: not %opt_passes'magic<alloc=:0>' %s 2>&1 | FileCheck %s --check-prefix=ALLOC
; RUN: env MAGIC_PASS_OPTIONS=bogus not %opt_passes'magic' %s 2>&1 | FileCheck %s --check-prefix=UNKNOWN
; RUN: not %opt_passes'magicx' %s 2>&1 | FileCheck %s --check-prefix=OTHER
; RUN: %opt_passes'magic<no-sites;alloc=foo:0:1>' %s -o /dev/null
; UNKNOWN: error: magic: unknown option 'bogus'
; ALLOC: error: magic: option 'alloc={{.*}}' is not alloc=NAME:SIZEARG[:COUNTARG]
; OTHER: unknown pass name 'magicx'
define void @f() {
  ret void
}
