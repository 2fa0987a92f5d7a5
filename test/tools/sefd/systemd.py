# SPDX-License-Identifier: BSD-2-Clause
"""sefd under a service manager: what it is told, and the units that are installed."""
import fcntl
import os
import re
import shutil
import subprocess
import tempfile
import unittest

from harness import BIN, PATIENCE, Daemon

UNITS = os.path.join(BIN, "..", "lib", "systemd")


def keep_high(fd):
    """A duplicate of a descriptor that is not among those that are handed over."""
    return fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 100)


class Manager(unittest.TestCase):
    """The manager is this test: it listens where NOTIFY_SOCKET says."""

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="sefd.")
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)

    def start(self, kept=(), **environment):
        old = dict(os.environ)
        os.environ.update(environment)
        try:
            daemon = Daemon(self.directory, kept=kept)
        finally:
            os.environ.clear()
            os.environ.update(old)
        self.addCleanup(daemon.close)
        return daemon

    def test_watchdog_gets_signs_of_life_while_the_loop_turns(self):
        """They come without a request, and stop with the loop."""
        daemon = self.start(WATCHDOG_USEC="50000")
        for _ in range(3):
            self.assertEqual(daemon.notify.recv(4096), b"WATCHDOG=1")
        daemon.process.terminate()
        message = daemon.notify.recv(4096)
        while message == b"WATCHDOG=1":
            message = daemon.notify.recv(4096)
        self.assertEqual(message, b"STOPPING=1")

    def test_watchdog_of_another_process_gets_nothing(self):
        daemon = self.start(WATCHDOG_USEC="1000", WATCHDOG_PID="1")
        daemon.request("status")
        daemon.process.terminate()
        self.assertEqual(daemon.notify.recv(4096), b"STOPPING=1")

    def test_reload_is_a_live_update_of_the_daemon(self):
        """ExecReload= of the unit: the manager is told, and signs of life go on in the same process."""
        daemon = self.start(WATCHDOG_USEC="50000")
        pid = daemon.process.pid
        with open(os.path.join(UNITS, "sefd.service"), encoding="utf-8") as file:
            (command,) = re.findall(r"^ExecReload=(.*)", file.read(), re.M)
        command = command.replace("%t/sef/control", daemon.socket).split()
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True) as reload:
            messages = [daemon.notify.recv(4096)]
            while not messages[-1].startswith(b"READY=1"):
                messages.append(daemon.notify.recv(4096))
            output = reload.communicate(timeout=PATIENCE)[0]
        self.assertEqual(reload.returncode, 0, output)
        self.assertIn(b"RELOADING=1", messages)
        self.assertEqual(daemon.notify.recv(4096), b"WATCHDOG=1")
        self.assertEqual((daemon.process.poll(), daemon.process.pid), (None, pid))

    def test_sockets_are_kept_over_a_crash(self):
        """Who connects between two daemons waits for the second one, and a service comes back at once."""
        first = self.start()
        self.assertEqual(sorted(name.partition("-")[0] for name in first.kept), ["control", "resume"])
        first.ctl("up", "s", os.path.join(BIN, "talk-v1"), os.path.join(self.directory, "talk"))
        pid = first.service("s")["pid"]
        first.kill(keep=True)
        waiting = first.begin("status")
        second = self.start(kept=[(name, keep_high(fd)) for name, fd in first.kept.items()])
        self.assertEqual([s["pid"] for s in waiting.final()["services"]], [pid])
        second.wait_log("s: process %d came back" % pid)
        self.assertEqual(second.ctl("update", "s", os.path.join(BIN, "talk-v2")).returncode, 0)
        second.close()

    def test_sockets_that_nobody_reaches_are_not_kept(self):
        """Another daemon made new files meanwhile; and one that ends in order leaves nothing."""
        first = self.start()
        kept = first.kept
        first.kill(keep=True)
        self.start().kill()
        third = self.start(kept=[(name, keep_high(fd)) for name, fd in kept.items()])
        self.assertEqual(third.request("status")["result"], 0)
        self.assertEqual((len(third.kept), set(third.kept) & set(kept)), (2, set()))
        third.process.terminate()
        while third.kept:
            third.hear()

    def test_wrong_watchdog_time_is_logged(self):
        daemon = self.start(WATCHDOG_USEC="soon")
        daemon.wait_log("no signs of life for the service manager: Invalid argument")
        self.assertEqual(daemon.request("status")["result"], 0)


class Units(unittest.TestCase):
    def test_options_that_units_use_exist(self):
        help_text = {tool: subprocess.run([os.path.join(BIN, tool), "--help"], capture_output=True,
                                          text=True, timeout=PATIENCE, check=True).stdout
                     for tool in ("sefd", "sefctl")}
        for name in sorted(os.listdir(UNITS)):
            with open(os.path.join(UNITS, name), encoding="utf-8") as file:
                commands = re.findall(r"^Exec\w+=(\S+)(.*)", file.read(), re.M)
            self.assertEqual(len(commands), 2, name)
            for program, words in commands:
                self.assertTrue(os.access(program, os.X_OK), program)
                for option in re.findall(r"--[a-z-]+", words):
                    self.assertIn(option, help_text[os.path.basename(program)])

    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd-analyze is not installed")
    def test_units_are_valid(self):
        for name in ("sefd.service", "sefd@root.service"):
            path = os.path.join(UNITS, name.replace("root", ""))
            with tempfile.TemporaryDirectory() as directory:
                copy = os.path.join(directory, name)
                shutil.copy(path, copy)
                done = subprocess.run(["systemd-analyze", "verify", "--man=no", copy],
                                      capture_output=True, text=True, timeout=PATIENCE, check=False)
            ours = [line for line in (done.stdout + done.stderr).splitlines() if "sefd" in line]
            self.assertEqual((done.returncode, ours), (0, []), done.stderr)


if __name__ == "__main__":
    unittest.main()
