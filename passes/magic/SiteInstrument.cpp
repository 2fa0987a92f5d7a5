// SPDX-License-Identifier: BSD-2-Clause
//
// Marks of allocation sites: see SiteInstrument.h. Emitted IR for SiteMark::Outer:
//
//   %0 = call ptr @llvm.threadlocal.address.p0(ptr @__magic_site)
//   %outer = load ptr, ptr %0
//   %1 = ptrtoint ptr %outer to i64
//   %2 = and i64 %1, 3
//   %3 = icmp ne i64 %2, 0
//   %4 = icmp eq ptr %outer, null
//   %5 = or i1 %3, %4
//   %6 = select i1 %5, ptr @__magic_site_rec, ptr %outer
//   store volatile ptr %6, ptr %0
//   %call = call ptr @xmalloc(i64 40)
//   store volatile ptr %outer, ptr %0
//
// and after a call with SiteMark::Pool or SiteMark::Late:
//
//   call void @__magic_pool(ptr %call, i64 40, i64 1, ptr @__magic_site_rec)
//
//   %noted = load volatile ptr, ptr %0
//   store volatile ptr %outer, ptr %0
//   call void @__magic_late(ptr %call, ptr @__magic_site_rec, ptr %noted)
//
// LLVM knows that malloc touches no memory that the program can see, so ordinary stores around it
// would be dead or free to move. Volatile ones stay. A call that an exception may leave becomes an
// invoke whose landing pad forgets the current site: what is left of an outer site's call is then
// opaque, which is safe.

#include "magic/SiteInstrument.h"

#include "compat/LLVMCompat.h"
#include "support/Records.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/Local.h"

using namespace llvm;

