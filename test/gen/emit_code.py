# SPDX-License-Identifier: BSD-2-Clause
"""The code of one version that builds the state, finds it again, checks it and uses it.

Objects are named by a number in `gen_reg`, filled in from the variables along a spanning tree of the
pointers. It is empty while the service waits, so that it is no state.
"""
from .emit_c import Emitter, literal
from .graph import parts
from .types import Agg, Arr, CHAR, Enum, Fn, Loose, Ptr, Str, Tagged, Vec, declare
from .values import Active, FuncRef, Ref, get, is_pointer, number_like


class Coder(Emitter):
    # -- expressions

    def lvalue(self, obj, path):
        o = "o%d" % self.index(obj)
        t = obj.type
        if obj.heap and isinstance(t, Arr) and path:
            return self.walk("%s[%d]" % (o, path[0]), t.elem, path[1:])
        return self.walk("(*%s)" % o, t, path)

    def walk(self, text, t, path):
        for step in path:
            if isinstance(t, Agg):
                m = self.s.agg(t).member(step)
                text += "." + m.name if m.name else ""
                t = m.type
            else:
                text += "[%d]" % step
                t = t.elem
        return text

    def local(self, obj):
        """Declares oN, by which an object is used in a function."""
        i = self.index(obj)
        t = obj.type.elem if obj.heap and isinstance(obj.type, Arr) else obj.type
        if obj.text:
            return "char *o%d = gen_reg[%d];" % (i, i)
        t = declare(self.s, Ptr(t), "o%d" % i)
        const = "const " if obj.var and self.s.vars[obj.var].storage == "const" else ""
        return "%s%s = gen_reg[%d];" % (const, t, i)

    def address(self, ref):
        obj = self.g.objs[ref.obj]
        if ref.end and ref.path:
            text = "&%s + 1" % self.lvalue(obj, ref.path)
        elif ref.end:
            text = "o%d + %d" % (self.index(obj), obj.type.n if obj.heap else 1)
        elif not ref.path:
            text = "gen_reg[%d]" % self.index(obj)
        else:
            text = "&" + self.lvalue(obj, ref.path)
        return "((char *) (%s) + %d)" % (text, ref.tag) if ref.tag else "(void *) (%s)" % text

    def visible(self, obj, unit):
        only = self.s.unit_of(obj.type)
        return only is None or only == unit

    def locals(self, unit):
        return ["    " + self.local(o) for o in self.g.objs.values() if self.visible(o, unit)]

    # -- scalars of an object

    def scalars(self, t, value, text, bits=False):
        """(lvalue, type, value) of all that an object has, down to numbers and pointers."""
        if isinstance(t, (Arr, Vec)):
            for i, v in enumerate(value):
                yield from self.scalars(t.elem, v, "%s[%d]" % (text, i))
        elif isinstance(t, Agg) and self.s.agg(t).union:
            m = self.s.agg(t).member(value.member)
            yield from self.scalars(m.type, value.value, text + "." + m.name)
        elif isinstance(t, Agg):
            for m in self.s.agg(t).members:
                inner = text + "." + m.name if m.name else text
                yield from self.scalars(m.type, value[m.id], inner)
        else:
            yield text, t, value

    def object_scalars(self, obj):
        if obj.text:
            return
        if obj.heap and isinstance(obj.type, Arr):
            for i, v in enumerate(obj.value):
                yield from self.scalars(obj.type.elem, v, "o%d[%d]" % (self.index(obj), i))
        else:
            yield from self.scalars(obj.type, obj.value, "(*o%d)" % self.index(obj))

    def assign(self, text, t, value):
        if value is None or value == 0:
            return []
        if isinstance(value, Ref):
            return ["%s = (%s) %s;" % (text, declare(self.s, t, "") if isinstance(t, Loose)
                                       else "void *", self.address(value))]
        if isinstance(value, FuncRef):
            return ["%s = %s;" % (text, self.function_address(value.func))]
        if isinstance(value, str):
            return ['%s = "%s";' % (text, value)]
        return ["%s = %s;" % (text, literal(self.s, t, value))]

    def check(self, text, t, value):
        if isinstance(value, Ref):
            cond = "(void *) %s == (void *) %s" % (text, self.address(value))
        elif isinstance(value, FuncRef):
            f = self.s.funcs[value.func]
            cond = "%s == %s && %s(3) == %d" % (
                text, self.function_address(value.func), text, 3 * f.factor + self.s.version)
        elif isinstance(value, str):
            cond = '%s && strcmp(%s, "%s") == 0' % (text, text, value)
        elif value is None:
            cond = "!" + text
        else:
            cond = "%s == %s" % (text, literal(self.s, t, value))
        return ['CK(%s, "%s");' % (cond, text)]

    # -- functions

    def build(self, unit):
        alloc, fill = [], []
        for o in self.g.objs.values():
            if o.heap and o.unit == unit:
                alloc.append("    gen_reg[%d] = mk_%s();" % (self.index(o), o.id.replace(".", "_")))
            if o.unit == unit and not (o.var and self.s.vars[o.var].storage == "const"):
                fill += [s for x in self.object_scalars(o) for s in self.assign(*x)]
                if o.tail:
                    fill.append('strcpy((char *) (o%d + 1), "%s");' % (self.index(o), o.tail))
        return (self.text("gen_alloc_%d" % unit, alloc) +
                self.text("gen_fill_%d" % unit, self.locals(unit) + ["    " + s for s in fill]))

    def find_variables(self, unit):
        out = []
        for o in self.g.objs.values():
            v = self.s.vars.get(o.var)
            if v and v.unit == unit:
                out.append("    gen_reg[%d] = %s;" % (
                    self.index(o), "get_%s()" % v.id.replace(".", "_") if v.storage == "fstatic"
                    else "(void *) &" + v.name))
        return self.text("gen_find_%d" % unit, out)

    def spanning_tree(self):
        """Steps (object, holder, path, reference), each from an object that is known already."""
        known = [o for o in self.g.objs.values() if o.var]
        seen = {o.id for o in known}
        steps = []
        for holder in known:    # grows
            if holder.text:
                continue
            for path, t, _, loose, _ in parts(self.s, holder.type, self.s, None, holder.value):
                ref = get(holder.value, path) if is_pointer(t) else None
                if isinstance(ref, Ref) and not ref.end and ref.obj not in seen and not loose and \
                        self.s.unit_of(holder.type) is None:
                    seen.add(ref.obj)
                    known.append(self.g.objs[ref.obj])
                    steps.append((self.g.objs[ref.obj], holder, path, ref))
        return steps

    def resolve(self, steps):
        out = []
        for obj, holder, path, ref in steps:
            i, h = self.index(obj), self.index(holder)
            slot = self.lvalue(holder, path)
            offset = self.offset(obj, ref.path)
            out += ["    { " + self.local(holder),
                    '      if (!%s) { gen_bad("%s is null"); return; }' % (slot, slot),
                    "      gen_reg[%d] = (char *) %s - %s - %d; }" % (i, slot, offset, ref.tag)]
        return self.text("gen_resolve", out)

    def offset(self, obj, path):
        if not path:
            return "0"
        t = declare(self.s, obj.type, "")
        if obj.heap and isinstance(obj.type, Arr):
            t = declare(self.s, obj.type.elem, "")
            rest = self.walk("", obj.type.elem, path[1:])
            return "%d * sizeof(%s)" % (path[0], t) + (
                " - 0" if not rest else " - offsetof(%s, %s)" % (t, rest[1:]))
        rest = self.walk("", obj.type, path)
        if isinstance(obj.type, Arr):
            return "(size_t) (char *) &(*(%s) 0)%s" % (declare(self.s, Ptr(obj.type), ""), rest)
        return "offsetof(%s, %s)" % (t, rest[1:])

    def checks(self, unit, reached):
        out = self.locals(unit)
        for o in self.g.objs.values():
            if o.id not in reached or not self.visible(o, unit) or o.unit != unit:
                continue
            v = self.s.vars.get(o.var)
            if o.text:
                out.append('    CK(strcmp(o%d, "%s") == 0, "%s");' % (
                    self.index(o), o.text, o.text))
            if o.tail:
                out.append('    CK(strcmp((char *) (o%d + 1), "%s") == 0, "%s");' % (
                    self.index(o), o.tail, o.tail))
            if v and v.alias:
                out.append('    CK(gen_same(&%s, &%s), "%s");' % (v.alias, v.name, v.alias))
            for text, t, value in self.object_scalars(o):
                if isinstance(value, Ref) and value.obj not in reached:
                    continue
                out += ["    " + c for c in self.check(text, t, value)]
        return self.text("gen_check_%d" % unit, out)

    def text(self, name, lines):
        return "\nvoid %s(void)\n{\n%s}\n" % (name, "".join(line + "\n" for line in lines))

    def main_unit(self, reached, steps):
        units = range(self.s.units)
        n = len(self.number)
        out = "\nvoid *gen_reg[%d];\nconst int gen_version = %d;\n" % (n, self.s.version)
        out += self.resolve(steps)
        find = ["    gen_find_%d();" % k for k in units] + ["    gen_resolve();"]
        clear = "    memset(gen_reg, 0, sizeof(gen_reg));"
        out += self.text("gen_check", find + ["    if (gen_failed()) return;"] + [
            "    gen_check_%d();" % k for k in units] + [clear])
        use = ["    gen_use(gen_reg[%d]);" % self.index(o) for o in self.g.objs.values()
               if o.heap and o.id in reached and o.heap not in ("mmap", "pool")]
        out += self.text("gen_exercise", find + use + [clear])
        build = []
        if self.s.version == 1:
            build = [line for phase in ("find", "alloc", "fill") for k in units
                     for line in ["    gen_%s_%d();" % (phase, k)]] + [clear]
        out += self.text("gen_build", build)
        return out

    def program(self):
        """All files of this version by name."""
        files = {"types.h": self.header() + "extern void *gen_reg[];\n" + "".join(
                     "void gen_%s_%d(void);\n" % (phase, k) for k in range(self.s.units)
                     for phase in ("find", "alloc", "fill", "check"))}
        steps = self.spanning_tree()
        reached = {o.id for o in self.g.objs.values() if o.var} | {s[0].id for s in steps}
        for k in range(self.s.units):
            text = self.unit(k) + self.find_variables(k) + self.checks(k, reached)
            if self.s.version == 1:
                text += self.build(k)
            if k == 0:
                text += self.main_unit(reached, steps)
            files["unit%d.c" % k] = text
        return files
