// SPDX-License-Identifier: BSD-2-Clause
//
// Allocation sites: see SiteEmitter.h. Emitted IR, besides the marks of SiteInstrument.cpp:
//
//   @__magic_site_rec = private global <{ i64, i32, ... }> <{ i64 40, i32 trunc (i64 sub (i64
//       ptrtoint (ptr @__magic_type_2d... to i64), ...) to i32), ... }>, section "magic_sites",
//       align 8
//
// A record that no code refers to is in llvm.used.

#include "magic/SiteEmitter.h"

#include "support/SourcePath.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"

using namespace llvm;

namespace magic {

SiteEmitter::SiteEmitter(ModuleEmitter &Emitter, TypeEmitter &Types, ModuleStructs &Structs,
                         const Options &Opts, StringRef CompDir)
    : Out(Emitter), CompDir(CompDir), Known(Emitter.module(), Opts) {
  for (Function &F : Out.module())
    if (!F.isDeclaration() && F.getSubprogram())
      findIn(F, Structs, Types);
}

void SiteEmitter::findIn(Function &F, ModuleStructs &Structs, TypeEmitter &Types) {
  bool HandsOut = Known.handsOut(F);
  std::optional<SiteTyping> Typing; // walks the function: only if there is a call to type
  auto Need = [&]() -> SiteTyping & {
    if (!Typing)
      Typing.emplace(Types, Structs, F);
    return *Typing;
  };
  for (Instruction &I : instructions(F)) {
    auto *Call = dyn_cast<CallBase>(&I);
    if (!Call || isa<IntrinsicInst>(Call))
      continue;
    if (std::optional<unsigned> Arg = Known.freesToPool(*Call))
      Frees.push_back({Call, Call->getArgOperand(*Arg)});
    considerCall(*Call, HandsOut, Need, Types);
  }
}

void SiteEmitter::considerCall(CallBase &Call, bool HandsOut, function_ref<SiteTyping &()> Typing,
                               TypeEmitter &Types) {
  bool CanMark = SiteInstrument::canMark(Call);
  size_t Before = Sites.size();
  if (std::optional<Allocator> A = Known.find(Call))
    consider(Call, *A, Typing(), Types);
  else if (CanMark && Call.getType()->isPointerTy() && Known.mayAllocate(Call))
    considerLate(Call, Typing(), Types);
  bool Marked = Sites.size() > Before && Sites.back().Mark != SiteMark::Nothing;
  if (Marked || !CanMark || !HandsOut || Known.isReturned(*Call.getFunction(), Call) ||
      !Known.mayAllocate(Call))
    return;
  if (Sites.size() == Before)
    Sites.push_back({&Call, SiteType(), SiteMark::None, Allocator()});
  else
    Sites.back().Mark = SiteMark::None;
}

SiteMark SiteEmitter::markOf(const CallBase &Call, const Allocator &A, const SiteType &Type) const {
  bool Typed = Type.Class == SiteType::Class::Typed;
  bool Leaf = Type.Class == SiteType::Class::Leaf;
  if (!SiteInstrument::canMark(Call))
    return SiteMark::Nothing;
  if (A.Pool)
    return SiteMark::Pool;
  if (!Typed && (!Leaf || A.Library))
    return SiteMark::Nothing;
  return Known.isReturned(*Call.getFunction(), Call) ? SiteMark::Outer : SiteMark::Own;
}

void SiteEmitter::consider(CallBase &Call, const Allocator &A, SiteTyping &Typing,
                           TypeEmitter &Types) {
  SiteType Type = Typing.infer(Call, A);
  SiteMark Mark = markOf(Call, A, Type);
  if (Type.Class == SiteType::Class::Typed && Mark == SiteMark::Nothing)
    Type = {SiteType::Class::Opaque, nullptr, SizeVerdict::Unknown, Type.Receiver,
            "no code can be put around the call"};
  remark(Call, Type);
  if (Type.Element)
    Types.require(Type.Element);
  bool CallersSite = Mark == SiteMark::Nothing && Known.handsOut(*Call.getFunction()) &&
                     Known.isReturned(*Call.getFunction(), Call);
  if (!CallersSite)
    Sites.push_back({&Call, Type, Mark, A});
}

void SiteEmitter::considerLate(CallBase &Call, SiteTyping &Typing, TypeEmitter &Types) {
  if (!Typing.mayBeAllocator(Call))
    return;
  SiteType Type = Typing.inferLate(Call);
  bool Returned = Known.isReturned(*Call.getFunction(), Call);
  if (Type.Class == SiteType::Class::Typed) {
    Types.require(Type.Element);
    Sites.push_back({&Call, Type, Returned ? SiteMark::LateOuter : SiteMark::Late, Allocator()});
  } else if (Type.Class == SiteType::Class::Leaf && !Returned) {
    Sites.push_back({&Call, SiteType(), SiteMark::Taken, Allocator()});
  }
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

static bool isLate(SiteMark Mark) { return Mark == SiteMark::Late || Mark == SiteMark::LateOuter; }

void SiteEmitter::emit() {
  SiteInstrument Instrument(Out.module());
  for (const PoolFree &Free : Frees)
    Instrument.markFree(*Free.Call, Free.Pointer);
  for (const Site &S : Sites)
    mark(Instrument, S);
  for (Function &F : Out.module())
    if (!F.isDeclaration() && F.getSubprogram())
      Instrument.clearAfterReturnsTwice(F);
}

void SiteEmitter::mark(SiteInstrument &Instrument, const Site &S) {
  Function &F = *S.Call->getFunction();
  bool IsSite = Known.find(*S.Call) || isLate(S.Mark);
  bool NeedsRecord =
      S.Mark != SiteMark::Nothing && S.Mark != SiteMark::None && S.Mark != SiteMark::Taken;
  GlobalVariable *Record = nullptr;
  if (NeedsRecord || (IsSite && !F.hasAvailableExternallyLinkage()))
    Record = Out.emitReferenced(recordOf(S), "magic_sites", "site_rec", /*Constant=*/false);
  // It cannot live and die with the function, which may be gone once it is inlined.
  if (Record && !NeedsRecord)
    Out.keep(*Record, /*Linker=*/true);
  if (S.Mark == SiteMark::Nothing)
    return;
  auto Argument = [&](std::optional<unsigned> Index) {
    return Index && S.By.Exact ? S.Call->getArgOperand(*Index) : nullptr;
  };
  Instrument.mark(*S.Call, S.Mark, Record, Argument(S.By.SizeArg), Argument(S.By.CountArg));
}

static uint32_t shapeOf(const SiteType &Type) {
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

SiteRecord SiteEmitter::recordOf(const Site &S) {
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
  R.reason = Out.string(S.Type.Reason);
  if (const DILocation *Loc = S.Call->getDebugLoc()) {
    R.file = Out.string(recordPath(Loc->getFile(), CompDir));
    R.line = Loc->getLine();
  }
  R.ordinal = Ordinals[Key]++;
  R.flags = shapeOf(S.Type) | (S.By.Library ? 0 : MAGIC_SITE_WRAPPER) |
            (S.By.Pool ? MAGIC_SITE_POOL : 0) | (S.By.Mapped ? MAGIC_SITE_MAPPED : 0) |
            (isLate(S.Mark) ? MAGIC_SITE_LATE : 0);
  bool HandedOut =
      Known.handsOut(*S.Call->getFunction()) && Known.isReturned(*S.Call->getFunction(), *S.Call);
  if (HandedOut && S.Type.Class == SiteType::Class::Opaque)
    R.flags |= MAGIC_SITE_INNER;
  return R;
}

} // namespace magic
