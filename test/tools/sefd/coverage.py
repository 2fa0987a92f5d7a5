# SPDX-License-Identifier: BSD-2-Clause
"""A service that was built with coverage writes its profile on request, and goes on."""
import errno
import glob
import os
import re
import socket
import subprocess
import unittest

from harness import BIN, FAKE, DaemonTest, await_end, kill

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Inputs", "crashing.c")
PLAIN = os.path.join(BIN, "crashing")
SEF_CC = os.path.join(BIN, "sef-cc")
PROFILE_BEGINS = b"\x81rforpl\xff"  # a raw profile of a machine of 64 bits
CLANG = ("-fprofile-instr-generate", "-fcoverage-mapping")


def has_profile_runtime():
    done = subprocess.run([SEF_CC, "-print-resource-dir"], capture_output=True, text=True, check=False)
    return bool(glob.glob(done.stdout.strip() + "/lib/**/libclang_rt.profile*.a", recursive=True))


def tool(name):
    done = subprocess.run([SEF_CC, "-print-prog-name=" + name], capture_output=True, text=True, check=True)
    return done.stdout.strip()


class CoverageTest(DaemonTest):
    def build(self, name="covered", source=SOURCE, options=CLANG):
        """Each image has a directory, where gcc's kind of profile goes."""
        if not has_profile_runtime():
            self.skipTest("clang's profile runtime is not installed")
        directory = os.path.join(self.directory, name)
        os.mkdir(directory)
        image = os.path.join(directory, "image")
        subprocess.run([SEF_CC, "-std=gnu11", "-D_GNU_SOURCE", *options, source, "-o", image],
                       cwd=directory, check=True)
        return image

    def start(self, image, profile="profile", **settings):
        self.profile = os.path.join(self.directory, profile)
        reply = self.daemon.request(
            "up", label="s", image=image, cwd=self.directory, settings=settings,
            args=[image, "state", "port"], env=["LLVM_PROFILE_FILE=" + self.profile])
        self.assertEqual(reply["result"], 0, reply)
        return reply["pid"]

    def gcov(self, status=0):
        done = self.daemon.ctl("gcov", "s")
        self.assertEqual(done.returncode, status, done)
        return done.stdout + done.stderr

    def assert_profile(self):
        with open(self.profile, "rb") as file:
            self.assertTrue(file.read().startswith(PROFILE_BEGINS))
        os.unlink(self.profile)


class Coverage(CoverageTest):
    def test_profile_is_written(self):
        pid = self.start(self.build())
        for _ in range(2):
            self.assertEqual(self.gcov(), "s: wrote its profile\n")
            self.assert_profile()
        self.assertEqual(self.daemon.service()["pid"], pid)

    def test_profile_cannot_be_written(self):
        self.start(self.build())
        os.unlink(self.profile)
        os.mkdir(self.profile)
        self.assertIn("s: ", self.gcov(status=1))
        self.assertEqual(self.daemon.service()["state"], "running")

    def test_service_without_coverage(self):
        self.start(PLAIN)
        self.assertEqual(self.gcov(status=1), "s: was not built with coverage\n")

    def test_service_that_does_not_answer(self):
        self.daemon.ctl("up", "s", "--set", "TimeoutPrepareSec=20ms", FAKE)
        reply = self.daemon.request("gcov", label="s")
        self.assertEqual((reply["result"], reply["text"]),
                         (errno.EINTR, "the service was not at a quiescent point in time"))

    def test_service_that_ends(self):
        self.daemon.ctl("up", "s", "--set", "TimeoutPrepareSec=0", FAKE)
        pid = self.daemon.service()["pid"]
        waiting = self.daemon.begin("gcov", label="s")
        while True:  # asked, and not answered yet
            second = self.daemon.request("gcov", label="s", no_block=True)
            if second["result"] == errno.EBUSY:
                break
            self.assertEqual(second["text"], "accepted")
        kill(pid)
        self.assertEqual(waiting.final()["result"] in (errno.EPIPE, errno.EBUSY), True)
        self.assertEqual(self.daemon.request("gcov", label="s")["result"], errno.ESRCH)

    def test_unknown_service(self):
        self.assertEqual(self.daemon.request("gcov", label="nobody")["result"], errno.ENOENT)


