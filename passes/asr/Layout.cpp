// SPDX-License-Identifier: BSD-2-Clause
//
// Another order of functions and variables: see AsrPass.h. Emitted IR, with the seed deciding sizes
// and order:
//
//   @__magic_pad = internal global [40 x i8] zeroinitializer, align 8
//   @counter = global i32 0
//   define i32 @handle(ptr %0) prefix [48 x i8] c"\CC\CC..." { ... }
//
// A pad lies in the same section as the variable behind it, as it is zero where that is. Under
// -fdata-sections it has a section of its own, which --gc-sections drops.

#include "asr/AsrPass.h"

#include "asr/Random.h"
#include "support/ModuleEmitter.h"
#include "support/SourcePath.h"
#include "llvm/IR/Constants.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

using namespace llvm;

namespace magic {

static constexpr StringLiteral ProcessedFlag = "magic-asr";
static constexpr uint64_t PadUnit = 8, Pads = 16, FirstPads = 512;           // of variables
static constexpr uint64_t PrefixUnit = 16, Prefixes = 8, FirstPrefixes = 64; // of functions

/// The module's name, the same wherever it is built.
static std::string nameOf(const Module &M) {
  for (const DICompileUnit *Unit : M.debug_compile_units())
    return recordPath(Unit->getFile(), Unit->getDirectory());
  return M.getSourceFileName();
}

static bool isOurs(const GlobalObject &GO) { return GO.getName().starts_with(SymbolPrefix); }

static bool isMovable(const GlobalVariable &GV) {
  return !GV.isDeclarationForLinker() && !GV.hasAppendingLinkage() && !GV.hasSection() &&
         !GV.hasImplicitSection() && !GV.getName().starts_with("llvm.") && !isOurs(GV);
}

namespace {

class Layout {
public:
  Layout(Module &M, uint64_t Seed) : M(M), Numbers(Seed, nameOf(M)) {}

  void permuteVariables() {
    SmallVector<GlobalVariable *, 64> Variables;
    for (GlobalVariable &GV : M.globals())
      if (isMovable(GV))
        Variables.push_back(&GV);
    Numbers.shuffle(MutableArrayRef<GlobalVariable *>(Variables));
    for (GlobalVariable *GV : Variables) {
      M.removeGlobalVariable(GV);
      pad(*GV);
      M.insertGlobalVariable(GV);
    }
    appendToCompilerUsed(M, Added);
  }

  void permuteFunctions() {
    SmallVector<Function *, 64> Functions;
    for (Function &F : M)
      if (!F.isDeclarationForLinker() && !F.hasSection() && !isOurs(F))
        Functions.push_back(&F);
    Numbers.shuffle(MutableArrayRef<Function *>(Functions));
    uint64_t Limit = FirstPrefixes;
    for (Function *F : Functions) {
      M.getFunctionList().splice(M.end(), M.getFunctionList(), F->getIterator());
      shift(*F, Numbers.below(Limit));
      Limit = Prefixes;
    }
  }

private:
  /// Put free space before a variable that is about to follow. Thread-local ones, and those in a
  /// section or group of their own, would not be behind it.
  void pad(const GlobalVariable &GV) {
    bool Zero = GV.getInitializer()->isNullValue();
    if (GV.isConstant() || GV.isThreadLocal() || GV.hasComdat() || GV.hasCommonLinkage())
      return;
    bool &Any = Zero ? AnyZero : AnyData;
    uint64_t Size = Numbers.below(Any ? Pads : FirstPads) * PadUnit;
    Any = true;
    if (!Size)
      return;
    SmallVector<uint8_t, 0> Bytes(Size, Zero ? 0 : DataByte);
    Constant *Init = ConstantDataArray::get(M.getContext(), Bytes);
    auto *Pad = new GlobalVariable(M, Init->getType(), /*isConstant=*/false,
                                   GlobalValue::InternalLinkage, Init, SymbolPrefix + "pad");
    Pad->setAlignment(Align(PadUnit));
    Added.push_back(Pad);
  }

  void shift(Function &F, uint64_t Units) {
    if (!Units || F.hasPrefixData())
      return;
    SmallVector<uint8_t, 0> Bytes(Units * PrefixUnit, TrapByte);
    F.setPrefixData(ConstantDataArray::get(M.getContext(), Bytes));
  }

  static constexpr uint8_t DataByte = 0xff, TrapByte = 0xcc; // int3 of x86

  Module &M;
  Random Numbers;
  SmallVector<GlobalValue *, 64> Added;
  bool AnyZero = false, AnyData = false;
};

} // namespace

PreservedAnalyses AsrLayoutPass::run(Module &M, ModuleAnalysisManager &) {
  if (M.getModuleFlag(ProcessedFlag))
    return PreservedAnalyses::all();
  M.addModuleFlag(Module::Max, ProcessedFlag, 1);
  Layout L(M, Seed);
  L.permuteVariables();
  L.permuteFunctions();
  return PreservedAnalyses::none();
}

} // namespace magic
