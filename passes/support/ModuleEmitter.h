// SPDX-License-Identifier: BSD-2-Clause
//
// Puts records and their strings into a module, so that they end up in the right ELF section and
// live exactly as long as what they describe.
//
// How a record survives optimisation and --gc-sections depends on its kind:
//   module     llvm.used: always kept (SHF_GNU_RETAIN)
//   type       linkonce_odr COMDAT, llvm.compiler.used: kept if a kept record refers to it
//   variable,  private, llvm.compiler.used and !associated (SHF_LINK_ORDER) with what it
//   function   describes, in its COMDAT if it has one: kept if that is kept. Common symbols lie in
//              no section of their object; their records are always kept
//   site       private: kept if code that stores its address is kept; always kept if none does

#ifndef MAGIC_SUPPORT_MODULEEMITTER_H
#define MAGIC_SUPPORT_MODULEEMITTER_H

#include "support/Records.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/IR/Module.h"

namespace magic {

/// Names of everything the pass adds to a module start with this.
constexpr llvm::StringLiteral SymbolPrefix = "__magic_";

/// The name of a symbol as the assembler will see it.
inline llvm::StringRef plainName(const llvm::GlobalValue &GV) {
  return llvm::GlobalValue::dropLLVMManglingEscape(GV.getName());
}

/// Adds globals to one module. finish() must be called once, at the end.
class ModuleEmitter {
public:
  explicit ModuleEmitter(llvm::Module &M) : M(M) {}

  /// A NUL-terminated string, one global for equal strings; null for an empty one.
  llvm::Constant *string(llvm::StringRef Text);

  /// An aligned record without initializer, not yet protected from being dropped.
  llvm::GlobalVariable *declare(llvm::StructType *Ty, llvm::StringRef Section,
                                const llvm::Twine &Name, llvm::GlobalValue::LinkageTypes Linkage,
                                bool Constant);

  /// A private constant record that lives and dies with \p Subject.
  template <typename RecordT>
  void emitFor(llvm::GlobalObject &Subject, const RecordT &R, llvm::StringRef Section,
               llvm::StringRef Stem) {
    llvm::GlobalVariable *GV = declarePrivate<RecordT>(Section, Stem, /*Constant=*/true);
    fill(*GV, R);
    attach(*GV, Subject);
  }

  /// A private record that is kept as long as something refers to it.
  template <typename RecordT>
  llvm::GlobalVariable *emitReferenced(const RecordT &R, llvm::StringRef Section,
                                       llvm::StringRef Stem, bool Constant) {
    llvm::GlobalVariable *GV = declarePrivate<RecordT>(Section, Stem, Constant);
    fill(*GV, R);
    return GV;
  }

  /// A reference to \p Subject's definition in this very module that no dynamic symbol can
  /// pre-empt: itself if it cannot be pre-empted anyway, else an alias.
  llvm::Constant *localReference(llvm::GlobalObject &Subject);

  /// Keep \p GV against the optimizer (\p Linker: and against the linker).
  void keep(llvm::GlobalValue &GV, bool Linker) { (Linker ? Used : CompilerUsed).push_back(&GV); }

  /// Write the lists of what is to be kept.
  void finish();

  llvm::Module &module() { return M; }

private:
  template <typename RecordT>
  llvm::GlobalVariable *declarePrivate(llvm::StringRef Section, llvm::StringRef Stem,
                                       bool Constant) {
    RecordLayout L;
    RecordT::layout(L);
    return declare(recordType(M.getContext(), L), Section, SymbolPrefix + Stem,
                   llvm::GlobalValue::PrivateLinkage, Constant);
  }
  template <typename RecordT> void fill(llvm::GlobalVariable &GV, const RecordT &R) {
    RecordWriter W(GV);
    R.write(W);
    W.finish();
  }
  void attach(llvm::GlobalVariable &Record, llvm::GlobalObject &Subject);

  llvm::Module &M;
  llvm::StringMap<llvm::GlobalVariable *> Strings;
  llvm::SmallVector<llvm::GlobalValue *, 64> Used, CompilerUsed;
};

} // namespace magic

#endif
