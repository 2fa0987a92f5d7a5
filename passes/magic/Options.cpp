// SPDX-License-Identifier: BSD-2-Clause
//
// Options of the pass: see Options.h.

#include "magic/Options.h"

#include "llvm/ADT/SmallVector.h"

using namespace llvm;

namespace magic {

static Error invalid(const Twine &Message) {
  return createStringError(inconvertibleErrorCode(), "magic: " + Message);
}

static Error parseAllocator(StringRef Value, Options &Opts) {
  SmallVector<StringRef, 3> Parts;
  Value.split(Parts, ':');
  NamedAllocator A{Parts[0].str(), 0, std::nullopt};
  unsigned Count = 0;
  bool Bad = A.Name.empty() || Parts.size() < 2 || Parts.size() > 3 ||
             Parts[1].getAsInteger(10, A.SizeArg) ||
             (Parts.size() == 3 && Parts[2].getAsInteger(10, Count));
  if (Bad)
    return invalid("option 'alloc=" + Value + "' is not alloc=NAME:SIZEARG[:COUNTARG]");
  if (Parts.size() == 3)
    A.CountArg = Count;
  Opts.Allocators.push_back(std::move(A));
  return Error::success();
}

Error parseOptions(StringRef Text, Options &Opts) {
  SmallVector<StringRef, 8> Items;
  Text.split(Items, ';', -1, /*KeepEmpty=*/false);
  for (StringRef Item : Items) {
    auto [Key, Value] = Item.trim().split('=');
    if (Key == "no-sites" && Value.empty()) {
      Opts.Sites = false;
    } else if (Key == "alloc") {
      if (Error E = parseAllocator(Value, Opts))
        return E;
    } else {
      return invalid("unknown option '" + Item + "'");
    }
  }
  return Error::success();
}

} // namespace magic
