// SPDX-License-Identifier: BSD-2-Clause
//
// What the pass can be told.
//
// The same text is taken from `opt -passes='magic<...>'` and from the environment variable
// MAGIC_PASS_OPTIONS, which is what builds use: -mllvm options of a plugin reach neither assembler
// inputs nor link-time compilation. Options are separated by ';':
//
//   no-sites                    emit no allocation sites and leave allocation calls alone
//   alloc=NAME:SIZE[:COUNT]     NAME allocates memory; its argument number SIZE (from 0) holds the
//                               bytes, of each element if argument number COUNT counts elements

#ifndef MAGIC_MAGIC_OPTIONS_H
#define MAGIC_MAGIC_OPTIONS_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <optional>
#include <string>
#include <vector>

namespace magic {

/// An allocator that the user named.
struct NamedAllocator {
  std::string Name;
  unsigned SizeArg;
  std::optional<unsigned> CountArg;
};

struct Options {
  bool Sites = true;
  std::vector<NamedAllocator> Allocators;
};

/// Reads options into \p Opts, after those already in it. The error names the option it is about.
llvm::Error parseOptions(llvm::StringRef Text, Options &Opts);

} // namespace magic

#endif
