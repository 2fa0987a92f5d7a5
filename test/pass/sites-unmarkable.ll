; Calls that no code can follow, or that may unwind, are left as they are.
; RUN: %apply_magic %s | FileCheck %s --implicit-check-not="store volatile"
; RUN: %apply_magic -pass-remarks-missed=magic %s 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK
; REMARK-COUNT-4: allocation of unknown type: no code can be put around the call
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"
declare noalias ptr @malloc(i64) nounwind
declare noalias ptr @allocate(i64) allocsize(0)
declare i32 @__gxx_personality_v0(...)
@n = global ptr null, !dbg !5

; CHECK-LABEL: define ptr @must_tail
define ptr @must_tail(i64 %n) nounwind !dbg !10 {
  %p = musttail call ptr @malloc(i64 %n)
  ret ptr %p
}

; CHECK-LABEL: define void @is_naked
define void @is_naked() naked nounwind !dbg !11 {
  %p = call ptr @malloc(i64 16)
  store ptr %p, ptr @n
  unreachable
}

; CHECK-LABEL: define void @invokes
define void @invokes() personality ptr @__gxx_personality_v0 !dbg !12 {
  %p = invoke ptr @allocate(i64 16) to label %ok unwind label %bad
ok:
  store ptr %p, ptr @n
  %q = call ptr @allocate(i64 16)
  store ptr %q, ptr @n
  ret void
bad:
  %lp = landingpad { ptr, i32 } cleanup
  ret void
}

; CHECK-LABEL: define void @asm_call
define void @asm_call() nounwind !dbg !13 {
  %p = call ptr asm "", "=r"()
  store ptr %p, ptr @n
  ret void
}

!llvm.dbg.cu = !{!0}
!llvm.module.flags = !{!3, !4}
!0 = distinct !DICompileUnit(language: DW_LANG_C11, file: !1, emissionKind: FullDebug, globals: !2)
!1 = !DIFile(filename: "a.c", directory: "/src")
!2 = !{!5}
!3 = !{i32 2, !"Debug Info Version", i32 3}
!4 = !{i32 7, !"Dwarf Version", i32 5}
!5 = !DIGlobalVariableExpression(var: !6, expr: !DIExpression())
!6 = distinct !DIGlobalVariable(name: "n", scope: !0, file: !1, line: 1, type: !7, isDefinition: true)
!7 = !DIDerivedType(tag: DW_TAG_pointer_type, baseType: !8, size: 64)
!8 = !DIBasicType(name: "__int128", size: 128, encoding: DW_ATE_signed)
!9 = !DISubroutineType(types: !{!7})
!10 = distinct !DISubprogram(name: "must_tail", scope: !1, file: !1, line: 2, type: !9, spFlags: DISPFlagDefinition, unit: !0)
!11 = distinct !DISubprogram(name: "is_naked", scope: !1, file: !1, line: 3, type: !9, spFlags: DISPFlagDefinition, unit: !0)
!12 = distinct !DISubprogram(name: "invokes", scope: !1, file: !1, line: 4, type: !9, spFlags: DISPFlagDefinition, unit: !0)
!13 = distinct !DISubprogram(name: "asm_call", scope: !1, file: !1, line: 5, type: !9, spFlags: DISPFlagDefinition, unit: !0)
