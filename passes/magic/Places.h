// SPDX-License-Identifier: BSD-2-Clause
//
// The declared C type of what lies at an address.
//
// An address in IR starts at a local, a global, a parameter or a pointer loaded from one of those,
// all of which debug information knows, and goes on by offsets, which the type's members explain.

#ifndef MAGIC_MAGIC_PLACES_H
#define MAGIC_MAGIC_PLACES_H

#include "magic/ModuleStructs.h"
#include "magic/TypeEmitter.h"

#include "llvm/IR/Instructions.h"
#include "llvm/IR/Operator.h"

namespace magic {

/// An lvalue: its type, and the name of the variable or member that it is.
struct Place {
  TypeNode *Type = nullptr; ///< null: unknown
  llvm::StringRef Name;
};

class Places {
public:
  Places(TypeEmitter &Types, ModuleStructs &Structs, llvm::Function &F);

  /// What \p Address points to.
  Place at(llvm::Value *Address);

  /// The declared return type of a function, null for void or if unknown.
  TypeNode *returnType(const llvm::Function &F);

  /// The declared type of parameter number \p Index of \p Callee, null if unknown.
  TypeNode *parameterType(const llvm::Function &Callee, unsigned Index);

private:
  /// A position inside a variable or behind a pointer.
  struct Cursor {
    TypeNode *Type = nullptr;               ///< of the whole; null: unknown
    uint64_t Offset = 0;                    ///< bytes, constant part
    llvm::SmallVector<uint64_t, 2> Strides; ///< bytes, each times an unknown index
    bool ByPointer = false;                 ///< the whole may be one of an array
    llvm::StringRef Name;
  };

  Cursor locate(llvm::Value *Address, unsigned Depth);
  Cursor locateGEP(llvm::GEPOperator &GEP, unsigned Depth);
  Cursor behind(llvm::Value *Pointer, unsigned Depth);
  Place descend(Cursor C);
  Place at(llvm::Value *Address, unsigned Depth);

  TypeEmitter &Types;
  ModuleStructs &Structs;
  const llvm::DataLayout &DL;
  llvm::DenseMap<const llvm::Value *, const llvm::DILocalVariable *> Locals;
};

/// Whether two types are the same but for typedefs.
bool sameType(const TypeNode &A, const TypeNode &B);

} // namespace magic

#endif
