# SPDX-License-Identifier: BSD-2-Clause
"""sefdump on running services, and the service's own evaluation of the same expressions."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from sefdump_case import SAMPLE, SEFDUMP, SefdumpCase


def runtime_of(program):
    """The path of libmagicrt as a program finds it."""
    libraries = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    return re.search(r"=> (/\S*libmagicrt\.so\S*)", libraries).group(1)


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
        pid = str(os.getpid())
        for number, text in ((pid, "is no service: libmagicrt is not loaded"),
                             ("1073741823", "no such process")):
            self.assertRegex(self.run_sefdump("-p", number, status=2),
                             "^sefdump: process %s:? %s\n$" % (number, text))
        pid = str(self.start("env", "LD_PRELOAD=" + runtime_of(SAMPLE), "sh", "-c",
                             "echo ready; read line"))
        self.assertEqual(self.run_sefdump("-p", pid, status=2), "sefdump: process %s is no service: "
                         "libmagicrt is loaded, but no service image runs\n" % pid)

    @unittest.skipUnless(os.geteuid() == 0, "needs root to become another user")
    def test_processes_of_others(self):
        pid = self.start_sample()
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o755)
            tool = shutil.copy(SEFDUMP, folder)
            done = subprocess.run([tool, "--pid", str(pid)], user=65534, group=65534,
                                  extra_groups=[], capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (
            2, "sefdump: process %d: only root and its user may look into it\n" % pid))

    def test_runtimes_that_cannot_be_read(self):
        with tempfile.TemporaryDirectory() as folder:
            path = shutil.copy(runtime_of(SAMPLE), folder)
            pid = str(self.start("env", "LD_PRELOAD=" + path, "sh", "-c", "echo ready; read line"))
            with open(path, "r+b") as file:
                file.write(b"XXXX")
            self.assertEqual(self.run_sefdump("-p", pid, status=2),
                             "sefdump: %s has no _magic_vars\n" % path)
            os.unlink(path)
            self.assertEqual(self.run_sefdump("-p", pid, status=2),
                             "sefdump: %s (deleted): No such file or directory\n" % path)

    def test_broken_processes(self):
        """Whatever stands in the memory of a process is told, not believed."""
        pid = self.start_sample()
        with open("/proc/%d/maps" % pid, encoding="utf-8") as maps:
            base = next(int(m.split("-")[0], 16) for m in maps if "libmagicrt.so" in m)
        symbols = subprocess.run(["nm", "-D", runtime_of(SAMPLE)], capture_output=True, text=True,
                                 check=True).stdout
        root = base + int(re.search(r"(\w+) [BD] _magic_vars$", symbols, re.M).group(1), 16)
        with open("/proc/%d/mem" % pid, "r+b", buffering=0) as memory:
            def read(addr):
                memory.seek(addr)
                return int.from_bytes(memory.read(8), "little")

            def write(addr, data):
                memory.seek(addr)
                memory.write(data)

            heap, generation = read(root + 32), read(read(root + 24))
            phdrs, bad = read(generation + 24), b"\x11" * 8
            while read(phdrs) & 0xffffffff != 1:  # PT_LOAD
                phdrs += 56
            for addr, data, text in (
                    (root, bad[:4], "process %d: no state table root at 0x%x" % (pid, root)),
                    (root + 4, bad[:4], "process %d runs version 286331153 of the runtime, this tool "
                     "knows 1" % pid),
                    (root + 24, bad, "process %d: broken list of generations" % pid),
                    (generation + 24, bad, ".*sefdump-sample: program headers cannot be read"),
                    (phdrs + 32, bad, ".*sefdump-sample: segments too large"),
                    (phdrs + 16, bad, ".*sefdump-sample: not all of it is in memory"),
                    (root + 32, bad, "no heap index at 0x1111111111111111"),
                    (root + 32, bytes(8), "no heap index"),
                    (heap + 4, bad[:2], "heap index of version 4369, this tool knows \\d+"),
                    (heap + 12, bad[:4], "heap index: too many kinds"),
                    (heap + 16, bad, "heap index: kinds cannot be read"),
                    (heap + 32, bad, "heap index: regions cannot be read")):
                good = read(addr)
                write(addr, data)
                error = self.run_sefdump("-p", str(pid), "--heap", status=2)
                write(addr, good.to_bytes(8, "little"))
                self.assertRegex(error, "^sefdump: %s\n$" % text)
        self.assertIn("objects", self.run_sefdump("-p", str(pid), "--heap"))


class InProcess(SefdumpCase):
    def test_process_that_is_no_service(self):
        program = ("import ctypes, sys; err = ctypes.create_string_buffer(512); "
                   "code = ctypes.CDLL(sys.argv[1]).magic_eval(b'1', err, 9, err); "
                   "print(code, err.raw[4:].split(b'\\0')[0].decode())")
        done = subprocess.run([sys.executable, "-c", program, runtime_of(SAMPLE)], text=True,
                              capture_output=True, timeout=60)
        self.assertEqual(done.stdout, "-111 this process is no service image\n", done.stderr)

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
