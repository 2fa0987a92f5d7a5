// SPDX-License-Identifier: BSD-2-Clause
//
// Code around allocation calls that tells the runtime's allocator which site is allocating.

#ifndef MAGIC_MAGIC_SITEINSTRUMENT_H
#define MAGIC_MAGIC_SITEINSTRUMENT_H

#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstrTypes.h"
#include "llvm/IR/Module.h"

namespace magic {

/// Which site counts during a call.
enum class SiteMark {
  Outer, ///< the caller's, if it set one; else this one
  Own,   ///< this one
  None,  ///< none: the call is not what the caller's site is about
};

class SiteInstrument {
public:
  explicit SiteInstrument(llvm::Module &M) : M(M) {}

  /// Whether code can be put around \p Call: it returns here once and only here, and its function
  /// has a frame of its own.
  static bool canMark(const llvm::CallBase &Call);

  /// Set the current site for the time of \p Call. \p Site may be null for SiteMark::None.
  void mark(llvm::CallBase &Call, SiteMark Mark, llvm::Constant *Site);

  /// Forget the current site where a function comes back by longjmp.
  void clearAfterReturnsTwice(llvm::Function &F);

private:
  llvm::Value *currentSite(llvm::IRBuilderBase &B);

  llvm::Module &M;
};

} // namespace magic

#endif
