# SPDX-License-Identifier: BSD-2-Clause
"""The C text of one version: types, variables, functions, allocations."""
from .types import Agg, Arr, Atomic, Enum, Ptr, Tagged, Vec, declare
from .values import FuncRef, is_pointer

ALLOCATIONS = {
    "malloc": "malloc({size})", "calloc": "calloc({n}, sizeof({elem}))",
    "realloc": "malloc(sizeof({elem}))",
    "aligned_alloc": "aligned_alloc(64, {size})",
    "posix_memalign": "0", "wrapper": "gen_alloc({size})", "fnptr": "gen_allocator({size})",
    "static_wrapper": "local_alloc({size})",
    "mmap": "mmap(0, {size}, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)",
    "bytes": "malloc({size})", "untyped": "malloc({size})", "pool": "gen_pool({size})",
    "named": "gen_named({size})",
}

# What the last file defines. The pool never gives anything back; its block is state like any other.
ALLOCATORS = """
void *gen_alloc(size_t n) { return malloc(n); }
void *gen_named(size_t n) { return malloc(n); }
void *(*gen_allocator)(size_t) = gen_alloc;
static char *pool_block;
static size_t pool_used;
void *gen_pool(size_t n)
{
    size_t at = pool_used;

    if (!pool_block)
        pool_block = malloc(16384);
    pool_used += (n + 15) / 16 * 16;
    return pool_used > 16384 ? NULL : pool_block + at;
}
"""


def literal(schema, t, value):
    """A number or enumerator as an expression."""
    if isinstance(t, Atomic):
        t = t.elem
    if isinstance(t, Enum):
        enum = schema.enums[t.id]
        if isinstance(value, tuple):
            return next(i[1] for i in enum.items if i[0] == value[1])
        return "(enum %s) %d" % (enum.name, value)
    if t.cls == "complex":
        value = complex(value)
        return "__builtin_complex((%s) %s, (%s) %s)" % (
            t.c[9:], value.real.hex(), t.c[9:], value.imag.hex())
    if t.cls == "float":
        return "(%s) %s" % (t.c, value.hex() if isinstance(value, float) else integer(value))
    return integer(int(value))


def tag_attribute(t):
    while isinstance(t, Arr):
        t = t.elem
    return " SEF_TAGGED(%d)" % t.mask if isinstance(t, Tagged) else ""


def integer(v):
    if -(1 << 63) < v < 1 << 63:
        return "%dL" % v
    if 0 <= v < 1 << 64:
        return "%dUL" % v
    v &= (1 << 128) - 1
    return "((__int128) ((unsigned __int128) %dUL << 64 | %dUL))" % (v >> 64, v & (1 << 64) - 1)


def members(schema, decl, value):
    """Initialisers of a structure's members; those of an anonymous one are its own."""
    for m in decl.members:
        inner = None if m.name else schema.agg(m.type)
        if inner and inner.union:
            active = inner.member(value[m.id].member)
            yield ".%s = %s" % (active.name,
                                initialiser(schema, active.type, value[m.id].value))
        elif inner:
            yield from members(schema, schema.agg(m.type), value[m.id])
        elif not (isinstance(m.type, Arr) and m.type.n is None):
            yield ".%s = %s" % (m.name, initialiser(schema, m.type, value[m.id]))


def initialiser(schema, t, value):
    if isinstance(t, (Arr, Vec)):
        return "{%s}" % ", ".join(initialiser(schema, t.elem, v) for v in value)
    if isinstance(t, Agg):
        decl = schema.agg(t)
        if decl.union:
            m = decl.member(value.member)
            return "{.%s = %s}" % (m.name, initialiser(schema, m.type, value.value))
        return "{%s}" % ", ".join(members(schema, decl, value))
    if isinstance(value, FuncRef):
        return schema.funcs[value.func].name
    return "0" if is_pointer(t) else literal(schema, t, value)


