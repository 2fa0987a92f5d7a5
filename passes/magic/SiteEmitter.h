// SPDX-License-Identifier: BSD-2-Clause
//
// Allocation sites: finds the calls, has them typed, writes their records and marks the calls.
//
// What happens to an allocation call:
//   typed                 a record, and code that makes it the current site
//   bytes, of a wrapper   a leaf record as current site, so that no site inside the wrapper is
//   taken of a pool             a record, and code that tells the runtime of the object, typed or
//   not all others            a record that is only counted: memory without a site is opaque
// In a function that hands out memory, the calls whose result it returns are left to the caller's
// site, and other calls that might allocate run without one: they are not what that site is about.
//
// A call of a function that nobody knows, and that returns void * into a typed pointer, may be an
// allocation. It gets a record too, and is typed late: once it has returned, if it allocated.

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
  SiteEmitter(ModuleEmitter &Out, TypeEmitter &Types, ModuleStructs &Structs, const Options &Opts,
              llvm::StringRef CompDir);

  /// Write the records and mark the calls, after TypeEmitter::emitAll().
  void emit();

private:
  struct Site {
    llvm::CallBase *Call;
    SiteType Type;
    SiteMark Mark;
    Allocator By;
  };
  struct PoolFree {
    llvm::CallBase *Call;
    llvm::Value *Pointer;
  };

  void findIn(llvm::Function &F, ModuleStructs &Structs, TypeEmitter &Types);
  void considerCall(llvm::CallBase &Call, bool HandsOut, llvm::function_ref<SiteTyping &()> Typing,
                    TypeEmitter &Types);
  void consider(llvm::CallBase &Call, const Allocator &A, SiteTyping &Typing, TypeEmitter &Types);
  void considerLate(llvm::CallBase &Call, SiteTyping &Typing, TypeEmitter &Types);
  SiteMark markOf(const llvm::CallBase &Call, const Allocator &A, const SiteType &Type) const;
  void remark(const llvm::CallBase &Call, const SiteType &Type);
  void mark(SiteInstrument &Instrument, const Site &S);
  SiteRecord recordOf(const Site &S);

  ModuleEmitter &Out;
  llvm::StringRef CompDir;
  Allocators Known;
  std::vector<Site> Sites;
  std::vector<PoolFree> Frees;
  llvm::StringMap<uint32_t> Ordinals;
};

} // namespace magic

#endif
