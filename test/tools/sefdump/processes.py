# SPDX-License-Identifier: BSD-2-Clause
"""sefdump on running services, and the service's own evaluation of the same expressions."""
import os
import subprocess
import unittest

from sefdump_case import SAMPLE, SefdumpCase


class Processes(SefdumpCase):
    def test_live_values(self):
        pid = str(self.start_sample())
        for expr, expected in [
                ("head->hits", "9"), ("head->next->next->hits", "7"), ("first.hits", "7"),
                ("((conn_t *)big[9])[4000].label == \"far\"", "1"), ("conns[3].label == \"far\"", "1"),
                ("counter", "-3"), ("handler == handle", "1")]:
            self.assertEqual(self.run_sefdump("--pid", pid, expr), expected + "\n", expr)
            self.assertEqual(self.run_sefdump(expr, "--pid", pid), expected + "\n", expr)

    def test_pointers_lead_to_heap_objects(self):
        pid = str(self.start_sample())
        self.assertRegex(self.run_sefdump("-p", pid, "head"), r"^0x[0-9a-f]+ <heap struct entry>\n")
        self.assertRegex(self.run_sefdump("-p", pid, "&head->hits"),
                         r"^0x[0-9a-f]+ <heap struct entry\+24>\n")
        self.assertRegex(self.run_sefdump("-p", pid, "&first.hits"),
                         r"^0x[0-9a-f]+ <first\+24>\n")
        self.assertRegex(self.run_sefdump("-p", pid, "(conn_t *)big[9] + 4000"),
                         r"^0x[0-9a-f]+ <heap conn_t\+64000>\n")

    def test_heap_summary(self):
        pid = str(self.start_sample())
        out = self.run_sefdump("--pid", pid, "--heap")
        self.assertRegex(out, r"\n +10 +960  struct entry, .*sample\.c:\d+ build\(\)\n")
        self.assertRegex(out, r"\n +1 +80000  conn_t, .*sample\.c:\d+ build\(\)\n")
        heap = self.run_json("--pid", pid, "--heap")["heap"]
        self.assertEqual((heap["objects"], heap["bytes"]), (11, 80960))
        self.assertEqual({k["type"]: k["objects"] for k in heap["kinds"]},
                         {"struct entry": 10, "conn_t": 1})

    def test_all_of_a_process(self):
        pid = self.start_sample()
        dump = self.run_json("--pid", str(pid))
        self.assertEqual(set(dump), {"image", "pid", "generation", "types", "vars", "funcs",
                                     "sites", "heap"})
        self.assertEqual((dump["pid"], dump["generation"]), (pid, 0))
        self.assertEqual(dump["image"], os.path.realpath(SAMPLE))

    def test_what_cannot_be_read_is_said(self):
        pid = str(self.start_sample())
        self.assertIn("cannot be read", self.run_sefdump("-p", pid, "*dangling", status=1))
        self.assertIn("thread-local", self.run_sefdump("-p", pid, "per_thread", status=1))

    def test_processes_that_are_no_services(self):
        self.assertIn("is no service", self.run_sefdump("-p", str(os.getpid()), status=2))
        self.assertIn("no such process", self.run_sefdump("-p", "1073741823", status=2))


class InProcess(SefdumpCase):
    def evaluate(self, expr):
        done = subprocess.run([SAMPLE, "eval", expr], capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout.splitlines()

    def test_all_results_of_an_expression(self):
        lines = self.evaluate("counter == -3 && head->hits > 8")
        self.assertEqual(lines[:4], ["counter == -3 && head->hits > 8: 0 1", "bool 0 1", "int 0 1",
                                     "float 0 1"])
        self.assertEqual(lines[4], "counter == -3 && head->hits > 8 is true")
        self.assertRegex(lines[5], r"^  .*sample\.c:counter = -3$")
        self.assertRegex(lines[6], r"^  head = \(struct entry \*\) 0x[0-9a-f]+$")

    def test_thread_local_variables_are_the_callers(self):
        self.assertEqual(self.evaluate("per_thread + 1")[:4],
                         ["per_thread + 1: 0 5", "bool 0 1", "int 0 5", "float 0 5"])

    def test_values_and_texts(self):
        for expr, text in [("first.weight", "2.5"), ("first.name", '"alpha"'),
                           ("greeting == \"hello \\\"you\\\"\"", "1"), ("constants[1]", "2"),
                           ("((conn_t *)big[9])[4000].label == \"far\"", "1")]:
            self.assertEqual(self.evaluate(expr)[0], "%s: 0 %s" % (expr, text))

    def test_errors_have_codes_and_texts(self):
        for expr, code in [("*dangling", -117), ("nope", -100), ("1 +", -105), ("1 / 0", -104),
                           ("first", -105)]:
            lines = self.evaluate(expr)
            self.assertTrue(lines[0].startswith("%s: %d " % (expr, code)), lines)
            self.assertEqual([l.split()[:2] for l in lines[1:4]],
                             [["bool", str(code)], ["int", str(code)], ["float", str(code)]])
            self.assertTrue(lines[4].startswith(expr + ": "), lines)


if __name__ == "__main__":
    unittest.main()
