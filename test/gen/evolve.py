# SPDX-License-Identifier: BSD-2-Clause
"""The second version: what a programmer may do to types, variables and functions in a release.

Nothing here makes an update impossible by itself; whether it is depends on the live state, which is
made afterwards so that all of it has a successor. See refuse.py for the opposite.
"""
from dataclasses import replace

from . import make
from .types import (
    Agg, Arr, Atomic, BOOL, CHAR, COMPLEX_DOUBLE, COMPLEX_FLOAT, DOUBLE, Enum, FLOAT, INT, INT128,
    INTS, LONG, LONG_DOUBLE, Member, Prim, Ptr, Str, Tagged, UINT128, UINTPTR, ULONG,
    VOID_P, Var)
from .values import FuncRef, is_pointer, random_value


def evolve(ch, s1):
    s2 = s1.copy()
    s2.version = 2
    for id, decl in s2.decls.items():
        if id == "link":
            if ch.maybe("e.link", 0.3, "add"):
                decl.members.insert(ch.number("e.link.at", 0, 2), Member("link.n", "n", INT))
        elif decl.union:
            evolve_union(ch, s2, decl, "e." + id)
        elif decl.inline:
            evolve_members(ch, s2, decl, "e." + id)
        elif ch.maybe("e." + id, 0.65):
            evolve_struct(ch, s2, decl, "e." + id)
    for id, decl in s2.enums.items():
        if ch.maybe("e." + id, 0.5, "enum"):
            evolve_enum(ch, decl, "e." + id)
    evolve_functions(ch, s2)
    evolve_variables(ch, s1, s2)
    return s2


# -- aggregates ------------------------------------------------------------------------------


def evolve_struct(ch, s2, decl, key):
    front = decl.members[0]
    evolve_members(ch, s2, decl, key)
    tail = [decl.members.pop()] if make.has_flexible(decl) else []
    gone = set()
    for m in list(decl.members):
        if m.type == Agg("link") or m.attribute or m.name.endswith("_tag") or len(decl.members) < 2:
            continue
        if ch.maybe("%s.remove.%s" % (key, m.id), 0.12, "remove"):
            decl.members.remove(m)
            gone.add(m.id)
    for name in ch.items(key + ".add", 0, 2) if ch.on("add") else ():
        t = make.make_scalar(ch, name, s2)
        if ch.maybe(name + ".pointer", 0.2):
            t = VOID_P
        m = Member(name, "n%s" % name.rsplit(".", 1)[1], t)
        decl.members.insert(ch.number(name + ".at", 0, len(decl.members)), m)
    if ch.maybe(key + ".reorder", 0.3, "reorder"):
        decl.members = ch.shuffled(key + ".order", decl.members)
    decl.members = reorder_anonymous(s2, decl.members) + tail
    if isinstance(front.type, Agg):  # else any word left in memory that leads to it might mean either
        decl.members.sort(key=lambda m: m.id != front.id)
    if not decl.unit and ch.maybe(key + ".rename", 0.2, "rename"):
        decl.renamed_from, decl.name = decl.name, decl.name + "_v2"


def reorder_anonymous(s2, members):
    """Anonymous members of one kind are told apart by their order alone: keep it."""
    places = [i for i, m in enumerate(members) if not m.name]
    members = list(members)
    for i, m in zip(places, sorted((members[i] for i in places), key=lambda m: m.id)):
        members[i] = m
    return members


def evolve_members(ch, s2, decl, key):
    out = []
    for m in decl.members:
        k = "%s.%s" % (key, m.id)
        if m.bits:
            if ch.maybe(k + ".bits", 0.3, "bit-field"):
                m = replace(m, bits=ch.number(k + ".to", 2, min(24, m.type.bits - 1)))
        elif m.type != Agg("link") and not m.name.endswith("_tag"):
            m = replace(m, type=evolve_type(ch, s2, m.type, k))
        if m.name and not m.attribute and not m.name.endswith("_tag") and \
                ch.maybe(k + ".rename", 0.1, "rename"):
            m = replace(m, name="r_" + m.name, renamed_from=m.name)
        out.append(m)
    decl.members = out


def evolve_union(ch, s2, decl, key):
    """With a rule members may change; without one all stay and new ones may join them."""
    if decl.tag:
        for m in list(decl.members):
            if not is_pointer(m.type) and ch.maybe("%s.%s.rule" % (key, m.id), 0.4, "union-rule"):
                new = evolve_type(ch, s2, m.type, "%s.%s" % (key, m.id), 0.8)
                decl.members[decl.members.index(m)] = replace(m, type=new)
    elif ch.maybe(key + ".more", 0.25, "union-more"):
        m = Member(key + ".more", "more", make.make_scalar(ch, key + ".more"))
        decl.members.append(m)


