; A wrong option is an error that names it.
; RUN: not %opt_passes'magic<bogus>' %s 2>&1 | FileCheck %s --check-prefix=UNKNOWN
; RUN: not %opt_passes'magic<alloc=foo>' %s 2>&1 | FileCheck %s --check-prefix=ALLOC
; RUN: not %opt_passes'magic<alloc=foo:x>' %s 2>&1 | FileCheck %s --check-prefix=ALLOC
; RUN: not %opt_passes'magic<alloc=foo:1:2:3>' %s 2>&1 | FileCheck %s --check-prefix=ALLOC
; RUN: not %opt_passes'magic<alloc=:1>' %s 2>&1 | FileCheck %s --check-prefix=ALLOC
; RUN: env MAGIC_PASS_OPTIONS=bogus not %opt_passes'magic' %s 2>&1 | FileCheck %s --check-prefix=UNKNOWN
; RUN: not %opt_passes'magicx' %s 2>&1 | FileCheck %s --check-prefix=OTHER
; RUN: %opt_passes'magic<no-sites;alloc=foo:1:2;pool=bar:2;free=baz:1>' %s -o /dev/null
; RUN: not %opt_passes'magic<alloc=foo:1:1>' %s 2>&1 | FileCheck %s --check-prefix=ALLOC
; RUN: not %opt_passes'magic<alloc=foo:0:1>' %s 2>&1 | FileCheck %s --check-prefix=ALLOC
; RUN: not %opt_passes'magic<pool=foo>' %s 2>&1 | FileCheck %s --check-prefix=POOL
; RUN: not %opt_passes'magic<free=foo:0>' %s 2>&1 | FileCheck %s --check-prefix=FREE
; RUN: not %opt_passes'magic<free=foo:1:2>' %s 2>&1 | FileCheck %s --check-prefix=FREE
; UNKNOWN: error: magic: unknown option 'bogus'
; ALLOC: error: magic: option 'alloc={{.*}}' is not alloc=NAME:SIZEARG[:COUNTARG] with arguments counted from 1
; POOL: error: magic: option 'pool=foo' is not pool=NAME:SIZEARG[:COUNTARG] with
; FREE: error: magic: option 'free={{.*}}' is not free=NAME:PTRARG with
; OTHER: unknown pass name 'magicx'
define void @f() {
  ret void
}
