// SPDX-License-Identifier: BSD-2-Clause
//
// Structural hashes of types.
//
// A type's hash covers everything reachable from it except where it is declared, so equal types of
// several translation units get one hash, by which the linker merges their records, and different
// types of one name do not.

#ifndef MAGIC_MAGIC_TYPEHASH_H
#define MAGIC_MAGIC_TYPEHASH_H

#include "magic/TypeGraph.h"

namespace magic {

/// Sets the hash of every node of \p Graph.
void hashTypes(TypeGraph &Graph);

} // namespace magic

#endif
