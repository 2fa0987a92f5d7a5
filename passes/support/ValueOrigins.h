// SPDX-License-Identifier: BSD-2-Clause
//
// Follows values through local variables.
//
// At the start of the pipeline every local of a C function is still an alloca, so a value travels
// by stores and loads. These helpers look through them without regard to order: what they find is
// a superset of what can happen, and callers treat disagreement as "unknown".

#ifndef MAGIC_SUPPORT_VALUEORIGINS_H
#define MAGIC_SUPPORT_VALUEORIGINS_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/Instructions.h"

namespace magic {

/// Where a pointer may come from.
struct Origin {
  llvm::Value *V;
  bool Interior; ///< pointer arithmetic happened on the way
  bool Stored;   ///< V is a call that gets the address of a local on the way, not the value itself
};

/// The values that \p V may be a copy of, back through locals, phis, selects and arithmetic.
llvm::SmallVector<Origin, 4> originsOf(llvm::Value *V);

/// The local that \p V was loaded from, or null.
llvm::AllocaInst *loadedLocal(llvm::Value *V);

/// The only value ever stored to \p Local, or null if there are none, several or unknown ones.
llvm::Value *onlyStoredValue(llvm::AllocaInst &Local);

/// Whether both are addresses computed in the same way from the same variable.
bool sameAddress(const llvm::Value *A, const llvm::Value *B);

} // namespace magic

#endif
