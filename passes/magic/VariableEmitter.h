// SPDX-License-Identifier: BSD-2-Clause
//
// Variable records: one for each variable that the module defines.

#ifndef MAGIC_MAGIC_VARIABLEEMITTER_H
#define MAGIC_MAGIC_VARIABLEEMITTER_H

#include "magic/TypeEmitter.h"

#include <vector>

namespace magic {

class VariableEmitter {
public:
  /// Choose the variables and ask for their types.
  VariableEmitter(ModuleEmitter &Out, TypeEmitter &Types, llvm::StringRef CompDir);

  /// Write the records, after TypeEmitter::emitAll().
  void emit();

private:
  struct Variable {
    llvm::GlobalVariable *GV;
    const llvm::DIGlobalVariable *Debug; ///< null: it has no source name
    TypeNode *Type;                      ///< null: opaque
  };

  void emitOne(const Variable &V);
  llvm::Constant *addressOf(llvm::GlobalVariable &GV);
  llvm::Function *threadLocalAccessor(llvm::GlobalVariable &GV);

  ModuleEmitter &Out;
  llvm::StringRef CompDir;
  std::vector<Variable> Variables;
};

} // namespace magic

#endif
