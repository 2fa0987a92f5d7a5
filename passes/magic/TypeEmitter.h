// SPDX-License-Identifier: BSD-2-Clause
//
// Turns the types that records refer to into type records.
//
// First everybody asks for the types their records will refer to; emitAll() then hashes the graph
// and emits what was asked for and everything reachable from it; then records can be written. Other
// types of the module get no record, except structs and unions of the source file itself: other
// files may hold pointers to what only this one completes.

#ifndef MAGIC_MAGIC_TYPEEMITTER_H
#define MAGIC_MAGIC_TYPEEMITTER_H

#include "magic/TypeGraph.h"
#include "support/ModuleEmitter.h"

#include "llvm/ADT/SetVector.h"

namespace magic {

class TypeEmitter {
public:
  TypeEmitter(ModuleEmitter &Out, llvm::StringRef CompDir)
      : Out(Out), Graph(Out.module().getDataLayout(), CompDir) {}

  /// The node of a type, which gets a record only if require() asks for it.
  TypeNode *node(const llvm::DIType *Ty) { return Graph.get(Ty); }

  /// Ask for a record of \p N.
  void require(TypeNode *N) { Required.insert(N); }

  /// Ask for a record of \p N that stays in the image even if no other record refers to it.
  void keep(TypeNode *N) { Kept.push_back(N); }

  /// Emit the records of all types required; sets TypeNode::Record.
  void emitAll();

private:
  void declare(TypeNode &N);
  void define(TypeNode &N);

  ModuleEmitter &Out;
  TypeGraph Graph;
  llvm::SetVector<TypeNode *> Required;
  std::vector<TypeNode *> Kept;
};

} // namespace magic

#endif
