// SPDX-License-Identifier: BSD-2-Clause
//
// Allocation calls: see Allocators.h.

#include "magic/Allocators.h"

#include "support/ValueOrigins.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/BinaryFormat/Dwarf.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"

using namespace llvm;

namespace magic {
namespace {

Allocator sized(unsigned SizeArg, std::optional<unsigned> CountArg = std::nullopt) {
  Allocator A;
  A.SizeArg = SizeArg;
  A.CountArg = CountArg;
  return A;
}

Allocator strings(std::optional<unsigned> ResultArg = std::nullopt) {
  Allocator A;
  A.Strings = true;
  A.ResultArg = ResultArg;
  return A;
}

Allocator mapped(unsigned SizeArg) {
  Allocator A = sized(SizeArg);
  A.Mapped = true;
  return A;
}

Allocator storing(unsigned ResultArg, unsigned SizeArg) {
  Allocator A = sized(SizeArg);
  A.ResultArg = ResultArg;
  return A;
}

/// Arguments of a function that a value is computed from.
struct ArgumentUse {
  SmallPtrSet<const Argument *, 2> Arguments;
  bool Plain = true; ///< nothing but copies and choices, so the value is one of them

  void visit(Value *V, unsigned Depth = 0) {
    if (auto *A = dyn_cast<Argument>(V)) {
      Arguments.insert(A);
      return;
    }
    if (Depth > 16 || isa<Constant>(V))
      return;
    if (AllocaInst *Local = loadedLocal(V)) {
      for (User *U : Local->users())
        if (auto *Store = dyn_cast<StoreInst>(U))
          visit(Store->getValueOperand(), Depth + 1);
    } else if (auto *Select = dyn_cast<SelectInst>(V)) {
      visit(Select->getTrueValue(), Depth + 1);
      visit(Select->getFalseValue(), Depth + 1);
    } else if (isa<CastInst>(V) || isa<PHINode>(V)) {
      for (Value *Operand : cast<Instruction>(V)->operands())
        visit(Operand, Depth + 1);
    } else {
      Plain = false;
      if (isa<BinaryOperator>(V) || isa<ExtractValueInst>(V) || isa<WithOverflowInst>(V))
        for (Value *Operand : cast<Instruction>(V)->operands())
          visit(Operand, Depth + 1);
    }
  }

