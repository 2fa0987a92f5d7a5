# SPDX-License-Identifier: BSD-2-Clause
"""What sefctl status shows below a service: what is unusual, and of one service how it is run."""
import os
import signal
import unittest

from harness import BIN, FAKE, DaemonTest
from messages import Talk

CRASHING = os.path.join(BIN, "crashing")


class Status(DaemonTest):
    options = ("--stop-timeout", "200ms", "--restart-period", "1ms", "--crash-window", "60m")

    def lines(self, *label):
        done = self.daemon.ctl("status", *label)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout.splitlines()

    def start(self, policy):
        done = self.daemon.ctl("up", "--restart-policy", policy, "s", "--", CRASHING, "state", "port")
        self.assertEqual(done.returncode, 0, done.stderr)
        return self.daemon.service()["pid"]

    def crash(self):
        self.assertEqual(self.daemon.request("fi", label="s")["result"], 0)

    def test_nothing_unusual(self):
        self.up()
        self.assertEqual(len(self.lines()), 2)
        self.assertEqual(self.lines("s")[2:], ["  endpoint 10, policy none"])

    def test_how_one_is_run(self):
        self.daemon.ctl("up", "--standby", "--restart-policy", "reset", "s", FAKE)
        standby = self.daemon.service()["standby"]
        self.assertEqual(self.lines("s")[2:],
                         ["  endpoint 10, policy reset, process %d stands by" % standby])

    def test_restart_with_state(self):
        pid = self.start("restart")
        self.crash()
        self.daemon.wait_log("s: continued with its state, restart 1$")
        while "Aborted" not in self.daemon.service()["last_crash"]["end"]:
            continue  # the crashed process has not ended yet
        table = self.lines()
        self.assertEqual(table[1].split()[6:8], ["0", "1"])
        self.assertRegex(table[2], r"^  process %d was killed by signal 6 \(Aborted.*\) on request; "
                         "continued with its state$" % pid)
        self.assertEqual(len(table), 3)

    def test_state_lost(self):
        pid = self.start("reset")
        self.crash()
        self.daemon.wait_log("s: started anew, restart 1$")
        self.assertRegex(self.lines()[2], r"^  process %d .* on request, state lost: the policy does not "
                         "have it go on; started anew$" % pid)

    def test_fault(self):
        self.start("none")
        os.kill(self.daemon.service()["pid"], signal.SIGSEGV)
        self.daemon.wait_log("s: process [0-9]+ was killed")
        self.assertRegex(self.lines()[2], r"^  process .*Segmentation fault.*, address 0x[0-9a-f]+, ")

    def test_silence(self):
        done = self.daemon.ctl("up", "--restart-policy", "reset", "--period", "20ms", "s", "--", CRASHING,
                               "fresh", "port")
        self.assertEqual(done.returncode, 0, done.stderr)
        os.kill(self.daemon.service()["pid"], signal.SIGSTOP)
        self.daemon.wait_log("s: started anew, restart 1$")
        self.assertIn(" because it did not answer", self.lines()[2])

    def test_messages(self):
        a, b = Talk(self, "a"), Talk(self, "b")
        a.ask("asyn", b.endpoint, 1, 2)
        self.assertIn("  1 message for it waits", self.lines())
        a.begin("sendrec", b.endpoint, 1, 2)
        while self.daemon.service("a").get("waits_for") != "b":
            continue
        table = self.lines()
        self.assertIn("  2 messages for it wait", table)
        self.assertEqual(table[2], "  waits for b")


if __name__ == "__main__":
    unittest.main()
