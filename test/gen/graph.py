# SPDX-License-Identifier: BSD-2-Clause
"""The live state: objects, their values, and who points to whom.

Everything that goes on in the new version has a place there: a pointer slot that survives leads to a
place that survives. Heap objects are each reached from a variable through surviving slots.
"""
from dataclasses import dataclass, field

from . import make
from .types import (
    Agg, Arr, CHAR, CHAR_P, Fn, INT, LONG, Loose, Ptr, SHORT, Str, Tagged, UCHAR, UINTPTR, VOID_P,
    Var)
from .values import Active, FuncRef, Ref, get, is_pointer, put, random_value


@dataclass
class Obj:
    id: str
    type: object
    value: object
    unit: int
    heap: str = ""              # how it is allocated; empty: a variable
    text: str = ""              # of a string
    count: int = 0              # elements of its flexible array
    tail: str = ""              # raw bytes behind it
    var: str = ""


@dataclass
class Slot:
    obj: str
    path: tuple
    t1: object
    t2: object                  # None: dropped
    loose: bool                 # the table does not say that there is a pointer
    packed: bool                # it may not be aligned


@dataclass
class Place:
    ref: Ref
    t1: object
    t2: object


@dataclass
class Graph:
    objs: dict = field(default_factory=dict)


def parts(s1, t1, s2, t2, value, path=(), loose=False, packed=False):
    """All parts of an object: (path, old type, new type, whether behind a union, whether in something
    packed); not the elements that an array loses, which must stay as they are for the update to be
    possible."""
    yield path, t1, t2, loose, packed
    if isinstance(t1, Arr):
        for i in range(len(value) if not t2 or t2.n is None else min(len(value), t2.n)):
            e2 = t2 and s2.step(t2, i)
            yield from parts(s1, t1.elem, s2, e2, value[i], path + (i,), loose, packed)
    elif isinstance(t1, Agg):
        decl, decl2 = s1.agg(t1), t2 and s2.agg(t2)
        for m in decl.members:
            if m.bits or decl.union and m.id != value.member:
                continue
            m2 = decl2 and decl2.member(m.id)
            inner = value.value if decl.union else value[m.id]
            yield from parts(s1, m.type, s2, m2 and m2.type, inner, path + (m.id,),
                             loose or decl.union, packed or decl.packed)


