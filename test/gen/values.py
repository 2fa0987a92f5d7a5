# SPDX-License-Identifier: BSD-2-Clause
"""Values of C objects: trees by member and index, and random ones that a new type can hold too.

Numbers are Python's, an enumerator is ("e", id), a structure a dictionary by member id, an array or
vector a list, a union a `Active`, a pointer None, a `Ref`, a `FuncRef` or the text of a literal.
"""
from dataclasses import dataclass

from .types import Agg, Arr, Atomic, Enum, Fn, Loose, Prim, Ptr, Str, Tagged, Vec


@dataclass
class Active:
    """The active member of a union."""
    member: str
    value: object


@dataclass(frozen=True)
class Ref:
    """The address of a part of an object, or one past the end of the object."""
    obj: str
    path: tuple = ()
    end: bool = False
    tag: int = 0


@dataclass(frozen=True)
class FuncRef:
    func: str


POINTERS = (Ptr, Loose, Tagged, Fn, Str)


def is_pointer(t):
    return isinstance(t, POINTERS)


def get(value, path):
    for step in path:
        value = value.value if isinstance(value, Active) else value[step]
    return value


def put(value, path, new):
    holder = get(value, path[:-1])
    if isinstance(holder, Active):
        holder.value = new
    else:
        holder[path[-1]] = new


def zero(schema, t, count=0):
    """What zeroed memory means; `count` elements in a flexible array."""
    if isinstance(t, Arr):
        return [zero(schema, t.elem) for _ in range(count if t.n is None else t.n)]
    if isinstance(t, Vec):
        return [0] * t.n
    if isinstance(t, Agg):
        decl = schema.agg(t)
        if decl.union:
            return Active(decl.members[0].id, zero(schema, decl.members[0].type))
        return {m.id: zero(schema, m.type, count) for m in decl.members}
    if is_pointer(t):
        return None
    return 0


def int_range(t, bits=None):
    if isinstance(t, Prim) and t.cls == "bool":
        return 0, 1
    bits = bits or t.bits
    return (-(1 << bits - 1), (1 << bits - 1) - 1) if t.signed else (0, (1 << bits) - 1)


def number_like(t):
    return t.elem if isinstance(t, Atomic) else t


def random_number(rng, t1, t2, bits1=None, bits2=None):
    """A number that is exact in both types."""
    low, high = -(1 << 200), 1 << 200
    fraction = True
    for t, bits in ((t1, bits1), (t2, bits2)):
        if t.cls in ("int", "bool"):
            a, b = int_range(t, bits)
            fraction = False
        else:
            a, b = -(1 << t.bits - 4), 1 << t.bits - 4
        low, high = max(low, a), min(high, b)
    if fraction:
        return rng.randint(-4000, 4000) / 8
    return rng.choice([rng.randint(low, high), rng.randint(max(low, -100), min(high, 100)),
                       low, high, max(low, min(high, 7))])


def random_value(rng, s1, t1, s2, t2, count=0):
    """A value without pointers for a `t1` that becomes a `t2`; t2 None: it is dropped."""
    if isinstance(t1, Arr):
        n1 = count if t1.n is None else t1.n
        out = []
        for i in range(n1):
            e2 = t2 and s2.step(t2, i)
            cut = t2 is not None and t2.n is not None and i >= t2.n
            out.append(zero(s1, t1.elem) if cut else random_value(rng, s1, t1.elem, s2, e2))
        return out
    if isinstance(t1, Agg):
        return random_aggregate(rng, s1, t1, s2, t2, count)
    if is_pointer(t1):
        return None
    if isinstance(t1, Enum):
        return random_enum(rng, s1, t1, s2, t2)
    if isinstance(t1, Vec):
        return [random_number(rng, t1.elem, t1.elem) for _ in range(t1.n)]
    t1 = number_like(t1)
    t2 = number_like(t2) if t2 else t1
    if t1.cls == "complex":
        return complex(rng.randint(-99, 99) / 4, rng.randint(-99, 99) / 4)
    if isinstance(t2, (Prim,)) and t2.cls == "complex":
        t2 = t1
    return random_number(rng, t1, t2)


def random_aggregate(rng, s1, t1, s2, t2, count):
    decl, decl2 = s1.agg(t1), t2 and s2.agg(t2)
    if decl.union:
        m = rng.choice(decl.members)
        m2 = decl2 and decl2.member(m.id)
        return Active(m.id, random_value(rng, s1, m.type, s2, m2 and m2.type))
    out = {}
    for m in decl.members:
        m2 = decl2 and decl2.member(m.id)
        if m.bits:
            t, bits = (m2.type, m2.bits) if m2 else (m.type, m.bits)
            out[m.id] = random_number(rng, m.type, t, m.bits, bits)
        else:
            out[m.id] = random_value(rng, s1, m.type, s2, m2 and m2.type, count)
    for m in decl.members:      # a tag says what is active
        inner = s1.agg(m.type) if isinstance(m.type, Agg) else None
        if inner and inner.tag:
            tag = next(x for x in decl.members if x.name == inner.tag)
            out[tag.id] = inner.tags[out[m.id].member]
    return out


def random_enum(rng, s1, t1, s2, t2):
    items = s1.enums[t1.id].items
    if isinstance(t2, Enum):
        left = {item[0] for item in s2.enums[t2.id].items}
        items = [item for item in items if item[0] in left]
    elif isinstance(t2, Prim):
        low, high = int_range(t2)
        items = [item for item in items if low <= item[2] <= high]
    return ("e", rng.choice(items)[0]) if items else 0
