# SPDX-License-Identifier: BSD-2-Clause
"""A service that was built with coverage writes its profile on request, and goes on."""
import errno
import glob
import os
import subprocess
import unittest

from harness import BIN, FAKE, DaemonTest, kill

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Inputs", "crashing.c")
PLAIN = os.path.join(BIN, "crashing")
SEF_CC = os.path.join(BIN, "sef-cc")
PROFILE_BEGINS = b"\x81rforpl\xff"  # a raw profile of a machine of 64 bits


def has_profile_runtime():
    done = subprocess.run([SEF_CC, "-print-resource-dir"], capture_output=True, text=True, check=False)
    return bool(glob.glob(done.stdout.strip() + "/lib/**/libclang_rt.profile*.a", recursive=True))


class Coverage(DaemonTest):
    def build(self):
        if not has_profile_runtime():
            self.skipTest("clang's profile runtime is not installed")
        image = os.path.join(self.directory, "covered")
        subprocess.run([SEF_CC, "-std=gnu11", "-D_GNU_SOURCE", "-fprofile-instr-generate",
                        "-fcoverage-mapping", SOURCE, "-o", image], check=True)
        return image

    def start(self, image, **settings):
        self.profile = os.path.join(self.directory, "profile")
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

    def test_profile_is_written(self):
        pid = self.start(self.build())
        for _ in range(2):
            self.assertEqual(self.gcov(), "s: wrote its profile\n")
            self.assert_profile()
        self.assertEqual(self.daemon.service()["pid"], pid)

    def test_update_is_rolled_back(self):
        """The profile runtime of the old image registered an exit function that nobody knows; the service goes on."""
        image = self.build()
        self.start(image)
        reply = self.daemon.request("update", label="s", image=image)
        self.assertIn("has no successor", reply["text"])
        self.assertEqual(self.gcov(), "s: wrote its profile\n")

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


if __name__ == "__main__":
    unittest.main()
