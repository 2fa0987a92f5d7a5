// SPDX-License-Identifier: BSD-2-Clause
//
// What the pass can be told.
//
// The same text is taken from `opt -passes='magic<...>'` and from the environment variable
// MAGIC_PASS_OPTIONS, which is what builds use: -mllvm options of a plugin reach neither assembler
// inputs nor link-time compilation. Options are separated by ';':
//
//   no-sites                    emit no allocation sites and leave allocation calls alone
//   alloc=NAME:SIZE[:COUNT]     NAME returns memory that it gets from malloc and the like; its
//                               argument number SIZE, counted from 1, holds the bytes, of each
//                               element if argument number COUNT counts elements. 0: none says it
//   pool=NAME:SIZE[:COUNT]      the same for one that cuts objects out of larger blocks
//   free=NAME:PTR               NAME gives the object that its argument PTR points to back to a
//   pool
//   asr=SEED                    permute and space out functions, variables and stack frames
//
// The same three can stand at a function's declaration (sef/attributes.h). They arrive as
// annotations, which reach the module at every optimisation level: "sef:pool=2, 1".

#ifndef MAGIC_MAGIC_OPTIONS_H
#define MAGIC_MAGIC_OPTIONS_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <optional>
#include <string>
#include <vector>

namespace magic {

/// A function whose part in memory management the user named. Arguments count from 0 here.
struct NamedFunction {
  enum class Role { Alloc, Pool, Free } What = Role::Alloc;
  std::string Name;
  std::string Text; ///< as the user wrote it, for messages
  std::optional<unsigned> SizeArg, CountArg;
  unsigned PtrArg = 0; ///< Free
};

struct Options {
  bool Sites = true;
  std::vector<NamedFunction> Functions;
  std::optional<uint64_t> AsrSeed;
};

/// The text in MAGIC_PASS_OPTIONS.
std::string environmentOptions();

/// Reads options into \p Opts, after those already in it. The error names the option it is about.
llvm::Error parseOptions(llvm::StringRef Text, Options &Opts);

/// Reads an annotation of the function \p Name; nothing if it is none of ours.
llvm::Expected<std::optional<NamedFunction>> parseAnnotation(llvm::StringRef Name,
                                                             llvm::StringRef Annotation);

} // namespace magic

#endif
