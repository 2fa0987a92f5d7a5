// SPDX-License-Identifier: BSD-2-Clause
//
// Attributes of entities: see Attributes.h.

#include "support/Attributes.h"

using namespace llvm;

namespace magic {

std::string attributes(DINodeArray Annotations) {
  std::string Result;
  if (!Annotations)
    return Result;
  for (const Metadata *Annotation : Annotations->operands()) {
    auto *Pair = dyn_cast_or_null<MDNode>(Annotation);
    auto *Kind =
        Pair && Pair->getNumOperands() == 2 ? dyn_cast<MDString>(Pair->getOperand(0)) : nullptr;
    auto *Text = Kind ? dyn_cast<MDString>(Pair->getOperand(1)) : nullptr;
    if (!Text || Kind->getString() != "btf_decl_tag")
      continue;
    StringRef Attribute = Text->getString();
    if (!Attribute.consume_front("sef:"))
      continue;
    if (!Result.empty())
      Result += '\n';
    Result += Attribute;
  }
  return Result;
}

} // namespace magic
