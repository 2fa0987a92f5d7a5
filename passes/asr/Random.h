// SPDX-License-Identifier: BSD-2-Clause
//
// Random numbers that depend on a seed and a name alone.
//
// A variant must come out the same whenever and wherever it is built, with every LLVM release, so
// neither the standard library's distributions nor LLVM's generators will do. The sequence is that
// of splitmix64.

#ifndef MAGIC_ASR_RANDOM_H
#define MAGIC_ASR_RANDOM_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <utility>

namespace magic {

class Random {
public:
  /// A sequence of its own for each \p Name.
  Random(uint64_t Seed, llvm::StringRef Name) : State(Seed) {
    for (unsigned char C : Name)
      State = next() ^ C;
  }

  /// A number from 0 to \p Limit - 1; \p Limit is small, so that the division's bias does not
  /// matter.
  uint64_t below(uint64_t Limit) { return next() % Limit; }

  template <typename T> void shuffle(llvm::MutableArrayRef<T> Items) {
    for (size_t N = Items.size(); N > 1; --N)
      std::swap(Items[N - 1], Items[below(N)]);
  }

private:
  uint64_t next() {
    uint64_t Z = State += 0x9e3779b97f4a7c15u;
    Z = (Z ^ (Z >> 30)) * 0xbf58476d1ce4e5b9u;
    Z = (Z ^ (Z >> 27)) * 0x94d049bb133111ebu;
    return Z ^ (Z >> 31);
  }

  uint64_t State;
};

} // namespace magic

#endif
