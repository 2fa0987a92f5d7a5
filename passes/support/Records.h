// SPDX-License-Identifier: BSD-2-Clause
//
// The state table's records as C++ values, generated from MagicRecords.inc.
//
// Each struct has one member a field (a number, or for a REF the constant it refers to) and writes
// itself field by field into a RecordWriter. Sizes are computed from the same lists and compared
// with those the runtime was compiled with.

#ifndef MAGIC_SUPPORT_RECORDS_H
#define MAGIC_SUPPORT_RECORDS_H

#include "support/RecordWriter.h"

#include <magic/MagicRecords.inc>

#include <cstddef>
#include <cstdint>

namespace magic {

#define MAGIC_CXX_U16 uint16_t
#define MAGIC_CXX_U32 uint32_t
#define MAGIC_CXX_U64 uint64_t
#define MAGIC_CXX_I64 int64_t
#define MAGIC_CXX_REF llvm::Constant *
#define MAGIC_BYTES_U16 2
#define MAGIC_BYTES_U32 4
#define MAGIC_BYTES_U64 8
#define MAGIC_BYTES_I64 8
#define MAGIC_BYTES_REF 4

#define MAGIC_MEMBER(KIND, NAME) MAGIC_CXX_##KIND NAME{};
#define MAGIC_WRITE(KIND, NAME) W.add##KIND(NAME);
#define MAGIC_LAYOUT(KIND, NAME) L.push_back(MAGIC_BYTES_##KIND);
#define MAGIC_SUM(KIND, NAME) +MAGIC_BYTES_##KIND

#define MAGIC_RECORD(NAME, FIELDS, SIZE)                                                           \
  struct NAME {                                                                                    \
    static constexpr size_t Size = SIZE;                                                           \
    FIELDS(MAGIC_MEMBER)                                                                           \
    void write(RecordWriter &W) const { FIELDS(MAGIC_WRITE) }                                      \
    static void layout(RecordLayout &L) { FIELDS(MAGIC_LAYOUT) }                                   \
  };                                                                                               \
  static_assert(0 FIELDS(MAGIC_SUM) == SIZE, #NAME " differs from the runtime's");

MAGIC_RECORD(ModuleRecord, MAGIC_MODULE_FIELDS, MAGIC_MODULE_SIZE)
MAGIC_RECORD(TypeRecord, MAGIC_TYPE_FIELDS, MAGIC_TYPE_SIZE)
MAGIC_RECORD(MemberRecord, MAGIC_MEMBER_FIELDS, MAGIC_MEMBER_SIZE)
MAGIC_RECORD(EnumeratorRecord, MAGIC_ENUMERATOR_FIELDS, MAGIC_ENUMERATOR_SIZE)
MAGIC_RECORD(ParamRecord, MAGIC_PARAM_FIELDS, MAGIC_PARAM_SIZE)
MAGIC_RECORD(VarRecord, MAGIC_VAR_FIELDS, MAGIC_VAR_SIZE)
MAGIC_RECORD(FuncRecord, MAGIC_FUNC_FIELDS, MAGIC_FUNC_SIZE)
MAGIC_RECORD(SiteRecord, MAGIC_SITE_FIELDS, MAGIC_SITE_SIZE)

#undef MAGIC_RECORD
#undef MAGIC_SUM
#undef MAGIC_LAYOUT
#undef MAGIC_WRITE
#undef MAGIC_MEMBER

#define MAGIC_KIND(NAME, VALUE) NAME = VALUE,
/// What a type is: the `kind` of a type record.
enum class TypeKind : uint16_t { MAGIC_TYPE_KINDS(MAGIC_KIND) };
#undef MAGIC_KIND

} // namespace magic

#endif