class Updates(CoverageTest):
    """Each version counts for itself, and no count is lost or made twice."""

    def build_later(self, name, options=CLANG):
        """A version with one more function."""
        source = os.path.join(self.directory, name + ".c")
        with open(SOURCE, encoding="ascii") as file:
            text = file.read()
        with open(source, "w", encoding="ascii") as file:
            file.write(text.replace("static void obey(", "static void add(void)\n{\n    variable++;\n}\n\n"
                                    "static void obey(").replace("        variable++;", "        add();"))
        return self.build(name, source, options)

    def add(self, times=1):
        with open(os.path.join(self.directory, "port"), encoding="ascii") as file:
            port = int(file.read())
        with socket.create_connection(("127.0.0.1", port)) as client, client.makefile() as answers:
            for _ in range(times):
                client.sendall(b"add\n")
                answers.readline()

    def go_on(self, image):
        """Update; returns the process that ended."""
        pid = self.daemon.service()["pid"]
        self.update(image=image)
        await_end(pid)
        return pid

    def counts(self, path):
        """How often obey() was called, and whether add() is there. Takes the profile away."""
        merged = os.path.join(self.directory, "merged")
        subprocess.run([tool("llvm-profdata"), "merge", path, "-o", merged], check=True)
        shown = subprocess.run([tool("llvm-profdata"), "show", "--all-functions", merged],
                               capture_output=True, text=True, check=True).stdout
        os.unlink(merged)
        os.unlink(path)
        return int(re.search(r":obey:\n(?: .*\n)*? *Function count: (\d+)", shown).group(1)), ":add:" in shown

    def lines(self, image):
        """How often gcc's kind of profile says that what adds was reached."""
        directory = os.path.dirname(image)
        notes, = glob.glob(directory + "/*.gcno")
        shown = subprocess.run([tool("llvm-cov"), "gcov", "-t", notes], cwd=directory,
                               capture_output=True, text=True, check=True).stdout
        return int(re.search(r"(\d+): *\d+: *variable\+\+;", shown).group(1))

    def test_each_version_writes_a_profile(self):
        first, second = self.build("first"), self.build_later("second")
        self.start(first, "profile.raw")
        self.add(2)
        self.gcov()
        self.assertEqual(self.counts(self.profile), (2, False))
        self.add()
        for image, number, later in ((second, 1, False), (first, 3, True), (second, 3, False)):
            pid = self.go_on(image)
            self.assertEqual(self.counts("%s/profile.%d.raw" % (self.directory, pid)), (number, later))
            self.add(2)
            self.gcov()
            self.assertEqual(self.counts(self.profile), (2, not later))
            self.add(3)
        self.assertEqual(glob.glob(self.directory + "/profile*"), [])

    def test_exit_writes_the_last_version(self):
        first, second = self.build("first"), self.build_later("second")
        self.start(first, "profile-%p", RestartPolicy="none")
        self.add(2)
        pid = self.go_on(second)
        old = "%s/profile-%d" % (self.directory, pid)
        self.assertEqual(self.counts(old), (2, False))
        self.add(3)
        pid = self.daemon.service()["pid"]
        with open(os.path.join(self.directory, "port"), encoding="ascii") as file:
            with socket.create_connection(("127.0.0.1", int(file.read()))) as client:
                client.sendall(b"exit\n")
                client.recv(1)
        await_end(pid)
        self.assertEqual(self.counts("%s/profile-%d" % (self.directory, pid)), (4, True))
        self.assertFalse(os.path.exists(old))

    def count_through(self, *images):
        """Count and have it written, twice, then count again and update, for each."""
        for image in images:
            self.add()
            self.gcov()
            self.gcov()
            self.add()
            self.go_on(image)

    def test_profiles_that_are_added_to(self):
        first, second = self.build("first"), self.build_later("second")
        self.start(first, "profile-%m")
        self.count_through(second, first, second, first)
        files = glob.glob(self.directory + "/profile-*")
        self.assertEqual(sorted(map(self.counts, files)), [(4, False), (4, True)])

    def test_a_rehearsal_counts_nothing(self):
        first, second = self.build("first"), self.build_later("second")
        self.start(first)
        self.add()
        self.gcov()
        self.update("--rehearse", image=second)
        self.assertEqual(glob.glob(self.directory + "/profile*"), [self.profile])
        self.add()
        self.gcov()
        self.assertEqual(self.counts(self.profile), (2, False))

    def test_profile_of_gccs_kind(self):
        first, second = self.build("first", options=["--coverage"]), self.build_later("second", ["--coverage"])
        self.start(first)
        self.count_through(second, first, second, first)
        self.assertEqual((self.lines(first), self.lines(second)), (4, 4))


if __name__ == "__main__":
    unittest.main()
