# SPDX-License-Identifier: BSD-2-Clause
"""Unit files: what they say is done, and each error in them is told with its line and harms nothing."""
import json
import os
import unittest

from harness import FAKE, Daemon, DaemonTest


class Units(DaemonTest):
    def setUp(self):
        super().setUp()
        self.daemon.close()
        self.units = os.path.join(self.directory, "units")
        os.mkdir(self.units, 0o755)
        self.start()

    def start(self, **kwargs):
        self.daemon = Daemon(self.directory, "--units-dir", self.units, *self.options, **kwargs)

    def write(self, name, *lines, mode=0o644):
        path = os.path.join(self.units, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        os.chmod(path, mode)
        return path

    def reload(self, errors=0):
        reply = self.daemon.request("reload")
        self.assertEqual(len(reply["errors"]), errors, reply)
        self.assertEqual(reply["result"], 22 if errors else 0)
        return reply

    def settings(self, label="s"):
        return self.daemon.service(label)["settings"]

    def test_up_by_unit(self):
        self.write("s.service", "# a comment", "; another", "", "[Service]",
                   "ExecStart=%s \"a b\" c\\ d 'e\"f'" % FAKE, "WorkingDirectory=/usr",
                   "Environment=A=1 \"B=2 3\"", "Environment=A=2",
                   "Restart=no", "RestartPolicy=reset", "RestartBackoff=off", "RestartCount=3",
                   "RestartScript=/bin/true", "HeartbeatSec=1500ms", "TimeoutStartSec=infinity",
                   "TimeoutPrepareSec=5", "UpdateState=request-free", "Preallocate=64K",
                   "RerandomizeSec=2h")
        self.assertEqual(self.reload()["units"], ["s"])
        done = self.daemon.ctl("up", "s")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        pid = self.daemon.service()["pid"]
        with open("/proc/%d/cmdline" % pid, "rb") as file:
            self.assertEqual(file.read().split(b"\0")[:-1],
                             [FAKE.encode(), b"a b", b"c d", b'e"f'])
        with open("/proc/%d/environ" % pid, "rb") as file:
            environment = file.read().split(b"\0")
        self.assertIn(b"A=2", environment)
        self.assertIn(b"B=2 3", environment)
        self.assertNotIn(b"A=1", environment)
        self.assertEqual(os.readlink("/proc/%d/cwd" % pid), "/usr")
        self.assertEqual(self.settings(), {
            "Restart": "no", "RestartPolicy": "reset", "RestartBackoff": "no", "RestartCount": "3",
            "RestartScript": "/bin/true", "HeartbeatSec": "1500ms", "Standby": "no",
            "TimeoutStartSec": "infinity", "TimeoutPrepareSec": "5",
            "UpdateState": "request-free", "Preallocate": "65536", "RerandomizeSec": "7200",
            "AsrCount": "0"})
        service = self.daemon.service()
        self.assertEqual(service["restarts"], 3)
        self.assertEqual(service["unit"], os.path.join(self.units, "s.service"))

    def test_expression(self):
        self.write("s.unit", "[Service]", "ExecStart=" + FAKE, "UpdateExpression=n == 0")
        self.reload()
        self.daemon.ctl("up", "s")
        self.assertEqual(self.settings()["UpdateExpression"], "n == 0")
        self.assertNotIn("UpdateState", self.settings())

    def test_options_win(self):
        self.write("s.service", "[Service]", "ExecStart=" + FAKE, "HeartbeatSec=1")
        self.reload()
        self.daemon.ctl("up", "s", "--period", "9s")
        self.assertEqual(self.settings()["HeartbeatSec"], "9")

    def test_started_with_the_daemon(self):
        self.write("b.service", "[Service]", "ExecStart=" + FAKE, "Start=yes")
        self.write("a.service", "[Service]", "ExecStart=" + FAKE, "Start=yes")
        self.write("c.service", "[Service]", "ExecStart=" + FAKE)
        self.write("d.service", "[Service]", "ExecStart=/nonexistent", "Start=yes")
        self.write("e.service", "[Service]", "ExecStart=%s init-exit" % FAKE, "Start=yes")
        self.daemon.close()
        self.start()
        self.daemon.wait_log("a: up, process")
        self.daemon.wait_log("b: up, process")
        self.daemon.wait_log("d: cannot execute /nonexistent")
        self.daemon.wait_log("e: exited with status 3 before it was initialised")
        self.assertEqual([s["label"] for s in self.daemon.request("status")["services"]],
                         ["a", "b"])

    def test_errors(self):
        exec_start = "ExecStart=" + FAKE
        for lines, line, text in (
                ((exec_start,), 1, "ExecStart stands before [Service]"),
                (("[Unit]",), 1, "the only section is [Service], not [Unit]"),
                (("[Service]", "nonsense"), 2, 'neither NAME=VALUE nor [Service]: "nonsense"'),
                (("[Service]", exec_start, "Type=notify"), 3, "Type: no such setting"),
                (("[Service]", exec_start, "", "Restart=no", "Restart=no"), 5,
                 "Restart was set in line 4 already"),
                (("[Service]", "ExecStart=relative"), 2,
                 "ExecStart begins with the absolute path of the image"),
                (("[Service]", "ExecStart="), 2,
                 "ExecStart begins with the absolute path of the image"),
                (("[Service]", 'ExecStart=/bin/true "'), 2,
                 "ExecStart has a quote or backslash without end"),
                (("[Service]", "ExecStart=/bin/true \\"), 2,
                 "ExecStart has a quote or backslash without end"),
                (("[Service]", exec_start, "Restart=maybe"), 3,
                 'Restart is yes or no, not "maybe"'),
                (("[Service]", exec_start, "RestartPolicy=always"), 3,
                 'RestartPolicy is restart, reset or none, not "always"'),
                (("[Service]", exec_start, "HeartbeatSec=2h"), 3,
                 'HeartbeatSec is a duration as 500ms, 2s or 1m, up to an hour, or 0: "2h"'),
                (("[Service]", exec_start, "RerandomizeSec=366d"), 3, 'RerandomizeSec is a '
                 'duration as 90s, 30m, 12h or 7d, up to a year, or 0: "366d"'),
                (("[Service]", exec_start, "RestartCount=-1"), 3,
                 'RestartCount is a number up to 1000000, not "-1"'),
                (("[Service]", exec_start, "Preallocate=2T"), 3,
                 'Preallocate is a size as 65536, 64K, 8M or 1G, up to 1T, not "2T"'),
                (("[Service]", exec_start, "UpdateState=eval"), 3,
                 'UpdateState is the name or number of a state, not "eval"'),
                (("[Service]", exec_start, "UpdateExpression="), 3,
                 "UpdateExpression is an expression of 1 to 511 bytes"),
                (("[Service]", exec_start, "UpdateState=2", "UpdateExpression=x"), 4,
                 "UpdateState and UpdateExpression exclude each other"),
                (("[Service]", exec_start, "Environment=A"), 3,
                 'Environment has words NAME=value, not "A"'),
                (("[Service]", exec_start, "WorkingDirectory=here"), 3,
                 'WorkingDirectory is an absolute path, not "here"'),
                (("[Service]", exec_start, "Owner=nobody-there"), 3,
                 'Owner names a user that there is not: "nobody-there"')):
            path = self.write("s.service", *lines)
            reply = self.daemon.request("reload")
            self.assertEqual(reply["errors"][0], {"file": path, "line": line, "text": text})
        done = self.daemon.ctl("reload")
        self.assertEqual((done.returncode, done.stderr, done.stdout), (
            1, "%s:3: %s\n" % (path, text), "sefctl: 1 unit, 1 error\n"))
        self.daemon.wait_log("^sefd: %s:3: " % path)
        done = self.daemon.ctl("up", "s")
        self.assertEqual((done.returncode, done.stderr), (1, "s: %s:3: %s\n" % (path, text)))

    def test_many_errors(self):
        """All are told up to a bound, and what is missing has no line."""
        path = self.write("s.service", "[Service]", *["x"] * 100)
        self.assertEqual(len(self.reload(20)["errors"]), 20)
        self.write("s.service", "[Service]")
        self.assertEqual(self.reload(1)["errors"],
                         [{"file": path, "text": "ExecStart is missing"}])

    def test_files_that_are_not_read(self):
        path = self.write("s.service", "[Service]", "ExecStart=" + FAKE)
        for mode in (0o664, 0o646):
            os.chmod(path, mode)
            self.assertEqual(self.reload(1)["errors"], [{
                "file": path, "text": "belongs to another user, or others may write to it"}])
        os.unlink(path)
        os.mkfifo(path, 0o600)
        self.assertEqual(self.reload(1)["errors"][0]["text"], "is not a regular file")
        os.unlink(path)
        self.write("s.service", "#" * 65536)
        self.assertEqual(self.reload(1)["errors"][0]["text"], "has more than 65536 bytes")
        self.write("s.service", "[Service]\0")
        self.assertEqual(self.reload(1)["errors"][0]["text"], "has a zero byte")
        os.unlink(path)
        self.write("a b.service", "[Service]", "ExecStart=" + FAKE)
        self.assertEqual(self.reload(1)["errors"][0]["text"], "its name is not that of a label")
        os.unlink(os.path.join(self.units, "a b.service"))
        self.write(".s.service", "nonsense")
        self.write("README", "nonsense")
        self.write("s.service", "[Service]", "ExecStart=" + FAKE)
        self.write("s.unit", "[Service]", "ExecStart=" + FAKE)
        self.assertEqual(self.reload(1)["errors"], [{
            "file": os.path.join(self.units, "s.unit"), "text": "another file has the unit s"}])

    def test_directory_that_others_may_write_to(self):
        """What was read before stays in force."""
        self.write("s.service", "[Service]", "ExecStart=" + FAKE)
        self.reload()
        os.chmod(self.units, 0o777)
        self.assertEqual(self.reload(1)["units"], ["s"])
        os.rename(self.units, self.units + ".gone")
        reply = self.reload(1)
        self.assertEqual(reply["errors"], [
            {"file": self.units, "text": "No such file or directory"}])
        self.assertEqual(self.daemon.ctl("up", "s").returncode, 0)

    def test_a_broken_file_disturbs_nothing(self):
        path = self.write("s.service", "[Service]", "ExecStart=" + FAKE, "HeartbeatSec=7")
        self.write("t.service", "[Service]", "ExecStart=" + FAKE)
        self.reload()
        self.daemon.ctl("up", "s")
        self.write("s.service", "[Service]", "nonsense")
        self.reload(2)
        self.assertEqual(self.settings()["HeartbeatSec"], "7")
        self.daemon.ctl("down", "s")
        self.assertEqual(self.daemon.ctl("up", "s").returncode, 0)
        self.assertEqual(self.settings()["HeartbeatSec"], "7")
        self.assertEqual(self.daemon.ctl("up", "t").returncode, 0)
        os.unlink(path)
        self.assertEqual(self.reload()["units"], ["t"])
        self.assertEqual(self.daemon.service()["state"], "running")

    def test_changes_reach_what_runs(self):
        """Settings at once, another program with the next start; an edit stays while the file does."""
        self.write("s.service", "[Service]", "ExecStart=" + FAKE, "HeartbeatSec=7")
        self.reload()
        self.daemon.ctl("up", "s")
        pid = self.daemon.service()["pid"]
        self.daemon.ctl("edit", "s", "--period", "9s")
        self.reload()
        self.assertEqual(self.settings()["HeartbeatSec"], "9")
        self.write("s.service", "[Service]", "ExecStart=%s again" % FAKE, "HeartbeatSec=8")
        self.reload()
        self.assertEqual(self.settings()["HeartbeatSec"], "8")
        self.assertEqual(self.daemon.service()["pid"], pid)
        self.daemon.ctl("refresh", "s")
        with open("/proc/%d/cmdline" % self.daemon.service()["pid"], "rb") as file:
            self.assertEqual(file.read().split(b"\0")[1], b"again")

    def test_run_stays_run(self):
        self.write("s.service", "[Service]", "ExecStart=" + FAKE)
        self.reload()
        self.daemon.ctl("run", "s")
        self.assertEqual(self.settings()["Restart"], "no")
        self.write("s.service", "[Service]", "ExecStart=" + FAKE, "HeartbeatSec=8")
        self.reload()
        self.assertEqual(self.settings()["Restart"], "no")

    def test_no_unit(self):
        done = self.daemon.ctl("up", "s")
        self.assertEqual((done.returncode, done.stderr), (
            1, "s: has no unit file in %s that was read: name an image, or sefctl reload\n"
            % self.units))

    def test_default_directory(self):
        """A default directory that there is not is no error."""
        self.daemon.close()
        self.daemon = Daemon(self.directory, *self.options)
        self.assertEqual(self.daemon.request("reload")["errors"], [])

    def test_reload_as_json(self):
        self.write("s.service", "[Service]", "ExecStart=" + FAKE)
        self.assertEqual(json.loads(self.daemon.ctl("--json", "reload").stdout)["units"], ["s"])


if __name__ == "__main__":
    unittest.main()
