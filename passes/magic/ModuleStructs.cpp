// SPDX-License-Identifier: BSD-2-Clause
//
// Structs of a module: see ModuleStructs.h.

#include "magic/ModuleStructs.h"

#include "magic/Places.h"
#include "llvm/BinaryFormat/Dwarf.h"
#include "llvm/IR/DebugInfo.h"

using namespace llvm;

namespace magic {

static const DICompositeType *asStruct(const DIType *Ty) {
  auto *Struct = dyn_cast_or_null<DICompositeType>(Ty);
  bool Complete =
      Struct && Struct->getTag() == dwarf::DW_TAG_structure_type && !Struct->isForwardDecl();
  return Complete ? Struct : nullptr;
}

void ModuleStructs::collect() {
  if (Collected)
    return;
  Collected = true;
  DebugInfoFinder Finder;
  Finder.processModule(M);
  for (const DIType *Ty : Finder.types()) {
    if (const DICompositeType *Struct = asStruct(Ty)) {
      BySize[Struct->getSizeInBits() / 8].push_back(Struct);
      if (!Struct->getName().empty())
        ByName[Struct->getName()].push_back(Struct);
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

bool ModuleStructs::hasDerived(const TypeNode &Head, uint64_t Least, uint64_t Most) {
  collect();
  for (auto It = BySize.lower_bound(Least); It != BySize.end() && It->first <= Most; ++It)
    for (const DICompositeType *Struct : It->second)
      if (beginsWith(*Types.node(Struct), Head))
        return true;
  return false;
}

TypeNode *ModuleStructs::declaredAs(const GlobalVariable &Variable) {
  auto *Ty = dyn_cast<StructType>(Variable.getValueType());
  if (!Variable.isDeclaration() || !Ty || !Ty->hasName() || !Ty->isSized())
    return nullptr;
  StringRef Name = Ty->getName();
  if (!Name.consume_front("struct.") || Name.contains('.')) // there are several of that name
    return nullptr;
  collect();
  Structs Found = ByName.lookup(Name);
  if (Found.size() != 1 || isa_and_nonnull<DILocalScope>(Found[0]->getScope()))
    return nullptr;
  uint64_t Bits = M.getDataLayout().getTypeAllocSizeInBits(Ty).getFixedValue();
  return Found[0]->getSizeInBits() == Bits ? Types.node(Found[0]) : nullptr;
}

} // namespace magic
