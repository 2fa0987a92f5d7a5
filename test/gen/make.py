# SPDX-License-Identifier: BSD-2-Clause
"""Makes the first version of a program: its types, variables and functions."""
from .types import (
    AggDecl, Agg, Arr, Atomic, BOOL, CHAR, CHAR_P, COMPLEX_DOUBLE, COMPLEX_FLOAT, DOUBLE, Enum,
    EnumDecl, FLOAT, Fn, Func, INT, INT128, INTS, LONG, LONG_DOUBLE, Member, Prim, Ptr, SHORT,
    Schema, Str, Tagged, UINT, UINT128, UINTPTR, ULONG, VOID_P, Var, Vec)
from .values import FuncRef

LINK = Agg("link")
PACKED = 0.08           # of the structures


def make_schema(ch):
    schema = Schema(units=ch.number("units", 2, 3))
    make_functions(ch, schema)
    make_enums(ch, schema)
    if ch.maybe("link", 0.6, "intrusive"):
        schema.decls["link"] = AggDecl("link", "link", [
            Member("link.next", "next", Ptr(LINK)), Member("link.prev", "prev", Ptr(LINK))])
    keys = list(ch.items("struct", 2, 5))
    make_hidden(ch, schema)
    if any(ch.maybe(key + ".packed", PACKED, "packed") for key in keys):
        ch.off.add("atomic")    # which cannot be without its alignment
    for key in keys:
        schema.decls[key] = None
    for key in keys:
        schema.decls[key] = make_struct(ch, schema, key)
    make_local_types(ch, schema)
    make_variables(ch, schema)
    return schema


def make_functions(ch, schema):
    if not ch.on("function"):
        return
    for i, key in enumerate(ch.items("func", 2, 5)):
        unit = ch.number(key + ".unit", 0, schema.units - 1)
        schema.funcs[key] = Func(key, "act_%d" % i, unit, ch.maybe(key + ".static", 0.3, "static"),
                                 ch.number(key + ".factor", 2, 99))
    schema.order = list(schema.funcs)


def make_enums(ch, schema):
    if not ch.on("enum"):
        return
    for key in ch.items("enum", 1, 2):
        name = key.replace(".", "_")
        items, value = [], ch.pick(key + ".first", [0, 0, 1, -3])
        for item in ch.items(key + ".item", 3, 6):
            items.append((item, "%s_%s" % (name.upper(), "ABCDEF"[len(items)]), value))
            value += ch.pick(item + ".gap", [1, 1, 1, 5])
        if items:
            schema.enums[key] = EnumDecl(key, name, items)


# -- structures ------------------------------------------------------------------------------


def make_struct(ch, schema, key):
    decl = AggDecl(key, key.replace(".", "_"), [])
    if ch.maybe(key + ".packed", PACKED, "packed"):
        decl.packed = True
    elif ch.maybe(key + ".aligned", 0.1, "aligned"):
        decl.align = ch.pick(key + ".alignment", [32, 64])
    for name in ch.items(key + ".m", 2, 7):
        decl.members += make_member(ch, schema, name, decl)
    if "link" in schema.decls and not decl.packed and ch.maybe(key + ".link", 0.5, "intrusive"):
        decl.members.insert(ch.number(key + ".link.at", 0, len(decl.members)),
                            Member(key + ".link", "link", LINK))
    if not decl.packed and ch.maybe(key + ".flexible", 0.12, "flexible"):
        decl.members.append(Member(key + ".flex", "flex", Arr(make_scalar(ch, key + ".flex"), None)))
    if all(m.bits or isinstance(m.type, Arr) and m.type.n is None for m in decl.members):
        decl.members.insert(0, Member(key + ".base", "base", INT))
    return decl


