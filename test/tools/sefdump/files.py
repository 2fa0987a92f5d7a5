# SPDX-License-Identifier: BSD-2-Clause
"""sefdump on image files: sections, values, names, exit codes."""
import os
import subprocess
import tempfile
import unittest

from sefdump_case import COVERAGE, SAMPLE, SEFDUMP, SefdumpCase


class Sections(SefdumpCase):
    def test_types_are_c_declarations_with_offsets(self):
        out = self.run_sefdump(SAMPLE, "--types")
        self.assertRegex(out, r"struct entry \{  /\* 96 bytes, .*sample\.c:\d+ \*/\n"
                              r"    struct entry \*next; +/\* 0 \*/\n"
                              r"    char name\[16\]; +/\* 8 \*/\n")
        self.assertRegex(out, r"    unsigned int high : 5; +/\* 28, bit 3 \*/")
        self.assertRegex(out, r"enum color \{.*\n    RED = 0,\n    GREEN = 5,\n    BLUE = -1,\n\};")
        self.assertRegex(out, r"typedef struct \{.*\n    int fd; .*\n    char \*label; .*\n\} conn_t;")
        self.assertRegex(out, r"typedef unsigned int u32;")

    def test_sections_can_be_chosen(self):
        out = self.run_sefdump(SAMPLE, "--funcs")
        self.assertRegex(out, r"static int handle\(int, char \*\);  /\* 0x[0-9a-f]+, address taken")
        self.assertNotIn("struct entry {", out)
        self.assertNotIn("greeting", out)

    def test_all_sections_are_the_default(self):
        out = self.run_sefdump(SAMPLE)
        self.assertIn("struct entry {", out)
        self.assertRegex(out, r"static int counter = -3;  /\* 0x[0-9a-f]+, 4 bytes, .*sample\.c:")
        self.assertIn("main();", out)
        self.assertRegex(out, r"sample\.c:\d+: build\(\): many = calloc\(\): conn_t, array\n")

    def test_variables_have_their_initial_values(self):
        out = self.run_sefdump(SAMPLE, "--vars")
        for line in [r".name = \"alpha\",", ".low = 5,", ".color = GREEN,", ".weight = 2.5,",
                     ".l = 42,", ".precise = 1.25,", ".flag = 1"]:
            self.assertIn(line.replace("\\", ""), out)
        self.assertRegex(out, r"struct entry \*head = 0x[0-9a-f]+ <first>;")
        self.assertRegex(out, r"char \*greeting = 0x[0-9a-f]+ \"hello \\\"you\\\"\";")
        self.assertRegex(out, r"\(\*handler\)\(int, char \*\) = 0x[0-9a-f]+ <.*sample\.c:handle>;")
        self.assertIn("_Thread_local int per_thread = <thread-local>;", out)
        self.assertIn("static long handle::calls = 0;", out)
        self.assertIn("unsigned long big[1000] = {0, 0, 0, 0, 0, 0, 0, 0, ...};", out)
        self.assertRegex(out, r"int constants\[3\] = \{1, 2, 3\};  /\* .*read-only")

    def test_json_has_the_same(self):
        dump = self.run_json(SAMPLE)
        self.assertEqual(set(dump), {"image", "types", "vars", "funcs", "sites"})
        entry = next(t for t in dump["types"] if t["type"] == "struct entry")
        self.assertEqual((entry["kind"], entry["size"]), ("STRUCT", 96))
        self.assertEqual(entry["members"][4], {"name": "high", "type": "unsigned int",
                                               "offset": 28, "bit": 3, "bits": 5})
        first = next(v for v in dump["vars"] if v["key"] == "first")
        self.assertEqual(first["value"]["name"], "alpha")
        self.assertEqual(first["value"]["color"], {"enumerator": "GREEN", "value": 5})
        head = next(v for v in dump["vars"] if v["key"] == "head")
        self.assertEqual(head["value"], {"address": first["address"], "to": "first"})
        self.assertEqual([s["shape"] for s in dump["sites"] if s["receiver"] == "many"], ["array"])
        self.assertTrue(any(f["key"].endswith("sample.c:handle") and f["static"]
                            for f in dump["funcs"]))


