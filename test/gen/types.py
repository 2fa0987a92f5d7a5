# SPDX-License-Identifier: BSD-2-Clause
"""C types as the generator knows them: by name and structure, never by layout.

Structures, enums, variables and functions have ids that stay the same from one version to the next,
whatever happens to their names; a `Schema` has all of one version.
"""
import copy
from dataclasses import dataclass, field, replace
from typing import Optional


@dataclass(frozen=True)
class Prim:
    c: str
    cls: str            # int, bool, float, complex
    bits: int           # of the value range; of the significand for floating types
    signed: bool = True


CHAR = Prim("char", "int", 8)
SHORT = Prim("short", "int", 16)
INT = Prim("int", "int", 32)
LONG = Prim("long", "int", 64)
INT128 = Prim("__int128", "int", 128)
UCHAR = Prim("unsigned char", "int", 8, False)
USHORT = Prim("unsigned short", "int", 16, False)
UINT = Prim("unsigned", "int", 32, False)
ULONG = Prim("unsigned long", "int", 64, False)
UINT128 = Prim("unsigned __int128", "int", 128, False)
BOOL = Prim("_Bool", "bool", 1, False)
FLOAT = Prim("float", "float", 24)
DOUBLE = Prim("double", "float", 53)
LONG_DOUBLE = Prim("long double", "float", 64)
COMPLEX_FLOAT = Prim("_Complex float", "complex", 24)
COMPLEX_DOUBLE = Prim("_Complex double", "complex", 53)
INTS = [CHAR, SHORT, INT, LONG, UCHAR, USHORT, UINT, ULONG]


@dataclass(frozen=True)
class Enum:
    id: str


@dataclass(frozen=True)
class Agg:
    id: str


@dataclass(frozen=True)
class Arr:
    elem: object
    n: Optional[int]    # None: a flexible array member


@dataclass(frozen=True)
class Vec:
    elem: Prim
    n: int


@dataclass(frozen=True)
class Atomic:
    elem: Prim


@dataclass(frozen=True)
class Ptr:
    """A pointer that the table knows to point to a `to`."""
    to: object


@dataclass(frozen=True)
class Fn:
    """A pointer to a function int (int)."""


@dataclass(frozen=True)
class Loose:
    """Something that holds the address of anything: void *, char * or uintptr_t."""
    c: str


@dataclass(frozen=True)
class Tagged:
    """A pointer to a structure with flags in its low bits."""
    to: Agg
    mask: int = 7


@dataclass(frozen=True)
class Str:
    """const char * to a string literal, or char * to a string on the heap."""
    const: bool = True


VOID_P, CHAR_P, UINTPTR = Loose("void *"), Loose("char *"), Loose("uintptr_t")


@dataclass
class Member:
    id: str
    name: str           # empty: anonymous
    type: object
    bits: Optional[int] = None
    renamed_from: str = ""
    attribute: str = ""


@dataclass
class AggDecl:
    id: str
    name: str
    members: list
    union: bool = False
    packed: bool = False
    align: int = 0
    inline: bool = False        # spelled where it is used
    unit: Optional[int] = None  # known in one file only
    declared: bool = False      # declared, but not defined, in all others
    tag: str = ""               # union: name of the member that tells the active one
    tags: dict = field(default_factory=dict)    # union: member id -> value of the tag
    renamed_from: str = ""

    def member(self, id):
        for m in self.members:
            if m.id == id:
                return m
        return None


@dataclass
class EnumDecl:
    id: str
    name: str
    items: list                 # (id, name, value)


@dataclass
class Var:
    id: str
    name: str
    type: object
    storage: str                # global, static, fstatic, tls, const, common, weak, table
    unit: int
    init: object = None         # value tree; None: zero
    alias: str = ""
    renamed_from: str = ""


@dataclass
class Func:
    id: str
    name: str
    unit: int
    static: bool
    factor: int
    renamed_from: str = ""


@dataclass
class Schema:
    version: int = 1
    units: int = 2
    decls: dict = field(default_factory=dict)
    enums: dict = field(default_factory=dict)
    vars: dict = field(default_factory=dict)
    funcs: dict = field(default_factory=dict)
    order: list = field(default_factory=list)   # of functions in their files

    def copy(self):
        return copy.deepcopy(self)

    def agg(self, t):
        return self.decls.get(t.id)

    def step(self, t, step):
        """Type of a part of a `t`; None if there is no such part."""
        if isinstance(t, Arr):
            return t.elem if t.n is None or step < t.n else None
        if isinstance(t, Agg) and self.agg(t):
            m = self.agg(t).member(step)
            return m.type if m else None
        return None

    def at(self, t, path):
        for step in path:
            t = self.step(t, step)
            if t is None:
                return None
        return t

    def first_chain(self, t):
        """Types of everything that begins where a `t` begins, outermost first."""
        chain = [t]
        while True:
            if isinstance(t, (Arr, Vec)):
                t = t.elem
            elif isinstance(t, Agg) and self.agg(t) and self.agg(t).members:
                t = self.agg(t).members[0].type
            else:
                return chain
            chain.append(t)

    def unit_of(self, t):
        """The only file that knows a type, or None if all do."""
        while isinstance(t, Arr):
            t = t.elem
        return self.agg(t).unit if isinstance(t, Agg) and self.agg(t) else None


def declare(schema, t, name):
    """A declaration of `name` as a `t`, without semicolon."""
    if isinstance(t, Arr):
        return declare(schema, t.elem, "%s[%s]" % (name, "" if t.n is None else t.n))
    if isinstance(t, (Ptr, Tagged)):
        inner = "*" + name
        if isinstance(t.to, Arr):
            inner = "(" + inner + ")"
        return declare(schema, t.to, inner)
    if isinstance(t, Fn):
        return "int (*%s)(int)" % name
    return ("%s %s" % (base_name(schema, t), name)).rstrip()


def base_name(schema, t):
    if isinstance(t, Prim):
        return t.c
    if isinstance(t, Enum):
        return "enum " + schema.enums[t.id].name
    if isinstance(t, Agg):
        decl = schema.agg(t)
        return "%s %s" % ("union" if decl.union else "struct", decl.name)
    if isinstance(t, Loose):
        return t.c
    if isinstance(t, Str):
        return "const char *" if t.const else "char *"
    if isinstance(t, Atomic):
        return "_Atomic(%s)" % t.elem.c
    if isinstance(t, Vec):
        return "v%d_%s" % (t.n, t.elem.c.replace(" ", "_"))
    raise TypeError(t)


def with_member_type(decl, member_id, t):
    decl.members = [replace(m, type=t) if m.id == member_id else m for m in decl.members]
