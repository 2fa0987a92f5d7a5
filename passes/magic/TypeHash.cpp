// SPDX-License-Identifier: BSD-2-Clause
//
// Structural hashes by colour refinement: see TypeHash.h.
//
// Types form a graph with cycles. Its strongly connected components are hashed one after another,
// those that others refer to first. Inside a component each node starts with a hash of its own
// fields and then takes in the hashes of its successors, as many times as the component has nodes:
// that is enough for any difference to reach every node. A type's hash depends on nothing but what
// is reachable from it, so every translation unit computes the same one.

#include "magic/TypeHash.h"

#include "llvm/ADT/GraphTraits.h"
#include "llvm/ADT/SCCIterator.h"
#include "llvm/Support/xxhash.h"

using namespace llvm;

namespace {

/// The type graph under one root, in the form that LLVM's algorithms want.
struct HashNode {
  magic::TypeNode *Type = nullptr; ///< null: the root
  std::vector<HashNode *> Successors;
};

} // namespace

namespace llvm {
template <> struct GraphTraits<HashNode *> {
  using NodeRef = HashNode *;
  using ChildIteratorType = std::vector<HashNode *>::iterator;
  static NodeRef getEntryNode(HashNode *N) { return N; }
  static ChildIteratorType child_begin(NodeRef N) { return N->Successors.begin(); }
  static ChildIteratorType child_end(NodeRef N) { return N->Successors.end(); }
};
} // namespace llvm

namespace magic {
namespace {

/// Bytes to be hashed, in a form that does not depend on the host.
class Digest {
public:
  void add(uint64_t V) {
    for (int Shift = 0; Shift < 64; Shift += 8)
      Buffer.push_back(static_cast<uint8_t>(V >> Shift));
  }
  void add(StringRef Text) {
    add(static_cast<uint64_t>(Text.size()));
    Buffer.append(Text.bytes_begin(), Text.bytes_end());
  }
  uint64_t result() const { return xxh3_64bits(ArrayRef<uint8_t>(Buffer)); }

private:
  SmallVector<uint8_t, 512> Buffer;
};

uint64_t ownFields(const TypeNode &N) {
  Digest D;
  D.add(static_cast<uint64_t>(N.Kind));
  D.add(N.Flags);
  D.add(N.Size);
  D.add(N.NElems);
  D.add(N.Align);
  D.add(N.Name);
  D.add(N.Attrs);
  D.add(N.Target ? 1 : 0);
  D.add(N.Entries.size());
  for (const TypeEntry &E : N.Entries) {
    D.add(E.Name);
    D.add(E.Attrs);
    D.add(E.BitOffset);
    D.add(E.BitSize);
    D.add(static_cast<uint64_t>(E.Value));
  }
  return D.result();
}

uint64_t withSuccessors(const TypeNode &N) {
  Digest D;
  D.add(N.Hash);
  N.forEachSuccessor([&](const TypeNode *S) { D.add(S->Hash); });
  return D.result();
}

void hashComponent(ArrayRef<HashNode *> Component) {
  for (HashNode *N : Component)
    N->Type->Hash = ownFields(*N->Type);
  std::vector<uint64_t> Next(Component.size());
  for (size_t Round = 0; Round < Component.size(); ++Round) {
    for (size_t I = 0; I < Component.size(); ++I)
      Next[I] = withSuccessors(*Component[I]->Type);
    for (size_t I = 0; I < Component.size(); ++I)
      Component[I]->Type->Hash = Next[I];
  }
}

} // namespace

void hashTypes(TypeGraph &Graph) {
  std::deque<HashNode> Nodes;
  DenseMap<const TypeNode *, HashNode *> ByType;
  HashNode Root;
  for (TypeNode &T : Graph.nodes()) {
    HashNode &N = Nodes.emplace_back();
    N.Type = &T;
    ByType[&T] = &N;
    Root.Successors.push_back(&N);
  }
  for (HashNode &N : Nodes)
    N.Type->forEachSuccessor([&](const TypeNode *S) { N.Successors.push_back(ByType.lookup(S)); });
  for (auto It = scc_begin(&Root); !It.isAtEnd(); ++It)
    if ((*It).front() != &Root)
      hashComponent(*It);
}

} // namespace magic
