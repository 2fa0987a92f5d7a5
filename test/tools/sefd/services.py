# SPDX-License-Identifier: BSD-2-Clause
"""Services come up, are shown, end, and each way to fail is told in words."""
import json
import os
import re
import resource
import unittest

from harness import FAKE, DaemonTest, await_end, kill


class Services(DaemonTest):
    def test_up_status_down(self):
        pid = self.up()
        table = self.daemon.ctl("status").stdout.splitlines()
        self.assertEqual(table[0].split(), "LABEL PID STATE GEN IMAGE UPTIME UPDATES RESTARTS LAST "
                         "RESULT".split())
        self.assertEqual(table[1].split()[:5], ["s", str(pid), "running", "1", FAKE])
        self.assertEqual(table[0].index("PID"), table[1].index(str(pid)))
        done = self.daemon.ctl("down", "s")
        self.assertEqual((done.returncode, done.stdout),
                         (0, "s: down (was killed by signal 15 (Terminated))\n"))
        self.assertIsNone(self.daemon.service())
        self.assertEqual(len(self.daemon.ctl("status").stdout.splitlines()), 1)

    def test_status_as_json(self):
        pid = self.up()
        done = self.daemon.ctl("--json", "status")
        service = json.loads(done.stdout)["services"][0]
        self.assertEqual((service["label"], service["pid"], service["state"], service["updates"]),
                         ("s", pid, "running", 0))

    def test_status_of_one(self):
        self.up(label="a")
        self.up(label="b")
        self.assertNotIn("a ", self.daemon.ctl("status", "b").stdout)
        services = json.loads(self.daemon.ctl("--json", "status", "b").stdout)["services"]
        self.assertEqual([service["label"] for service in services], ["b"])
        done = self.daemon.ctl("status", "c")
        self.assertEqual((done.returncode, done.stderr), (1, "c: no such service; "
                         "sefctl status lists those that there are\n"))

    def test_surroundings(self):
        """Working directory and environment are the requester's, descriptors are not."""
        directory = os.path.join(self.directory, "here")
        os.mkdir(directory)
        pid = self.up("print-surroundings", cwd=directory, env=dict(os.environ, FAKE="yes",
                      NOTIFY_SOCKET="/nowhere", SEF_CONTROL_FD="77"))
        with open("/proc/%d/environ" % pid, "rb") as file:
            environment = file.read().split(b"\0")
        self.assertIn(b"FAKE=yes", environment)
        self.assertTrue([word for word in environment if re.fullmatch(rb"SEF_CONTROL_FD=3:[1-9][0-9]*", word)])
        self.assertNotIn(b"SEF_CONTROL_FD=77", environment)
        self.assertNotIn(b"NOTIFY_SOCKET=/nowhere", environment)
        self.assertEqual(os.readlink("/proc/%d/cwd" % pid), directory)
        self.assertEqual(sorted(os.listdir("/proc/%d/fd" % pid)), ["0", "1", "2", "3"])
        self.assertEqual(os.readlink("/proc/%d/fd/0" % pid), "/dev/null")
        self.assertEqual(os.getsid(pid), pid)

    def test_label_is_unique(self):
        self.up()
        done = self.daemon.ctl("up", "s", FAKE)
        self.assertEqual((done.returncode, done.stderr), (1, "s: is running already\n"))

    def test_bad_labels(self):
        for label in ("", ".", "..", "a/b", "a b", "x" * 65, "é"):
            done = self.daemon.ctl("up", label, FAKE)
            self.assertEqual(done.returncode, 2, label)
            self.assertIn("not a label", done.stderr)
            reply = self.daemon.request("up", label=label, image=FAKE, args=[FAKE])
            self.assertEqual(reply["result"], 22, label)
        self.up(label="x" * 64)
        self.up(label="A-z_0.9")

    def test_exec_failure(self):
        for image, reason in (("/nonexistent", "No such file or directory"),
                              ("/etc/passwd", "Permission denied"), ("/", "Is a directory")):
            done = self.daemon.ctl("up", "s", image)
            self.assertEqual((done.returncode, done.stderr),
                             (1, "s: cannot execute %s: %s\n" % (image, reason)))
            self.assertIsNone(self.daemon.service())

    def assert_fails(self, reason, *words, options=()):
        done = self.daemon.ctl("up", *options, "s", FAKE, *words)
        self.assertEqual(done.returncode, 1)
        self.assertIn(reason, done.stderr)
        self.assertIsNone(self.daemon.service())
        self.assertEqual(self.daemon.children(), [])

    def test_init_failures(self):
        self.assert_fails("initialisation failed with 38: no such device", "init-fail")
        self.assert_fails("exited with status 3 before it was initialised", "init-exit")
        self.assert_fails("was killed by signal 11 (Segmentation fault)", "init-crash")
        late = "was not initialised within 50 ms; --timeout allows it more\n"
        self.assert_fails("s: " + late, "init-hang", options=("--timeout", "50ms"))
        self.assert_fails("s: closed its control socket and " + late, "init-close", options=("--timeout", "50ms"))
        self.up()

    def test_garbage_does_not_disturb(self):
        self.up("init-garbage", label="a")
        self.up("init-nonsense", label="b")
        self.up("idle-garbage", label="c")
        for label in ("a", "b", "c"):
            self.assertEqual(self.daemon.service(label)["state"], "running")
        self.daemon.wait_log(r"a: dropped a malformed packet from process \d+$")
        self.daemon.wait_log("b: packet 0x[0-9a-f]+ out of place$")

    def test_flood_closes_the_control_socket(self):
        """A service that sends nothing but garbage loses its socket; this one then exits."""
        self.assert_fails("exited with status 0 before it was initialised", "init-flood")
        self.daemon.wait_log("too many malformed packets")

    def test_stubborn_service_is_killed(self):
        self.up("ignore-term")
        done = self.daemon.ctl("down", "s")
        self.assertEqual((done.returncode, done.stdout),
                         (0, "s: down (was killed by signal 9 (Killed))\n"))
        self.daemon.wait_log("s: does not end on SIGTERM, killing it$")

    def test_crash_is_recorded(self):
        pid = self.up()
        kill(pid)
        await_end(pid)
        service = self.daemon.service()
        self.assertEqual((service["state"], service["end"]),
                         ("ended", "was killed by signal 9 (Killed)"))
        self.assertIn("was killed by signal 9 (Killed)", self.daemon.ctl("status").stdout)
        done = self.daemon.ctl("down", "s")
        self.assertEqual(done.returncode, 0)
        self.assertEqual(done.stdout,
                         "s: down (had ended already: was killed by signal 9 (Killed))\n")
        self.assertEqual(self.daemon.ctl("down", "s").returncode, 1)

    def test_up_after_end(self):
        pid = self.up()
        kill(pid)
        await_end(pid)
        self.assertNotEqual(self.up(), pid)

    def test_exit_is_recorded(self):
        self.daemon.ctl("up", "s", FAKE, "idle-exit")
        self.daemon.wait_log("s: process [0-9]+ exited with status 7")
        self.assertEqual(self.daemon.service()["end"], "exited with status 7")

    def test_children_of_a_service_end_with_it(self):
        pid = self.up("helper")
        with open("/proc/%d/task/%d/children" % (pid, pid), encoding="ascii") as file:
            helper = int(file.read())
        kill(pid)
        await_end(pid)
        await_end(helper)

    def test_down_while_starting(self):
        self.make_gate()
        starting = self.daemon.begin("up", label="s", image=FAKE, args=[FAKE, "init-hang"],
                                     cwd=self.directory)
        while not self.daemon.service():
            pass
        second = self.daemon.request("up", label="s", image=FAKE, args=[FAKE])
        self.assertEqual(second["text"], "is starting already")
        self.assertEqual(self.daemon.ctl("down", "s").returncode, 0)
        self.assertEqual(starting.final()["text"], "was taken down while it started")

    def test_down_twice(self):
        self.up("ignore-term")
        first = self.daemon.begin("down", label="s")
        while self.daemon.service()["state"] != "stopping":
            pass
        second = self.daemon.request("down", label="s")
        self.assertEqual((second["result"], second["text"]), (16, "is being taken down"))
        self.assertEqual(first.final()["result"], 0)

    def test_many_services(self):
        for i in range(20):
            self.up(label="s%d" % i)
        self.assertEqual(len(self.daemon.request("status")["services"]), 20)

    def test_too_many_services(self):
        for i in range(256):
            self.daemon.request("up", label="s%d" % i, image=FAKE, args=[FAKE])
        reply = self.daemon.request("up", label="s", image=FAKE, args=[FAKE])
        self.assertEqual((reply["result"], reply["text"]), (
            28, "256 services are the most that one sefd supervises: take one down, or start "
            "another sefd"))

    def test_out_of_descriptors(self):
        self.daemon.request("status")  # the event loop makes its timer for the first client
        pid = self.daemon.process.pid
        used = [int(fd) for fd in os.listdir("/proc/%d/fd" % pid)]
        free = [fd for fd in range(max(used) + 3) if fd not in used]
        usual = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (free[1], usual[1]))  # one, for the client
        reply = self.daemon.request("up", label="s", image=FAKE, args=[FAKE])
        self.assertEqual(reply["text"], "cannot execute %s: Too many open files" % FAKE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (free[0], usual[1]))
        text = "no file descriptor is free for a request: raise the limit of sefd (RLIMIT_NOFILE)"
        done = self.daemon.ctl("status")
        self.assertEqual((done.returncode, done.stderr), (1, "sefctl: %s\n" % text))
        self.daemon.wait_log(re.escape(text))
        resource.prlimit(pid, resource.RLIMIT_NOFILE, usual)


if __name__ == "__main__":
    unittest.main()
