// SPDX-License-Identifier: BSD-2-Clause
//
// Variable records: see VariableEmitter.h. Emitted IR, for a thread-local variable:
//
//   @__magic_var = private constant <{ i64, ... }> <{ i64 4, ... }>, section "magic_vars", align 8,
//       !associated !7
//   define internal ptr @__magic_tls_counter() { ret ptr @llvm.threadlocal.address(ptr @counter) }

#include "magic/VariableEmitter.h"

#include "compat/LLVMCompat.h"
#include "support/Attributes.h"
#include "support/SourcePath.h"
#include "llvm/IR/IRBuilder.h"

using namespace llvm;

namespace magic {

static const DIGlobalVariable *debugVariable(const GlobalVariable &GV) {
  SmallVector<DIGlobalVariableExpression *, 1> Expressions;
  GV.getDebugInfo(Expressions);
  for (const DIGlobalVariableExpression *E : Expressions)
    if (!E->getVariable()->getName().empty()) // string literals have a nameless one
      return E->getVariable();
  return nullptr;
}

/// Whether a global without a source name is data that the compiler added: literals, and what
/// profiling and sanitizers keep, which later passes may replace.
static bool isCompilerData(const GlobalVariable &GV) {
  if (GV.hasPrivateLinkage() || (GV.isConstant() && GV.hasGlobalUnnamedAddr()))
    return true;
  for (StringRef Prefix : {"__llvm_", "__prof", "__covrec_", "__sanitizer_"})
    if (GV.getName().starts_with(Prefix))
      return true;
  return false;
}

/// Whether \p GV holds state of the program.
static bool isVariable(const GlobalVariable &GV, const DIGlobalVariable *Debug) {
  if (GV.isDeclarationForLinker() || GV.hasAppendingLinkage())
    return false;
  if (GV.getName().starts_with("llvm.") || GV.getName().starts_with(SymbolPrefix) ||
      GV.getSection() == "llvm.metadata")
    return false;
  if (GV.getParent()->getDataLayout().getTypeAllocSize(GV.getValueType()).isZero())
    return false; // it may share its address with another one
  return Debug || !isCompilerData(GV);
}

VariableEmitter::VariableEmitter(ModuleEmitter &Emitter, TypeEmitter &Types, StringRef CompDir)
    : Out(Emitter), CompDir(CompDir) {
  for (GlobalVariable &GV : Out.module().globals()) {
    const DIGlobalVariable *Debug = debugVariable(GV);
    if (!isVariable(GV, Debug))
      continue;
    TypeNode *Type = Debug && Debug->getType() ? Types.node(Debug->getType()) : nullptr;
    if (Type)
      Types.require(Type);
    Variables.push_back({&GV, Debug, Type});
  }
}

void VariableEmitter::emit() {
  for (const Variable &V : Variables)
    emitOne(V);
}

static uint32_t flagsOf(const GlobalVariable &GV, bool Named) {
  uint32_t Flags = Named ? 0 : MAGIC_VAR_ANONYMOUS;
  if (GV.hasLocalLinkage())
    Flags |= MAGIC_VAR_STATIC;
  if (GV.isThreadLocal())
    Flags |= MAGIC_VAR_TLS;
  if (GV.isConstant())
    Flags |= MAGIC_VAR_CONST;
  if (GV.hasWeakLinkage() || GV.hasLinkOnceLinkage())
    Flags |= MAGIC_VAR_WEAK;
  if (GV.hasCommonLinkage())
    Flags |= MAGIC_VAR_COMMON;
  return Flags;
}

static StringRef enclosingFunction(const DIGlobalVariable *Debug) {
  auto *Scope = Debug ? dyn_cast_or_null<DILocalScope>(Debug->getScope()) : nullptr;
  return Scope ? Scope->getSubprogram()->getName() : StringRef();
}

void VariableEmitter::emitOne(const Variable &V) {
  const DataLayout &DL = Out.module().getDataLayout();
  VarRecord R;
  R.size = DL.getTypeAllocSize(V.GV->getValueType()).getFixedValue();
  R.name = Out.string(V.Debug ? V.Debug->getName() : plainName(*V.GV));
  R.scope = Out.string(enclosingFunction(V.Debug));
  R.file = Out.string(V.Debug ? recordPath(V.Debug->getFile(), CompDir) : std::string());
  R.line = V.Debug ? V.Debug->getLine() : 0;
  R.type = V.Type ? V.Type->Record : nullptr;
  R.flags = flagsOf(*V.GV, V.Debug);
  R.addr = addressOf(*V.GV);
  R.align = static_cast<uint32_t>(
      DL.getValueOrABITypeAlignment(V.GV->getAlign(), V.GV->getValueType()).value());
  R.attrs = Out.string(V.Debug ? attributes(V.Debug->getAnnotations()) : std::string());
  Out.emitFor(*V.GV, R, "magic_vars", "var");
}

Constant *VariableEmitter::addressOf(GlobalVariable &GV) {
  return GV.isThreadLocal() ? threadLocalAccessor(GV) : Out.localReference(GV);
}

// A thread-local variable has no address that a constant could hold.
Function *VariableEmitter::threadLocalAccessor(GlobalVariable &GV) {
  Module &M = Out.module();
  auto *Ty = FunctionType::get(GV.getType(), /*isVarArg=*/false);
  Function *F =
      Function::Create(Ty, GlobalValue::InternalLinkage, SymbolPrefix + "tls_" + plainName(GV), M);
  F->setDoesNotThrow();
  F->addFnAttr(Attribute::NoInline);
  if (Comdat *Group = GV.getComdat())
    F->setComdat(Group);
  IRBuilder<> B(BasicBlock::Create(M.getContext(), "", F));
  Function *Address = compat::intrinsic(M, Intrinsic::threadlocal_address, {GV.getType()});
  B.CreateRet(B.CreateCall(Address, {&GV}));
  return F;
}

} // namespace magic
