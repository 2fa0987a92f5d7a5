// SPDX-License-Identifier: BSD-2-Clause
//
// Allocation sites: see SiteEmitter.h. Emitted IR, besides the marks of SiteInstrument.cpp:
//
//   @__magic_site_rec = private global <{ i64, i32, ... }> <{ i64 40, i32 trunc (i64 sub (i64
//       ptrtoint (ptr @__magic_type_2d... to i64), ...) to i32), ... }>, section "magic_sites",
//       align 8

#include "magic/SiteEmitter.h"

#include "support/SourcePath.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"

using namespace llvm;

namespace magic {

SiteEmitter::SiteEmitter(ModuleEmitter &Emitter, TypeEmitter &Types, const Options &Opts,
                         StringRef CompDir)
    : Out(Emitter), CompDir(CompDir), Known(Emitter.module(), Opts) {
  DerivedStructs Derived(Out.module(), Types);
  for (Function &F : Out.module())
    if (!F.isDeclaration() && F.getSubprogram())
      findIn(F, Derived, Types);
}

void SiteEmitter::findIn(Function &F, DerivedStructs &Derived, TypeEmitter &Types) {
  bool HandsOut = Known.handsOut(F);
  std::optional<SiteTyping> Typing; // walks the function: only if there is a call to type
  for (Instruction &I : instructions(F)) {
    auto *Call = dyn_cast<CallBase>(&I);
    if (!Call || isa<IntrinsicInst>(Call) || !SiteInstrument::canMark(*Call))
      continue;
    size_t Before = Sites.size();
    if (Known.find(*Call)) {
      if (!Typing)
        Typing.emplace(Types, Derived, F);
      consider(*Call, *Typing, Types);
    }
    bool Silent = Sites.size() == Before && HandsOut && !Known.isReturned(F, *Call);
    if (Silent && Known.mayAllocate(*Call))
      Sites.push_back({Call, SiteType(), SiteMark::None, /*Library=*/true});
  }
}

void SiteEmitter::consider(CallBase &Call, SiteTyping &Typing, TypeEmitter &Types) {
  const Function &F = *Call.getFunction();
  Allocator A = *Known.find(Call);
  SiteType Type = Typing.infer(Call, A);
  remark(Call, Type);
  bool NeedsMark =
      Type.Class == SiteType::Class::Typed || (Type.Class == SiteType::Class::Leaf && !A.Library);
  if (!NeedsMark)
    return;
  if (Type.Element)
    Types.require(Type.Element);
  SiteMark Mark = Known.isReturned(F, Call) ? SiteMark::Outer : SiteMark::Own;
  Sites.push_back({&Call, Type, Mark, A.Library});
}

void SiteEmitter::remark(const CallBase &Call, const SiteType &Type) {
  LLVMContext &Ctx = Call.getContext();
  if (Type.Class == SiteType::Class::Opaque) {
    Ctx.diagnose(OptimizationRemarkMissed("magic", "SiteUntyped", &Call)
                 << "allocation of unknown type: " << StringRef(Type.Reason));
    return;
  }
  OptimizationRemark Typed("magic", "SiteTyped", &Call);
  if (Type.Class == SiteType::Class::Leaf)
    Ctx.diagnose(Typed << "allocation of bytes");
  else
    Ctx.diagnose(Typed << "allocation of type " << Type.Element->spelling());
}

void SiteEmitter::emit() {
  SiteInstrument Instrument(Out.module());
  for (const Site &S : Sites)
    Instrument.mark(*S.Call, S.Mark, S.Mark == SiteMark::None ? nullptr : emitRecord(S));
  for (Function &F : Out.module())
    if (!F.isDeclaration() && F.getSubprogram())
      Instrument.clearAfterReturnsTwice(F);
}

static uint32_t flagsOf(const SiteType &Type) {
  if (Type.Class == SiteType::Class::Leaf)
    return MAGIC_SITE_LEAF;
  switch (Type.Size) {
  case SizeVerdict::Single:
    return MAGIC_SITE_SINGLE;
  case SizeVerdict::Array:
    return MAGIC_SITE_ARRAY;
  case SizeVerdict::Tail:
    return MAGIC_SITE_TAIL;
  default:
    return 0;
  }
}

static StringRef sourceName(const Function *F) {
  if (!F)
    return "";
  const DISubprogram *SP = F->getSubprogram();
  return SP && !SP->getName().empty() ? SP->getName() : plainName(*F);
}

Constant *SiteEmitter::emitRecord(const Site &S) {
  StringRef Function = sourceName(S.Call->getFunction());
  StringRef Callee = sourceName(S.Call->getCalledFunction());
  std::string Key =
      (S.Call->getFunction()->getName() + "\n" + S.Type.Receiver + "\n" + Callee).str();
  SiteRecord R;
  R.elem_size = S.Type.Element ? S.Type.Element->Size : 1;
  R.type = S.Type.Element ? S.Type.Element->Record : nullptr;
  R.function = Out.string(Function);
  R.receiver = Out.string(S.Type.Receiver);
  R.callee = Out.string(Callee);
  if (const DILocation *Loc = S.Call->getDebugLoc()) {
    R.file = Out.string(recordPath(Loc->getFile(), CompDir));
    R.line = Loc->getLine();
  }
  R.ordinal = Ordinals[Key]++;
  R.flags = flagsOf(S.Type) | (S.Library ? 0 : MAGIC_SITE_WRAPPER);
  return Out.emitReferenced(R, "magic_sites", "site_rec", /*Constant=*/false);
}

} // namespace magic