  /// The one argument the value depends on.
  std::optional<unsigned> single() const {
    if (Arguments.size() != 1)
      return std::nullopt;
    return (*Arguments.begin())->getArgNo();
  }
};

ArgumentUse argumentsIn(Value *V) {
  ArgumentUse Use;
  Use.visit(V);
  return Use;
}

/// The multiplication that \p V is, behind copies, if it is one.
Instruction *asProduct(Value *V) {
  for (unsigned Depth = 0; Depth < 8; ++Depth) {
    AllocaInst *Local = loadedLocal(V);
    if (Local && onlyStoredValue(*Local))
      V = onlyStoredValue(*Local);
    else if (isa<CastInst>(V))
      V = cast<CastInst>(V)->getOperand(0);
    else
      break;
  }
  auto *I = dyn_cast<BinaryOperator>(V);
  return I && I->getOpcode() == Instruction::Mul ? I : nullptr;
}

bool returnsVoidPointer(const Function &F) {
  const DISubprogram *SP = F.getSubprogram();
  if (!SP || !SP->getType() || !F.getReturnType()->isPointerTy())
    return false;
  DITypeRefArray Types = SP->getType()->getTypeArray();
  const DIType *Ty = Types.size() ? Types[0] : nullptr;
  while (auto *Derived = dyn_cast_or_null<DIDerivedType>(Ty)) {
    if (Derived->getTag() == dwarf::DW_TAG_pointer_type)
      return !Derived->getBaseType();
    Ty = Derived->getBaseType();
  }
  return false;
}

} // namespace

void Allocators::nameLibrary() {
  Named["malloc"] = Named["valloc"] = Named["pvalloc"] = sized(0);
  Named["realloc"] = Named["aligned_alloc"] = Named["memalign"] = sized(1);
  Named["calloc"] = sized(1, 0);
  Named["reallocarray"] = sized(2, 1);
  Named["posix_memalign"] = storing(0, 2);
  Named["mmap"] = Named["mmap64"] = mapped(1);
  Named["mremap"] = mapped(2);
  for (StringRef Name : {"strdup", "__strdup", "strndup", "__strndup", "wcsdup",
                         "canonicalize_file_name", "get_current_dir_name", "tempnam"})
    Named[Name] = strings();
  for (StringRef Name : {"getline", "__getline", "getdelim", "__getdelim", "asprintf", "vasprintf",
                         "__asprintf_chk", "__vasprintf_chk"})
    Named[Name] = strings(0);
}

/// What is wrong with saying \p N of \p F, or nothing.
static std::string misfit(const NamedFunction &N, const Function &F) {
  bool IsFree = N.What == NamedFunction::Role::Free;
  if (!IsFree && !F.getReturnType()->isPointerTy())
    return "it returns no pointer";
  if (F.isVarArg()) // or declared without parameters
    return "";
  std::optional<unsigned> Pointer;
  if (IsFree)
    Pointer = N.PtrArg;
  for (std::optional<unsigned> Arg : {N.SizeArg, N.CountArg, Pointer}) {
    if (!Arg)
      continue;
    if (*Arg >= F.arg_size())
      return "it has " + std::to_string(F.arg_size()) + " arguments";
    Type *Ty = F.getArg(*Arg)->getType();
    if (IsFree ? !Ty->isPointerTy() : !Ty->isIntegerTy())
      return "argument " + std::to_string(*Arg + 1) +
             (IsFree ? " is no pointer" : " is no integer");
  }
  return "";
}

void Allocators::name(Module &M, const NamedFunction &N) {
  if (const Function *F = M.getFunction(N.Name)) {
    std::string Problem = misfit(N, *F);
    if (!Problem.empty()) {
      if (F->hasLocalLinkage()) // another one of that name
        return;
      M.getContext().emitError("magic: " + N.Text + " does not fit the function: " + Problem);
      return;
    }
  }
  if (N.What == NamedFunction::Role::Free) {
    PoolFree[N.Name] = N.PtrArg;
    return;
  }
  Allocator A;
  A.SizeArg = N.SizeArg;
  A.CountArg = N.CountArg;
  A.Library = false;
  A.Pool = N.What == NamedFunction::Role::Pool;
  Named[N.Name] = A;
}

/// The text of a constant string that \p V is the address of.
static StringRef textAt(const Value *V) {
  auto *GV = dyn_cast<GlobalVariable>(V->stripPointerCasts());
  auto *Data =
      GV && GV->hasInitializer() ? dyn_cast<ConstantDataArray>(GV->getInitializer()) : nullptr;
  return Data && Data->isCString() ? Data->getAsCString() : "";
}

void Allocators::nameAnnotated(Module &M) {
  const GlobalVariable *All = M.getNamedGlobal("llvm.global.annotations");
  auto *Entries = All ? dyn_cast<ConstantArray>(All->getInitializer()) : nullptr;
  if (!Entries)
    return;
  for (const Use &U : Entries->operands()) {
    auto *Entry = dyn_cast<ConstantStruct>(U);
    auto *F = Entry ? dyn_cast<Function>(Entry->getOperand(0)->stripPointerCasts()) : nullptr;
    if (!F)
      continue;
    auto Parsed = parseAnnotation(F->getName(), textAt(Entry->getOperand(1)));
    if (!Parsed)
      M.getContext().emitError(toString(Parsed.takeError()));
    else if (*Parsed)
      name(M, **Parsed);
  }
}

Allocators::Allocators(Module &M, const Options &Opts) {
  nameLibrary();
  nameAnnotated(M);
  for (const NamedFunction &N : Opts.Functions)
    name(M, N);
  for (Function &F : M)
    for (Instruction &I : instructions(F))
      if (auto *Return = dyn_cast<ReturnInst>(&I))
        if (Value *V = Return->getReturnValue(); V && V->getType()->isPointerTy())
          for (const Origin &O : originsOf(V))
            if (auto *Call = dyn_cast<CallBase>(O.V))
              Returned[&F].insert(Call);
  bool Changed = true;
  while (Changed) {
    Changed = false;
    for (Function &F : M)
      if (!F.isDeclaration() && !Wrappers.count(&F) && !Named.count(F.getName()))
        Changed |= findWrapper(F);
  }
}

static std::optional<Allocator> byAttributes(const CallBase &Call) {
  Allocator A;
  A.Library = false;
  Attribute Size = Call.getFnAttr(Attribute::AllocSize);
  if (Size.isValid()) {
    auto [First, Second] = Size.getAllocSizeArgs();
    A.SizeArg = Second ? *Second : First;
    if (Second)
      A.CountArg = First;
    return A;
  }
  Attribute Kind = Call.getFnAttr(Attribute::AllocKind);
  constexpr AllocFnKind Allocates = AllocFnKind::Alloc | AllocFnKind::Realloc;
  if (Kind.isValid() && (Kind.getAllocKind() & Allocates) != AllocFnKind::Unknown)
    return A;
  return std::nullopt;
}

static bool isZero(const Value &V) {
  auto *C = dyn_cast<ConstantInt>(&V);
  return C && C->isZero();
}

std::optional<Allocator> Allocators::find(const CallBase &Call) const {
  if (Call.isInlineAsm())
    return std::nullopt;
  std::optional<Allocator> Result;
  if (const Function *F = Call.getCalledFunction()) {
    if (F->isIntrinsic())
      return std::nullopt;
    if (auto It = Named.find(F->getName()); It != Named.end())
      Result = It->second;
    else if (auto W = Wrappers.find(F); W != Wrappers.end())
      Result = W->second;
  }
  if (!Result)
    Result = byAttributes(Call);
  if (!Result || (!Result->ResultArg && !Call.getType()->isPointerTy()))
    return std::nullopt;
  for (std::optional<unsigned> Arg : {Result->SizeArg, Result->CountArg, Result->ResultArg})
    if (Arg && *Arg >= Call.arg_size()) // a function that only has the name
      return std::nullopt;
  if (Result->SizeArg && isZero(*Call.getArgOperand(*Result->SizeArg)))
    return std::nullopt;
  return Result;
}

bool Allocators::isReturned(const Function &F, const CallBase &Call) const {
  auto It = Returned.find(&F);
  return It != Returned.end() && It->second.contains(&Call);
}

std::optional<Allocator> Allocators::wrapperThrough(const Function &F, const CallBase &Call) const {
  std::optional<Allocator> Inner = find(Call);
  if (!Inner || !Inner->SizeArg)
    return std::nullopt;
  Value *SizeValue = Call.getArgOperand(*Inner->SizeArg);
  ArgumentUse Size = argumentsIn(SizeValue);
  Allocator Outer;
  Outer.Library = false;
  Outer.Pool = Inner->Pool;
  Outer.Mapped = Inner->Mapped;
  Outer.Exact = Inner->Exact && Size.Plain;
  Outer.SizeArg = Size.single();
  ArgumentUse Count;
  if (Inner->CountArg) {
    Count = argumentsIn(Call.getArgOperand(*Inner->CountArg));
    Outer.Exact &= Count.Plain;
    if (Outer.SizeArg)
      Outer.CountArg = Count.single();
    else
      Outer.SizeArg = Count.single();
  } else if (Instruction *Product = asProduct(SizeValue)) {
    ArgumentUse Left = argumentsIn(Product->getOperand(0));
    ArgumentUse Right = argumentsIn(Product->getOperand(1));
    if (Left.single() && Right.single() && Left.single() != Right.single()) {
      Outer.SizeArg = Right.single();
      Outer.CountArg = Left.single();
      Outer.Exact = Inner->Exact && Left.Plain && Right.Plain;
    }
  }
  if (Size.Arguments.empty() && Count.Arguments.empty())
    return std::nullopt;
  return Outer;
}

bool Allocators::findWrapper(Function &F) {
  if (!returnsVoidPointer(F))
    return false;
  std::optional<Allocator> Found;
  for (Instruction &I : instructions(F)) {
    auto *Return = dyn_cast<ReturnInst>(&I);
    if (!Return || !Return->getReturnValue())
      continue;
    for (const Origin &O : originsOf(Return->getReturnValue())) {
      auto *Call = dyn_cast<CallBase>(O.V);
      std::optional<Allocator> A = Call ? wrapperThrough(F, *Call) : std::nullopt;
      if (A && O.Stored != A->ResultArg.has_value())
        continue;
      if (A && O.Interior)
        return false;
      if (A && Found) { // a pool if any is one, a mapping if all are
        Found->Pool |= A->Pool;
        Found->Mapped &= A->Mapped;
      } else if (A) {
        Found = A;
      }
    }
  }
  if (!Found)
    return false;
  Wrappers[&F] = *Found;
  return true;
}

std::optional<unsigned> Allocators::freesToPool(const CallBase &Call) const {
  const Function *F = Call.getCalledFunction();
  auto It = F ? PoolFree.find(F->getName()) : PoolFree.end();
  if (It == PoolFree.end() || It->second >= Call.arg_size())
    return std::nullopt;
  return It->second;
}

bool Allocators::mayAllocate(const CallBase &Call) const { return callMayAllocate(Call, 0); }

bool Allocators::callMayAllocate(const CallBase &Call, unsigned Depth) const {
  if (isa<IntrinsicInst>(Call) || Call.isInlineAsm() || Call.onlyReadsMemory() ||
      Call.onlyAccessesArgMemory())
    return false;
  const Function *F = Call.getCalledFunction();
  if (!F)
    return true;
  if (F->getName() == "free")
    return false;
  return F->isDeclaration() || F->isInterposable() || Depth == 3 || bodyMayAllocate(*F, Depth + 1);
}

bool Allocators::bodyMayAllocate(const Function &F, unsigned Depth) const {
  for (const Instruction &I : instructions(F))
    if (auto *Call = dyn_cast<CallBase>(&I); Call && callMayAllocate(*Call, Depth))
      return true;
  return false;
}

} // namespace magic
