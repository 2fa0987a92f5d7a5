// SPDX-License-Identifier: BSD-2-Clause
//
// Marks of allocation sites: see SiteInstrument.h. Emitted IR for SiteMark::Outer:
//
//   %0 = call ptr @llvm.threadlocal.address.p0(ptr @__magic_site)
//   %outer = load ptr, ptr %0
//   %1 = icmp eq ptr %outer, null
//   %2 = select i1 %1, ptr @__magic_site_rec, ptr %outer
//   store volatile ptr %2, ptr %0
//   %call = call ptr @xmalloc(i64 40)
//   store volatile ptr %outer, ptr %0
//
// LLVM knows that malloc touches no memory that the program can see, so ordinary stores around it
// would be dead or free to move. Volatile ones stay.

#include "magic/SiteInstrument.h"

#include "compat/LLVMCompat.h"
#include "llvm/IR/InstIterator.h"

using namespace llvm;

namespace magic {

static constexpr StringLiteral CurrentSite = "__magic_site";

bool SiteInstrument::canMark(const CallBase &Call) {
  auto *Plain = dyn_cast<CallInst>(&Call);
  const Function *F = Call.getFunction();
  bool NoUnwind = Call.doesNotThrow() || F->doesNotThrow();
  return Plain && NoUnwind && !Plain->isMustTailCall() &&
         !Call.hasFnAttr(Attribute::ReturnsTwice) && !F->hasFnAttribute(Attribute::Naked) &&
         !F->isPresplitCoroutine();
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

void SiteInstrument::mark(CallBase &Call, SiteMark Mark, Constant *Site) {
  IRBuilder<> B(&Call);
  Type *Ptr = PointerType::getUnqual(M.getContext());
  Value *Current = currentSite(B);
  Value *Outer = B.CreateLoad(Ptr, Current, "outer");
  Value *Null = Constant::getNullValue(Ptr);
  Value *New = Mark == SiteMark::None ? Null : Site;
  if (Mark == SiteMark::Outer)
    New = B.CreateSelect(B.CreateICmpEQ(Outer, Null), Site, Outer);
  B.CreateStore(New, Current, /*isVolatile=*/true);
  if (Call.doesNotReturn())
    return;
  B.SetInsertPoint(Call.getParent(), std::next(Call.getIterator()));
  B.SetCurrentDebugLocation(Call.getDebugLoc());
  B.CreateStore(Outer, Current, /*isVolatile=*/true);
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
