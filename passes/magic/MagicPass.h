// SPDX-License-Identifier: BSD-2-Clause
//
// The `magic` module pass: gives each translation unit its part of the state table and marks its
// allocation calls.

#ifndef MAGIC_MAGIC_MAGICPASS_H
#define MAGIC_MAGIC_MAGICPASS_H

#include "magic/Options.h"

#include "llvm/IR/PassManager.h"

namespace magic {

class MagicPass : public llvm::PassInfoMixin<MagicPass> {
public:
  explicit MagicPass(Options Opts) : Opts(std::move(Opts)) {}

  /// Needs debug information; without it the module stays as it is. Runs once a module: one that
  /// bears our mark is left alone.
  llvm::PreservedAnalyses run(llvm::Module &M, llvm::ModuleAnalysisManager &AM);

  /// The table is not an optimisation: it must be there at -O0 and with optnone too.
  static bool isRequired() { return true; }

private:
  Options Opts;
};

} // namespace magic

#endif
