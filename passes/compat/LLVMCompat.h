// SPDX-License-Identifier: BSD-2-Clause
//
// What differs between the LLVM releases the pass is built for.
//
// No other file asks for LLVM's version. A difference is hidden behind a function or an include
// here, so that the rest reads as if there were one LLVM.

#ifndef MAGIC_COMPAT_LLVMCOMPAT_H
#define MAGIC_COMPAT_LLVMCOMPAT_H

#include "llvm/Config/llvm-config.h"

#if LLVM_VERSION_MAJOR >= 22
#include "llvm/Plugins/PassPlugin.h"
#else
#include "llvm/Passes/PassPlugin.h"
#endif

#include "llvm/ADT/APInt.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/BinaryFormat/Dwarf.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/Intrinsics.h"
#include "llvm/IR/Module.h"
#include "llvm/Passes/PassBuilder.h"

namespace magic::compat {

/// The variable parts of an address, as GEPOperator::collectOffset() wants them.
#if LLVM_VERSION_MAJOR >= 22
using OffsetMap = llvm::SmallMapVector<llvm::Value *, llvm::APInt, 4>;
#else
using OffsetMap = llvm::MapVector<llvm::Value *, llvm::APInt>;
#endif

/// The declaration of an intrinsic in \p M, made if there is none yet.
inline llvm::Function *intrinsic(llvm::Module &M, llvm::Intrinsic::ID ID,
                                 llvm::ArrayRef<llvm::Type *> Types) {
#if LLVM_VERSION_MAJOR >= 20
  return llvm::Intrinsic::getOrInsertDeclaration(&M, ID, Types);
#else
  return llvm::Intrinsic::getDeclaration(&M, ID, Types);
#endif
}

/// Whether a unit is written in C++.
inline bool isCPlusPlus(const llvm::DICompileUnit &Unit) {
#if LLVM_VERSION_MAJOR >= 22
  return llvm::dwarf::isCPlusPlus(
      static_cast<llvm::dwarf::SourceLanguage>(Unit.getSourceLanguage().getUnversionedName()));
#else
  return llvm::dwarf::isCPlusPlus(
      static_cast<llvm::dwarf::SourceLanguage>(Unit.getSourceLanguage()));
#endif
}

/// Has \p Add called where the last passes over a module are gathered.
template <typename AddT> void registerOptimizerLast(llvm::PassBuilder &PB, AddT Add) {
#if LLVM_VERSION_MAJOR >= 20
  PB.registerOptimizerLastEPCallback([Add](llvm::ModulePassManager &MPM, llvm::OptimizationLevel,
                                           llvm::ThinOrFullLTOPhase) { Add(MPM); });
#else
  PB.registerOptimizerLastEPCallback(
      [Add](llvm::ModulePassManager &MPM, llvm::OptimizationLevel) { Add(MPM); });
#endif
}

} // namespace magic::compat

#endif
