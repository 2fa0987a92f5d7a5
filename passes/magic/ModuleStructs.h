// SPDX-License-Identifier: BSD-2-Clause
//
// The complete structs and unions that a module's debug information describes.
//
// Sites ask whether a size may be that of another struct than their receiver's, and for the types
// of variables that are declared here and defined elsewhere: those have no debug information of
// their own, but their IR type carries the struct's name, or what is done with the pointers does.

#ifndef MAGIC_MAGIC_MODULESTRUCTS_H
#define MAGIC_MAGIC_MODULESTRUCTS_H

#include "magic/TypeEmitter.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/IR/Module.h"

#include <map>

namespace magic {

class ModuleStructs {
public:
  ModuleStructs(llvm::Module &M, TypeEmitter &Types);

  /// Keep the structs and unions that only the source file of \p Unit completes. Their objects may
  /// be where nobody tells their type, but other files' pointers to them do, and whether they
  /// changed must be known.
  void keepOwn(const llvm::DICompileUnit &Unit);

  /// Whether a struct of \p Least to \p Most bytes begins with \p Head or as it does.
  bool hasDerived(const TypeNode &Head, uint64_t Least, uint64_t Most);

  /// The struct that a variable of another module is, null if that is not certain.
  TypeNode *declaredAs(const llvm::GlobalVariable &Variable);

  /// The struct that a pointer of another module leads to wherever this one follows it; null if it
  /// follows it nowhere, or to several.
  TypeNode *followedAs(const llvm::GlobalVariable &Variable);

private:
  using Structs = llvm::SmallVector<const llvm::DICompositeType *, 2>;

  TypeNode *describe(llvm::StructType *Ty);

  llvm::Module &M;
  TypeEmitter &Types;
  std::map<uint64_t, Structs> BySize;
  Structs Unions;
  llvm::StringMap<Structs> ByName; ///< by tag or, where there is none, typedef
  llvm::DenseMap<const llvm::GlobalVariable *, TypeNode *> Followed;
};

} // namespace magic

#endif
