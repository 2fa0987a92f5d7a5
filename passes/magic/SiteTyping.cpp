// SPDX-License-Identifier: BSD-2-Clause
//
// Types of allocation sites: see SiteTyping.h.

#include "magic/SiteTyping.h"

#include "support/ValueOrigins.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"

using namespace llvm;

namespace magic {

SiteType SiteTyping::infer(CallBase &Call, const Allocator &A) {
  begin();
  if (A.Strings)
    return {SiteType::Class::Leaf, nullptr, SizeVerdict::Unknown, "", ""};
  if (A.ResultArg)
    receive(Call.getArgOperand(*A.ResultArg), nullptr);
  else
    follow(&Call);
  return decide(Call, A);
}

void SiteTyping::note(SmallVectorImpl<Evidence> &To, TypeNode *Pointer, StringRef Receiver) {
  if (!Pointer || Pointer->stripped().Kind != TypeKind::POINTER)
    return;
  TypeNode *Pointee = Pointer->stripped().Target;
  if (Pointee->stripped().Kind != TypeKind::VOID)
    To.push_back({Pointee, Receiver});
}

void SiteTyping::follow(Value *Result) {
  if (!Visited.insert(Result).second)
    return;
  for (User *U : Result->users())
    followUse(Result, U);
}

void SiteTyping::followUse(Value *Result, User *U) {
  if (auto *Store = dyn_cast<StoreInst>(U)) {
    if (Store->getValueOperand() == Result)
      receive(Store->getPointerOperand(), Result);
  } else if (isa<PHINode>(U) || isa<SelectInst>(U)) {
    follow(U);
  } else if (isa<ReturnInst>(U)) {
    note(Strong, Lvalues.returnType(F), "");
  } else if (auto *Call = dyn_cast<CallBase>(U)) {
    const Function *Callee = Call->getCalledFunction();
    if (!Callee || Callee->isIntrinsic())
      return;
    for (unsigned I = 0; I < Call->arg_size(); ++I)
      if (Call->getArgOperand(I) == Result)
        note(Weak, Lvalues.parameterType(*Callee, I), "");
  }
}

/// The result is stored to \p Address; \p Result is null if the callee itself stores it.
void SiteTyping::receive(Value *Address, Value *Result) {
  Place P = Lvalues.at(Address);
  auto *Variable = dyn_cast<GlobalVariable>(Address);
  if (TypeNode *Struct = Variable && !P.Type ? Structs.followedAs(*Variable) : nullptr) {
    Strong.push_back({Struct, plainName(*Variable)});
    return;
  }
  bool Untyped = !P.Type || (P.Type->stripped().Kind == TypeKind::POINTER &&
                             P.Type->stripped().Target->stripped().Kind == TypeKind::VOID);
  if (Untyped && Named.empty())
    Named = P.Name;
  if (Untyped)
    receiveUntyped(Address, Result);
  else
    note(Strong, P.Type, P.Name);
}

/// Go on with what is loaded from a void * or compiler temporary at \p Address.
void SiteTyping::receiveUntyped(Value *Address, Value *Result) {
  if (!Visited.insert(Address).second)
    return;
  if (auto *Local = dyn_cast<AllocaInst>(Address)) {
    for (User *U : Local->users()) {
      if (isa<LoadInst>(U)) {
        follow(U);
      } else if (auto *Store = dyn_cast<StoreInst>(U)) {
        Value *Other = Store->getValueOperand();
        Shared |= Other != Result && !isa<ConstantPointerNull>(Other);
      } else if (isa<CallBase>(U) && !isa<IntrinsicInst>(U)) {
        Shared |= Result != nullptr; // else it is the allocator's own store
      }
    }
    return;
  }
  Shared = true; // a void * member or global: anybody may store to it
  for (Instruction &I : instructions(F))
    if (auto *Load = dyn_cast<LoadInst>(&I);
        Load && sameAddress(Load->getPointerOperand(), Address))
      follow(Load);
}

static bool isByte(const TypeNode &T) {
  return T.stripped().Kind == TypeKind::INTEGER && T.stripped().Size == 1;
}

/// What all receivers take the object for.
SiteType SiteTyping::agree() {
  SiteType R;
  ArrayRef<Evidence> Seen = Strong.empty() ? ArrayRef<Evidence>(Weak) : ArrayRef<Evidence>(Strong);
  if (Seen.empty()) {
    R.Receiver = Named;
    R.Reason = "nothing typed receives it";
    return R;
  }
  const Evidence &First = Seen.front();
  R.Receiver = First.Receiver;
  for (const Evidence &E : Seen) {
    if (sameType(*E.Pointee, *First.Pointee) || (isByte(*E.Pointee) && isByte(*First.Pointee)))
      continue;
    R.Reason = "its receivers are of different types";
    return R;
  }
  if (isByte(*First.Pointee)) {
    R.Class = SiteType::Class::Leaf;
    return R;
  }
  const TypeNode &T = First.Pointee->stripped();
  if (!First.Pointee->Size || T.is(MAGIC_TYPE_INCOMPLETE) || T.Kind == TypeKind::FUNCTION) {
    R.Reason = "its type is incomplete";
    return R;
  }
  R.Class = SiteType::Class::Typed;
  R.Element = First.Pointee;
  return R;
}

/// What \p Pointer points to, if it is a pointer to a structure or union.
static const TypeNode *aggregateBehind(const TypeNode *Pointer) {
  const TypeNode *T = Pointer ? &Pointer->stripped() : nullptr;
  if (!T || T->Kind != TypeKind::POINTER || !T->Target->stripped().isAggregate())
    return nullptr;
  return T->Target;
}

/// Whether the function returns a pointer to \p Element that a caller takes for another
/// structure's.
bool SiteTyping::callersDisagree(const TypeNode &Element) {
  const TypeNode *Returned = aggregateBehind(Lvalues.returnType(F));
  if (!Returned || !sameType(*Returned, Element))
    return false;
  for (User *U : F.users()) {
    auto *Call = dyn_cast<CallBase>(U);
    if (!Call || Call->getCalledFunction() != &F)
      continue;
    Places Theirs(Types, Structs, *Call->getFunction());
    for (User *Use : Call->users())
      if (auto *Store = dyn_cast<StoreInst>(Use); Store && Store->getValueOperand() == Call) {
        const TypeNode *Taken = aggregateBehind(Theirs.at(Store->getPointerOperand()).Type);
        if (Taken && !sameType(*Taken, Element))
          return true;
      }
  }
  return false;
}

static SiteType opaque(SiteType R, StringLiteral Reason) {
  return {SiteType::Class::Opaque, nullptr, SizeVerdict::Unknown, R.Receiver, Reason};
}

SiteType SiteTyping::decide(CallBase &Call, const Allocator &A) {
  SiteType R = agree();
  if (R.Class != SiteType::Class::Typed)
    return R;
  R.Size = judgeSize(Call, A, *R.Element, [&](const TypeNode &Head, uint64_t Least, uint64_t Most) {
    return Structs.hasDerived(Head, Least, Most);
  });
  bool Polymorphic = R.Element->stripped().Name == "sockaddr" && R.Size != SizeVerdict::Single;
  if (R.Size == SizeVerdict::Contradiction || Polymorphic)
    return opaque(R, "its size contradicts its receiver's type");
  if (Shared && R.Size == SizeVerdict::Unknown)
    return opaque(R, "a void pointer on the way to its receiver holds other objects too");
  if (R.Size == SizeVerdict::Unknown && callersDisagree(*R.Element))
    return opaque(R, "callers of its function take it for different types");
  // More of them may follow, or something else: only where there is exactly one is that no matter.
  if (R.Size == SizeVerdict::Unknown && R.Element->stripped().isAggregate())
    R.Size = SizeVerdict::Single;
  return R;
}

/// Whether \p Pointer leads, through pointers, to something that has a type.
static bool leadsToType(const TypeNode &Pointer) {
  const TypeNode *T = &Pointer;
  while (T->Kind == TypeKind::POINTER)
    T = &T->Target->stripped();
  return T->Kind != TypeKind::VOID;
}

/// The declared type of what a call returns; null if unknown.
TypeNode *SiteTyping::returned(const CallBase &Call) {
  if (const Function *Callee = Call.getCalledFunction())
    return Lvalues.returnType(*Callee);
  auto *Load = dyn_cast<LoadInst>(Call.getCalledOperand());
  TypeNode *Pointer =
      Load ? Lvalues.at(const_cast<Value *>(Load->getPointerOperand())).Type : nullptr;
  if (!Pointer || Pointer->stripped().Kind != TypeKind::POINTER)
    return nullptr;
  const TypeNode &Called = Pointer->stripped().Target->stripped();
  return Called.Kind == TypeKind::FUNCTION ? Called.Target : nullptr;
}

bool SiteTyping::mayBeAllocator(const CallBase &Call) {
  const TypeNode *Result = returned(Call);
  return !Result || (Result->stripped().Kind == TypeKind::POINTER &&
                     Result->stripped().Target->stripped().Kind == TypeKind::VOID);
}

SiteType SiteTyping::inferLate(CallBase &Call) {
  begin();
  follow(&Call);
  Weak.clear();
  SiteType R = agree();
  if (Shared)
    return opaque(R, "");
  if (R.Class != SiteType::Class::Typed)
    return R;
  const TypeNode &T = R.Element->stripped();
  if (T.Kind == TypeKind::STRUCT && T.Name != "sockaddr")
    R.Size = SizeVerdict::Single;
  else if (T.Kind == TypeKind::POINTER && leadsToType(T)) // void ** is often just any address
    R.Size = SizeVerdict::Array;
  else
    R.Class = SiteType::Class::Leaf;
  return R;
}

} // namespace magic
