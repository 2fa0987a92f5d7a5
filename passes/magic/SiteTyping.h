// SPDX-License-Identifier: BSD-2-Clause
//
// What type of object an allocation call makes.
//
// The result of the call is followed to where it is received: a local, a member, a global or the
// function's own return value, whose declared pointer type names the type, through casts and
// void * locals. The size argument then confirms the type or contradicts it. A wrong type would let
// an update rewrite memory that is something else, so any disagreement means "unknown".

#ifndef MAGIC_MAGIC_SITETYPING_H
#define MAGIC_MAGIC_SITETYPING_H

#include "magic/Allocators.h"
#include "magic/Places.h"
#include "magic/SizeForm.h"

#include <string>

namespace magic {

/// What is known of the objects made at a site.
struct SiteType {
  enum class Class { Opaque, Leaf, Typed } Class = Class::Opaque;
  TypeNode *Element = nullptr;             ///< Typed: type of one element
  SizeVerdict Size = SizeVerdict::Unknown; ///< Typed
  llvm::StringRef Receiver;                ///< variable or member that takes it, or empty
  llvm::StringLiteral Reason = "";         ///< Opaque: why, for a remark
};

class SiteTyping {
public:
  SiteTyping(TypeEmitter &Types, ModuleStructs &Structs, llvm::Function &F)
      : Types(Types), Structs(Structs), Lvalues(Types, Structs, F), F(F) {}

  SiteType infer(llvm::CallBase &Call, const Allocator &A);

  /// Whether \p Call returns something that might just have been allocated, for all that is said
  /// here about its callee.
  bool mayBeAllocator(const llvm::CallBase &Call);
  /// The type that the result of such a call has, if it was allocated. Nothing is known of its size
  /// here, so the type is that of the whole object or, for pointers, of the elements of an array.
  /// A leaf is what is received as anything else.
  SiteType inferLate(llvm::CallBase &Call);

private:
  struct Evidence {
    TypeNode *Pointee;
    llvm::StringRef Receiver;
  };

  void begin() {
    Strong.clear();
    Weak.clear();
    Visited.clear();
    Named = "";
    Shared = false;
  }
  void follow(llvm::Value *Result);
  void followUse(llvm::Value *Result, llvm::User *U);
  void receive(llvm::Value *Address, llvm::Value *Result);
  void receiveUntyped(llvm::Value *Address, llvm::Value *Result);
  void note(llvm::SmallVectorImpl<Evidence> &To, TypeNode *Pointer, llvm::StringRef Receiver);
  TypeNode *returned(const llvm::CallBase &Call);
  bool callersDisagree(const TypeNode &Element);
  SiteType agree();
  SiteType decide(llvm::CallBase &Call, const Allocator &A);

  TypeEmitter &Types;
  ModuleStructs &Structs;
  Places Lvalues;
  llvm::Function &F;

  // About the call that infer() looks at.
  llvm::SmallVector<Evidence, 4> Strong; ///< received into something of this type
  llvm::SmallVector<Evidence, 4> Weak;   ///< passed on as this type
  llvm::SmallPtrSet<llvm::Value *, 8> Visited;
  llvm::StringRef Named; ///< a void * that receives it, for who reads of it
  bool Shared = false;   ///< a void * on the way holds other values too
};

} // namespace magic

#endif
