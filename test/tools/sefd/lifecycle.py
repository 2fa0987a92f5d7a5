# SPDX-License-Identifier: BSD-2-Clause
"""The daemon's own start and end, and sefctl's exit statuses."""
import os
import shutil
import socket
import subprocess
import tempfile
import unittest

from harness import BIN, FAKE, GOOD, PATIENCE, Daemon, kill

SEFD = os.path.join(BIN, "sefd")
SEFCTL = os.path.join(BIN, "sefctl")


def run(*args, **kwargs):
    return subprocess.run(args, capture_output=True, text=True, timeout=PATIENCE, check=False,
                          **kwargs)


class Lifecycle(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="sefd.")
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)

    def start(self, *options):
        daemon = Daemon(self.directory, *options)
        self.addCleanup(daemon.close)
        return daemon

    def test_stopping_is_notified(self):
        daemon = self.start()
        daemon.process.terminate()
        self.assertEqual(daemon.notify.recv(4096), b"STOPPING=1")

    def test_second_daemon_is_refused(self):
        first = self.start()
        second = run(SEFD, "--runtime-dir", first.runtime)
        self.assertEqual(second.returncode, 1)
        self.assertIn("another sefd serves it", second.stderr)
        self.assertEqual(first.ctl("status").returncode, 0)

    def test_stale_socket_is_replaced(self):
        self.start().kill()
        daemon = self.start()
        self.assertEqual(daemon.ctl("status").returncode, 0)

    def test_successor_of_a_killed_daemon(self):
        """It knows no services, but says why."""
        daemon = self.start()
        self.assertEqual(daemon.ctl("status").stdout, "no services\n")
        daemon.ctl("up", "s", FAKE, "idle-hang")
        pid = daemon.service("s")["pid"]
        self.addCleanup(kill, pid)
        daemon.kill()
        done = daemon.ctl("status")
        self.assertEqual(done.returncode, 3)
        self.assertIn("services that it left go on without it", done.stderr)
        daemon = self.start()
        why = (r"this sefd started \d+ s ago, after another was killed; services of that one may "
               r"still run, but cannot be updated or ended from here\n$")
        self.assertRegex(daemon.ctl("status").stdout, "^no services: " + why)
        for command in (("status", "s"), ("down", "s")):
            done = daemon.ctl(*command)
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stderr, "^s: no such service; " + why)
        self.assertRegex(daemon.ctl("update", "s", FAKE).stderr,
                         "^s: not updated: no such service; " + why)
        daemon.ctl("up", "t", FAKE)
        self.assertNotIn("this sefd", daemon.ctl("status").stdout)

    def test_daemon_killed_in_a_request(self):
        daemon = self.start()
        daemon.ctl("up", "s", FAKE, "prepare-hang")
        self.addCleanup(kill, daemon.service("s")["pid"])
        with subprocess.Popen([SEFCTL, "-v", "-s", daemon.socket, "update", "s", GOOD],
                              stderr=subprocess.PIPE, text=True) as ctl:
            self.assertEqual(ctl.stderr.readline(), "s: prepare\n")
            daemon.kill()
            self.assertIn("s: what became of it is not known", ctl.stderr.read())
        self.assertEqual(ctl.returncode, 3)

    def test_socket_is_removed(self):
        daemon = self.start()
        self.assertEqual(daemon.close(), 0)
        self.assertFalse(os.path.exists(daemon.socket))

    def test_other_file_is_not_replaced(self):
        path = os.path.join(self.directory, "file")
        with open(path, "w", encoding="ascii") as file:
            file.write("precious")
        done = run(SEFD, "--runtime-dir", os.path.join(self.directory, "runtime"), "-s", path)
        self.assertEqual(done.returncode, 1)
        with open(path, encoding="ascii") as file:
            self.assertEqual(file.read(), "precious")

    def test_runtime_directory_must_be_private(self):
        path = os.path.join(self.directory, "runtime")
        os.mkdir(path)
        os.chmod(path, 0o777)
        done = run(SEFD, "--runtime-dir", path)
        self.assertEqual(done.returncode, 1)
        self.assertIn("only this user can write", done.stderr)

    def test_default_places(self):
        """Both tools find each other in $XDG_RUNTIME_DIR."""
        notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notify.settimeout(PATIENCE)
        notify.bind(os.path.join(self.directory, "notify"))
        environment = dict(os.environ, XDG_RUNTIME_DIR=self.directory,
                           NOTIFY_SOCKET=os.path.join(self.directory, "notify"))
        with subprocess.Popen([SEFD], env=environment, stderr=subprocess.DEVNULL) as daemon:
            notify.recv(100)
            self.assertTrue(os.path.exists(os.path.join(self.directory, "sef", "control")))
            self.assertEqual(run(SEFCTL, "status", env=environment).returncode, 0)
            daemon.terminate()
        self.assertEqual(daemon.returncode, 0)
        notify.close()

    def test_services_end_with_the_daemon(self):
        daemon = self.start("--stop-timeout", "50ms")
        daemon.ctl("up", "a", FAKE)
        daemon.ctl("up", "b", FAKE, "ignore-term")
        pids = [daemon.service(label)["pid"] for label in "ab"]
        self.assertEqual(daemon.close(), 0)
        for pid in pids:
            self.assertFalse(os.path.exists("/proc/%d" % pid))

    def test_starting_service_ends_with_the_daemon(self):
        daemon = self.start()
        starting = daemon.begin("up", label="s", image=FAKE, args=[FAKE, "init-hang"])
        while not daemon.service():
            pass
        self.assertEqual(daemon.close(), 0)
        self.assertEqual(starting.final()["text"], "was taken down while it started")

    def test_services_are_left(self):
        daemon = self.start("--leave-services")
        daemon.ctl("up", "s", FAKE, "idle-hang")
        pid = daemon.service("s")["pid"]
        self.addCleanup(kill, pid)
        self.assertEqual(daemon.close(), 0)
        os.kill(pid, 0)

    def test_orphans_are_reaped(self):
        """What a service leaves to the subreaper does not stay a zombie."""
        daemon = self.start()
        daemon.ctl("up", "s", "/bin/sh", "-c", "(true; true) & exec %s" % FAKE)
        daemon.ctl("up", "t", FAKE)
        daemon.ctl("down", "s")
        while len(daemon.children()) > 1:
            pass
        self.assertEqual(daemon.children(), [daemon.service("t")["pid"]])

    def test_unreachable(self):
        done = run(SEFCTL, "-s", os.path.join(self.directory, "nothing"), "status")
        self.assertEqual(done.returncode, 3)
        self.assertIn("cannot reach sefd at", done.stderr)
        done = run(SEFCTL, "-s", "x" * 200, "status")
        self.assertEqual(done.returncode, 3)

    def test_usage(self):
        for args in ((), ("nothing",), ("up",), ("up", "s"), ("update", "s"), ("down",),
                     ("down", "a", "b"), ("update", "s", "a", "b"), ("status", "a", "b"),
                     ("--nothing",), ("update", "--state", "nowhere", "s", "i"),
                     ("update", "--state", "eval", "s", "i"), ("update", "--state", "0", "s", "i"),
                     ("update", "--timeout", "0", "s", "i"),
                     ("update", "--timeout", "1h", "s", "i"),
                     ("update", "--eval", "", "s", "i"), ("update", "--eval", "x" * 512, "s", "i"),
                     ("update", "--eval", "x", "--state", "1", "s", "i")):
            done = run(SEFCTL, *args)
            self.assertEqual((done.returncode, done.stdout), (2, ""), args)
            self.assertIn("sefctl", done.stderr)
        self.assertEqual(run(SEFD, "argument").returncode, 2)
        self.assertEqual(run(SEFD, "--stop-timeout", "soon").returncode, 2)

    def test_help(self):
        for args in (("--help",), ("up", "--help"), ("down", "--help"), ("update", "--help"),
                     ("status", "--help")):
            done = run(SEFCTL, *args)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertIn("Exit status: 0 done; 1 refused", " ".join(done.stdout.split()))
        self.assertEqual(run(SEFD, "--help").returncode, 0)
        self.assertEqual(run(SEFD, "--version").stdout, "sefd 0.1.0\n")

    def test_arguments_of_the_service_are_its_own(self):
        daemon = self.start()
        for args in (("s", "--", FAKE, "--json", "-x"), ("t", FAKE, "--json", "-x", "--")):
            done = daemon.ctl("up", *args)
            self.assertEqual(done.returncode, 0, done.stderr)
            with open("/proc/%d/cmdline" % daemon.service(args[0])["pid"], "rb") as file:
                self.assertEqual(file.read().split(b"\0")[1:3], [b"--json", b"-x"])


if __name__ == "__main__":
    unittest.main()
