# SPDX-License-Identifier: BSD-2-Clause
"""Updates that must be refused: one live thing that has no place in the new version.

`spoil` changes the pair so that exactly one kind of thing is wrong, and says what the message must
name: the member or entity that is lost and one of the objects that hold it. The state was made for an
update that works, so nothing else can be the reason.
"""
import re
from . import make
from .graph import Graph, Obj, parts
from .types import Agg, Arr, CHAR, Enum, INTS, LONG, Member, Ptr, Vec, with_member_type
from .values import Active, FuncRef, Ref, get, is_pointer, put, zero


class Live:
    """What lives: the parts of objects that go on in the new version."""

    def __init__(self, s1, s2, g1):
        self.s1, self.s2, self.g1 = s1, s2, g1

    def objects(self):
        for o in self.g1.objs.values():
            v = self.s2.vars.get(o.var)
            if o.text or o.var and (not v or v.storage == "const"):
                continue
            yield o, v.type if v else o.type

    def parts(self):
        for o, t2 in self.objects():
            for path, a, b, loose, _ in parts(self.s1, o.type, self.s2, t2, o.value):
                if b is not None and not loose:
                    yield o, path, a, b


def entity(s1, o):
    """What a message calls an object: a variable's name, or the function that allocated it."""
    name = s1.vars[o.var].name if o.var else "mk_" + o.id.replace(".", "_")
    return r"\b%s\b" % re.escape(name)


def any_entity(s1, s2, objs):
    names = {entity(s, o) for o in objs for s in (s1, s2) if not o.var or o.var in s.vars}
    return "(%s)" % "|".join(sorted(names))


def member_name(m):
    return r"\.(%s)\b" % "|".join(n for n in (m.name, m.renamed_from) if n)


def holders(live, member):
    """Objects that have a member somewhere."""
    return [o for o, path, _, _ in live.parts() if path and path[-1] == member]


def lost_value(ch, live):
    """A number becomes too narrow for what one object holds."""
    slots = [(o, path) for o, path, a, b in live.parts()
             if path and isinstance(path[-1], str) and a in INTS and a.bits > 8 and b == a]
    if not slots:
        return None
    o, path = ch.pick("refuse.slot", slots)
    decl = next(d for d in live.s2.decls.values() if d.member(path[-1]))
    if decl.union:
        return None
    with_member_type(decl, path[-1], CHAR)
    put(o.value, path, ch.number("refuse.value", 200, 30000))
    return [member_name(decl.member(path[-1])), "does not fit",
            any_entity(live.s1, live.s2, holders(live, path[-1]))]


def live_tail(ch, live):
    """An array loses an element that is in use."""
    slots = [(o, path, a) for o, path, a, b in live.parts()
             if isinstance(a, Arr) and a == b and a.n and a.elem in INTS
             and (path and isinstance(path[-1], str) or not path and o.var)]
    if not slots:
        return None
    o, path, t = ch.pick("refuse.slot", slots)
    put(o.value, path + (t.n - 1,), 77)
    if path:
        decl = next(d for d in live.s2.decls.values() if d.member(path[-1]))
        if decl.union:
            return None
        with_member_type(decl, path[-1], Arr(t.elem, t.n - 1))
        objs = holders(live, path[-1])
    else:
        v = live.s2.vars[o.var]
        v.type, v.init = Arr(t.elem, t.n - 1), None
        objs = [o]
    return [r"\[%d\]" % (t.n - 1), "in use", any_entity(live.s1, live.s2, objs)]


def gone_function(ch, live):
    """A function is removed that a pointer leads to."""
    slots = [(o, get(o.value, path).func) for o, path, a, b in live.parts()
             if is_pointer(a) and isinstance(get(o.value, path), FuncRef)]
    slots = [s for s in slots if s[1] in live.s2.funcs and s[0].var != "table"]
    if not slots or len(live.s2.funcs) < 2:
        return None
    _, func = ch.pick("refuse.slot", slots)
    name = live.s1.funcs[func].name
    del live.s2.funcs[func]
    live.s2.order.remove(func)
    return [r"\b%s\b" % name, any_entity(live.s1, live.s2, [o for o, f in slots if f == func])]


