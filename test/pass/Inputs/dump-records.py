#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Print the state table of a linked image as text, for FileCheck.

The record layout is read from MagicRecords.inc, so this is a third, independent reader of it. It
fails if a reference leaves the image's sections, or if the dynamic linker would write to a table.

usage: dump-records.py MAGICRECORDS.INC IMAGE
"""
import re
import struct
import sys

FORMATS = {"U16": "H", "U32": "I", "U64": "Q", "I64": "q", "REF": "i"}


class Layout:
    """Record layouts, kinds and flags as MagicRecords.inc declares them."""

    def __init__(self, path):
        text = open(path, encoding="utf-8").read()
        self.fields = {}
        for name, body in re.findall(
                r"#define MAGIC_(\w+)_FIELDS\(X\)((?:.*\\\n)*.*\n)", text):
            self.fields[name] = re.findall(r"X\((\w+), (\w+)\)", body)
        kinds = re.search(r"#define MAGIC_TYPE_KINDS\(X\)((?:.*\\\n)*.*\n)", text).group(1)
        self.kinds = {int(v): n for n, v in re.findall(r"X\((\w+), (\d+)\)", kinds)}
        self.flags = {}
        for what, name, value in re.findall(
                r"#define MAGIC_(TYPE|VAR|FUNC|SITE)_(\w+)\s+0x(\w+)u", text):
            self.flags.setdefault(what, []).append((int(value, 16), name))

    def size(self, record):
        return sum(struct.calcsize("<" + FORMATS[k]) for k, _ in self.fields[record])

    def names(self, what, flags):
        return "".join(" " + n for v, n in self.flags[what] if flags & v)


class Image:
    """Sections of an ELF64 little-endian file, by name and by address."""

    def __init__(self, path):
        self.data = open(path, "rb").read()
        (shoff,) = struct.unpack_from("<Q", self.data, 0x28)
        size, count, names = struct.unpack_from("<HHH", self.data, 0x3a)
        raw = [struct.unpack_from("<IIQQQQIIQQ", self.data, shoff + i * size)
               for i in range(count)]
        strings = raw[names][4]
        self.sections = [(self.text(strings + s[0]),) + s[1:] for s in raw]

    def text(self, offset):
        return self.data[offset:self.data.index(b"\0", offset)].decode()

    def named(self, name):
        return [s for s in self.sections if s[0] == name]

    def offset(self, addr):
        for name, kind, flags, vaddr, off, size, *_ in self.sections:
            if flags & 2 and kind != 8 and vaddr <= addr < vaddr + size:
                return off + addr - vaddr
        sys.exit(f"reference to {addr:#x}, which is in no section")

    def string(self, addr):
        return self.text(self.offset(addr)) if addr else "-"

    def check_relocations(self):
        tables = [s for s in self.sections if s[0].startswith("magic_")]
        for section in (s for s in self.sections if s[1] == 4 and s[2] & 2):
            for at in range(section[4], section[4] + section[5], 24):
                (where,) = struct.unpack_from("<Q", self.data, at)
                for table in tables:
                    if table[3] <= where < table[3] + table[5]:
                        sys.exit(f"dynamic relocation in {table[0]}")
        for section in self.named(".dynamic"):
            for at in range(section[4], section[4] + section[5], 16):
                tag, value = struct.unpack_from("<QQ", self.data, at)
                if tag == 22 or (tag == 30 and value & 4):
                    sys.exit("text relocations")


class Dumper:
    def __init__(self, layout, image):
        self.layout = layout
        self.image = image

    def read(self, record, addr):
        """The fields of a record; references as addresses, 0 for none."""
        values = {}
        for kind, name in self.layout.fields[record]:
            (value,) = struct.unpack_from("<" + FORMATS[kind], self.image.data,
                                          self.image.offset(addr))
            values[name] = addr + value if kind == "REF" and value else value
            addr += struct.calcsize("<" + FORMATS[kind])
        return values

    def records(self, section, record):
        for s in self.image.named(section):
            if record != "TYPE" and s[5] % self.layout.size(record):
                sys.exit(f"{section}: {s[5]} bytes are no whole number of records")
            addr = s[3]
            while addr < s[3] + s[5]:
                values = self.read(record, addr)
                yield addr, values
                addr += values.get("rec_size", self.layout.size(record))

    def spell(self, addr, depth=0):
        """A short spelling of a type: its name, or its shape if it has none."""
        if not addr:
            return "-"
        t = self.read("TYPE", addr)
        kind = self.layout.kinds[t["kind"]]
        name = self.image.string(t["name"])
        if kind in ("STRUCT", "UNION", "ENUM"):
            return f"{kind.lower()} {name}"
        if name != "-" or depth > 8:
            return name
        target = self.spell(t["target"], depth + 1)
        if kind == "POINTER":
            return target + "*"
        if kind == "ARRAY":
            return f"{target}[{t['nelems']}]"
        if kind == "FUNCTION":
            entries = (self.read("PARAM", a) for a in self.entries(addr, t, "PARAM"))
            params = [self.spell(p["type"], depth + 1) for p in entries]
            if t["flags"] & 0x80:
                params.append("...")
            return f"{target}({', '.join(params)})"
        return kind.lower()

    def entries(self, addr, t, record):
        first = addr + self.layout.size("TYPE")
        return [first + i * self.layout.size(record) for i in range(t["count"])]

    def dump_type(self, addr, t):
        kind = self.layout.kinds[t["kind"]]
        s = self.image.string
        flags = self.layout.names("TYPE", t["flags"])
        print(f"type {self.spell(addr)}: {kind} size={t['size']} align={t['align']} "
              f"nelems={t['nelems']} count={t['count']} target={self.spell(t['target'])} "
              f"at={s(t['file'])}:{t['line']} flags:{flags}")
        if kind in ("STRUCT", "UNION"):
            for a in self.entries(addr, t, "MEMBER"):
                m = self.read("MEMBER", a)
                print(f"  member {s(m['name'])}: {self.spell(m['type'])} "
                      f"bit={m['bit_offset']} width={m['bit_size']}")
        if kind == "ENUM":
            for a in self.entries(addr, t, "ENUMERATOR"):
                e = self.read("ENUMERATOR", a)
                print(f"  enumerator {s(e['name'])} = {e['value']}")

    def dump(self):
        s, names = self.image.string, self.layout.names
        for _, m in self.records("magic_modules", "MODULE"):
            print(f"module {s(m['file'])} magic={m['magic']:#x} "
                  f"abi={m['abi_major']}.{m['abi_minor']} producer={s(m['producer'])}")
        for addr, t in self.records("magic_types", "TYPE"):
            self.dump_type(addr, t)
        for _, v in self.records("magic_vars", "VAR"):
            print(f"var {s(v['name'])}: {self.spell(v['type'])} size={v['size']} "
                  f"align={v['align']} scope={s(v['scope'])} at={s(v['file'])}:{v['line']} "
                  f"flags:{names('VAR', v['flags'])}")
        for _, f in self.records("magic_funcs", "FUNC"):
            print(f"func {s(f['name'])}: {self.spell(f['type'])} at={s(f['file'])}:{f['line']} "
                  f"flags:{names('FUNC', f['flags'])}")
        for _, x in self.records("magic_sites", "SITE"):
            print(f"site {s(x['function'])}: {self.spell(x['type'])} elem={x['elem_size']} "
                  f"receiver={s(x['receiver'])} callee={s(x['callee'])} "
                  f"at={s(x['file'])}:{x['line']} ordinal={x['ordinal']} "
                  f"flags:{names('SITE', x['flags'])}"
                  + (f" reason: {s(x['reason'])}" if x["reason"] else ""))


def main():
    image = Image(sys.argv[2])
    image.check_relocations()
    Dumper(Layout(sys.argv[1]), image).dump()


main()
