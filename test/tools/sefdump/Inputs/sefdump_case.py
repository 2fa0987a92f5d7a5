# SPDX-License-Identifier: BSD-2-Clause
"""Runs sefdump and the sample service for the suites."""
import json
import os
import subprocess
import unittest

SEFDUMP = os.environ["SEFDUMP"]
SAMPLE = os.environ["SAMPLE"]
COVERAGE = os.environ["COVERAGE"]


class SefdumpCase(unittest.TestCase):
    def run_sefdump(self, *args, status=0):
        """Standard output of a run that ends with `status`; errors must be one clear line."""
        done = subprocess.run([SEFDUMP, *args], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, status, (args, done.stdout, done.stderr))
        if status == 0:
            self.assertEqual(done.stderr, "")
        return done.stdout if status == 0 else done.stderr

    def run_json(self, *args):
        return json.loads(self.run_sefdump("--json", *args))

    def start_sample(self):
        """A running sample; it ends with the test."""
        return self.start(SAMPLE, "wait")

    def start(self, *command):
        process = subprocess.Popen(command, stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.communicate)
        self.assertEqual(process.stdout.readline(), "ready\n")
        return process.pid
