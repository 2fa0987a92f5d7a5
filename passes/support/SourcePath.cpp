// SPDX-License-Identifier: BSD-2-Clause
//
// Source file names: see SourcePath.h.

#include "support/SourcePath.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Path.h"

using namespace llvm;
namespace path = llvm::sys::path;

namespace magic {

static SmallString<128> normalized(StringRef Dir, StringRef File) {
  SmallString<128> Result;
  if (!path::is_absolute(File, path::Style::posix))
    Result = Dir;
  path::append(Result, path::Style::posix, File);
  path::remove_dots(Result, /*remove_dot_dot=*/true, path::Style::posix);
  return Result;
}

std::string relativePath(StringRef CompDir, StringRef Dir, StringRef File) {
  SmallString<128> To = normalized(Dir, File);
  SmallString<128> From = normalized(CompDir, "");
  if (!path::is_absolute(To, path::Style::posix) || !path::is_absolute(From, path::Style::posix))
    return To.str().str();
  SmallVector<StringRef, 16> ToParts, FromParts;
  StringRef(To).split(ToParts, '/', -1, /*KeepEmpty=*/false);
  StringRef(From).split(FromParts, '/', -1, /*KeepEmpty=*/false);
  size_t Common = 0;
  while (Common < FromParts.size() && Common + 1 < ToParts.size() &&
         FromParts[Common] == ToParts[Common])
    ++Common;
  if (Common == 0)
    return To.str().str();
  std::string Result;
  for (size_t I = Common; I < FromParts.size(); ++I)
    Result += "../";
  for (size_t I = Common; I < ToParts.size(); ++I)
    Result += (I == Common ? "" : "/") + ToParts[I].str();
  return Result;
}

std::string recordPath(const DIFile *File, StringRef CompDir) {
  if (!File)
    return "";
  StringRef Dir = File->getDirectory().empty() ? CompDir : File->getDirectory();
  return relativePath(CompDir, Dir, File->getFilename());
}

} // namespace magic
