// SPDX-License-Identifier: BSD-2-Clause
//
// Function records: one for each function that a function pointer may lead to, that is, one that is
// external or has its address taken. Others get none, since a record is a use of its function and
// keeps the optimizer from removing it when every call is inlined.
//
// Only a function whose address is taken here gets its type: the types of all parameters of all
// external functions would be more than half of the table, and describe no state.

#ifndef MAGIC_MAGIC_FUNCTIONEMITTER_H
#define MAGIC_MAGIC_FUNCTIONEMITTER_H

#include "magic/TypeEmitter.h"

#include <vector>

namespace magic {

class FunctionEmitter {
public:
  /// Choose the functions and ask for their types.
  FunctionEmitter(ModuleEmitter &Out, TypeEmitter &Types, llvm::StringRef CompDir);

  /// Write the records, after TypeEmitter::emitAll().
  void emit();

private:
  struct Entry {
    llvm::Function *F;
    TypeNode *Type; ///< null: unknown, or not wanted
    bool AddressTaken;
  };

  void emitOne(const Entry &E);

  ModuleEmitter &Out;
  llvm::StringRef CompDir;
  std::vector<Entry> Functions;
};

} // namespace magic

#endif
