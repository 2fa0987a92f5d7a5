// SPDX-License-Identifier: BSD-2-Clause
//
// C types from debug information: see TypeGraph.h.
//
// Nodes are made when something refers to them and filled from a work list, so that recursive types
// need no special care and long chains of types no deep stack. What follows from other nodes (the
// size of a typedef, pointers inside a struct) is computed when all are filled.

#include "magic/TypeGraph.h"

#include "support/Attributes.h"
#include "support/SourcePath.h"
#include "llvm/ADT/bit.h"
#include "llvm/BinaryFormat/Dwarf.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace llvm;

namespace magic {

const TypeNode &TypeNode::stripped() const {
  const TypeNode *N = this;
  while (N->Kind == TypeKind::TYPEDEF && N->Target)
    N = N->Target;
  return *N;
}

std::string TypeNode::spelling() const {
  if (Kind == TypeKind::POINTER)
    return Target->spelling() + " *";
  StringRef Tag = Kind == TypeKind::STRUCT ? "struct " : Kind == TypeKind::UNION ? "union " : "";
  return (Tag + (Name.empty() ? "(unnamed)" : Name)).str();
}

static uint64_t bytes(uint64_t Bits) { return divideCeil(Bits, 8); }

/// The natural alignment of a scalar on x86-64.
static uint32_t scalarAlign(uint64_t Size) {
  return Size == 16 ? 16 : static_cast<uint32_t>(llvm::bit_floor(std::min<uint64_t>(Size, 8)));
}

/// Removes qualifiers; sets \p Atomic if one of them was _Atomic.
static const DIType *unqualified(const DIType *Ty, bool &Atomic) {
  while (auto *Derived = dyn_cast_or_null<DIDerivedType>(Ty)) {
    switch (Derived->getTag()) {
    case dwarf::DW_TAG_atomic_type:
      Atomic = true;
      [[fallthrough]];
    case dwarf::DW_TAG_const_type:
    case dwarf::DW_TAG_volatile_type:
    case dwarf::DW_TAG_restrict_type:
    case dwarf::DW_TAG_immutable_type:
    case dwarf::DW_TAG_LLVM_ptrauth_type:
      Ty = Derived->getBaseType();
      continue;
    default:
      return Ty;
    }
  }
  return Ty;
}

static bool isPointerTag(unsigned Tag) {
  return Tag == dwarf::DW_TAG_pointer_type || Tag == dwarf::DW_TAG_reference_type ||
         Tag == dwarf::DW_TAG_rvalue_reference_type;
}

TypeNode *TypeGraph::get(const DIType *Ty) {
  size_t First = Nodes.size();
  TypeNode *N = reference(Ty);
  while (!Pending.empty()) {
    TypeNode *Next = Pending.back();
    Pending.pop_back();
    fill(*Next);
  }
  for (size_t I = First; I < Nodes.size(); ++I)
    complete(Nodes[I]);
  return N;
}

TypeNode *TypeGraph::voidNode() {
  if (!Void)
    Void = create();
  return Void;
}

TypeNode *TypeGraph::pointerTo(TypeNode *Target, uint64_t Bits, bool Atomic) {
  TypeNode *&N = Pointers[{Target, Atomic}];
  if (N)
    return N;
  N = create();
  N->Kind = TypeKind::POINTER;
  N->Target = Target;
  N->Flags = MAGIC_TYPE_HAS_POINTERS | (Atomic ? MAGIC_TYPE_ATOMIC : 0);
  N->Size = Bits ? bytes(Bits) : DL.getPointerSize();
  N->Align = scalarAlign(N->Size);
  return N;
}

TypeNode *TypeGraph::reference(const DIType *Ty, bool Atomic) {
  Ty = unqualified(Ty, Atomic);
  if (!Ty)
    return voidNode();
  if (TypeNode *N = Known.lookup({Ty, Atomic}))
    return N;
  TypeNode *N;
  auto *Derived = dyn_cast<DIDerivedType>(Ty);
  if (Derived && isPointerTag(Ty->getTag())) {
    N = pointerTo(reference(Derived->getBaseType()), Ty->getSizeInBits(), Atomic);
  } else {
    N = create();
    N->Source = Ty;
    N->Flags = Atomic ? MAGIC_TYPE_ATOMIC : 0;
    Pending.push_back(N);
  }
  Known[{Ty, Atomic}] = N;
  return N;
}

void TypeGraph::fill(TypeNode &N) {
  const DIType &Ty = *N.Source;
  N.Name = Ty.getName();
  N.Size = bytes(Ty.getSizeInBits());
  N.Align = Ty.getAlignInBits() / 8;
  if (auto *Basic = dyn_cast<DIBasicType>(&Ty))
    return fillBasic(N, *Basic);
  N.File = recordPath(Ty.getFile(), CompDir);
  N.Line = Ty.getLine();
  if (auto *Derived = dyn_cast<DIDerivedType>(&Ty))
    return fillDerived(N, *Derived);
  if (auto *Composite = dyn_cast<DICompositeType>(&Ty))
    return fillComposite(N, *Composite);
  if (auto *Function = dyn_cast<DISubroutineType>(&Ty))
    return fillFunction(N, *Function);
  N.Kind = TypeKind::OPAQUE;
}

void TypeGraph::fillBasic(TypeNode &N, const DIBasicType &Ty) {
  N.Align = std::max(N.Align, scalarAlign(N.Size));
  N.Kind = TypeKind::INTEGER;
  switch (Ty.getEncoding()) {
  case dwarf::DW_ATE_boolean:
    N.Flags |= MAGIC_TYPE_BOOL | MAGIC_TYPE_UNSIGNED;
    return;
  case dwarf::DW_ATE_unsigned_char:
    N.Flags |= MAGIC_TYPE_CHAR | MAGIC_TYPE_UNSIGNED;
    return;
  case dwarf::DW_ATE_signed_char:
    N.Flags |= MAGIC_TYPE_CHAR;
    return;
  case dwarf::DW_ATE_unsigned:
  case dwarf::DW_ATE_UTF:
    N.Flags |= MAGIC_TYPE_UNSIGNED;
    return;
  case dwarf::DW_ATE_signed:
    return;
  case dwarf::DW_ATE_complex_float:
    N.Flags |= MAGIC_TYPE_COMPLEX;
    N.Align = scalarAlign(N.Size / 2);
    [[fallthrough]];
  case dwarf::DW_ATE_float:
    N.Kind = TypeKind::FLOAT;
    return;
  default:
    N.Kind = TypeKind::OPAQUE;
  }
}

void TypeGraph::fillDerived(TypeNode &N, const DIDerivedType &Ty) {
  if (Ty.getTag() != dwarf::DW_TAG_typedef && Ty.getTag() != dwarf::DW_TAG_template_alias) {
    N.Kind = TypeKind::OPAQUE; // C++ member pointers, Pascal sets and the like
    return;
  }
  N.Kind = TypeKind::TYPEDEF;
  N.Attrs = attributes(Ty.getAnnotations());
  N.Target = reference(Ty.getBaseType());
}

void TypeGraph::fillComposite(TypeNode &N, const DICompositeType &Ty) {
  if (Ty.isForwardDecl())
    N.Flags |= MAGIC_TYPE_INCOMPLETE;
  switch (Ty.getTag()) {
  case dwarf::DW_TAG_structure_type:
  case dwarf::DW_TAG_class_type:
    N.Kind = TypeKind::STRUCT;
    return fillAggregate(N, Ty);
  case dwarf::DW_TAG_union_type:
    N.Kind = TypeKind::UNION;
    return fillAggregate(N, Ty);
  case dwarf::DW_TAG_enumeration_type:
    return fillEnum(N, Ty);
  case dwarf::DW_TAG_array_type:
    return fillArray(N, Ty);
  default:
    N.Kind = TypeKind::OPAQUE;
  }
}

void TypeGraph::fillEnum(TypeNode &N, const DICompositeType &Ty) {
  N.Kind = TypeKind::ENUM;
  N.Target = reference(Ty.getBaseType());
  N.Align = std::max(N.Align, scalarAlign(N.Size));
  for (const DINode *Element : Ty.getElements()) {
    auto *Enumerator = dyn_cast_or_null<DIEnumerator>(Element);
    if (!Enumerator)
      continue;
    TypeEntry Entry;
    Entry.Name = Enumerator->getName();
    const APInt &Value = Enumerator->getValue();
    Entry.Value =
        static_cast<int64_t>(Enumerator->isUnsigned() ? Value.zextOrTrunc(64).getZExtValue()
                                                      : Value.sextOrTrunc(64).getZExtValue());
    N.Entries.push_back(Entry);
  }
}

static uint64_t elementCount(const DINode *Element) {
  auto *Range = dyn_cast_or_null<DISubrange>(Element);
  if (!Range)
    return 0;
  auto *Count = dyn_cast_if_present<ConstantInt *>(Range->getCount());
  return Count && !Count->isNegative() ? Count->getZExtValue() : 0;
}

void TypeGraph::fillArray(TypeNode &N, const DICompositeType &Ty) {
  N.Kind = TypeKind::ARRAY;
  N.Name = StringRef();
  N.File.clear();
  N.Line = 0;
  if (Ty.isVector())
    N.Flags |= MAGIC_TYPE_VECTOR;
  else
    N.Size = 0; // computed from the elements; DWARF has none for some arrays
  TypeNode *Dimension = &N;
  DINodeArray Ranges = Ty.getElements();
  for (unsigned I = 0; I < Ranges.size(); ++I) {
    if (I > 0) {
      Dimension->Target = create();
      Dimension = Dimension->Target;
      Dimension->Kind = TypeKind::ARRAY;
    }
    Dimension->NElems = elementCount(Ranges[I]);
  }
  Dimension->Target = reference(Ty.getBaseType());
}

void TypeGraph::fillAggregate(TypeNode &N, const DICompositeType &Ty) {
  N.Attrs = attributes(Ty.getAnnotations());
  for (const DINode *Element : Ty.getElements()) {
    auto *Member = dyn_cast_or_null<DIDerivedType>(Element);
    bool VirtualBase = Member && Member->getTag() == dwarf::DW_TAG_inheritance &&
                       (Member->getFlags() & DINode::FlagVirtual);
    if (VirtualBase || isa_and_nonnull<DICompositeType>(Element)) {
      // A layout that records cannot describe: where the base lies is known only at run time, or
      // the member is a variant part.
      auto *Nested = dyn_cast<DICompositeType>(Element);
      if (Nested && Nested->getTag() != dwarf::DW_TAG_variant_part)
        continue;
      N.Kind = TypeKind::OPAQUE;
      N.Entries.clear();
      return;
    }
    if (Member)
      addMember(N, *Member);
  }
}

void TypeGraph::addMember(TypeNode &N, const DIDerivedType &Member) {
  bool IsBase = Member.getTag() == dwarf::DW_TAG_inheritance;
  if (Member.isStaticMember() || (!IsBase && Member.getTag() != dwarf::DW_TAG_member))
    return;
  TypeEntry Entry;
  Entry.Name = IsBase ? StringRef() : Member.getName();
  Entry.Attrs = attributes(Member.getAnnotations());
  Entry.Type = reference(Member.getBaseType());
  Entry.BitOffset = Member.getOffsetInBits();
  if (Member.isBitField())
    Entry.BitSize = static_cast<uint32_t>(Member.getSizeInBits());
  N.Align = std::max(N.Align, Member.getAlignInBits() / 8);
  N.Entries.push_back(Entry);
}

void TypeGraph::fillFunction(TypeNode &N, const DISubroutineType &Ty) {
  N.Kind = TypeKind::FUNCTION;
  N.Name = StringRef();
  N.File.clear();
  N.Line = 0;
  DITypeRefArray Types = Ty.getTypeArray();
  N.Target = reference(Types.size() ? Types[0] : nullptr);
  for (unsigned I = 1; I < Types.size(); ++I) {
    if (!Types[I]) { // also: a function without prototype
      N.Flags |= MAGIC_TYPE_VARIADIC;
      continue;
    }
    TypeEntry Entry;
    Entry.Type = reference(Types[I]);
    N.Entries.push_back(Entry);
  }
}

void TypeGraph::complete(TypeNode &N) {
  if (N.Completed)
    return;
  N.Completed = true; // first, so that malformed by-value cycles end
  switch (N.Kind) {
  case TypeKind::TYPEDEF:
    complete(*N.Target);
    N.Size = N.Target->Size;
    N.Align = std::max(N.Align, N.Target->Align);
    N.Flags |= N.Target->Flags & MAGIC_TYPE_HAS_POINTERS;
    return;
  case TypeKind::ARRAY:
    complete(*N.Target);
    N.Flags |= N.Target->Flags & MAGIC_TYPE_HAS_POINTERS;
    if (N.is(MAGIC_TYPE_VECTOR)) {
      N.Align = static_cast<uint32_t>(std::min<uint64_t>(llvm::bit_floor(N.Size), 64));
      return;
    }
    N.Size = SaturatingMultiply(N.NElems, N.Target->Size);
    N.Align = std::max(N.Align, N.Target->Align);
    return;
  case TypeKind::STRUCT:
  case TypeKind::UNION:
    return completeAggregate(N);
  default:
    return;
  }
}

void TypeGraph::completeAggregate(TypeNode &N) {
  uint64_t Natural = 1;
  for (const TypeEntry &E : N.Entries) {
    complete(*E.Type);
    N.Flags |= E.Type->Flags & MAGIC_TYPE_HAS_POINTERS;
    // Debug information does not say that an aggregate is packed; misplaced members do.
    uint64_t Align = std::max<uint64_t>(E.Type->Align, 1);
    uint64_t Offset = E.BitSize ? 0 : E.BitOffset / 8;
    Natural = std::max(Natural, Offset ? std::min(Align, Offset & -Offset) : Align);
  }
  if (N.is(MAGIC_TYPE_INCOMPLETE))
    return;
  if (N.Size)
    Natural = std::min(Natural, N.Size & -N.Size);
  N.Align = std::max(N.Align, static_cast<uint32_t>(Natural));
  if (N.Kind != TypeKind::STRUCT || N.Entries.empty())
    return;
  const TypeNode &Last = N.Entries.back().Type->stripped();
  if (Last.Kind == TypeKind::ARRAY && !Last.is(MAGIC_TYPE_VECTOR) && Last.NElems == 0)
    N.Flags |= MAGIC_TYPE_FLEXIBLE;
}

} // namespace magic
