# SPDX-License-Identifier: BSD-2-Clause
"""The state that the new version must find, by the rules of docs/transfer.md, written down anew.

`Lost` says that a value has no place in the new version; for a pair that must be updated it would be
an error of the generator, so that nothing is expected by accident.
"""
import copy

from .graph import Graph, Obj
from .types import Agg, Arr, Atomic, Enum, Prim, Vec
from .values import Active, FuncRef, Ref, int_range, is_pointer, number_like, zero


class Lost(Exception):
    pass


def convert(s1, t1, s2, t2, value, base):
    """The value as a `t2`; `base` is what the new version has where nothing comes from the old."""
    if isinstance(t1, Arr):
        return convert_array(s1, t1, s2, t2, value, base)
    if isinstance(t1, Agg):
        return convert_aggregate(s1, t1, s2, t2, value, base)
    if is_pointer(t1) or isinstance(t1, Vec):
        return copy.deepcopy(value)
    if isinstance(t1, Enum):
        return convert_enum(s1, t1, s2, t2, value)
    return convert_number(number_like(t2), value)


def convert_array(s1, t1, s2, t2, value, base):
    n2 = len(value) if t2.n is None else t2.n
    out = copy.deepcopy(base[:n2]) if t2.n is not None else [None] * n2
    for i, v in enumerate(value):
        if i < n2:
            b = base[i] if i < len(base) else zero(s2, t2.elem)
            out[i] = convert(s1, t1.elem, s2, t2.elem, v, b)
        elif v != zero(s1, t1.elem):
            raise Lost("element %d" % i)
    return out


def convert_aggregate(s1, t1, s2, t2, value, base):
    d1, d2 = s1.agg(t1), s2.agg(t2)
    if d1.union:
        m1, m2 = d1.member(value.member), d2.member(value.member)
        return Active(value.member, convert(s1, m1.type, s2, m2.type, value.value,
                                            zero(s2, m2.type)))
    out = copy.deepcopy(base)
    for m1 in d1.members:
        m2 = d2.member(m1.id)
        if m2 and m2.bits:
            low, high = int_range(m2.type, m2.bits)
            if not low <= value[m1.id] <= high:
                raise Lost(m1.name)
            out[m1.id] = value[m1.id]
        elif m2:
            out[m1.id] = convert(s1, m1.type, s2, m2.type, value[m1.id], base[m1.id])
    return out


def convert_enum(s1, t1, s2, t2, value):
    if not isinstance(value, tuple):
        return value
    if isinstance(t2, Enum):
        if value[1] not in [item[0] for item in s2.enums[t2.id].items]:
            raise Lost(value[1])
        return value
    return convert_number(t2, next(i[2] for i in s1.enums[t1.id].items if i[0] == value[1]))


def convert_number(t2, value):
    if not isinstance(t2, Prim):
        return value
    if t2.cls in ("int", "bool"):
        low, high = int_range(t2)
        if value != int(value) or not low <= value <= high:
            raise Lost(str(value))
        return int(value)
    return value


def expect(s1, s2, g1):
    """The graph in the new version."""
    g2 = Graph()
    for id, o in g1.objs.items():
        if o.text:
            g2.objs[id] = copy.deepcopy(o)
            continue
        v2 = s2.vars.get(o.var) if o.var else None
        if o.var and not v2:
            continue
        t2 = v2.type if v2 else o.type
        base = zero(s2, t2, o.count)
        if v2 and v2.init is not None:
            base = copy.deepcopy(v2.init)
        new = v2 and (v2.storage == "const" or
                      v2.storage == "table" and o.value == s1.vars[o.var].init)
        value = base if new else convert(s1, o.type, s2, t2, o.value, base)
        g2.objs[id] = Obj(id, t2, value, v2.unit if v2 else o.unit, o.heap, o.text, o.count,
                          o.tail, o.var)
    for id, v in s2.vars.items():
        if id not in g1.objs:
            g2.objs[id] = Obj(id, v.type, copy.deepcopy(v.init) if v.init is not None
                              else zero(s2, v.type), v.unit, var=id)
    return g2