def make_member(ch, schema, key, decl):
    """One member, or a few that belong together."""
    name = "m%s" % key.rsplit(".", 1)[1]
    kind = ch.weighted(key + ".kind", [
        (30, None, "scalar"), (8, "bit-field", "bits"), (8, "nested", "nested"),
        (5, "anonymous", "anonymous"), (8, "union", "union"), (7, "union-rule", "rule"),
        (10, "array", "array"), (24, None, "pointer")])
    if kind == "bits":
        prim = ch.pick(key + ".prim", [INT, UINT, ULONG, LONG])
        return [Member(key + part, name + part[1:],
                       prim, ch.number(key + part, 2, min(20, prim.bits - 1)))
                for part in (".a", ".b")]
    if kind == "nested":
        earlier = [d for d in schema.decls.values() if d and not d.inline and d.unit is None
                   and not has_flexible(d)
                   and not (decl.packed and (d.align or d.id == "link"))]
        if earlier:
            inner = Agg(ch.pick(key + ".of", earlier).id)
            return [Member(key, name, Arr(inner, 2) if ch.maybe(key + ".two", 0.3, "array")
                           else inner)]
        kind = "scalar"
    if kind == "anonymous":
        return [Member(key, ch.pick(key + ".named", ["", name]),
                       make_inline(ch, schema, key, name, ch.maybe(key + ".union", 0.25, "union")))]
    if kind == "union":
        return [Member(key, name, make_union(ch, schema, key, name))]
    if kind == "rule":
        return make_tagged_union(ch, schema, key, name)
    if kind == "array":
        return [Member(key, name, make_array(ch, key, make_scalar(ch, key, schema)))]
    if kind == "pointer":
        t = make_pointer(ch, schema, key)
        return [Member(key, name, Arr(t, ch.number(key + ".n", 2, 4))
                       if ch.maybe(key + ".array", 0.25, "array") else t)]
    return [Member(key, name, make_scalar(ch, key, schema))]


def has_flexible(decl):
    return bool(decl.members) and isinstance(decl.members[-1].type, Arr) \
        and decl.members[-1].type.n is None


def make_inline(ch, schema, key, name, union=False):
    inner = AggDecl(key + ".in", "", [], union=union, inline=True)
    for part in ("a", "b"):
        inner.members.append(Member(key + "." + part, name + part,
                                    make_scalar(ch, key + "." + part, None if union else schema)))
    schema.decls[inner.id] = inner
    return Agg(inner.id)


def make_union(ch, schema, key, name):
    inner = AggDecl(key + ".in", "", [], union=True, inline=True)
    for part in ("a", "b"):
        inner.members.append(Member(key + "." + part, part, make_scalar(ch, key + "." + part)))
    schema.decls[inner.id] = inner
    return Agg(inner.id)


def make_tagged_union(ch, schema, key, name):
    """A union with pointers in it, and beside it the number that tells the active member."""
    inner = AggDecl(key + ".in", "", [], union=True, inline=True, tag=name + "_tag")
    for i, part in enumerate("abc"):
        t = make_scalar(ch, key + "." + part)
        if part == "c":
            t = make_pointer(ch, schema, key + ".c")
            t = Ptr(t.to) if isinstance(t, Tagged) else t   # marks are not looked for in unions
        inner.members.append(Member(key + "." + part, part, t))
        inner.tags[key + "." + part] = i + 1
    schema.decls[inner.id] = inner
    rule = "%s: %s" % (inner.tag, ", ".join(
        "%d=%s" % (inner.tags[m.id], m.name) for m in inner.members))
    return [Member(key + ".tag", inner.tag, INT),
            Member(key, name, Agg(inner.id), attribute='SEF_UNION_BY("%s")' % rule)]


def make_array(ch, key, elem):
    t = Arr(elem, ch.number(key + ".n1", 2, 5))
    return Arr(t, ch.number(key + ".n2", 2, 3)) if ch.maybe(key + ".2d", 0.3) else t


def make_scalar(ch, key, schema=None):
    kinds = [(10, None, p) for p in INTS] + [
        (6, "bool", BOOL), (6, "float", FLOAT), (6, "float", DOUBLE), (4, "long-double", LONG_DOUBLE),
        (3, "complex", COMPLEX_FLOAT), (3, "complex", COMPLEX_DOUBLE), (3, "int128", INT128),
        (3, "int128", UINT128), (3, "vector", Vec(INT, 4)), (3, "vector", Vec(FLOAT, 2)),
        (4, "atomic", Atomic(INT)), (4, "atomic", Atomic(LONG))]
    if schema and schema.enums:
        kinds += [(15, "enum", Enum(id)) for id in schema.enums]
    return ch.weighted(key + ".scalar", kinds)


def make_pointer(ch, schema, key):
    structs = [Agg(d) for d, decl in schema.decls.items() if d != "link" and (
        decl is None or not decl.inline and (decl.unit is None or decl.declared))]
    kinds = [(4, "interior", Ptr(p)) for p in (INT, LONG, SHORT)] + [
        (8, "void", VOID_P), (6, "char", CHAR_P), (6, "uintptr", UINTPTR), (5, "literal", Str())]
    if structs:
        to = ch.pick(key + ".to", structs)
        kinds += [(40, None, Ptr(to)), (8, "pointer-pointer", Ptr(Ptr(to))),
                  (6, "tagged", Tagged(to))]
    if schema.funcs:
        kinds.append((12, "function", Fn()))
    return ch.weighted(key + ".pointer", kinds)


