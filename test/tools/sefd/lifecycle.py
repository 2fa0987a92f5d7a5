# SPDX-License-Identifier: BSD-2-Clause
"""The daemon's own start and end, and sefctl's exit statuses."""
import errno
import json
import os
import shutil
import socket
import subprocess
import tempfile
import unittest

from harness import BIN, FAKE, GOOD, PATIENCE, Daemon, await_end, kill

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
        """It knows the services of the other, also one that does not come back to it."""
        daemon = self.start()
        daemon.ctl("up", "s", FAKE, "idle-hang")
        before = daemon.service("s")
        daemon.kill()
        done = daemon.ctl("status")
        self.assertEqual(done.returncode, 3)
        self.assertIn("services that it left come back to the next sefd", done.stderr)
        daemon = self.start()
        daemon.wait_log("sefd: an earlier sefd was killed: waiting for its services$")
        daemon.wait_log("s: process %d is there" % before["pid"])
        after = daemon.service("s")
        for key in ("pid", "endpoint", "generation", "image", "state"):
            self.assertEqual(before[key], after[key])
        self.assertIn("closed its control socket", daemon.ctl("update", "s", FAKE).stderr)
        daemon.ctl("up", "t", FAKE)
        self.assertNotEqual(daemon.service("t")["endpoint"], after["endpoint"])
        self.assertEqual(daemon.ctl("down", "s").returncode, 0)
        await_end(before["pid"])

    def test_service_that_ended_without_daemon(self):
        daemon = self.start()
        daemon.ctl("up", "s", FAKE, "idle-hang")
        pid = daemon.service("s")["pid"]
        daemon.kill()
        kill(pid)
        await_end(pid)
        daemon = self.start()
        daemon.wait_log("s: process %d ended" % pid)
        self.assertEqual(daemon.service("s")["state"], "ended")

    def test_records_that_cannot_be_read(self):
        daemon = self.start()
        daemon.ctl("up", "s", FAKE)
        daemon.ctl("up", "t", FAKE)
        records = os.path.join(daemon.runtime, "services")
        with open(os.path.join(records, "t"), encoding="utf-8") as file:
            good = json.load(file)
        daemon.kill()
        bad = {
            "empty": "",
            "array": "[]",
            "no-members": "{}",
            "other-version": json.dumps(dict(good, version=99)),
            "no-endpoint": json.dumps({k: v for k, v in good.items() if k != "endpoint"}),
            "negative": json.dumps(dict(good, pid=-1)),
            "no-program": json.dumps(dict(good, program={"image": "/x", "args": []})),
            "bad-setting": json.dumps(dict(good, settings={"Policy": "never"})),
            "long-image": json.dumps(dict(good, image="/" + "x" * 5000)),
            "half-update": json.dumps(dict(good, update={"image": "/x"})),
            "no-update": json.dumps(dict(good, update={"generation": 2})),
        }
        for name, text in bad.items():
            with open(os.path.join(records, name), "w", encoding="utf-8") as file:
                file.write(text)
        os.symlink("/etc/passwd", os.path.join(records, "link"))
        daemon = self.start()
        self.assertEqual(sorted(s["label"] for s in daemon.request("status")["services"]), ["s", "t"])
        for name in [*bad, "link"]:
            daemon.wait_log("^sefd: %s: what an earlier sefd knew of it is lost" % name)
        daemon.request("status")  # those that it wrote anew are written
        self.assertEqual(set(os.listdir(records)), {"s", "t", "link", *bad}, "some are not left alone")

    def test_records_of_an_earlier_release(self):
        """What they do not tell yet is not missed."""
        daemon = self.start()
        daemon.ctl("up", "s", FAKE, "idle-hang")
        pid = daemon.service("s")["pid"]
        record = os.path.join(daemon.runtime, "services", "s")
        with open(record, encoding="utf-8") as file:
            members = json.load(file)
        daemon.kill()
        for late in ("restarts", "abilities"):
            del members[late]
        with open(record, "w", encoding="utf-8") as file:
            json.dump(members, file)
        daemon = self.start()
        self.assertEqual((daemon.service("s")["pid"], daemon.service("s")["restarts"]), (pid, 0))

    def test_strangers_do_not_become_services(self):
        """A process is a service's if its record says so."""
        daemon = self.start()
        daemon.ctl("up", "s", FAKE, "idle-hang")
        self.addCleanup(kill, daemon.service("s")["pid"])
        daemon.kill()
        daemon = self.start()
        for label in ("s", "x", "../s"):
            done = run(FAKE, "resume", os.path.join(daemon.runtime, "resume"), label)
            self.assertEqual(done.stdout, "answer %d, then the end\n" % errno.ESRCH)
        for nonsense in (b"", b"x", b"y" * 30000):
            stranger = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            stranger.settimeout(PATIENCE)
            stranger.connect(os.path.join(daemon.runtime, "resume"))
            stranger.send(nonsense)
            if nonsense:
                self.assertEqual(stranger.recv(1), b"")
            stranger.close()
        self.assertEqual(daemon.service("s")["state"], "running")

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
        self.assertEqual((done.returncode, done.stderr), (
            1, "sefd: control socket %s: a file that is no socket has this name\n" % path))
        with open(path, encoding="ascii") as file:
            self.assertEqual(file.read(), "precious")

    def test_places_that_cannot_be_used(self):
        runtime = os.path.join(self.directory, "runtime")
        for options, text in (
                (("--socket", "/" + "x" * 200), "control socket /%s: a path that is too long for a "
                 "socket" % ("x" * 200)),
                (("--socket", "/nonexistent/s"),
                 "control socket /nonexistent/s: No such file or directory"),
                (("--runtime-dir", "/nonexistent/r"), "cannot make the runtime directory "
                 "/nonexistent/r: No such file or directory"),
                (("--images-dir", "/nonexistent/i"),
                 "directory of images /nonexistent/i: No such file or directory")):
            done = run(SEFD, "--runtime-dir", runtime, *options)
            self.assertEqual((done.returncode, done.stderr), (1, "sefd: %s\n" % text))
        with open("/proc/mounts", encoding="utf-8") as mounts:
            noexec = [m.split()[1] for m in mounts if "noexec" in m.split()[3].split(",")]
        for path in filter(os.path.isdir, noexec[:1]):
            done = run(SEFD, "--runtime-dir", runtime, "--images-dir", path)
            self.assertEqual((done.returncode, done.stderr), (
                1, "sefd: directory of images %s: mounted noexec, no code can be loaded from it\n"
                % path))
        done = run(SEFD, env=dict(os.environ, XDG_RUNTIME_DIR="/" + "x" * 4096))
        self.assertEqual((done.returncode, done.stderr),
                         (1, "sefd: XDG_RUNTIME_DIR: File name too long\n"))

    def test_runtime_directory_must_be_private(self):
        path = os.path.join(self.directory, "runtime")
        os.mkdir(path)
        os.chmod(path, 0o777)
        done = run(SEFD, "--runtime-dir", path)
        self.assertEqual((done.returncode, done.stderr), (
            1, "sefd: the runtime directory %s is not a directory that only this user can write "
            "to: change its mode, or name another with --runtime-dir\n" % path))

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

    def test_requests_to_a_daemon_that_stops(self):
        """Whoever was connected before is answered."""
        daemon = self.start("--stop-timeout", "60s")
        daemon.ctl("up", "s", FAKE, "ignore-term")
        pid = daemon.service("s")["pid"]
        late, stubborn = daemon.connect(), daemon.connect()
        daemon.request("status")  # was accepted after them
        daemon.process.terminate()
        daemon.wait_log(r"stopping on Terminated from process \d+ of user %d$" % os.getuid())
        late.send({"version": 1, "command": "up", "label": "t", "image": FAKE, "args": [FAKE]})
        self.assertEqual(late.final()["text"], "the daemon is stopping")
        stubborn.send({"version": 1, "command": "update", "label": "s", "image": GOOD})
        self.assertEqual(stubborn.final()["text"], "the service is stopping")
        kill(pid)
        self.assertEqual(daemon.close(), 0)

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

    def test_trial_is_reaped(self):
        """The trial of a new sefd does not stay a zombie when the new one has taken over."""
        daemon = self.start()
        self.assertEqual(daemon.request("update", label="sefd", image=SEFD)["result"], 0)
        daemon.request("status")
        self.assertEqual(daemon.children(), [])

    def test_what_a_service_of_an_earlier_daemon_leaves(self):
        """What is left of its session goes with it, though the daemon is not its parent."""
        daemon = self.start()
        os.mkfifo(os.path.join(self.directory, "gate"))
        daemon.ctl("up", "s", "/bin/sh", "-c", "cat gate & echo $! >left; exec %s state port"
                   % os.path.join(BIN, "crashing"), cwd=self.directory)
        pid = daemon.service("s")["pid"]
        daemon.kill()
        daemon = self.start()
        daemon.wait_log("s: process %d came back" % pid)
        kill(pid)
        with open(os.path.join(self.directory, "left"), encoding="ascii") as file:
            await_end(int(file.read()))

    def test_service_dies_during_a_replacement(self):
        daemon = self.start()
        daemon.ctl("up", "s", FAKE)
        pid = daemon.service("s")["pid"]
        image = os.path.join(self.directory, "image")
        with open(image, "w", encoding="ascii") as file:
            file.write('#!/bin/sh\ncase "$*" in *--check*) ;; *) kill -9 %d;; esac\nexec %s "$@"\n' % (pid, SEFD))
        os.chmod(image, 0o700)
        self.assertEqual(daemon.request("update", label="sefd", image=image)["result"], 0)
        daemon.wait_log("s: process %d (was killed by signal 9|ended)" % pid)
        self.assertEqual(daemon.service("s")["state"], "ended")

    def test_clients_are_answered_before_a_replacement(self):
        daemon = self.start()
        late = [daemon.connect() for _ in range(3)]
        gate, image = (os.path.join(self.directory, name) for name in ("gate", "image"))
        os.mkfifo(gate)
        with open(image, "w", encoding="ascii") as file:
            file.write('#!/bin/sh\ncase "$*" in *--check*) cat %s;; esac\nexec %s "$@"\n' % (gate, SEFD))
        os.chmod(image, 0o700)
        replacing = daemon.begin("update", label="sefd", image=image)
        with open(gate, "wb"):
            pass  # the trial has begun
        while daemon.children():
            pass
        for client in late:
            client.send({"version": 1, "command": "status"})
        for client in late:
            self.assertEqual(client.final()["result"], 0)
        self.assertEqual(replacing.final()["result"], 0)

    def test_unreachable(self):
        path = os.path.join(self.directory, "nothing")
        for socket_path, why in (
                (path, "No such file or directory; no sefd uses this socket (see --socket)"),
                ("x" * 200, "File name too long")):
            done = run(SEFCTL, "-s", socket_path, "status")
            self.assertEqual((done.returncode, done.stderr), (
                3, "sefctl: cannot reach sefd at %s: %s\n" % (socket_path, why)))

    @unittest.skipUnless(os.geteuid() == 0, "needs root to become another user")
    def test_unreachable_for_another_user(self):
        daemon = self.start()
        ctl = shutil.copy(SEFCTL, self.directory)
        os.chmod(self.directory, 0o755)
        os.chmod(daemon.runtime, 0o755)
        done = run(ctl, "-s", daemon.socket, "status", user=65534, group=65534, extra_groups=[])
        self.assertEqual((done.returncode, done.stderr), (
            3, "sefctl: cannot reach sefd at %s: Permission denied; it belongs to another user\n"
            % daemon.socket))

    def test_no_answer(self):
        """A daemon that ends before it answers; whoever asked must look for what became of it."""
        path = os.path.join(self.directory, "socket")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
            listener.listen()
            for command in (("status",), ("down", "s")):
                with subprocess.Popen([SEFCTL, "-s", path, *command], stderr=subprocess.PIPE,
                                      text=True) as ctl:
                    listener.accept()[0].close()
                    lines = ctl.stderr.read().splitlines()
                self.assertEqual(ctl.returncode, 3)
                self.assertEqual(lines[0], "sefctl: no answer from sefd: it closed the connection")
                self.assertEqual(lines[1:], [] if command == ("status",) else [
                    's: what became of it is not known, see "sefctl status s"'])

    def test_requests_that_cannot_be_sent(self):
        daemon = self.start()
        done = daemon.ctl("up", "s", FAKE, *["x" * 100000] * 11)
        self.assertEqual((done.returncode, done.stderr), (
            3, "sefctl: no answer from sefd: the request is too large\n"))
        done = daemon.ctl("up", "s", FAKE, b"\xff")
        self.assertEqual((done.returncode, done.stderr), (
            2, "sefctl: paths, arguments, expressions and rules must be UTF-8\n"))
        gone = os.path.join(self.directory, "gone")
        os.mkdir(gone)
        done = run("sh", "-c", 'rmdir "$1"; exec "$2" -s "$3" status', "sh", gone,
                   os.path.abspath(SEFCTL), daemon.socket, cwd=gone)
        self.assertEqual((done.returncode, done.stderr), (
            2, "sefctl: no working directory: No such file or directory\n"))

    def test_usage(self):
        label = "not a label (1 to 64 of A-Z a-z 0-9 _ . -): "
        duration = "not a duration (as 500ms, 2s or 1m, up to an hour, or 0): "
        expression = "an expression has 1 to 511 bytes"
        policy = "not a policy (NAME=ignore, NAME=warn or NAME=refuse): "
        for args, text in (
                ("", "sefctl: a command is missing"),
                ("nothing", "sefctl: unknown command: nothing"),
                ("--nothing", "sefctl: unrecognized option '--nothing'"),
                ("up", "sefctl up: LABEL is missing"),
                ("up a/b image", "sefctl up: " + label + "a/b"),
                ("up -- s ", "sefctl up: IMAGE is empty"),
                ("up --timeout soon s i", "sefctl up: " + duration + "soon"),
                ("down", "sefctl down: LABEL is missing"),
                ("down a b", "sefctl down: unexpected argument: b"),
                ("status a b", "sefctl status: unexpected argument: b"),
                ("update s", "sefctl update: IMAGE is missing"),
                ("update s a b", "sefctl update: unexpected argument: b"),
                ("update --state nowhere s i", "sefctl update: not a state "
                 "(a name, see --help, or a number from 1): nowhere"),
                ("update --state 0 s i", "sefctl update: not a state "
                 "(a name, see --help, or a number from 1): 0"),
                ("update --state eval s i", "sefctl update: for an expression use --eval"),
                ("update --timeout 61m s i", "sefctl update: " + duration + "61m"),
                ("update --prealloc 1X s i",
                 "sefctl update: not a size (as 65536, 64K, 8M or 1G): 1X"),
                ("update --asr-count 1M s i",
                 "sefctl update: not a number up to 1000000: 1M"),
                ("update --self s i", "sefctl update: --self goes without IMAGE"),
                ("update --explain s self", "sefctl update: --explain compares with an IMAGE"),
                ("edit s", "sefctl edit: nothing to change: name a setting"),
                ("edit s --set Restart", "sefctl edit: not a setting NAME=VALUE: Restart"),
                ("reload x", "sefctl reload: unexpected argument: x"),
                ("refresh", "sefctl refresh: LABEL is missing"),
                ("sysctl", "sefctl: sysctl: a name is missing: srv_status, upd_start, upd_run, "
                 "upd_stop or upd_status"),
                ("sysctl x", "sefctl: unknown sysctl: x"),
                ("update --eval  s i", "sefctl update: " + expression),
                ("update --eval " + "x" * 512 + " s i", "sefctl update: " + expression),
                ("update --eval x --state 1 s i",
                 "sefctl update: --state and --eval exclude each other"),
                ("update --policy removed s i", "sefctl update: " + policy + "removed"),
                ("update --policy =warn s i", "sefctl update: " + policy + "=warn"),
                ("update --explain --rehearse s i", "sefctl update: --explain updates nothing: "
                 "no --rehearse and no --report with it"),
                ("update --report  s i", "sefctl update: the name of the report is empty"),
                ("update --report - --json s i",
                 "sefctl update: --json and --report - exclude each other")):
            self.assert_usage(text, SEFCTL, *(args.split(" ") if args else ()))

    def assert_usage(self, text, *command):
        done = run(*command)
        self.assertEqual((done.returncode, done.stdout), (2, ""), command)
        first, *more = done.stderr.splitlines()
        self.assertEqual(first.removeprefix(BIN + "/"), text)
        self.assertIn("--help' or `%s --usage' for more information." % text.split(":")[0],
                      "".join(more).replace(BIN + "/", ""))

    def test_usage_of_the_daemon(self):
        for option in ("--stop-timeout", "--request-timeout"):
            self.assert_usage("sefd: not a duration (as 500ms, 2s or 1m, up to an hour): soon",
                              SEFD, option, "soon")
        self.assert_usage("sefd: unexpected argument: argument", SEFD, "argument")

    def test_help(self):
        names = ("up", "run", "down", "refresh", "restart", "clone", "unclone", "edit", "update",
                 "upd_run", "upd_stop", "upd_status", "fi", "status", "reload", "shutdown")
        for args in (("--help",), *((name, "--help") for name in names)):
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