namespace magic {

static constexpr StringLiteral CurrentSite = "__magic_site";
static constexpr StringLiteral Personality = "__gcc_personality_v0";

static bool mayUnwind(const CallBase &Call) {
  return !Call.doesNotThrow() && !Call.getFunction()->doesNotThrow();
}

/// Whether \p F handles exceptions as C does, which runs clean-ups and catches nothing.
static bool canCleanUp(const Function &F) {
  if (F.hasPersonalityFn())
    return F.getPersonalityFn()->stripPointerCasts()->getName() == Personality;
  const DISubprogram *SP = F.getSubprogram();
  return SP && SP->getUnit() && !compat::isCPlusPlus(*SP->getUnit());
}

bool SiteInstrument::canMark(const CallBase &Call) {
  const Function *F = Call.getFunction();
  if (isa<CallBrInst>(Call) || (mayUnwind(Call) && !canCleanUp(*F)))
    return false;
  auto *Plain = dyn_cast<CallInst>(&Call);
  return !(Plain && Plain->isMustTailCall()) && !Call.hasFnAttr(Attribute::ReturnsTwice) &&
         !F->hasFnAttribute(Attribute::Naked) && !F->isPresplitCoroutine();
}

/// What tells the runtime to note the blocks that would fit \p Site.
static Constant *collectFor(Constant *Site) {
  LLVMContext &Ctx = Site->getContext();
  return ConstantExpr::getGetElementPtr(
      Type::getInt8Ty(Ctx), Site, ConstantInt::get(Type::getInt64Ty(Ctx), MAGIC_SITE_COLLECT));
}

/// Whether a value of the current site is no site's record.
static Value *isNoSite(IRBuilderBase &B, Value *Current) {
  Value *Tag = B.CreateAnd(B.CreatePtrToInt(Current, B.getInt64Ty()),
                           MAGIC_SITE_COLLECT | MAGIC_SITE_COLLECTED);
  return B.CreateOr(B.CreateIsNotNull(Tag), B.CreateIsNull(Current));
}

Value *SiteInstrument::currentSite(IRBuilderBase &B) {
  Type *Ptr = PointerType::getUnqual(M.getContext());
  GlobalVariable *GV = M.getNamedGlobal(CurrentSite);
  if (!GV)
    GV = new GlobalVariable(M, Ptr, /*isConstant=*/false, GlobalValue::ExternalLinkage, nullptr,
                            CurrentSite, nullptr, GlobalValue::InitialExecTLSModel);
  Function *Address = compat::intrinsic(M, Intrinsic::threadlocal_address, {GV->getType()});
  return B.CreateCall(Address, {GV});
}

Value *SiteInstrument::siteDuring(IRBuilderBase &B, SiteMark Mark, Constant *Site, Value *Outer) {
  if (Mark == SiteMark::None || Mark == SiteMark::Pool || Mark == SiteMark::Taken)
    return Constant::getNullValue(Outer->getType());
  bool IsLate = Mark == SiteMark::Late || Mark == SiteMark::LateOuter;
  Constant *Own = IsLate ? collectFor(Site) : Site;
  if (Mark == SiteMark::Own || Mark == SiteMark::Late)
    return Own;
  return B.CreateSelect(isNoSite(B, Outer), Own, Outer);
}

/// Make an invoke of a call that may unwind, with a landing pad that does nothing yet.
CallBase *SiteInstrument::catchUnwinding(CallInst &Call) {
  Function &F = *Call.getFunction();
  LLVMContext &Ctx = M.getContext();
  Type *I32 = Type::getInt32Ty(Ctx);
  if (!F.hasPersonalityFn()) {
    FunctionCallee Handler =
        M.getOrInsertFunction(Personality, FunctionType::get(I32, /*isVarArg=*/true));
    F.setPersonalityFn(cast<Constant>(Handler.getCallee()));
  }
  BasicBlock *Pad = BasicBlock::Create(Ctx, "forget", &F);
  IRBuilder<> B(Pad);
  B.SetCurrentDebugLocation(Call.getDebugLoc());
  LandingPadInst *Exception =
      B.CreateLandingPad(StructType::get(PointerType::getUnqual(Ctx), I32), 0);
  Exception->setCleanup(true);
  B.CreateResume(Exception);
  BasicBlock *Before = Call.getParent();
  changeToInvokeAndSplitBasicBlock(&Call, Pad);
  return cast<InvokeInst>(Before->getTerminator());
}

/// Forget the current site where an exception arrives.
void SiteInstrument::clearAt(BasicBlock &Pad) {
  Instruction *First = &*Pad.getFirstInsertionPt();
  IRBuilder<> B(First);
  B.SetCurrentDebugLocation(Pad.getLandingPadInst()->getDebugLoc());
  Value *Current = currentSite(B);
  B.CreateStore(Constant::getNullValue(PointerType::getUnqual(M.getContext())), Current,
                /*isVolatile=*/true);
}

/// Where the code after \p Call belongs; \p Call may become another instruction.
Instruction *SiteInstrument::after(CallBase *&Call) {
  if (auto *Plain = dyn_cast<CallInst>(Call)) {
    if (!mayUnwind(*Plain))
      return &*std::next(Plain->getIterator());
    Call = catchUnwinding(*Plain);
  }
  auto *Invoke = cast<InvokeInst>(Call);
  clearAt(*Invoke->getUnwindDest());
  BasicBlock *Normal = Invoke->getNormalDest();
  if (!Normal->getSinglePredecessor())
    Normal = SplitEdge(Invoke->getParent(), Normal);
  return &*Normal->getFirstInsertionPt();
}

FunctionCallee SiteInstrument::hook(StringRef Name, ArrayRef<Type *> Parameters) {
  LLVMContext &Ctx = M.getContext();
  auto *Ty = FunctionType::get(Type::getVoidTy(Ctx), Parameters, /*isVarArg=*/false);
  FunctionCallee Callee = M.getOrInsertFunction(Name, Ty);
  if (auto *F = dyn_cast<Function>(Callee.getCallee()))
    F->setDoesNotThrow();
  return Callee;
}

/// Have the result of \p Call typed if the runtime noted it, and made opaque if it had another
/// type.
void SiteInstrument::claim(IRBuilderBase &B, CallBase &Call, Value *Noted, Constant *Site) {
  Type *Ptr = PointerType::getUnqual(M.getContext());
  if (!Site)
    Site = Constant::getNullValue(Ptr);
  B.CreateCall(hook("__magic_late", {Ptr, Ptr, Ptr}), {&Call, Site, Noted});
}

void SiteInstrument::mark(CallBase &Original, SiteMark Mark, Constant *Site, Value *Size,
                          Value *Count) {
  CallBase *Call = &Original;
  IRBuilder<> B(Call);
  Type *Ptr = PointerType::getUnqual(M.getContext());
  Type *I64 = B.getInt64Ty();
  Value *Current = currentSite(B);
  Value *Outer = B.CreateLoad(Ptr, Current, "outer");
  B.CreateStore(siteDuring(B, Mark, Site, Outer), Current, /*isVolatile=*/true);
  if (Call->doesNotReturn())
    return;
  DebugLoc Loc = Call->getDebugLoc();
  Instruction *At = after(Call);
  B.SetInsertPoint(At);
  B.SetCurrentDebugLocation(Loc);
  bool IsLate = Mark == SiteMark::Late || Mark == SiteMark::LateOuter || Mark == SiteMark::Taken;
  Value *Noted = IsLate ? B.CreateLoad(Ptr, Current, /*isVolatile=*/true, "noted") : nullptr;
  B.CreateStore(Outer, Current, /*isVolatile=*/true);
  if (IsLate) {
    claim(B, *Call, Noted, Site);
  } else if (Mark == SiteMark::Pool) {
    Value *Bytes = Size ? B.CreateZExtOrTrunc(Size, I64) : B.getInt64(0);
    Value *Number = Count ? B.CreateZExtOrTrunc(Count, I64) : B.getInt64(1);
    B.CreateCall(hook("__magic_pool", {Ptr, I64, I64, Ptr}), {Call, Bytes, Number, Site});
  }
}

void SiteInstrument::markFree(CallBase &Call, Value *Pointer) {
  IRBuilder<> B(&Call);
  B.CreateCall(hook("__magic_pool_free", {Pointer->getType()}), {Pointer});
}

void SiteInstrument::clearAfterReturnsTwice(Function &F) {
  SmallVector<CallInst *, 2> Calls;
  for (Instruction &I : instructions(F))
    if (auto *Call = dyn_cast<CallInst>(&I);
        Call && Call->hasFnAttr(Attribute::ReturnsTwice) && !Call->isMustTailCall())
      Calls.push_back(Call);
  for (CallInst *Call : Calls) {
    IRBuilder<> B(Call->getParent(), std::next(Call->getIterator()));
    B.SetCurrentDebugLocation(Call->getDebugLoc());
    Value *Current = currentSite(B);
    B.CreateStore(Constant::getNullValue(PointerType::getUnqual(M.getContext())), Current,
                  /*isVolatile=*/true);
  }
}

} // namespace magic
