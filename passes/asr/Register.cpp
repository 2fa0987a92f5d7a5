// SPDX-License-Identifier: BSD-2-Clause
//
// Registration of the re-randomising passes: see AsrPass.h.
//
// With opt: opt -load-pass-plugin=MagicPass.so -passes='magic-asr<7>,magic-asr-frames<7>' -S in.ll

#include "asr/AsrPass.h"
#include "compat/LLVMCompat.h"
#include "magic/Options.h"

using namespace llvm;

namespace magic {

/// Adds the pass if \p Name is \p PassName with a seed.
template <typename PassT>
static bool addIfNamed(StringRef Name, StringRef PassName, ModulePassManager &MPM) {
  uint64_t Seed;
  if (!Name.consume_front(PassName) || !Name.consume_front("<") || !Name.consume_back(">") ||
      Name.getAsInteger(0, Seed))
    return false;
  MPM.addPass(PassT(Seed));
  return true;
}

void registerAsr(PassBuilder &PB) {
  PB.registerPipelineParsingCallback(
      [](StringRef Name, ModulePassManager &MPM, ArrayRef<PassBuilder::PipelineElement>) {
        return addIfNamed<AsrLayoutPass>(Name, "magic-asr", MPM) ||
               addIfNamed<AsrFramesPass>(Name, "magic-asr-frames", MPM);
      });
  compat::registerOptimizerLast(PB, [](ModulePassManager &MPM) {
    Options Opts;
    if (Error E = parseOptions(environmentOptions(), Opts))
      consumeError(std::move(E)); // the magic pass, which comes first, reports it
    else if (Opts.AsrSeed)
      MPM.addPass(AsrFramesPass(*Opts.AsrSeed));
  });
}

} // namespace magic
