// SPDX-License-Identifier: BSD-2-Clause
//
// The `magic` pass and its registration. Emitted IR, besides what the emitters' files show:
//
//   @__magic_module = private constant <{ i32, ... }> <{ i32 1413891411, ... }>,
//       section "magic_modules", align 8
//   @llvm.used = appending global [1 x ptr] [ptr @__magic_module], section "llvm.metadata"
//   !llvm.module.flags = !{..., !{i32 7, !"magic", i32 1}}
//
// With opt: opt -load-pass-plugin=MagicPass.so -passes='magic,verify' -S in.ll

#include "magic/MagicPass.h"

#include "asr/AsrPass.h"
#include "compat/LLVMCompat.h"
#include "magic/FunctionEmitter.h"
#include "magic/ModuleStructs.h"
#include "magic/SiteEmitter.h"
#include "magic/VariableEmitter.h"
#include "support/SourcePath.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/TargetParser/Triple.h"

using namespace llvm;

namespace magic {

// Link-time compilation runs the pipeline again on modules that have their table already.
static constexpr StringLiteral ProcessedFlag = "magic";

/// Whether references of 32 bits relative to themselves can be had for \p M.
static bool isSupported(const Module &M) {
  Triple Target(M.getTargetTriple());
  bool Arch = Target.getArch() == Triple::x86_64 || Target.getArch() == Triple::aarch64;
  return Arch && Target.isOSBinFormatELF() && M.getDataLayout().getPointerSize() == 8;
}

static const DICompileUnit *mainUnit(const Module &M) {
  for (const DICompileUnit *Unit : M.debug_compile_units())
    if (Unit->getEmissionKind() == DICompileUnit::FullDebug)
      return Unit;
  return nullptr;
}

/// A program becomes a shared object, for which code of the local-exec model cannot be linked.
static bool makeThreadLocalsLoadable(Module &M) {
  bool Changed = false;
  for (GlobalValue &GV : M.global_values())
    if (GV.getThreadLocalMode() == GlobalValue::LocalExecTLSModel) {
      GV.setThreadLocalMode(GlobalValue::GeneralDynamicTLSModel);
      Changed = true;
    }
  return Changed;
}

static void emitModuleRecord(ModuleEmitter &Out, const DICompileUnit &Unit) {
  ModuleRecord R;
  R.magic = MAGIC_MODULE_MAGIC;
  R.abi_major = MAGIC_ABI_MAJOR;
  R.abi_minor = MAGIC_ABI_MINOR;
  R.type_size = MAGIC_TYPE_SIZE;
  R.member_size = MAGIC_MEMBER_SIZE;
  R.enumerator_size = MAGIC_ENUMERATOR_SIZE;
  R.var_size = MAGIC_VAR_SIZE;
  R.func_size = MAGIC_FUNC_SIZE;
  R.site_size = MAGIC_SITE_SIZE;
  R.file = Out.string(recordPath(Unit.getFile(), Unit.getDirectory()));
  R.producer = Out.string(Unit.getProducer());
  GlobalVariable *GV = Out.emitReferenced(R, "magic_modules", "module", /*Constant=*/true);
  Out.keep(*GV, /*Linker=*/true);
}

PreservedAnalyses MagicPass::run(Module &M, ModuleAnalysisManager &) {
  bool Loadable = makeThreadLocalsLoadable(M);
  const DICompileUnit *Unit = mainUnit(M);
  if (!Unit || !isSupported(M) || M.getModuleFlag(ProcessedFlag))
    return Loadable ? PreservedAnalyses::none() : PreservedAnalyses::all();
  M.addModuleFlag(Module::Max, ProcessedFlag, 1);
  ModuleEmitter Out(M);
  TypeEmitter Types(Out, Unit->getDirectory());
  ModuleStructs Structs(M, Types);
  Structs.keepOwn(*Unit);
  VariableEmitter Variables(Out, Types, Unit->getDirectory());
  FunctionEmitter Functions(Out, Types, Unit->getDirectory());
  std::optional<SiteEmitter> Sites;
  if (Opts.Sites)
    Sites.emplace(Out, Types, Structs, Opts, Unit->getDirectory());
  Types.emitAll();
  Variables.emit();
  Functions.emit();
  if (Sites)
    Sites->emit();
  emitModuleRecord(Out, *Unit);
  Out.finish();
  return PreservedAnalyses::none();
}

namespace {

/// Stands in for the pass where its options are wrong, since registration callbacks have no context
/// to report to.
class BadOptionsPass : public PassInfoMixin<BadOptionsPass> {
public:
  explicit BadOptionsPass(std::string Message) : Message(std::move(Message)) {}
  PreservedAnalyses run(Module &M, ModuleAnalysisManager &) {
    M.getContext().emitError(Message);
    return PreservedAnalyses::all();
  }
  static bool isRequired() { return true; }

private:
  std::string Message;
};

void addPass(ModulePassManager &MPM, StringRef Parameters) {
  Options Opts;
  Error E = parseOptions(environmentOptions(), Opts);
  if (!E)
    E = parseOptions(Parameters, Opts);
  if (E) {
    MPM.addPass(BadOptionsPass(toString(std::move(E))));
    return;
  }
  std::optional<uint64_t> AsrSeed = Opts.AsrSeed;
  MPM.addPass(MagicPass(std::move(Opts)));
  if (AsrSeed)
    MPM.addPass(AsrLayoutPass(*AsrSeed));
}

/// Adds the pass for `magic` and `magic<parameters>`; other names belong to other plugins.
bool addPassByName(StringRef Name, ModulePassManager &MPM, ArrayRef<PassBuilder::PipelineElement>) {
  if (!Name.consume_front("magic"))
    return false;
  bool Parametrized = Name.consume_front("<") && Name.consume_back(">");
  if (!Parametrized && !Name.empty())
    return false;
  addPass(MPM, Name);
  return true;
}

void registerCallbacks(PassBuilder &PB) {
  PB.registerPipelineParsingCallback(addPassByName);
  PB.registerPipelineStartEPCallback(
      [](ModulePassManager &MPM, OptimizationLevel) { addPass(MPM, ""); });
  registerAsr(PB);
}

} // namespace
} // namespace magic

extern "C" __attribute__((visibility("default"))) LLVM_ATTRIBUTE_WEAK PassPluginLibraryInfo
llvmGetPassPluginInfo() {
  return {LLVM_PLUGIN_API_VERSION, "MagicPass", LLVM_VERSION_STRING, magic::registerCallbacks};
}
