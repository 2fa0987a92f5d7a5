// SPDX-License-Identifier: BSD-2-Clause
//
// Values through locals: see ValueOrigins.h.

#include "support/ValueOrigins.h"

#include "llvm/ADT/SmallSet.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Operator.h"

using namespace llvm;

namespace magic {

AllocaInst *loadedLocal(Value *V) {
  auto *Load = dyn_cast<LoadInst>(V);
  return Load ? dyn_cast<AllocaInst>(Load->getPointerOperand()) : nullptr;
}

static bool isMarker(const User *U) {
  auto *I = dyn_cast<IntrinsicInst>(U);
  return I && (I->isLifetimeStartOrEnd() || isa<DbgInfoIntrinsic>(I));
}

Value *onlyStoredValue(AllocaInst &Local) {
  Value *Stored = nullptr;
  for (User *U : Local.users()) {
    if (isa<LoadInst>(U) || isMarker(U))
      continue;
    auto *Store = dyn_cast<StoreInst>(U);
    if (!Store || Store->getPointerOperand() != &Local || Stored)
      return nullptr;
    Stored = Store->getValueOperand();
  }
  return Stored;
}

namespace {

class OriginWalk {
public:
  SmallVector<Origin, 4> Found;

  void visit(Value *V, bool Interior) {
    if (!Seen.insert({V, Interior}).second)
      return;
    if (AllocaInst *Local = loadedLocal(V))
      return visitLocal(*Local, Interior);
    if (auto *Phi = dyn_cast<PHINode>(V)) {
      for (Value *Incoming : Phi->incoming_values())
        visit(Incoming, Interior);
    } else if (auto *Select = dyn_cast<SelectInst>(V)) {
      visit(Select->getTrueValue(), Interior);
      visit(Select->getFalseValue(), Interior);
    } else if (auto *GEP = dyn_cast<GEPOperator>(V)) {
      visit(GEP->getPointerOperand(), Interior || !GEP->hasAllZeroIndices());
    } else if (auto *Cast = dyn_cast<CastInst>(V)) {
      visit(Cast->getOperand(0), Interior);
    } else if (auto *Arithmetic = dyn_cast<BinaryOperator>(V)) { // of a pointer as an integer
      visit(Arithmetic->getOperand(0), true);
      visit(Arithmetic->getOperand(1), true);
    } else {
      Found.push_back({V, Interior, /*Stored=*/false});
    }
  }

private:
  void visitLocal(AllocaInst &Local, bool Interior) {
    for (User *U : Local.users()) {
      auto *Store = dyn_cast<StoreInst>(U);
      if (Store && Store->getPointerOperand() == &Local)
        visit(Store->getValueOperand(), Interior);
      else if (isa<CallBase>(U) && !isMarker(U))
        Found.push_back({U, Interior, /*Stored=*/true});
    }
  }

  SmallSet<std::pair<Value *, bool>, 16> Seen;
};

} // namespace

SmallVector<Origin, 4> originsOf(Value *V) {
  OriginWalk Walk;
  Walk.visit(V, /*Interior=*/false);
  return std::move(Walk.Found);
}

bool sameAddress(const Value *A, const Value *B) {
  if (A == B)
    return true;
  auto *LoadA = dyn_cast<LoadInst>(A), *LoadB = dyn_cast<LoadInst>(B);
  if (LoadA && LoadB)
    return sameAddress(LoadA->getPointerOperand(), LoadB->getPointerOperand());
  auto *GEPA = dyn_cast<GEPOperator>(A), *GEPB = dyn_cast<GEPOperator>(B);
  if (!GEPA || !GEPB || GEPA->getSourceElementType() != GEPB->getSourceElementType() ||
      !GEPA->hasAllConstantIndices() || GEPA->getNumIndices() != GEPB->getNumIndices())
    return false;
  for (unsigned I = 1; I <= GEPA->getNumIndices(); ++I)
    if (GEPA->getOperand(I) != GEPB->getOperand(I))
      return false;
  return sameAddress(GEPA->getPointerOperand(), GEPB->getPointerOperand());
}

} // namespace magic
