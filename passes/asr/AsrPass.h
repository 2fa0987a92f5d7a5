// SPDX-License-Identifier: BSD-2-Clause
//
// Address-space re-randomisation: passes that give a module another layout for each seed.
//
// A program built with several seeds has variants whose functions, variables and stack frames lie
// elsewhere, and an update from one variant to another makes what an attacker learnt about
// addresses worthless. No type changes, so that the transfer of state converts nothing, and no name
// that variables, functions and allocation sites are paired by. Source: the ASR pass of MINIX;
// differs: works on translation units rather than whole programs, leaves blocks within functions
// alone.

#ifndef MAGIC_ASR_ASRPASS_H
#define MAGIC_ASR_ASRPASS_H

#include "llvm/IR/PassManager.h"
#include "llvm/Passes/PassBuilder.h"

#include <cstdint>

namespace magic {

/// `magic-asr<SEED>`: permutes and spaces out functions and variables. What has a section of its
/// own choosing stays in order, since programs may rely on the order there. Runs after the `magic`
/// pass, which sees the module as it was written.
class AsrLayoutPass : public llvm::PassInfoMixin<AsrLayoutPass> {
public:
  explicit AsrLayoutPass(uint64_t Seed) : Seed(Seed) {}
  llvm::PreservedAnalyses run(llvm::Module &M, llvm::ModuleAnalysisManager &AM);
  static bool isRequired() { return true; }

private:
  uint64_t Seed;
};

/// `magic-asr-frames<SEED>`: permutes and pads what lies in stack frames. Runs last, since the
/// optimizer decides what is left there.
class AsrFramesPass : public llvm::PassInfoMixin<AsrFramesPass> {
public:
  explicit AsrFramesPass(uint64_t Seed) : Seed(Seed) {}
  llvm::PreservedAnalyses run(llvm::Module &M, llvm::ModuleAnalysisManager &AM);
  static bool isRequired() { return true; }

private:
  uint64_t Seed;
};

/// Makes both passes known by their names, and the second one part of compilations with the option
/// `asr`; the first one comes with the `magic` pass.
void registerAsr(llvm::PassBuilder &PB);

} // namespace magic

#endif