def evolve_enum(ch, decl, key):
    items = list(decl.items)
    if len(items) > 2 and ch.maybe(key + ".remove", 0.3):
        items.pop(ch.number(key + ".remove.at", 0, len(items) - 1))
    if ch.maybe(key + ".add", 0.5):
        items.insert(ch.number(key + ".add.at", 0, len(items)),
                     (key + ".new", decl.name.upper() + "_NEW", 0))
    value = ch.number(key + ".first", -2, 9)
    decl.items = []
    for id, name, _ in items:
        decl.items.append((id, name, value))
        value += ch.pick(key + id + ".gap", [1, 1, 2, 50])


# -- types -----------------------------------------------------------------------------------


def evolve_type(ch, s2, t, key, chance=0.2):
    if isinstance(t, Arr):
        elem = evolve_type(ch, s2, t.elem, key + ".e", chance)
        n = t.n
        if n is not None and ch.maybe(key + ".resize", 0.25, "array"):
            n = max(1, n + ch.pick(key + ".by", [-2, -1, 1, 1, 2, 5]))
        return Arr(elem, n)
    if is_pointer(t):
        if isinstance(t, Ptr) and ch.maybe(key + ".kind", 0.06, "pointer-change"):
            return ch.pick(key + ".kind.to", [VOID_P, UINTPTR])
        return t
    if ch.maybe(key + ".number", chance, "number-change"):
        return ch.pick(key + ".to", number_successors(ch, t))
    return t


def number_successors(ch, t):
    odd = ch.on("odd-numbers")
    floats = [FLOAT, DOUBLE] if ch.on("float") else []
    if isinstance(t, Atomic):
        return [LONG, Atomic(LONG), Atomic(INT)]
    if isinstance(t, Enum):
        return [INT, LONG, t]
    if not isinstance(t, Prim):
        return [t]
    if t.cls == "complex":
        return [COMPLEX_FLOAT, COMPLEX_DOUBLE] if odd else [t]
    if t in (INT128, UINT128, LONG_DOUBLE):
        return [LONG, ULONG, INT128, DOUBLE, LONG_DOUBLE] if odd else [t]
    more = [INT128, LONG_DOUBLE] if odd and ch.on("int128") and ch.on("long-double") else []
    if t.cls == "bool":
        return [INT, CHAR, BOOL]
    return INTS + floats + more


# -- variables and functions -----------------------------------------------------------------


def evolve_variables(ch, s1, s2):
    for id, v in list(s2.vars.items()):
        key = "e." + id
        if id == "head" or v.alias:
            continue
        if id == "table":
            evolve_table(ch, s2, v)
            continue
        if ch.maybe(key + ".remove", 0.07, "remove"):
            del s2.vars[id]
            continue
        if not isinstance(v.type, Agg):
            v.type = evolve_type(ch, s2, v.type, key)
        if v.storage == "global" and ch.maybe(key + ".move", 0.15, "move-file"):
            v.unit = (v.unit + 1) % s2.units
        if v.unit is not None and v.name != "same" and v.name != "local_var" and \
                ch.maybe(key + ".rename", 0.12, "rename"):
            v.renamed_from, v.name = v.name, "new_" + v.name
    for key in ch.items("e.newvar", 0, 2) if ch.on("add") else ():
        s2.vars[key] = Var(key, key.replace(".", "_"), make.make_array(
            ch, key, make.make_scalar(ch, key, s2)), "global", 0)
    for id, v in s2.vars.items():
        if v.storage not in ("common", "table") and ch.maybe("e.%s.init" % id, 0.5):
            v.init = random_value(ch.rng("e.%s.init.value" % id), s2, v.type, s2, v.type)


def evolve_table(ch, s2, v):
    funcs = [f.id for f in s2.funcs.values() if not f.static]
    v.type = Arr(v.type.elem, ch.number("e.table.n", 1, 5))
    v.init = [FuncRef(ch.pick("e.table.%d" % i, funcs)) for i in range(v.type.n if funcs else 0)]


def evolve_functions(ch, s2):
    for id, f in list(s2.funcs.items()):
        key = "e." + id
        if len(s2.funcs) > 1 and (f.static or "table" not in s2.vars) and ch.maybe(key + ".remove", 0.15, "remove"):
            del s2.funcs[id]
            continue
        if ch.maybe(key + ".move", 0.15, "move-file"):
            f.unit = (f.unit + 1) % s2.units
        if ch.maybe(key + ".rename", 0.15, "rename"):
            f.renamed_from, f.name = f.name, f.name + "_v2"
    s2.order = [id for id in s2.order if id in s2.funcs]
    if ch.maybe("e.functions", 0.5, "reorder"):
        s2.order = ch.shuffled("e.functions.order", s2.order)