def gone_variable(ch, live):
    """A variable is removed that a declared pointer leads to."""
    slots = []
    for o, path, a, b in live.parts():
        ref = get(o.value, path) if isinstance(a, Ptr) and a == b else None
        if isinstance(ref, Ref) and not ref.end and ref.obj in live.s2.vars and ref.obj != o.id:
            v = live.s1.vars[ref.obj]
            if v.storage != "const" and not v.alias:
                slots.append(ref.obj)
    if not slots:
        return None
    var = ch.pick("refuse.slot", slots)
    del live.s2.vars[var]
    objs = [o for o, path, a, _ in live.parts() if is_pointer(a)
            and getattr(get(o.value, path), "obj", None) == var]
    return [r"\b%s\b" % live.s1.vars[var].name, any_entity(live.s1, live.s2, objs)]


def gone_enumerator(ch, live):
    """An enumerator is removed that something holds."""
    slots = [(o, get(o.value, path)[1], a.id) for o, path, a, b in live.parts()
             if isinstance(a, Enum) and a == b and isinstance(get(o.value, path), tuple)]
    if not slots:
        return None
    _, item, enum = ch.pick("refuse.slot", slots)
    decl = live.s2.enums[enum]
    name = next(i[1] for i in decl.items if i[0] == item)
    decl.items = [i for i in decl.items if i[0] != item] or [(enum + ".z", name + "_OTHER", 1000)]
    return [r"\b%s\b" % name, any_entity(live.s1, live.s2, [o for o, i, _ in slots if i == item])]


def other_kind(ch, live):
    """A member that holds a number becomes a structure."""
    slots = [(o, path) for o, path, a, b in live.parts()
             if path and isinstance(path[-1], str) and a in INTS and a == b]
    if not slots:
        return None
    o, path = ch.pick("refuse.slot", slots)
    decl = next(d for d in live.s2.decls.values() if d.member(path[-1]))
    if decl.union:
        return None
    with_member_type(decl, path[-1], make.make_inline(ch, live.s2, "refuse.kind", "k"))
    put(o.value, path, 5)
    return [member_name(decl.member(path[-1])), "became struct"]    # known before anything lives


def changed_union(ch, live):
    """The member that a union without a rule holds becomes something else."""
    slots = []
    for o, path, a, b in live.parts():
        decl = live.s1.agg(a) if isinstance(a, Agg) and a == b else None
        if decl and decl.union and not decl.tag and path and isinstance(path[-1], str):
            slots.append((o, path, decl.id))
    if not slots:
        return None
    o, path, union = ch.pick("refuse.slot", slots)
    active = get(o.value, path).member
    put(o.value, path, Active(active, one(live.s1.decls[union].member(active).type)))
    with_member_type(live.s2.decls[union], active, make.make_inline(ch, live.s2, "refuse.kind", "k"))
    return ["union", any_entity(live.s1, live.s2, holders(live, path[-1]))]


def one(t):
    """A value of a number type that is not zero in memory."""
    return [1] * t.n if isinstance(t, Vec) else 1


def untyped_object(ch, live):
    """A structure changes of which there is one in memory of unknown type."""
    slots = []
    for o, path, a, b in live.parts():
        ref = get(o.value, path) if isinstance(a, Ptr) and a == b else None
        target = live.g1.objs[ref.obj] if isinstance(ref, Ref) and not ref.end else None
        if target and target.type == a.to and target.heap in ("malloc", "calloc") and not ref.path:
            slots.append((o, target))
    if not slots:
        return None
    _, target = ch.pick("refuse.slot", slots)
    target.heap = "untyped"
    decl = live.s2.agg(target.type)
    decl.members.insert(0, Member("refuse.new", "refuse_new", LONG))
    return ["unknown type", "without a type allocates .*" + entity(live.s1, target)]


KINDS = [changed_union, untyped_object, lost_value, live_tail, gone_function, gone_variable, gone_enumerator, other_kind]


def spoil(ch, s1, s2, g1):
    """Make the update impossible; returns patterns for the message, or None if nothing offers."""
    live = Live(s1, s2, g1)
    for kind in ch.shuffled("refuse.kind", KINDS):
        patterns = kind(ch, live)
        if patterns:
            return patterns
    return None


def leftover(s2, g1):
    """What the refused version compiles with: its variables, so that its table has them."""
    graph = Graph()
    for id, v in s2.vars.items():
        v.init = None
        graph.objs[id] = Obj(id, v.type, zero(s2, v.type), v.unit, var=id)
    return graph
