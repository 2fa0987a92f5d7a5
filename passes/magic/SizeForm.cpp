// SPDX-License-Identifier: BSD-2-Clause
//
// Sizes against types: see SizeForm.h.

#include "magic/SizeForm.h"

#include "support/ValueOrigins.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Operator.h"

#include <numeric>

using namespace llvm;

namespace magic {
namespace {

constexpr SizeForm AnySize{0, 1, false};

/// The greatest number known to divide all values of the form.
uint64_t content(const SizeForm &F) {
  return std::gcd(F.Factor, static_cast<uint64_t>(std::abs(F.Const)));
}

SizeForm sum(const SizeForm &A, const SizeForm &B, int Sign) {
  SizeForm R{A.Const + Sign * B.Const, std::gcd(A.Factor, B.Factor), A.Sum || B.Sum};
  R.Sum |= A.isConstant() != B.isConstant();
  return R;
}

/// Numbers so large are no sizes; keeping them out keeps the arithmetic from overflowing.
bool isSize(int64_t V) { return std::abs(V) < (int64_t(1) << 31); }

SizeForm product(const SizeForm &A, const SizeForm &B) {
  if (!isSize(A.Const) || !isSize(B.Const) || !isSize(A.Factor) || !isSize(B.Factor))
    return AnySize;
  if (A.isConstant() && B.isConstant())
    return {A.Const * B.Const, 0, false};
  if (A.isConstant() || B.isConstant()) {
    const SizeForm &K = A.isConstant() ? A : B, &F = A.isConstant() ? B : A;
    if (K.Const <= 0)
      return AnySize;
    return {F.Const * K.Const, F.Factor * static_cast<uint64_t>(K.Const), F.Sum && K.Const == 1};
  }
  return {0, content(A) * content(B), false};
}

SizeForm evaluate(Value *V, unsigned Depth);

SizeForm operation(unsigned Opcode, Value *Left, Value *Right, unsigned Depth) {
  SizeForm L = evaluate(Left, Depth + 1), R = evaluate(Right, Depth + 1);
  switch (Opcode) {
  case Instruction::Add:
    return sum(L, R, 1);
  case Instruction::Sub:
    return sum(L, R, -1);
  case Instruction::Mul:
    return product(L, R);
  case Instruction::Shl:
    if (R.isConstant() && R.Const >= 0 && R.Const < 32)
      return product(L, {int64_t(1) << R.Const, 0, false});
    return AnySize;
  default:
    return AnySize;
  }
}

SizeForm evaluate(Value *V, unsigned Depth) {
  if (auto *C = dyn_cast<ConstantInt>(V))
    return C->getValue().getSignificantBits() < 48 ? SizeForm{C->getSExtValue(), 0, false}
                                                   : AnySize;
  if (Depth > 12)
    return AnySize;
  if (auto *Cast = dyn_cast<CastInst>(V); Cast && Cast->isIntegerCast())
    return evaluate(Cast->getOperand(0), Depth + 1);
  if (auto *Op = dyn_cast<BinaryOperator>(V))
    return operation(Op->getOpcode(), Op->getOperand(0), Op->getOperand(1), Depth);
  if (AllocaInst *Local = loadedLocal(V))
    if (Value *Stored = onlyStoredValue(*Local))
      return evaluate(Stored, Depth + 1);
  if (auto *Extract = dyn_cast<ExtractValueInst>(V))
    if (auto *Checked = dyn_cast<WithOverflowInst>(Extract->getAggregateOperand()))
      return operation(Checked->getBinaryOp(), Checked->getLHS(), Checked->getRHS(), Depth);
  return AnySize;
}

bool divides(uint64_t Size, const SizeForm &F) { return content(F) % Size == 0; }

/// Offset from which on the bytes of a struct may be more or fewer than declared: its last member,
/// if that is an array.
uint64_t tailOffset(const TypeNode &T) {
  if (T.Kind != TypeKind::STRUCT || T.Entries.empty() ||
      T.Entries.back().Type->stripped().Kind != TypeKind::ARRAY)
    return T.Size;
  return T.Entries.back().BitOffset / 8;
}

SizeVerdict judgeConstant(uint64_t Size, const TypeNode &Element, DerivedQuery HasDerived) {
  const TypeNode &T = Element.stripped();
  if (Size == T.Size)
    return SizeVerdict::Single;
  if (Size < T.Size)
    return SizeVerdict::Contradiction;
  if (T.is(MAGIC_TYPE_FLEXIBLE))
    return SizeVerdict::Tail;
  if (T.isAggregate() && HasDerived(T, Size, Size))
    return SizeVerdict::Contradiction;
  if (Size % T.Size == 0)
    return SizeVerdict::Array;
  // Too little for a second one: bytes after the first. Of more nobody can tell what they are.
  bool OneAndBytes = T.isAggregate() && Size < 2 * T.Size && !HasDerived(T, T.Size + 1, Size);
  return OneAndBytes ? SizeVerdict::Tail : SizeVerdict::Contradiction;
}

SizeVerdict judgeForm(const SizeForm &F, const TypeNode &Element, DerivedQuery HasDerived) {
  const TypeNode &T = Element.stripped();
  if (F.isConstant())
    return F.Const > 0 ? judgeConstant(static_cast<uint64_t>(F.Const), Element, HasDerived)
                       : SizeVerdict::Contradiction;
  if (divides(T.Size, F) && !(T.isAggregate() && F.Sum))
    return SizeVerdict::Array;
  if (F.Const > 0 && T.isAggregate()) {
    uint64_t Header = static_cast<uint64_t>(F.Const);
    bool Fits = Header >= tailOffset(T) && !HasDerived(T, T.Size + 1, Header);
    return Fits ? SizeVerdict::Tail : SizeVerdict::Contradiction;
  }
  return F.Factor == 1 && F.Const == 0 ? SizeVerdict::Unknown : SizeVerdict::Contradiction;
}

/// A count and a size given apart: either may be the element's size.
SizeVerdict judgeFactors(const SizeForm &A, const SizeForm &B, const TypeNode &Element,
                         DerivedQuery HasDerived) {
  auto IsConst = [](const SizeForm &F, uint64_t V) {
    return F.isConstant() && F.Const >= 0 && static_cast<uint64_t>(F.Const) == V;
  };
  uint64_t Size = Element.Size;
  if (IsConst(A, 1))
    return judgeForm(B, Element, HasDerived);
  if (IsConst(B, 1))
    return judgeForm(A, Element, HasDerived);
  if (IsConst(A, Size) || IsConst(B, Size))
    return SizeVerdict::Array;
  SizeForm P = product(A, B);
  if (Element.stripped().isAggregate() &&
      (P.isConstant() || (!divides(Size, A) && !divides(Size, B))))
    return P.Factor == 1 ? SizeVerdict::Unknown : SizeVerdict::Contradiction;
  return judgeForm(P, Element, HasDerived);
}

} // namespace

SizeForm sizeFormOf(Value *V) { return evaluate(V, 0); }

SizeVerdict judgeSize(const CallBase &Call, const Allocator &A, const TypeNode &Element,
                      DerivedQuery HasDerived) {
  if (!A.SizeArg)
    return SizeVerdict::Unknown;
  SizeForm Size = sizeFormOf(Call.getArgOperand(*A.SizeArg));
  SizeVerdict V = A.CountArg ? judgeFactors(sizeFormOf(Call.getArgOperand(*A.CountArg)), Size,
                                            Element, HasDerived)
                             : judgeForm(Size, Element, HasDerived);
  if (A.Exact)
    return V;
  // More is allocated than asked for here.
  if (V == SizeVerdict::Single)
    return SizeVerdict::Tail;
  return V == SizeVerdict::Array ? SizeVerdict::Unknown : V;
}

} // namespace magic