class Values(SefdumpCase):
    def test_one_value(self):
        for expr, expected in [
                ("counter", "-3"), ("sample.c:counter + 1", "-2"), ("handle::calls", "0"),
                ("first.name", '"alpha"'), ("first.color", "GREEN"), ("head->hits * 2", "14"),
                ("head->name == \"alpha\"", "1"), ("unterminated", '"full"'),
                ("conns[1].label == \"two\"", "1"), ("sizeof(struct entry)", "96"),
                ("handler == handle", "1"), ("BLUE", "-1"), ("constants[2]", "3")]:
            self.assertEqual(self.run_sefdump(SAMPLE, expr), expected + "\n", expr)

    def test_structs_are_shown_to_a_depth(self):
        self.assertIn(".l = 42", self.run_sefdump(SAMPLE, "first"))
        self.assertIn(".u = ...", self.run_sefdump(SAMPLE, "-d", "1", "first"))

    def test_arrays_are_abbreviated(self):
        self.assertEqual(self.run_sefdump(SAMPLE, "-e2", "big"), "{0, 0, ...}\n")

    def test_types_by_name(self):
        self.assertIn("struct entry *next;", self.run_sefdump(SAMPLE, "struct entry"))
        self.assertIn("} conn_t;", self.run_sefdump(SAMPLE, "conn_t"))
        self.assertEqual(self.run_json(SAMPLE, "struct entry")["kind"], "STRUCT")

    def test_json_value(self):
        self.assertEqual(self.run_json(SAMPLE, "counter"),
                         {"expression": "counter", "type": "int", "value": -3})

    def test_truth_is_an_exit_status_if_wanted(self):
        self.assertEqual(self.run_sefdump(SAMPLE, "--test", "counter == -3"), "")
        self.assertEqual(self.run_sefdump(SAMPLE, "--test", "counter == 3", status=1), "")
        self.assertEqual(self.run_sefdump(SAMPLE, "counter == 3"), "0\n")


