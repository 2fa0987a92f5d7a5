// SPDX-License-Identifier: BSD-2-Clause
//
// Types of addresses: see Places.h.

#include "magic/Places.h"

#include "compat/LLVMCompat.h"
#include "llvm/IR/DebugInfo.h"
#include "llvm/IR/DebugProgramInstruction.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Operator.h"

using namespace llvm;

namespace magic {

static constexpr unsigned MaxDepth = 12;

bool sameType(const TypeNode &A, const TypeNode &B) {
  const TypeNode *L = &A.stripped(), *R = &B.stripped();
  while (L != R && L->Kind == TypeKind::POINTER && R->Kind == TypeKind::POINTER) {
    L = &L->Target->stripped();
    R = &R->Target->stripped();
  }
  return L == R;
}

Places::Places(TypeEmitter &Emitter, ModuleStructs &Structs, Function &F)
    : Types(Emitter), Structs(Structs), DL(F.getParent()->getDataLayout()) {
  // With optimisation, assignment tracking has already turned the declarations of locals into
  // records of each assignment; those name the same local.
  auto Note = [&](const Value *Address, const DILocalVariable *Var, const DIExpression *Expr) {
    if (Address && Expr->getNumElements() == 0)
      Locals.try_emplace(Address, Var);
  };
  for (Instruction &I : instructions(F)) {
    for (DbgVariableRecord &R : filterDbgVars(I.getDbgRecordRange())) {
      if (R.isDbgDeclare())
        Note(R.getAddress(), R.getVariable(), R.getExpression());
      else if (R.isDbgAssign() && isa_and_nonnull<AllocaInst>(R.getAddress()))
        Note(R.getAddress(), R.getVariable(), R.getAddressExpression());
    }
  }
}

static const DISubroutineType *signature(const Function &F) {
  const DISubprogram *SP = F.getSubprogram();
  return SP ? SP->getType() : nullptr;
}

TypeNode *Places::returnType(const Function &F) {
  const DISubroutineType *Ty = signature(F);
  if (!Ty || Ty->getTypeArray().size() == 0 || !Ty->getTypeArray()[0])
    return nullptr;
  return Types.node(Ty->getTypeArray()[0]);
}

TypeNode *Places::parameterType(const Function &Callee, unsigned Index) {
  const DISubroutineType *Ty = signature(Callee);
  // Structs passed by value may be split or joined in IR; then numbers do not agree.
  if (!Ty || Ty->getTypeArray().size() != Callee.arg_size() + 1 || Index >= Callee.arg_size())
    return nullptr;
  const DIType *Parameter = Ty->getTypeArray()[Index + 1];
  return Parameter ? Types.node(Parameter) : nullptr;
}

Place Places::at(Value *Address) { return at(Address, 0); }

Place Places::at(Value *Address, unsigned Depth) {
  if (Depth > MaxDepth)
    return {};
  return descend(locate(Address, Depth));
}

Places::Cursor Places::locate(Value *Address, unsigned Depth) {
  if (Depth > MaxDepth)
    return {};
  Cursor C;
  if (auto It = Locals.find(Address); It != Locals.end()) {
    C.Type = Types.node(It->second->getType());
    C.Name = It->second->getName();
    return C;
  }
  if (auto *GEP = dyn_cast<GEPOperator>(Address))
    return locateGEP(*GEP, Depth);
  auto *GV = dyn_cast<GlobalVariable>(Address);
  if (auto *TLS = dyn_cast<IntrinsicInst>(Address);
      TLS && TLS->getIntrinsicID() == Intrinsic::threadlocal_address)
    GV = dyn_cast<GlobalVariable>(TLS->getArgOperand(0));
  if (!GV)
    return behind(Address, Depth);
  SmallVector<DIGlobalVariableExpression *, 1> Expressions;
  GV->getDebugInfo(Expressions);
  if (Expressions.empty()) {
    C.Type = Structs.declaredAs(*GV);
    C.Name = C.Type ? plainName(*GV) : "";
    return C;
  }
  if (!Expressions[0]->getVariable()->getType())
    return C;
  C.Type = Types.node(Expressions[0]->getVariable()->getType());
  C.Name = Expressions[0]->getVariable()->getName();
  return C;
}

Places::Cursor Places::locateGEP(GEPOperator &GEP, unsigned Depth) {
  Cursor C = locate(GEP.getPointerOperand(), Depth + 1);
  if (!C.Type || GEP.getType()->isVectorTy())
    return {};
  unsigned Bits = DL.getIndexSizeInBits(0);
  compat::OffsetMap Variable;
  APInt Constant(Bits, 0);
  if (!GEP.collectOffset(DL, Bits, Variable, Constant))
    return {};
  auto *Index = dyn_cast<ConstantInt>(GEP.getOperand(1));
  uint64_t Stride = DL.getTypeAllocSize(GEP.getSourceElementType()).getKnownMinValue();
  bool WholeStride = C.Type->Size && Stride % C.Type->Size == 0;
  if (C.ByPointer && C.Offset == 0 && C.Strides.empty() && WholeStride &&
      !(Index && Index->isZero())) {
    // p[i]: another element of the same type.
    if (Index)
      Constant -= Index->getValue().sextOrTrunc(Bits) * Stride;
    else
      Variable.erase(GEP.getOperand(1));
  }
  C.Offset += Constant.getSExtValue();
  for (auto &[Value, Scale] : Variable)
    C.Strides.push_back(Scale.getZExtValue());
  return C;
}

/// What a pointer value points to.
Places::Cursor Places::behind(Value *Pointer, unsigned Depth) {
  TypeNode *Type = nullptr;
  StringRef Name;
  if (auto *Load = dyn_cast<LoadInst>(Pointer)) {
    Place P = at(Load->getPointerOperand(), Depth + 1);
    Type = P.Type;
    Name = P.Name;
    auto *GV = dyn_cast<GlobalVariable>(Load->getPointerOperand());
    if (TypeNode *Struct = GV && !Type ? Structs.followedAs(*GV) : nullptr) {
      Cursor C;
      C.Type = Struct;
      C.ByPointer = true;
      C.Name = plainName(*GV);
      return C;
    }
  } else if (auto *Call = dyn_cast<CallBase>(Pointer)) {
    if (const Function *Callee = Call->getCalledFunction())
      Type = returnType(*Callee);
  } else if (auto *Select = dyn_cast<SelectInst>(Pointer)) {
    Cursor A = locate(Select->getTrueValue(), Depth + 1);
    Cursor B = locate(Select->getFalseValue(), Depth + 1);
    bool Same = A.Type && B.Type && sameType(*A.Type, *B.Type) && !A.Offset && !B.Offset &&
                A.Strides.empty() && B.Strides.empty();
    return Same ? A : Cursor();
  }
  if (!Type || Type->stripped().Kind != TypeKind::POINTER)
    return {};
  Cursor C;
  C.Type = Type->stripped().Target;
  C.ByPointer = true;
  C.Name = Name;
  return C;
}

/// The member of a struct that covers \p Offset, or null.
static const TypeEntry *memberAt(const TypeNode &T, uint64_t Offset) {
  for (const TypeEntry &E : T.Entries) {
    uint64_t Start = E.BitOffset / 8;
    bool Flexible = E.Type->stripped().Kind == TypeKind::ARRAY && E.Type->Size == 0;
    if (!E.BitSize && Offset >= Start && (Flexible || Offset < Start + E.Type->Size))
      return &E;
  }
  return nullptr;
}

Place Places::descend(Cursor C) {
  Place P{C.Type, C.Name};
  for (unsigned Depth = 0; P.Type && Depth < MaxDepth; ++Depth) {
    const TypeNode &T = P.Type->stripped();
    if (T.Kind == TypeKind::ARRAY) {
      uint64_t Size = T.Target->Size;
      if (!Size)
        return {};
      C.Offset %= Size;
      llvm::erase_if(C.Strides, [&](uint64_t S) { return S % Size == 0; });
      P.Type = T.Target;
    } else if (T.Kind == TypeKind::STRUCT) {
      const TypeEntry *Member = memberAt(T, C.Offset);
      if (!Member)
        return {};
      C.Offset -= Member->BitOffset / 8;
      P.Type = Member->Type;
      if (!Member->Name.empty())
        P.Name = Member->Name;
    } else if (T.Kind == TypeKind::UNION) {
      return {}; // nothing says which member is meant
    } else {
      return C.Offset == 0 && C.Strides.empty() ? P : Place();
    }
  }
  return {};
}

} // namespace magic
