# SPDX-License-Identifier: BSD-2-Clause
"""Decisions of the generator, each under a name of its own.

A decision depends on the seed and its name alone, never on the decisions before it, so that the
shrinker can drop one and all others stay as they are. Decisions that put something into the program
are recorded in `taken`; dropping one means that it is answered with no.
"""
import random

# Everything that can be switched off by --without, or alone left on by --only.
FEATURES = {
    "nested": "structures in structures",
    "anonymous": "anonymous and unnamed aggregates",
    "union": "unions whose members stay",
    "union-more": "unions that get another member",
    "union-rule": "unions with a union_by rule",
    "bit-field": "bit-fields",
    "flexible": "flexible arrays",
    "tail": "objects with raw bytes behind their structure",
    "packed": "packed structures",
    "aligned": "over-aligned structures",
    "bool": "_Bool",
    "float": "float and double",
    "long-double": "long double",
    "complex": "_Complex",
    "int128": "__int128",
    "odd-numbers": "conversion of long double, _Complex and __int128",
    "vector": "vector types",
    "atomic": "_Atomic",
    "enum": "enums, and their change",
    "array": "arrays, and their change",
    "interior": "pointers to members and elements",
    "end": "pointers to one past the end",
    "intrusive": "intrusive lists",
    "pointer-pointer": "pointers to pointers",
    "function": "pointers to functions, and arrays of them",
    "table": "tables of functions as their initialiser made them",
    "void": "void * to anything",
    "char": "char * to anything",
    "uintptr": "pointers in integers",
    "tagged": "tagged pointers",
    "incomplete": "types completed in another file only",
    "local-type": "types of one name and different layout",
    "common": "common symbols",
    "weak": "weak symbols",
    "alias": "aliases",
    "static": "statics, of one name in several files",
    "function-static": "statics of functions",
    "tls": "thread-local variables",
    "const": "constant data",
    "literal": "string literals",
    "heap-kinds": "calloc, realloc, aligned_alloc, posix_memalign",
    "libc-strings": "strdup, asprintf and getline",
    "mmap": "mmap",
    "opaque": "memory of unknown type that holds pointers",
    "wrapper": "wrappers of malloc in the same file",
    "far-wrapper": "wrappers of malloc in another file, or called by a pointer",
    "named": "allocators in another file with SEF_ALLOC",
    "pool": "objects out of a pool with SEF_POOL",
    "rename": "SEF_RENAMED_FROM",
    "number-change": "numbers that become wider, narrower, signed or floating",
    "add": "members and variables added",
    "remove": "members and variables removed",
    "reorder": "members and functions in another order",
    "move-file": "variables and functions moved to another file",
    "pointer-change": "pointers that become integers or void *",
    "twice": "a second update",
    "verify": "checking the update by transferring back",
    "refuse": "updates that must be refused",
}


class Chooser:
    def __init__(self, seed, drop=(), without=(), only=None):
        self.seed = seed
        self.drop = set(drop)
        self.off = set(without)
        if only is not None:
            self.off |= set(FEATURES) - set(only)
        unknown = (self.off | set(only or ())) - set(FEATURES)
        if unknown:
            raise ValueError("no such feature: " + ", ".join(sorted(unknown)))
        self.taken = []
        self.used = set()

    def rng(self, key):
        return random.Random("%s/%s" % (self.seed, key))

    def on(self, feature):
        if feature in self.off:
            return False
        self.used.add(feature)
        return True

    def maybe(self, key, chance, feature=None):
        """Whether to do something; a decision that can be dropped."""
        if key in self.drop or (feature and feature in self.off):
            return False
        if self.rng(key).random() >= chance:
            return False
        self.taken.append(key)
        if feature:
            self.used.add(feature)
        return True

    def items(self, key, low, high):
        """Names for a number of things, each of which can be dropped."""
        for i in range(self.rng(key).randint(low, high)):
            name = "%s.%d" % (key, i)
            if name not in self.drop:
                self.taken.append(name)
                yield name

    def number(self, key, low, high):
        return self.rng(key).randint(low, high)

    def pick(self, key, choices):
        return self.rng(key).choice(choices)

    def weighted(self, key, pairs):
        """One of (weight, feature or None, value), among those whose features are on."""
        pairs = [p for p in pairs if p[1] is None or p[1] not in self.off]
        weight, feature, value = self.rng(key).choices(pairs, [p[0] for p in pairs])[0]
        if feature:
            self.used.add(feature)
        return value

    def shuffled(self, key, items):
        items = list(items)
        self.rng(key).shuffle(items)
        return items
