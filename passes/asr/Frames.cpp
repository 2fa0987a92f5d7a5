// SPDX-License-Identifier: BSD-2-Clause
//
// Other stack frames: see AsrPass.h. Emitted IR, in the entry block:
//
//   %__magic_pad = alloca [48 x i8], align 16
//   call void asm sideeffect "", "*m"(ptr elementtype([48 x i8]) %__magic_pad)
//
// The empty statement keeps the space and becomes no instruction. Space of a size of its own in
// each function moves what lies in the frame against the return address and against the caller's
// frame.

#include "asr/AsrPass.h"

#include "asr/Random.h"
#include "support/ModuleEmitter.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InlineAsm.h"

using namespace llvm;

namespace magic {

static constexpr StringLiteral ProcessedFlag = "magic-asr-frames";
static constexpr uint64_t Unit = 16, Units = 16;

static bool hasOwnFrame(const Function &F) {
  return !F.isDeclarationForLinker() && !F.hasFnAttribute(Attribute::Naked) &&
         !F.isPresplitCoroutine() && !F.getName().starts_with(SymbolPrefix);
}

static void permute(BasicBlock &Entry, Random &Numbers) {
  SmallVector<AllocaInst *, 16> Objects;
  for (Instruction &I : Entry)
    if (auto *A = dyn_cast<AllocaInst>(&I);
        A && A->isStaticAlloca() && !A->isUsedWithInAlloca() && !A->isSwiftError())
      Objects.push_back(A);
  Numbers.shuffle(MutableArrayRef<AllocaInst *>(Objects));
  for (AllocaInst *A : Objects)
    A->moveBefore(Entry, Entry.begin());
}

static void pad(BasicBlock &Entry, uint64_t Size) {
  if (!Size)
    return;
  IRBuilder<> B(&Entry, Entry.begin());
  Type *Ty = ArrayType::get(B.getInt8Ty(), Size);
  AllocaInst *Pad = B.CreateAlloca(Ty, nullptr, SymbolPrefix + "pad");
  Pad->setAlignment(Align(Unit));
  B.SetInsertPoint(&Entry, Entry.getFirstNonPHIOrDbgOrAlloca());
  auto *KeepTy = FunctionType::get(B.getVoidTy(), {Pad->getType()}, /*isVarArg=*/false);
  CallInst *Keep = B.CreateCall(InlineAsm::get(KeepTy, "", "*m", /*hasSideEffects=*/true), {Pad});
  Keep->addParamAttr(0, Attribute::get(Entry.getContext(), Attribute::ElementType, Ty));
  Keep->setDoesNotThrow();
}

PreservedAnalyses AsrFramesPass::run(Module &M, ModuleAnalysisManager &) {
  if (M.getModuleFlag(ProcessedFlag))
    return PreservedAnalyses::all();
  M.addModuleFlag(Module::Max, ProcessedFlag, 1);
  for (Function &F : M) {
    if (!hasOwnFrame(F))
      continue;
    Random Numbers(Seed, F.getName());
    permute(F.getEntryBlock(), Numbers);
    pad(F.getEntryBlock(), Numbers.below(Units) * Unit);
  }
  return PreservedAnalyses::none();
}

} // namespace magic
