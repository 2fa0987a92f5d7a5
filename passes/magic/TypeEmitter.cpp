// SPDX-License-Identifier: BSD-2-Clause
//
// Type records: see TypeEmitter.h. Emitted IR:
//
//   $__magic_type_8a03a4c51c5cc5f2 = comdat any
//   @__magic_type_8a03a4c51c5cc5f2 = linkonce_odr hidden constant <{ i32, i16, i16, i64, ... }>
//       <{ i32 80, i16 6, i16 32, ... }>, section "magic_types", comdat, align 8

#include "magic/TypeEmitter.h"

#include "magic/TypeHash.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace magic {

static RecordLayout layoutOf(const TypeNode &N) {
  RecordLayout L;
  TypeRecord::layout(L);
  for (size_t I = 0; I < N.Entries.size(); ++I) {
    if (N.Kind == TypeKind::ENUM)
      EnumeratorRecord::layout(L);
    else if (N.Kind == TypeKind::FUNCTION)
      ParamRecord::layout(L);
    else
      MemberRecord::layout(L);
  }
  return L;
}

static uint32_t recordSize(const TypeNode &N) {
  size_t Entry = MemberRecord::Size;
  if (N.Kind == TypeKind::ENUM)
    Entry = EnumeratorRecord::Size;
  else if (N.Kind == TypeKind::FUNCTION)
    Entry = ParamRecord::Size;
  return static_cast<uint32_t>(TypeRecord::Size + N.Entries.size() * Entry);
}

// Two nodes of one hash are one type that the unit defines twice, so they share a record.
void TypeEmitter::declare(TypeNode &N) {
  Module &M = Out.module();
  std::string Name;
  raw_string_ostream(Name) << SymbolPrefix << "type_" << format_hex_no_prefix(N.Hash, 16);
  N.Record = M.getNamedGlobal(Name);
  if (N.Record)
    return;
  N.Record = Out.declare(recordType(M.getContext(), layoutOf(N)), "magic_types", Name,
                         GlobalValue::LinkOnceODRLinkage, /*Constant=*/true);
  N.Record->setVisibility(GlobalValue::HiddenVisibility);
  N.Record->setDSOLocal(true);
  N.Record->setComdat(M.getOrInsertComdat(Name));
  Out.keep(*N.Record, /*Linker=*/false);
}

static void writeEntry(RecordWriter &W, const TypeNode &N, const TypeEntry &E, Constant *Name,
                       Constant *Attrs) {
  if (N.Kind == TypeKind::ENUM) {
    EnumeratorRecord R;
    R.value = E.Value;
    R.name = Name;
    R.write(W);
  } else if (N.Kind == TypeKind::FUNCTION) {
    ParamRecord R;
    R.type = E.Type->Record;
    R.write(W);
  } else {
    MemberRecord R;
    R.name = Name;
    R.type = E.Type->Record;
    R.bit_offset = E.BitOffset;
    R.bit_size = E.BitSize;
    R.attrs = Attrs;
    R.write(W);
  }
}

void TypeEmitter::define(TypeNode &N) {
  if (N.Record->hasInitializer())
    return;
  TypeRecord R;
  R.rec_size = recordSize(N);
  R.kind = static_cast<uint16_t>(N.Kind);
  R.flags = N.Flags;
  R.hash = N.Hash;
  R.size = N.Size;
  R.nelems = N.NElems;
  R.align = N.Align;
  R.count = static_cast<uint32_t>(N.Entries.size());
  R.name = Out.string(N.Name);
  R.target = N.Target ? N.Target->Record : nullptr;
  R.file = Out.string(N.File);
  R.line = N.Line;
  R.attrs = Out.string(N.Attrs);
  RecordWriter W(*N.Record);
  R.write(W);
  for (const TypeEntry &E : N.Entries)
    writeEntry(W, N, E, Out.string(E.Name), Out.string(E.Attrs));
  W.finish();
}

/// Add all types that those from \p First on refer to.
static void completeReach(SetVector<TypeNode *> &Types, size_t First) {
  for (size_t I = First; I < Types.size(); ++I)
    Types[I]->forEachSuccessor([&](TypeNode *N) { Types.insert(N); });
}

void TypeEmitter::emitAll() {
  hashTypes(Graph);
  SetVector<TypeNode *> Reachable = Required;
  completeReach(Reachable, 0);
  size_t Referred = Reachable.size();
  Reachable.insert(Kept.begin(), Kept.end());
  completeReach(Reachable, Referred);
  for (TypeNode *N : Reachable)
    declare(*N);
  for (TypeNode *N : Reachable)
    define(*N);
  for (TypeNode *N : drop_begin(Reachable, Referred))
    Out.keep(*N->Record, /*Linker=*/true);
}

} // namespace magic
