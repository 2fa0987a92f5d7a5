// SPDX-License-Identifier: BSD-2-Clause
//
// Options of the pass: see Options.h.

#include "magic/Options.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Process.h"

using namespace llvm;

namespace magic {

static Error invalid(const Twine &Message) {
  return createStringError(inconvertibleErrorCode(), "magic: " + Message);
}

static std::optional<NamedFunction::Role> roleOf(StringRef Key) {
  if (Key == "alloc")
    return NamedFunction::Role::Alloc;
  if (Key == "pool")
    return NamedFunction::Role::Pool;
  if (Key == "free")
    return NamedFunction::Role::Free;
  return std::nullopt;
}

/// Reads the argument numbers of \p F. False if they are not what its role needs.
static bool parseNumbers(ArrayRef<StringRef> Numbers, NamedFunction &F) {
  constexpr unsigned Most = 99;
  std::optional<unsigned> Values[2];
  bool IsFree = F.What == NamedFunction::Role::Free;
  if (Numbers.empty() || Numbers.size() > (IsFree ? 1 : 2))
    return false;
  for (size_t I = 0; I < Numbers.size(); ++I) {
    unsigned Value;
    if (Numbers[I].trim().getAsInteger(10, Value) || Value > Most)
      return false;
    if (Value)
      Values[I] = Value - 1;
  }
  if (Values[0] && Values[0] == Values[1])
    return false;
  if (IsFree) {
    F.PtrArg = Values[0].value_or(0);
    return Values[0].has_value();
  }
  F.SizeArg = Values[0];
  F.CountArg = Values[1];
  return F.SizeArg || !F.CountArg;
}

static Error parseNamed(StringRef Key, StringRef Value, Options &Opts) {
  NamedFunction F;
  SmallVector<StringRef, 3> Parts;
  Value.split(Parts, ':');
  F.What = *roleOf(Key);
  F.Name = Parts[0].trim().str();
  F.Text = ("option '" + Key + "=" + Value + "'").str();
  if (F.Name.empty() || !parseNumbers(ArrayRef<StringRef>(Parts).drop_front(), F))
    return invalid(F.Text + " is not " + Key +
                   "=NAME:" + (Key == "free" ? "PTRARG" : "SIZEARG[:COUNTARG]") +
                   " with arguments counted from 1");
  Opts.Functions.push_back(std::move(F));
  return Error::success();
}

Expected<std::optional<NamedFunction>> parseAnnotation(StringRef Name, StringRef Annotation) {
  if (!Annotation.consume_front("sef:"))
    return std::nullopt;
  auto [Key, Value] = Annotation.split('=');
  std::optional<NamedFunction::Role> Role = roleOf(Key);
  if (!Role)
    return std::nullopt;
  NamedFunction F;
  SmallVector<StringRef, 2> Numbers;
  Value.split(Numbers, ',');
  F.What = *Role;
  F.Name = Name.str();
  F.Text = ("SEF_" + Key.upper() + "(" + Value + ") of '" + Name + "'").str();
  if (!parseNumbers(Numbers, F))
    return invalid(F.Text + " does not name arguments counted from 1");
  return F;
}

std::string environmentOptions() { return sys::Process::GetEnv("MAGIC_PASS_OPTIONS").value_or(""); }

Error parseOptions(StringRef Text, Options &Opts) {
  SmallVector<StringRef, 8> Items;
  Text.split(Items, ';', -1, /*KeepEmpty=*/false);
  for (StringRef Item : Items) {
    auto [Key, Value] = Item.trim().split('=');
    if (Key == "no-sites" && Value.empty()) {
      Opts.Sites = false;
    } else if (roleOf(Key)) {
      if (Error E = parseNamed(Key, Value, Opts))
        return E;
    } else if (Key == "asr") {
      uint64_t Seed;
      if (Value.getAsInteger(0, Seed))
        return invalid("option '" + Item + "' is not asr=SEED with a number of 64 bits");
      Opts.AsrSeed = Seed;
    } else {
      return invalid("unknown option '" + Item + "'");
    }
  }
  return Error::success();
}

} // namespace magic
