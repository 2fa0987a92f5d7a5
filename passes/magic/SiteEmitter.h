// SPDX-License-Identifier: BSD-2-Clause
//
// Allocation sites: finds the calls, has them typed, writes their records and marks the calls.
//
// What happens to an allocation call:
//   typed                 a record, and code that makes it the current site
//   bytes, of a wrapper   a leaf record as current site, so that no site inside the wrapper is
//   taken bytes, of libc        nothing: an allocation without a site is opaque unknown nothing
// In a function that hands out memory, the calls whose result it returns are left to the caller's
// site, and other calls that might allocate run without one: they are not what that site is about.

#ifndef MAGIC_MAGIC_SITEEMITTER_H
#define MAGIC_MAGIC_SITEEMITTER_H

#include "magic/Allocators.h"
#include "magic/SiteInstrument.h"
#include "magic/SiteTyping.h"

#include <vector>

namespace magic {

class SiteEmitter {
public:
  /// Find the sites and ask for their types.
  SiteEmitter(ModuleEmitter &Out, TypeEmitter &Types, const Options &Opts, llvm::StringRef CompDir);

  /// Write the records and mark the calls, after TypeEmitter::emitAll().
  void emit();

private:
  struct Site {
    llvm::CallBase *Call;
    SiteType Type;
    SiteMark Mark;
    bool Library;
  };

  void findIn(llvm::Function &F, DerivedStructs &Derived, TypeEmitter &Types);
  void consider(llvm::CallBase &Call, SiteTyping &Typing, TypeEmitter &Types);
  void remark(const llvm::CallBase &Call, const SiteType &Type);
  llvm::Constant *emitRecord(const Site &S);

  ModuleEmitter &Out;
  llvm::StringRef CompDir;
  Allocators Known;
  std::vector<Site> Sites;
  llvm::StringMap<uint32_t> Ordinals;
};

} // namespace magic

#endif