class Builder:
    def __init__(self, ch, s1, s2):
        self.ch, self.s1, self.s2 = ch, s1, s2
        self.graph = Graph()
        self.slots, self.places = [], []

    def build(self):
        for id, v in list(self.s1.vars.items()):
            v2 = self.s2.vars.get(id)
            value = self.table_value(v) if v.storage == "table" else None
            self.add(Obj(id, v.type, value, v.unit, var=id), v2 and v2.type)
        for key in self.ch.items("heap", 3, 12):
            self.make_heap(key)
        self.link_ring()
        for slot in self.slots:
            if get(self.graph.objs[slot.obj].value, slot.path) is None and \
                    not self.is_link(slot) and \
                    self.ch.maybe("fill.%s.%s" % (slot.obj, slot.path), 0.75):
                self.fill(slot)
        return self.graph

    def table_value(self, v):
        """As its initialiser made it, or with one row that was changed since."""
        value = list(v.init)
        v2 = self.s2.vars.get(v.id)
        if v2 and v2.type.n >= v.type.n and self.ch.maybe("table.touch", 0.5):
            value[0] = FuncRef(self.ch.pick("table.touch.to", sorted(self.s2.funcs)))
        return value

    def add(self, obj, t2):
        rng = self.ch.rng(obj.id + ".value")
        if obj.value is None:
            obj.value = random_value(rng, self.s1, obj.type, self.s2, t2, obj.count)
        self.graph.objs[obj.id] = obj
        for path, a, b, loose, packed in parts(self.s1, obj.type, self.s2, t2, obj.value):
            if is_pointer(a):
                self.slots.append(Slot(obj.id, path, a, b, loose, packed))
            if not loose and not self.is_anonymous(obj.type, path):
                self.places.append(Place(Ref(obj.id, path), a, b))

    def is_anonymous(self, t, path):
        """Whether a part has no name of its own, so that its address cannot be written down."""
        holder = self.s1.at(t, path[:-1])
        return bool(path) and isinstance(holder, Agg) and not self.s1.agg(holder).member(path[-1]).name

    # -- heap objects

    def make_heap(self, key):
        ch = self.ch
        if ch.maybe(key + ".string", 0.15, "libc-strings"):
            text = "text of " + key
            obj = Obj(key, Str(False), text, 0, text=text,
                      heap=ch.pick(key + ".how", ["strdup", "asprintf", "getline"]))
            self.graph.objs[key] = obj
            self.attach(key, obj, [Str(False), CHAR_P, VOID_P], CHAR)
            return
        if ch.maybe(key + ".opaque", 0.08, "opaque"):
            t = Arr(UINTPTR, ch.number(key + ".words", 1, 4))
            self.reach(key, Obj(key, t, None, 0, "bytes"), [VOID_P, CHAR_P], CHAR)
            return
        structs = [Agg(d.id) for d in self.s1.decls.values()
                   if d.id != "link" and not d.inline and (d.unit is None or d.declared)]
        elem = ch.pick(key + ".type", structs * 3 + [INT, LONG, SHORT] +
                       [Ptr(t) for t in structs if ch.on("pointer-pointer")])
        t, count = elem, 0
        if isinstance(elem, Agg) and make.has_flexible(self.s1.decls[elem.id]):
            count = ch.number(key + ".count", 0, 4)
        elif not isinstance(elem, Agg) or ch.maybe(key + ".array", 0.35, "array"):
            t = Arr(elem, ch.number(key + ".n", 2, 4))
        how = ch.weighted(key + ".how", [
            (40, None, "malloc"), (15, "heap-kinds", "calloc"), (10, "heap-kinds", "realloc"),
            (6, "heap-kinds", "aligned_alloc"), (6, "heap-kinds", "posix_memalign"),
            (10, "far-wrapper", "wrapper"), (8, "far-wrapper", "fnptr"),
            (6, "mmap", "mmap"), (6, "named", "named"), (10, "pool", "pool"), (8, "wrapper", "static_wrapper")])
        decl = self.s1.decls[elem.id] if isinstance(elem, Agg) else None
        if decl and decl.align:
            how = "posix_memalign"
        flexible = decl and make.has_flexible(decl)
        if how in ("wrapper", "fnptr") and (flexible or isinstance(t, Arr) and not isinstance(elem, Ptr)):
            how = "named"   # nobody tells the caller's file that these allocate, and how much
        unit = ch.number(key + ".unit", 0, self.s1.units - 1)
        obj = Obj(key, t, None, unit if not decl or decl.unit is None else decl.unit, how, count=count)
        if isinstance(t, Agg) and not flexible and not decl.align and how not in ("wrapper", "fnptr") and \
                ch.maybe(key + ".tail", 0.1, "tail"):
            obj.tail = "behind " + key
        self.reach(key, obj, [Ptr(elem), VOID_P, Tagged(elem) if decl else None], elem)

    def reach(self, key, obj, types, elem):
        """Add a heap object that some slot leads to, but none of its own."""
        before = len(self.slots)
        self.add(obj, obj.type)
        own = self.slots[before:]
        del self.slots[before:]
        self.attach(key, obj, types, elem)
        self.slots += own

    def attach(self, key, obj, types, elem):
        """Make an object reachable: from a slot of one that is, or from a variable of its own."""
        usable = [s for s in self.slots
                  if s.t2 is not None and not s.loose and s.t1 in types and s.t2 in types
                  and get(self.graph.objs[s.obj].value, s.path) is None]
        if usable and self.ch.maybe(key + ".attach", 0.65):
            slot = self.ch.pick(key + ".slot", usable)
        else:
            root = key + ".root"
            t = Ptr(elem) if not obj.text else Str(False)
            for s in (self.s1, self.s2):
                s.vars[root] = Var(root, root.replace(".", "_"), t, "global",
                                   self.ch.number(root + ".unit", 0, self.s1.units - 1))
            self.add(Obj(root, t, None, self.s1.vars[root].unit, var=root), t)
            slot = self.slots[-1]
        tag = self.ch.number(key + ".tag", 0, 7) if isinstance(slot.t1, Tagged) else 0
        self.set(slot, Ref(obj.id, tag=tag))

    def set(self, slot, target):
        obj = self.graph.objs[slot.obj]
        if slot.path:
            put(obj.value, slot.path, target)
        else:
            obj.value = target

    # -- pointers

    def is_link(self, slot):
        return slot.t1 == Ptr(make.LINK)

    def link_ring(self):
        """All `link` members that go on, in a ring that begins at the variable `head`."""
        if "head" not in self.s1.vars:
            return
        nodes = [p.ref for p in self.places if p.t1 == make.LINK and p.t2 == make.LINK]
        head = Ref("head")
        others = self.ch.shuffled("ring", [r for r in nodes if r != head])
        ring = [head] + [r for r in others if self.ch.maybe("ring.%s.%s" % (r.obj, r.path), 0.8)]
        for here, after in zip(ring, ring[1:] + ring[:1]):
            put(self.graph.objs[here.obj].value, here.path + ("link.next",), after)
            put(self.graph.objs[after.obj].value, after.path + ("link.prev",), here)

    def fill(self, slot):
        key = "fill.%s.%s.to" % (slot.obj, slot.path)
        if isinstance(slot.t1, Fn):
            funcs = [] if slot.loose and slot.packed else [f for f in self.s1.funcs if slot.t2 is None or f in self.s2.funcs]
            if funcs:
                self.set(slot, FuncRef(self.ch.pick(key, funcs)))
            return
        if isinstance(slot.t1, Str):
            self.set(slot, "literal %s" % self.ch.number(key, 0, 9))
            return
        choices = [p.ref for p in self.places if self.fits(slot, p)]
        if isinstance(slot.t1, Ptr) and slot.t2 in (None, slot.t1) and not slot.loose and \
                self.ch.maybe(key + ".end", 0.15, "end"):
            choices = [Ref(p.ref.obj, p.ref.path, end=True) for p in self.places
                       if self.has_end(p, slot.t1.to)] or choices
        if choices:
            ref = self.ch.pick(key, choices)
            if isinstance(slot.t1, Tagged):
                ref = Ref(ref.obj, ref.path, tag=self.ch.number(key + ".tag", 0, 7))
            self.set(slot, ref)

    def has_end(self, place, elem):
        """Whether `place` is an array of `elem` whose end cannot be taken for a begin."""
        if place.ref.path and not self.ends_inside(place.ref, elem) or self.s1.unit_of(place.t1) is not None or \
                not isinstance(place.t2, Arr) or not isinstance(place.t1, Arr) or \
                place.t1.elem != elem or place.t2.elem != elem:
            return False
        return bool(place.ref.path or self.graph.objs[place.ref.obj].heap) or not any(
            v.id not in self.s2.vars or elem in self.s1.first_chain(v.type) for v in self.s1.vars.values()
            if v.id != place.ref.obj)

    def ends_inside(self, ref, elem):
        """Whether an array is a member, and what comes next in its structure is no `elem`."""
        holder = self.s1.at(self.graph.objs[ref.obj].type, ref.path[:-1])
        if not isinstance(holder, Agg) or not self.ch.on("interior"):
            return False
        members = self.s1.agg(holder).members
        at = [m.id for m in members].index(ref.path[-1])
        return at + 1 < len(members) and elem not in self.s1.first_chain(members[at + 1].type)

    def fits(self, slot, place):
        """Whether the place's address may be in the slot, in both versions."""
        obj = self.graph.objs[place.ref.obj]
        if slot.t2 is not None and place.t2 is None:
            return False
        unit = self.s1.unit_of(obj.type)
        if unit is not None and (place.ref.path or not isinstance(slot.t1, Loose)
                                 and not self.is_declared(obj.type)):
            return False
        if place.ref.path and not self.ch.on("interior"):
            return False
        if isinstance(slot.t1, (Ptr, Tagged)) and (
                place.t1 != slot.t1.to or slot.t2 is not None and place.t2 != slot.t1.to):
            return False
        if isinstance(slot.t1, Tagged):
            return bool(obj.heap) and place.ref.path == () and not self.s1.agg(slot.t1.to).packed
        if not slot.loose and isinstance(slot.t1, Ptr) and not isinstance(slot.t2, Loose):
            return True
        return self.is_clear(slot, place, obj)

    def is_declared(self, t):
        while isinstance(t, Arr):
            t = t.elem
        return self.s1.agg(t).declared

    def is_clear(self, slot, place, obj):
        """Whether an address alone tells what it leads to."""
        if not self.is_outermost(place.ref.path):
            return False
        declared = not slot.loose and UINTPTR not in (slot.t1, slot.t2)
        if not declared:
            if slot.packed:     # only declared pointers are looked for in odd places
                return False
            tls = obj.var and self.s1.vars[obj.var].storage == "tls"
            if place.ref.path or tls or self.least_size(self.s1, obj.type) < 24:
                return False
        if CHAR_P in (slot.t1, slot.t2):
            return not (self.has_char(self.s1, place.t1) or place.t2 and
                        self.has_char(self.s2, place.t2))
        return True

    def is_outermost(self, path):
        if not path:
            return True
        if isinstance(path[-1], int):
            return path[-1] > 0
        return not any(d.members and d.members[0].id == path[-1]
                       for s in (self.s1, self.s2) for d in s.decls.values())

    @staticmethod
    def has_char(schema, t):
        return any(x in (CHAR, UCHAR) for x in schema.first_chain(t))

    def least_size(self, schema, t):
        """No more than the size of a `t`: what its parts have without padding."""
        if isinstance(t, Arr):
            return (t.n or 0) * self.least_size(schema, t.elem)
        if isinstance(t, Agg):
            sizes = [0 if m.bits else self.least_size(schema, m.type)
                     for m in schema.agg(t).members]
            return max(sizes) if schema.agg(t).union else sum(sizes)
        return 8 if is_pointer(t) else getattr(t, "bits", 8) // 8


def make_graph(ch, s1, s2):
    return Builder(ch, s1, s2).build()
