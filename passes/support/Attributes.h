// SPDX-License-Identifier: BSD-2-Clause
//
// The attributes a programmer gave an entity with the macros of sef/attributes.h.
//
// They are declaration tags that debug information carries ("sef:noxfer"), the one place where
// attributes of types, members, variables and functions all arrive in a pass.

#ifndef MAGIC_SUPPORT_ATTRIBUTES_H
#define MAGIC_SUPPORT_ATTRIBUTES_H

#include "llvm/IR/DebugInfoMetadata.h"

#include <string>

namespace magic {

/// The attributes among the annotations of an entity, one a line and without their prefix; "" if
/// there are none.
std::string attributes(llvm::DINodeArray Annotations);

} // namespace magic

#endif