def make_hidden(ch, schema):
    """A structure that is defined in one file, and only declared in the others."""
    if ch.maybe("hidden", 0.3, "incomplete"):
        decl = AggDecl("hidden", "hidden", [], unit=ch.number("hidden.unit", 0, schema.units - 1),
                       declared=True)
        schema.decls["hidden"] = decl
        for name in ch.items("hidden.m", 1, 4):
            t = Ptr(Agg("hidden")) if ch.maybe(name + ".self", 0.3) else make_scalar(ch, name, schema)
            decl.members.append(Member(name, "m" + name[-1], t))
        decl.members = decl.members or [Member("hidden.base", "base", INT)]


def make_local_types(ch, schema):
    """Structures of one name, with another layout in each of two files."""
    if not ch.maybe("local", 0.3, "local-type"):
        return
    for unit in (0, 1):
        key = "local%d" % unit
        decl = AggDecl(key, "local", [], unit=unit)
        for name in ch.items(key + ".m", 2, 4):
            decl.members.append(Member(name, "%s%s" % ("xy"[unit], name[-1]),
                                       make_scalar(ch, name, schema)))
        decl.members = decl.members or [Member(key + ".base", "base", INT)]
        schema.decls[key] = decl


# -- variables -------------------------------------------------------------------------------


def make_variables(ch, schema):
    for key in ch.items("var", 3, 8):
        make_variable(ch, schema, key)
    for id, decl in list(schema.decls.items()):
        if decl.unit is not None and not decl.declared:
            schema.vars[id + ".var"] = Var(id + ".var", "local_var", Agg(id), "static", decl.unit)
    if ch.maybe("same", 0.3, "static"):
        for unit in (0, 1):
            t = make_scalar(ch, "same%d" % unit, schema)
            schema.vars["same%d" % unit] = Var("same%d" % unit, "same", t, "static", unit)
    if "link" in schema.decls:
        schema.vars["head"] = Var("head", "head", LINK, "global", 0)
    make_table(ch, schema)
    plain = [v for v in schema.vars.values() if v.storage == "global" and v.id != "head"]
    if plain and ch.maybe("alias", 0.15, "alias"):
        v = ch.pick("alias.of", plain)
        v.alias = v.name + "_alias"


def make_table(ch, schema):
    """A table of functions with an initialiser."""
    funcs = [f.id for f in schema.funcs.values() if not f.static]
    if funcs and ch.maybe("table", 0.3, "table"):
        t = Arr(Fn(), ch.number("table.n", 2, 4))
        schema.vars["table"] = Var("table", "table", t, "table", 0, init=[
            FuncRef(ch.pick("table.%d" % i, funcs)) for i in range(t.n)])


def make_variable(ch, schema, key):
    storage = ch.weighted(key + ".storage", [
        (40, None, "global"), (20, "static", "static"), (8, "function-static", "fstatic"),
        (8, "tls", "tls"), (10, "const", "const"), (8, "common", "common"), (6, "weak", "weak")])
    structs = [Agg(d.id) for d in schema.decls.values()
               if d.id != "link" and not d.inline and d.unit is None and not has_flexible(d)]
    kind = ch.weighted(key + ".kind", [
        (30, None, "struct"), (20, None, "scalar"), (25, None, "pointer"), (15, "array", "array")])
    if storage == "const" and kind in ("pointer", "struct"):
        kind = "scalar"
    if kind == "struct" and structs:
        t = ch.pick(key + ".struct", structs)
        if ch.maybe(key + ".array", 0.3, "array"):
            t = Arr(t, ch.number(key + ".n", 2, 3))
    elif kind == "pointer":
        t = make_pointer(ch, schema, key)
        if ch.maybe(key + ".array", 0.4, "array"):
            t = Arr(t, ch.number(key + ".n", 2, 4))
    elif kind == "array":
        t = make_array(ch, key, make_scalar(ch, key, schema))
    else:
        t = make_scalar(ch, key, schema)
    unit = ch.number(key + ".unit", 0, schema.units - 1)
    schema.vars[key] = Var(key, key.replace(".", ""), t, storage, unit)
