// SPDX-License-Identifier: BSD-2-Clause
//
// Which calls allocate memory, and which argument says how much.
//
// Known are the C library's allocators by name, functions and calls with allocsize or allockind
// attributes, functions that the user named by option or annotation, and wrappers defined in this
// module: functions returning void * that give back what another allocator returned, of a size that
// a parameter decides. An interior pointer is not given back: the object starts elsewhere.
//
// A pool is an allocator whose objects lie inside larger blocks, so that only its caller knows
// where one starts and how long it is. What gives back a pool's objects is a pool as well.

#ifndef MAGIC_MAGIC_ALLOCATORS_H
#define MAGIC_MAGIC_ALLOCATORS_H

#include "magic/Options.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/IR/InstrTypes.h"

#include <optional>

namespace magic {

/// How a function allocates.
struct Allocator {
  std::optional<unsigned> SizeArg;  ///< argument holding bytes, of each element if there is a count
  std::optional<unsigned> CountArg; ///< argument holding a number of elements
  std::optional<unsigned> ResultArg; ///< the result is stored where this argument points
  bool Exact = true;                 ///< it allocates as much as the arguments say, not more
  bool Library = true;               ///< the C library's own, which has no sites inside
  bool Strings = false;              ///< it returns a string
  bool Pool = false;                 ///< the object lies inside a block
  bool Mapped = false;               ///< the object is a mapping
};

class Allocators {
public:
  /// Finds the wrappers of \p M. Reports what the user says wrongly of its functions.
  Allocators(llvm::Module &M, const Options &Opts);

  /// How \p Call allocates; none if it does not, as realloc() of 0 bytes.
  std::optional<Allocator> find(const llvm::CallBase &Call) const;

  /// Whether \p F hands out what its callees allocate: a wrapper, or named by the user.
  bool handsOut(const llvm::Function &F) const {
    return Wrappers.count(&F) || Named.count(F.getName());
  }

  /// The argument by which \p Call gives an object back to a pool; none if it does not.
  std::optional<unsigned> freesToPool(const llvm::CallBase &Call) const;

  /// Whether \p F may return what \p Call allocated.
  bool isReturned(const llvm::Function &F, const llvm::CallBase &Call) const;

  /// Whether \p Call might end up in an allocator.
  bool mayAllocate(const llvm::CallBase &Call) const;

private:
  using CallSet = llvm::SmallSetVector<const llvm::CallBase *, 4>;

  void nameLibrary();
  void nameAnnotated(llvm::Module &M);
  void name(llvm::Module &M, const NamedFunction &N);
  bool findWrapper(llvm::Function &F);
  std::optional<Allocator> wrapperThrough(const llvm::Function &F,
                                          const llvm::CallBase &Call) const;
  bool bodyMayAllocate(const llvm::Function &F, unsigned Depth) const;
  bool callMayAllocate(const llvm::CallBase &Call, unsigned Depth) const;

  llvm::StringMap<Allocator> Named;
  llvm::StringMap<unsigned> PoolFree; ///< by name: the argument that is given back
  llvm::DenseMap<const llvm::Function *, Allocator> Wrappers;
  llvm::DenseMap<const llvm::Function *, CallSet> Returned; ///< calls whose result may be returned
};

} // namespace magic

#endif
