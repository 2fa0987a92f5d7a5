// SPDX-License-Identifier: BSD-2-Clause
//
// Structs of a module: see ModuleStructs.h.

#include "magic/ModuleStructs.h"

#include "magic/Places.h"
#include "support/SourcePath.h"
#include "llvm/BinaryFormat/Dwarf.h"
#include "llvm/IR/DebugInfo.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Operator.h"

using namespace llvm;

namespace magic {

/// \p Ty if it is complete and has the tag.
static const DICompositeType *complete(const DIType *Ty, dwarf::Tag Tag) {
  auto *Composite = dyn_cast_or_null<DICompositeType>(Ty);
  return Composite && Composite->getTag() == Tag && !Composite->isForwardDecl() ? Composite
                                                                                : nullptr;
}

static const DICompositeType *asStruct(const DIType *Ty) {
  return complete(Ty, dwarf::DW_TAG_structure_type);
}

ModuleStructs::ModuleStructs(Module &M, TypeEmitter &Types) : M(M), Types(Types) {
  DebugInfoFinder Finder;
  Finder.processModule(M);
  for (const DIType *Ty : Finder.types()) {
    if (const DICompositeType *Struct = asStruct(Ty)) {
      BySize[Struct->getSizeInBits() / 8].push_back(Struct);
      if (!Struct->getName().empty())
        ByName[Struct->getName()].push_back(Struct);
    } else if (const DICompositeType *Union = complete(Ty, dwarf::DW_TAG_union_type)) {
      Unions.push_back(Union);
    } else if (Ty->getTag() == dwarf::DW_TAG_typedef) {
      const DICompositeType *Named = asStruct(cast<DIDerivedType>(Ty)->getBaseType());
      if (Named && Named->getName().empty())
        ByName[Ty->getName()].push_back(Named);
    }
  }
}

static bool beginsWith(const TypeNode &T, const TypeNode &Head) {
  if (T.Entries.empty() || Head.Entries.empty())
    return false;
  const TypeEntry &First = T.Entries.front(), &HeadFirst = Head.Entries.front();
  bool Embeds = sameType(*First.Type, Head);
  bool Resembles = First.Name == HeadFirst.Name && sameType(*First.Type, *HeadFirst.Type);
  return Embeds || Resembles;
}

void ModuleStructs::keepOwn(const DICompileUnit &Unit) {
  std::string Own = recordPath(Unit.getFile(), Unit.getDirectory());
  auto Keep = [&](const DICompositeType *Ty) {
    if (!Ty->getName().empty() && !isa_and_nonnull<DILocalScope>(Ty->getScope()) &&
        recordPath(Ty->getFile(), Unit.getDirectory()) == Own)
      Types.keep(Types.node(Ty));
  };
  for (const auto &OfOneSize : BySize)
    for_each(OfOneSize.second, Keep);
  for_each(Unions, Keep);
}

bool ModuleStructs::hasDerived(const TypeNode &Head, uint64_t Least, uint64_t Most) {
  for (auto It = BySize.lower_bound(Least); It != BySize.end() && It->first <= Most; ++It)
    for (const DICompositeType *Struct : It->second)
      if (beginsWith(*Types.node(Struct), Head))
        return true;
  return false;
}

/// The struct that an IR type was made for, null if that is not certain.
TypeNode *ModuleStructs::describe(StructType *Ty) {
  if (!Ty || !Ty->hasName() || !Ty->isSized())
    return nullptr;
  StringRef Name = Ty->getName();
  if (!Name.consume_front("struct.") || Name.contains('.')) // there are several of that name
    return nullptr;
  Structs Found = ByName.lookup(Name);
  if (Found.size() != 1 || isa_and_nonnull<DILocalScope>(Found[0]->getScope()))
    return nullptr;
  uint64_t Bits = M.getDataLayout().getTypeAllocSizeInBits(Ty).getFixedValue();
  return Found[0]->getSizeInBits() == Bits ? Types.node(Found[0]) : nullptr;
}

TypeNode *ModuleStructs::declaredAs(const GlobalVariable &Variable) {
  return Variable.isDeclaration() ? describe(dyn_cast<StructType>(Variable.getValueType()))
                                  : nullptr;
}

/// The struct a member of which is taken at \p Pointer by \p Use, null if it does something else.
static StructType *memberOf(const Value *Pointer, const User *Use) {
  auto *GEP = dyn_cast<GEPOperator>(Use);
  return GEP && GEP->getPointerOperand() == Pointer
             ? dyn_cast<StructType>(GEP->getSourceElementType())
             : nullptr;
}

/// The struct of which a member is taken wherever \p Variable is followed.
static StructType *followedTo(const GlobalVariable &Variable) {
  StructType *Seen = nullptr;
  for (const User *U : Variable.users()) {
    if (!isa<LoadInst>(U))
      continue;
    for (const User *Use : U->users()) {
      StructType *Ty = memberOf(U, Use);
      if (Ty && Seen && Ty != Seen)
        return nullptr;
      Seen = Ty ? Ty : Seen;
    }
  }
  return Seen;
}

TypeNode *ModuleStructs::followedAs(const GlobalVariable &Variable) {
  if (!Variable.isDeclaration() || !Variable.getValueType()->isPointerTy())
    return nullptr;
  auto [It, New] = Followed.try_emplace(&Variable, nullptr);
  if (New)
    It->second = describe(followedTo(Variable));
  return It->second;
}

} // namespace magic
