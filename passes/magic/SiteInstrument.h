// SPDX-License-Identifier: BSD-2-Clause
//
// Code around allocation calls that tells the runtime's allocator which site is allocating.

#ifndef MAGIC_MAGIC_SITEINSTRUMENT_H
#define MAGIC_MAGIC_SITEINSTRUMENT_H

#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstrTypes.h"
#include "llvm/IR/Module.h"

namespace magic {

/// Which site counts during a call, and what is done after it.
enum class SiteMark {
  Outer,     ///< the caller's, if it set one; else this one
  Own,       ///< this one
  None,      ///< none: the call is not what the caller's site is about
  Pool,      ///< none during the call; its result is then an object of this one inside a block
  Late,      ///< none, but blocks are noted; if the result is one of them, it is then of this one
  LateOuter, ///< the caller's, if it set one; else as Late
  Taken,     ///< none; its result is of no type that late typing gives
  Nothing,   ///< the call is left alone
};

class SiteInstrument {
public:
  explicit SiteInstrument(llvm::Module &M) : M(M) {}

  /// Whether code can be put around \p Call: it returns here once and only here or by an exception
  /// that its function can look at, and its function has a frame of its own.
  static bool canMark(const llvm::CallBase &Call);

  /// Set the current site for the time of \p Call. \p Site may be null for SiteMark::None and Taken.
  /// For SiteMark::Pool, \p Size and \p Count are numbers whose product is the object's size in
  /// bytes; null stands for 1, no size at all for "as large as its type".
  void mark(llvm::CallBase &Call, SiteMark Mark, llvm::Constant *Site, llvm::Value *Size = nullptr,
            llvm::Value *Count = nullptr);

  /// Tell the runtime before \p Call that the object at \p Pointer goes back to its pool.
  void markFree(llvm::CallBase &Call, llvm::Value *Pointer);

  /// Forget the current site where a function comes back by longjmp.
  void clearAfterReturnsTwice(llvm::Function &F);

private:
  llvm::Value *currentSite(llvm::IRBuilderBase &B);
  llvm::Value *siteDuring(llvm::IRBuilderBase &B, SiteMark Mark, llvm::Constant *Site,
                          llvm::Value *Outer);
  llvm::Instruction *after(llvm::CallBase *&Call);
  llvm::CallBase *catchUnwinding(llvm::CallInst &Call);
  void clearAt(llvm::BasicBlock &Pad);
  void claim(llvm::IRBuilderBase &B, llvm::CallBase &Call, llvm::Value *Noted,
             llvm::Constant *Site);
  llvm::FunctionCallee hook(llvm::StringRef Name, llvm::ArrayRef<llvm::Type *> Parameters);

  llvm::Module &M;
};

} // namespace magic

#endif
