// SPDX-License-Identifier: BSD-2-Clause
//
// The structs that a module's debug information describes, by size and by name.
//
// Sites ask whether a size may be that of another struct than their receiver's, and for the types
// of variables that are declared here and defined elsewhere: those have no debug information of
// their own, but their IR type carries the struct's name.

#ifndef MAGIC_MAGIC_MODULESTRUCTS_H
#define MAGIC_MAGIC_MODULESTRUCTS_H

#include "magic/TypeEmitter.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/IR/Module.h"

#include <map>

namespace magic {

class ModuleStructs {
public:
  ModuleStructs(llvm::Module &M, TypeEmitter &Types) : M(M), Types(Types) {}

  /// Whether a struct of \p Least to \p Most bytes begins with \p Head or as it does.
  bool hasDerived(const TypeNode &Head, uint64_t Least, uint64_t Most);

  /// The struct that a variable of another module is, null if that is not certain.
  TypeNode *declaredAs(const llvm::GlobalVariable &Variable);

private:
  using Structs = llvm::SmallVector<const llvm::DICompositeType *, 2>;

  void collect();

  llvm::Module &M;
  TypeEmitter &Types;
  bool Collected = false;
  std::map<uint64_t, Structs> BySize;
  llvm::StringMap<Structs> ByName; ///< by tag or, where there is none, typedef
};

} // namespace magic

#endif
