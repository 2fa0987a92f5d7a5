// SPDX-License-Identifier: BSD-2-Clause
//
// Record initializers: see RecordWriter.h.

#include "support/RecordWriter.h"

using namespace llvm;

namespace magic {

StructType *recordType(LLVMContext &Ctx, const RecordLayout &Layout) {
  SmallVector<Type *, 32> Fields;
  for (uint8_t Bytes : Layout)
    Fields.push_back(Type::getIntNTy(Ctx, Bytes * 8));
  return StructType::get(Ctx, Fields, /*isPacked=*/true);
}

void RecordWriter::addInt(uint64_t V, unsigned Bytes) {
  Fields.push_back(ConstantInt::get(Type::getIntNTy(Record.getContext(), Bytes * 8), V));
  Offset += Bytes;
}

void RecordWriter::addREF(Constant *Target) {
  if (!Target) {
    addInt(0, 4);
    return;
  }
  LLVMContext &Ctx = Record.getContext();
  Type *Int64 = Type::getInt64Ty(Ctx);
  Constant *Here = ConstantExpr::getInBoundsGetElementPtr(Type::getInt8Ty(Ctx), &Record,
                                                          ConstantInt::get(Int64, Offset));
  Constant *Distance = ConstantExpr::getSub(ConstantExpr::getPtrToInt(Target, Int64),
                                            ConstantExpr::getPtrToInt(Here, Int64));
  Fields.push_back(ConstantExpr::getTrunc(Distance, Type::getInt32Ty(Ctx)));
  Offset += 4;
}

void RecordWriter::finish() {
  auto *Ty = cast<StructType>(Record.getValueType());
  Record.setInitializer(ConstantStruct::get(Ty, Fields));
}

} // namespace magic
