// SPDX-License-Identifier: BSD-2-Clause
//
// What the size arguments of an allocation call say about the type of the object.
//
// `malloc(sizeof(T))`, `malloc(n * sizeof(T))` and `malloc(sizeof(T) + n)` leave a constant, a
// multiple and a sum. Compared with the size of the type that the receiver of the call suggests,
// they confirm it, leave it open, or contradict it.

#ifndef MAGIC_MAGIC_SIZEFORM_H
#define MAGIC_MAGIC_SIZEFORM_H

#include "magic/Allocators.h"
#include "magic/TypeGraph.h"

namespace magic {

/// A size in bytes, Const + Factor * (something unknown).
struct SizeForm {
  int64_t Const = 0;
  uint64_t Factor = 0; ///< greatest known divisor of the unknown part; 0: there is none
  bool Sum = false;    ///< written as a sum of a constant and something unknown

  bool isConstant() const { return Factor == 0; }
};

/// The form of an integer value.
SizeForm sizeFormOf(llvm::Value *V);

/// What a size says about a type.
enum class SizeVerdict { Single, Array, Tail, Unknown, Contradiction };

/// Whether a module has a complete struct of \p Least to \p Most bytes that begins with a \p Head.
using DerivedQuery = llvm::function_ref<bool(const TypeNode &Head, uint64_t Least, uint64_t Most)>;

/// Compare the size that \p Call asks for with an element type of known size.
SizeVerdict judgeSize(const llvm::CallBase &Call, const Allocator &A, const TypeNode &Element,
                      DerivedQuery HasDerived);

} // namespace magic

#endif