class Errors(SefdumpCase):
    def assert_error(self, status, text, *args):
        err = self.run_sefdump(*args, status=status)
        self.assertTrue(err.startswith("sefdump: "), err)
        self.assertIn(text, err)

    def test_what_is_not_there(self):
        self.assert_error(1, "no variable, enumerator or function 'nope'", SAMPLE, "nope")
        self.assert_error(1, "has no member 'nope'", SAMPLE, "first.nope")
        self.assert_error(1, "thread-local", SAMPLE, "per_thread")
        self.assert_error(1, "cannot be read", SAMPLE, "*(int *)0x7fffffff0000")
        self.assert_error(1, "division by zero", SAMPLE, "1 / 0")

    def test_malformed_expressions(self):
        self.assert_error(2, "expected an operand", SAMPLE, "1 +")
        self.assert_error(2, "cannot change state", SAMPLE, "counter = 1")

    def assert_usage(self, status, text, *args):
        first, hint = self.run_sefdump(*args, status=status).splitlines()
        self.assertEqual(first, "sefdump: " + text)
        self.assertIn("--help", hint)

    def test_usage(self):
        for text, args in (
                ("a FILE or --pid is needed", ()),
                ("sections and NAME or EXPR exclude each other", (SAMPLE, "--vars", "counter")),
                ("--heap needs --pid: a file has no heap", (SAMPLE, "--heap")),
                ("--test needs an EXPR", (SAMPLE, "--test")),
                ("not a number from 1 to 64: 0", (SAMPLE, "-d", "0")),
                ("unexpected argument: b", (SAMPLE, "a", "b")),
                ("--rules, --policy and --html go with --diff", (SAMPLE, "--html")),
                ("--rules, --policy and --html go with --diff", (SAMPLE, "--rules", "f")),
                ("--rules, --policy and --html go with --diff", (SAMPLE, "--policy", "lost=warn"))):
            self.assert_usage(2, text, *args)

    def test_usage_of_comparisons(self):
        two = (SAMPLE, SAMPLE)
        for text, args in (
                ("--diff needs OLD and NEW", (SAMPLE,)),
                ("--diff compares two files and shows no sections or values", (*two, "--vars")),
                ("--diff compares two files and shows no sections or values", (*two, "--test")),
                ("--json and --html exclude each other", (*two, "--json", "--html")),
                ("unexpected argument: x", (*two, "x")),
                ("not a policy (NAME=ignore, NAME=warn or NAME=refuse): lost",
                 (*two, "--policy", "lost"))):
            self.assert_usage(64, text, "--diff", *args)

    def test_rules_that_cannot_be_read(self):
        with tempfile.TemporaryDirectory() as folder:
            for name, content in (("large", b"#" * 65537), ("zero", b"a\0b"), ("full", b"#" * 65530)):
                with open(os.path.join(folder, name), "wb") as file:
                    file.write(content)
            for name, text in (
                    ("large", "rules %s: more than 65536 bytes"), ("zero", "rules %s: a zero byte"),
                    ("none", "rules %s: No such file or directory"),
                    ("full", "rules and policies have more than 65536 bytes")):
                path = os.path.join(folder, name)
                self.assertEqual(
                    self.run_sefdump("--diff", SAMPLE, SAMPLE, "--rules", path, "--policy",
                                     "lost=warn", status=64),
                    "sefdump: %s\n" % (text % path if "%" in text else text))

    def test_unreadable_files(self):
        with open(SAMPLE, "rb") as image:
            data = image.read()
        with tempfile.TemporaryDirectory() as folder:
            machine, headers = os.path.join(folder, "machine"), os.path.join(folder, "headers")
            with open(machine, "wb") as file:
                file.write(data[:18] + b"\xb7" + data[19:])
            with open(headers, "wb") as file:
                file.write(data[:64])
            for path, text in (
                    ("/nonexistent", "No such file or directory"), ("/", "Invalid argument"),
                    (__file__, "not a 64-bit ELF file"), (machine, "not an ELF file for x86-64"),
                    (headers, "no program headers"),
                    (SEFDUMP, "not a service image: no SEF note; link it with sef-cc")):
                text = "sefdump: %s: %s\n" % (path, text)
                self.assertEqual(self.run_sefdump(path, status=2), text)
                self.assertEqual(self.run_sefdump("--diff", path, SAMPLE, status=65), text)

    def test_broken_images_never_crash(self):
        with open(SAMPLE, "rb") as image:
            data = image.read()
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "broken")
            for step in range(1, 40):
                cut = bytearray(data[:len(data) * step // 40])
                for at in range(step * 17, min(len(cut), 30000), 701):
                    cut[at] ^= 1 << step % 8
                with open(path, "wb") as out:
                    out.write(cut)
                done = subprocess.run([SEFDUMP, path], capture_output=True, timeout=60)
                self.assertIn(done.returncode, (0, 2), done.stderr)

    def test_a_full_disk_is_reported(self):
        for status, *args in ((2, SAMPLE), (2, "--json", SAMPLE),
                              (71, "--diff", SAMPLE, COVERAGE),
                              (71, "--diff", "--json", SAMPLE, COVERAGE)):
            with open("/dev/full", "w") as full:
                done = subprocess.run([SEFDUMP, *args], stdout=full, stderr=subprocess.PIPE,
                                      text=True, timeout=60)
            self.assertEqual((done.returncode, done.stderr), (
                status, "sefdump: cannot write: No space left on device\n"))


if __name__ == "__main__":
    unittest.main()
