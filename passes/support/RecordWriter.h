// SPDX-License-Identifier: BSD-2-Clause
//
// Makes the constant initializer of one record.
//
// A record is a packed LLVM struct of integers. References are stored as 32-bit distances from the
// field itself, which the linker resolves without leaving a dynamic relocation, so that tables stay
// read-only and shared between processes.

#ifndef MAGIC_SUPPORT_RECORDWRITER_H
#define MAGIC_SUPPORT_RECORDWRITER_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/GlobalVariable.h"

namespace magic {

/// Sizes in bytes of a record's fields, in order.
using RecordLayout = llvm::SmallVector<uint8_t, 64>;

/// The packed struct type of a record with fields of these sizes.
llvm::StructType *recordType(llvm::LLVMContext &Ctx, const RecordLayout &Layout);

/// Collects the fields of the record that \p Record will be initialized with.
class RecordWriter {
public:
  explicit RecordWriter(llvm::GlobalVariable &Record) : Record(Record) {}

  void addU16(uint16_t V) { addInt(V, 2); }
  void addU32(uint32_t V) { addInt(V, 4); }
  void addU64(uint64_t V) { addInt(V, 8); }
  void addI64(int64_t V) { addInt(static_cast<uint64_t>(V), 8); }
  /// The distance from this field to \p Target; 0 if that is null.
  void addREF(llvm::Constant *Target);

  /// Make what was added the initializer of the record.
  void finish();

private:
  void addInt(uint64_t V, unsigned Bytes);

  llvm::GlobalVariable &Record;
  llvm::SmallVector<llvm::Constant *, 32> Fields;
  uint64_t Offset = 0;
};

} // namespace magic

#endif
