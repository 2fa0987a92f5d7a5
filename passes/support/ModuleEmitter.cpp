// SPDX-License-Identifier: BSD-2-Clause
//
// Records and strings as globals of a module: see ModuleEmitter.h. Emitted IR:
//
//   @__magic_str = private unnamed_addr constant [6 x i8] c"table\00", align 1
//   @__magic_at_table = hidden alias [8 x ptr], ptr @table
//   @__magic_var = private constant <{ i64, i32, ... }> <{ i64 64, i32 trunc (i64 sub (i64
//       ptrtoint (ptr @__magic_str to i64), i64 ptrtoint (ptr getelementptr inbounds (i8, ptr
//       @__magic_var, i64 8) to i64)) to i32), ... }>, section "magic_vars", align 8, !associated
//       !9
//   @llvm.compiler.used = appending global [1 x ptr] [ptr @__magic_var], section "llvm.metadata"

#include "support/ModuleEmitter.h"

#include "llvm/IR/GlobalAlias.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

using namespace llvm;

namespace magic {

// Sanitizers would put red zones around our globals and so holes into the tables.
static void excludeFromSanitizers(GlobalVariable &GV) {
  GlobalValue::SanitizerMetadata Meta;
  Meta.NoAddress = true;
  Meta.NoHWAddress = true;
  GV.setSanitizerMetadata(Meta);
}

Constant *ModuleEmitter::string(StringRef Text) {
  Text = Text.take_until([](char C) { return C == '\0'; });
  if (Text.empty())
    return nullptr;
  GlobalVariable *&GV = Strings[Text];
  if (GV)
    return GV;
  Constant *Init = ConstantDataArray::getString(M.getContext(), Text);
  GV = new GlobalVariable(M, Init->getType(), /*isConstant=*/true, GlobalValue::PrivateLinkage,
                          Init, SymbolPrefix + "str");
  GV->setUnnamedAddr(GlobalValue::UnnamedAddr::Global);
  GV->setAlignment(Align(1));
  excludeFromSanitizers(*GV);
  return GV;
}

GlobalVariable *ModuleEmitter::declare(StructType *Ty, StringRef Section, const Twine &Name,
                                       GlobalValue::LinkageTypes Linkage, bool Constant) {
  auto *GV = new GlobalVariable(M, Ty, Constant, Linkage, nullptr, Name);
  GV->setSection(Section);
  GV->setAlignment(Align(8));
  excludeFromSanitizers(*GV);
  return GV;
}

void ModuleEmitter::attach(GlobalVariable &Record, GlobalObject &Subject) {
  if (Subject.hasCommonLinkage()) { // in no section that the record could be linked to
    keep(Record, /*Linker=*/true);
    return;
  }
  if (Comdat *Group = Subject.getComdat())
    Record.setComdat(Group);
  Metadata *MD = ValueAsMetadata::get(&Subject);
  Record.setMetadata(LLVMContext::MD_associated, MDNode::get(M.getContext(), MD));
  keep(Record, /*Linker=*/false);
}

// The alias is hidden rather than private, and bound as strongly as its subject, so that of several
// definitions of one weak symbol all records lead to the one that the linker chose.
Constant *ModuleEmitter::localReference(GlobalObject &Subject) {
  if (Subject.hasLocalLinkage() || !Subject.hasDefaultVisibility() || Subject.hasCommonLinkage())
    return &Subject;
  std::string Name = (SymbolPrefix + "at_" + plainName(Subject)).str();
  if (GlobalValue *Known = M.getNamedValue(Name))
    return Known;
  GlobalAlias *Alias = GlobalAlias::create(Subject.getValueType(), Subject.getAddressSpace(),
                                           Subject.getLinkage(), Name, &Subject, &M);
  Alias->setVisibility(GlobalValue::HiddenVisibility);
  Alias->setDSOLocal(true);
  return Alias;
}

void ModuleEmitter::finish() {
  appendToUsed(M, Used);
  appendToCompilerUsed(M, CompilerUsed);
}

} // namespace magic
