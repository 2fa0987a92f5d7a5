// SPDX-License-Identifier: BSD-2-Clause
//
// The C types of a module, taken from its debug information.
//
// Opaque pointers leave no C types in IR, so debug information is the only source, in every LLVM
// release. The graph drops what state transfer does not care about (const, volatile, restrict),
// keeps typedefs, and makes one node for equal derived types, so that its shape does not depend on
// how often a translation unit mentions them.

#ifndef MAGIC_MAGIC_TYPEGRAPH_H
#define MAGIC_MAGIC_TYPEGRAPH_H

#include "support/Records.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/PointerIntPair.h"
#include "llvm/IR/DataLayout.h"
#include "llvm/IR/DebugInfoMetadata.h"

#include <deque>
#include <string>
#include <vector>

namespace magic {

struct TypeNode;

/// A member, parameter (only Type) or enumerator (only Name and Value) of a type.
struct TypeEntry {
  llvm::StringRef Name;
  std::string Attrs;
  TypeNode *Type = nullptr;
  uint64_t BitOffset = 0;
  uint32_t BitSize = 0; ///< bit-fields: width; else 0
  int64_t Value = 0;
};

/// One type; the fields are those of a type record.
struct TypeNode {
  TypeKind Kind = TypeKind::VOID;
  uint16_t Flags = 0;
  uint64_t Size = 0;
  uint64_t NElems = 0;
  uint32_t Align = 0;
  llvm::StringRef Name;
  std::string File;
  std::string Attrs;
  uint32_t Line = 0;
  TypeNode *Target = nullptr;
  std::vector<TypeEntry> Entries;

  uint64_t Hash = 0;                      ///< set by hashTypes()
  llvm::GlobalVariable *Record = nullptr; ///< set by TypeEmitter
  const llvm::DIType *Source = nullptr;   ///< what it was made from; null for synthetic nodes
  bool Completed = false;                 ///< sizes and flags that follow from other nodes are set

  bool isAggregate() const { return Kind == TypeKind::STRUCT || Kind == TypeKind::UNION; }
  bool is(unsigned Flag) const { return Flags & Flag; }
  /// The type below all typedefs.
  const TypeNode &stripped() const;
  /// A short name for messages.
  std::string spelling() const;
  /// All types this one refers to.
  template <typename Fn> void forEachSuccessor(Fn F) const {
    if (Target)
      F(Target);
    for (const TypeEntry &E : Entries)
      if (E.Type)
        F(E.Type);
  }
};

/// Makes and owns the nodes.
class TypeGraph {
public:
  TypeGraph(const llvm::DataLayout &DL, llvm::StringRef CompDir) : DL(DL), CompDir(CompDir) {}

  /// The node of a type; null is void. Everything it refers to is complete on return.
  TypeNode *get(const llvm::DIType *Ty);

  std::deque<TypeNode> &nodes() { return Nodes; }

private:
  TypeNode *reference(const llvm::DIType *Ty, bool Atomic = false);
  TypeNode *create() { return &Nodes.emplace_back(); }
  TypeNode *voidNode();
  TypeNode *pointerTo(TypeNode *Target, uint64_t Bits, bool Atomic);

  void fill(TypeNode &N);
  void fillBasic(TypeNode &N, const llvm::DIBasicType &Ty);
  void fillDerived(TypeNode &N, const llvm::DIDerivedType &Ty);
  void fillComposite(TypeNode &N, const llvm::DICompositeType &Ty);
  void fillEnum(TypeNode &N, const llvm::DICompositeType &Ty);
  void fillArray(TypeNode &N, const llvm::DICompositeType &Ty);
  void fillAggregate(TypeNode &N, const llvm::DICompositeType &Ty);
  void addMember(TypeNode &N, const llvm::DIDerivedType &Member);
  void fillFunction(TypeNode &N, const llvm::DISubroutineType &Ty);

  void complete(TypeNode &N);
  void completeAggregate(TypeNode &N);

  const llvm::DataLayout &DL;
  std::string CompDir;
  std::deque<TypeNode> Nodes; ///< stable addresses
  // Keys carry whether the type is _Atomic.
  llvm::DenseMap<llvm::PointerIntPair<const llvm::DIType *, 1, bool>, TypeNode *> Known;
  llvm::DenseMap<llvm::PointerIntPair<TypeNode *, 1, bool>, TypeNode *> Pointers;
  std::vector<TypeNode *> Pending; ///< referred to, not yet filled
  TypeNode *Void = nullptr;
};

} // namespace magic

#endif
