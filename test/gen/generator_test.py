# SPDX-License-Identifier: BSD-2-Clause
"""The generator itself: what a seed means, what it expects, and how it shrinks."""
import os
import tempfile
import types as python_types
import unittest

from gen.choose import FEATURES, Chooser
from gen.expect import Lost, convert
from gen.pair import Pair, generate
from gen.run import Failed
from gen.shrink import shrink
from gen.types import (
    Agg, AggDecl, Arr, CHAR, DOUBLE, Enum, EnumDecl, INT, LONG, Member, Ptr, Schema, UCHAR, declare)
from gen.values import Active, zero


class Seeds(unittest.TestCase):
    def test_seed_decides_everything(self):
        for seed in range(20):
            one, two = generate(seed)[0], generate(seed)[0]
            self.assertEqual(one.files, two.files)
            self.assertEqual(one.flags, two.flags)

    def test_dropping_a_decision_leaves_the_others(self):
        whole = Chooser(1)
        taken = [k for k in whole.items("x", 5, 5)]
        part = Chooser(1, drop=[taken[2]])
        self.assertEqual(list(part.items("x", 5, 5)), taken[:2] + taken[3:])
        self.assertEqual(part.number("y", 0, 999), whole.number("y", 0, 999))

    def test_features_switch_off(self):
        for seed in range(20):
            pair, ch = generate(seed, without=["bit-field", "packed"])
            self.assertFalse({"bit-field", "packed"} & ch.used)
            self.assertNotIn("packed", pair.files[0]["types.h"])
        pair, ch = generate(3, only=[])
        self.assertEqual(ch.used, set())
        with self.assertRaises(ValueError):
            generate(1, without=["no-such-thing"])

    def test_each_feature_is_used(self):
        used = set()
        for seed in range(150):
            used |= generate(seed)[1].used
        self.assertEqual(set(FEATURES) - used, set())

    def test_pair_is_read_as_it_was_written(self):
        pair = generate(5)[0]
        with tempfile.TemporaryDirectory() as directory:
            pair.write(directory)
            again = Pair.read(directory)
        self.assertEqual(vars(again), vars(pair))


class Expectation(unittest.TestCase):
    def schema(self, *members, union=False, enums=()):
        return Schema(decls={"s": AggDecl("s", "s", list(members), union)},
                      enums={"e": EnumDecl("e", "e", list(enums))})

    def convert(self, s1, t1, s2, t2, value, base=None):
        return convert(s1, t1, s2, t2, value, zero(s2, t2) if base is None else base)

    def test_members_go_by_identity(self):
        s1 = self.schema(Member("a", "a", INT), Member("b", "b", INT))
        s2 = self.schema(Member("c", "c", INT), Member("b", "renamed", LONG))
        t = Agg("s")
        self.assertEqual(self.convert(s1, t, s2, t, {"a": 1, "b": 2}, {"c": 9, "b": 8}),
                         {"c": 9, "b": 2})

    def test_numbers_must_fit(self):
        s = self.schema()
        self.assertEqual(self.convert(s, INT, s, UCHAR, 255), 255)
        self.assertEqual(self.convert(s, INT, s, DOUBLE, 3), 3)
        for new, value in ((UCHAR, 256), (UCHAR, -1), (CHAR, 128), (INT, 1.5)):
            with self.assertRaises(Lost):
                self.convert(s, LONG, s, new, value)

    def test_arrays_go_by_index(self):
        s = self.schema()
        old, longer, shorter = Arr(INT, 2), Arr(LONG, 3), Arr(INT, 1)
        self.assertEqual(self.convert(s, old, s, longer, [1, 2], [7, 8, 9]), [1, 2, 9])
        self.assertEqual(self.convert(s, old, s, shorter, [1, 0]), [1])
        with self.assertRaises(Lost):
            self.convert(s, old, s, shorter, [1, 2])

    def test_enums_go_by_name(self):
        s1 = self.schema(enums=[("x", "X", 1), ("y", "Y", 2)])
        s2 = self.schema(enums=[("y", "Y", 1)])
        t = Enum("e")
        self.assertEqual(self.convert(s1, t, s2, t, ("e", "y")), ("e", "y"))
        self.assertEqual(self.convert(s1, t, s2, INT, ("e", "y")), 2)
        with self.assertRaises(Lost):
            self.convert(s1, t, s2, t, ("e", "x"))

    def test_unions_keep_their_active_member(self):
        s1 = self.schema(Member("a", "a", INT), Member("b", "b", CHAR), union=True)
        s2 = self.schema(Member("b", "b", LONG), Member("a", "a", INT), union=True)
        t = Agg("s")
        self.assertEqual(self.convert(s1, t, s2, t, Active("b", 5)), Active("b", 5))


class Text(unittest.TestCase):
    def test_declarations(self):
        s = Schema()
        self.assertEqual(declare(s, Arr(Arr(INT, 2), 3), "x"), "int x[3][2]")
        self.assertEqual(declare(s, Ptr(Arr(INT, 2)), "x"), "int (*x)[2]")
        self.assertEqual(declare(s, Arr(Ptr(INT), 2), "x"), "int *x[2]")


class Shrinking(unittest.TestCase):
    def test_keeps_only_what_the_failure_needs(self):
        class Worker:
            """Fails when a program has an array of enums, whatever else it has."""

            @staticmethod
            def run(pair, directory):
                if "enum" in pair.files[0]["types.h"]:
                    raise Failed("state", "enum")

        args = python_types.SimpleNamespace(without=[], only=None)
        pair, chooser = generate(2)
        self.assertIn("enum", pair.files[0]["types.h"])
        with tempfile.TemporaryDirectory() as top:
            directory, failure, _ = shrink(args, Worker, 2, chooser, Failed("state", ""),
                                           os.path.join(top, "x-small"))
            small = Pair.read(directory)
        self.assertEqual(failure.kind, "state")
        self.assertIn("enum", small.files[0]["types.h"])
        self.assertLess(sum(map(len, small.files[0].values())),
                        sum(map(len, pair.files[0].values())) / 3)


if __name__ == "__main__":
    unittest.main()
