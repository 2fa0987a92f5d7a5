// SPDX-License-Identifier: BSD-2-Clause
//
// Function records: see FunctionEmitter.h. Emitted IR:
//
//   @__magic_at_handle = hidden alias i32 (ptr), ptr @handle
//   @__magic_func = private constant <{ i32, ... }> <{ ... }>, section "magic_funcs", align 8,
//       !associated !3

#include "magic/FunctionEmitter.h"

#include "support/Attributes.h"
#include "support/SourcePath.h"

using namespace llvm;

namespace magic {

FunctionEmitter::FunctionEmitter(ModuleEmitter &Emitter, TypeEmitter &Types, StringRef CompDir)
    : Out(Emitter), CompDir(CompDir) {
  for (Function &F : Out.module()) {
    if (F.isDeclarationForLinker() || F.getName().starts_with(SymbolPrefix))
      continue;
    bool AddressTaken = F.hasAddressTaken(/*PutOffender=*/nullptr, /*IgnoreCallbackUses=*/false,
                                          /*IgnoreAssumeLikeCalls=*/true, /*IgnoreLLVMUsed=*/true);
    if (F.hasLocalLinkage() && !AddressTaken)
      continue;
    const DISubprogram *SP = F.getSubprogram();
    bool Typed = AddressTaken && SP && SP->getType();
    TypeNode *Type = Typed ? Types.node(SP->getType()) : nullptr;
    if (Type)
      Types.require(Type);
    Functions.push_back({&F, Type, AddressTaken});
  }
}

void FunctionEmitter::emit() {
  for (const Entry &E : Functions)
    emitOne(E);
}

void FunctionEmitter::emitOne(const Entry &E) {
  const DISubprogram *SP = E.F->getSubprogram();
  FuncRecord R;
  R.name = Out.string(SP && !SP->getName().empty() ? SP->getName() : plainName(*E.F));
  R.file = Out.string(SP ? recordPath(SP->getFile(), CompDir) : std::string());
  R.line = SP ? SP->getLine() : 0;
  R.type = E.Type ? E.Type->Record : nullptr;
  if (E.F->hasLocalLinkage())
    R.flags |= MAGIC_FUNC_STATIC;
  if (E.AddressTaken)
    R.flags |= MAGIC_FUNC_ADDRESS_TAKEN;
  if (E.F->hasWeakLinkage() || E.F->hasLinkOnceLinkage())
    R.flags |= MAGIC_FUNC_WEAK;
  R.addr = Out.localReference(*E.F);
  R.attrs = Out.string(SP ? attributes(SP->getAnnotations()) : std::string());
  Out.emitFor(*E.F, R, "magic_funcs", "func");
}

} // namespace magic