class Emitter:
    def __init__(self, schema, graph, allocs):
        self.s, self.g = schema, graph
        self.allocs = allocs        # heap objects of the first version, whose sites both have
        self.number = {id: i for i, id in enumerate(sorted(allocs) + sorted(
            "v." + v for v in schema.vars))}

    def index(self, obj):
        return self.number["v." + obj.var if obj.var else obj.id]

    # -- types

    def header(self):
        s = self.s
        out = ['#include "support.h"']
        out += ["typedef int v4_int __attribute__((vector_size(16)));",
                "typedef float v2_float __attribute__((vector_size(8)));"]
        for enum in s.enums.values():
            out.append("enum %s { %s };" % (enum.name, ", ".join(
                "%s = %d" % i[1:] for i in enum.items)))
        out += ["struct %s;" % d.name for d in s.decls.values()
                if not d.inline and (d.unit is None or d.declared)]
        out += [self.aggregate(d) + ";" for d in s.decls.values() if not d.inline and d.unit is None]
        for v in s.vars.values():
            if v.storage not in ("static", "fstatic"):
                out.append("extern %s%s;" % (self.prefix(v), declare(s, v.type, v.name)))
            if v.alias:
                out.append("extern %s;" % declare(s, v.type, v.alias))
        for f in s.funcs.values():
            out.append("int (*addr_%s(void))(int);" % f.id.replace(".", "_") if f.static
                       else "int %s(int);" % f.name)
        out += ["void *gen_alloc(size_t n);", "extern void *(*gen_allocator)(size_t);"]
        out += ["SEF_ALLOC(1) void *gen_named(size_t n);", "SEF_POOL(1) void *gen_pool(size_t n);"]
        return "\n".join(out) + "\n"

    def aggregate(self, decl):
        attributes = ""
        if decl.packed:
            attributes += " __attribute__((packed))"
        if decl.align:
            attributes += " __attribute__((aligned(%d)))" % decl.align
        if decl.renamed_from:
            attributes += ' SEF_RENAMED_FROM("%s")' % decl.renamed_from
        members = " ".join(self.member(m) for m in decl.members)
        return "%s%s %s { %s }" % ("union" if decl.union else "struct", attributes, decl.name,
                                   members)

    def member(self, m):
        inner = self.s.agg(m.type) if isinstance(m.type, Agg) else None
        text = "%s %s" % (self.aggregate(inner), m.name) if inner and inner.inline else \
            declare(self.s, m.type, m.name)
        if m.bits:
            text += " : %d" % m.bits
        if m.renamed_from:
            text += ' SEF_RENAMED_FROM("%s")' % m.renamed_from
        return "%s%s%s;" % (text, tag_attribute(m.type), " " + m.attribute if m.attribute else "")

    # -- variables and functions

    @staticmethod
    def prefix(v):
        return {"tls": "_Thread_local ", "const": "const ", "weak": "__attribute__((weak)) "}.get(
            v.storage, "")

    def variable(self, v):
        value = v.init
        if self.s.version == 1 and v.storage == "const":
            value = self.g.objs[v.id].value
        init = " = " + initialiser(self.s, v.type, value) if value is not None else ""
        if v.alias and not init:    # it cannot be a common symbol
            init = " = {0}" if isinstance(v.type, (Agg, Arr, Vec)) else " = 0"
        text = declare(self.s, v.type, v.name) + tag_attribute(v.type)
        if v.renamed_from:
            text += ' SEF_RENAMED_FROM("%s")' % v.renamed_from
        if v.storage == "fstatic":
            return "void *get_%s(void) { static %s%s; return &%s; }" % (
                v.id.replace(".", "_"), text, init, v.name)
        if v.storage == "static":
            text = "static " + text
        elif v.storage != "common":
            text = self.prefix(v) + text
        out = text + init + ";"
        if v.alias:
            out += '\nextern %s __attribute__((alias("%s")));' % (
                declare(self.s, v.type, v.alias), v.name)
        return out

    def function(self, f):
        text = "%sint %s(int x) { return x * %d + %d; }" % (
            "static " if f.static else "", f.name, f.factor, self.s.version)
        if f.renamed_from:
            text = 'SEF_RENAMED_FROM("%s") ' % f.renamed_from + text
        if f.static:
            text += "\nint (*addr_%s(void))(int) { return %s; }" % (f.id.replace(".", "_"), f.name)
        return text

    def function_address(self, id):
        f = self.s.funcs[id]
        return "addr_%s()" % f.id.replace(".", "_") if f.static else f.name

    def make_object(self, obj):
        """The function that allocates an object; both versions have it, so that sites pair."""
        name = obj.id.replace(".", "_")
        if obj.text:
            body = {"strdup": 'char *p = strdup("%s"); return p;',
                    "asprintf": 'char *p; asprintf(&p, "%%s", "%s"); return p;',
                    "getline": 'char *p = gen_line("%s"); return p;'}[obj.heap] % obj.text
            return "void *mk_%s(void) { %s }" % (name, body)
        t = obj.type
        elem = t.elem if isinstance(t, Arr) else t
        n = t.n if isinstance(t, Arr) else 1
        c = declare(self.s, elem, "")
        size = "sizeof(%s)" % c
        if isinstance(t, Arr):
            # What the compiler could count might be one of another structure that begins alike.
            size = ("gen_size(%d) * %s" if isinstance(elem, Agg) else "%d * %s") % (n, size)
        if obj.count:
            flex = self.s.agg(t).members[-1]
            size += " + %d * sizeof(%s)" % (obj.count, declare(self.s, flex.type.elem, ""))
        if obj.tail:
            size += " + gen_size(%d)" % (len(obj.tail) + 1)
        if (obj.count or obj.tail) and obj.heap in ("calloc", "realloc"):
            obj.heap = "malloc"
        call = ALLOCATIONS[obj.heap].format(size=size, n=n, elem=c)
        receiver = {"bytes": "char *p", "untyped": "void *p"}.get(
            obj.heap, declare(self.s, Ptr(elem), "p"))
        body = "%s = %s; " % (receiver, call)
        if obj.heap == "realloc":
            body += "p = realloc(p, %s); " % size
        if obj.heap == "posix_memalign":
            body += "posix_memalign((void **) &p, 64, %s); " % size
        return "void *mk_%s(void) { %smemset(p, 0, %s); return p; }" % (name, body, size)

    def unit(self, k):
        out = ['#include "types.h"']
        out += [self.aggregate(d) + ";" for d in self.s.decls.values() if d.unit == k]
        out += [self.variable(v) for v in self.s.vars.values() if v.unit == k]
        out += [self.function(self.s.funcs[f]) for f in self.s.order if self.s.funcs[f].unit == k]
        if k == self.s.units - 1:
            out.append(ALLOCATORS)
        mine = [o for o in self.allocs.values() if o.unit == k]
        if any(o.heap == "static_wrapper" for o in mine):
            out.append("static void *local_alloc(size_t n) { void *p = malloc(n); return p; }")
        out += [self.make_object(o) for o in mine]
        return "\n".join(out) + "\n"
