// SPDX-License-Identifier: BSD-2-Clause
//
// Source file names as they stand in records.
//
// They are part of the keys by which an update pairs variables, so they must not change when a
// source tree is built elsewhere: files are named relative to the compilation directory. A file
// that shares no directory with it but the root (a system header) keeps its absolute name, since a
// relative one would depend on how deep the build directory lies.

#ifndef MAGIC_SUPPORT_SOURCEPATH_H
#define MAGIC_SUPPORT_SOURCEPATH_H

#include "llvm/ADT/StringRef.h"
#include "llvm/IR/DebugInfoMetadata.h"

#include <string>

namespace magic {

/// \p File in directory \p Dir (ignored if \p File is absolute) as seen from \p CompDir.
std::string relativePath(llvm::StringRef CompDir, llvm::StringRef Dir, llvm::StringRef File);

/// The name of \p File as seen from \p CompDir; empty if \p File is null.
std::string recordPath(const llvm::DIFile *File, llvm::StringRef CompDir);

} // namespace magic

#endif
