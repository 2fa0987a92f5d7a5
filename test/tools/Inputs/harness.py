# SPDX-License-Identifier: BSD-2-Clause
"""A daemon of its own for each test of sefd, and ways to talk to it.

Nothing here sleeps: the daemon says READY on its notification socket, requests answer when they are
done, processes are awaited by pidfd and messages by reading the daemon's standard error.
"""
import json
import os
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import unittest

BIN = os.environ["SEF_BIN"]
TEST_BIN = os.environ["SEF_TEST_BIN"]
FAKE = os.path.join(TEST_BIN, "fake-service")
GOOD = os.path.join(TEST_BIN, "good-image.so")
TABLELESS = os.path.join(TEST_BIN, "tableless-image.so")
TRUST_OPTIONS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../script/trust-options")
PATIENCE = 60  # seconds after which a test gives up on an event that should come


class Connection:
    """A raw connection to the control socket."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(path)

    def send(self, request):
        self.send_bytes(json.dumps(request).encode())

    def send_bytes(self, payload):
        self.socket.sendall(struct.pack("<I", len(payload)) + payload)

    def send_files(self, request, files):
        payload = json.dumps(request).encode()
        socket.send_fds(self.socket, [struct.pack("<I", len(payload)) + payload], files)

    def _read(self, size):
        data = b""
        while len(data) < size:
            part = self.socket.recv(size - len(data))
            if not part:
                raise EOFError("closed by the daemon")
            data += part
        return data

    def receive(self):
        """The next reply, progress included."""
        (size,) = struct.unpack("<I", self._read(4))
        return json.loads(self._read(size))

    def await_phase(self, phase):
        while True:
            reply = self.receive()
            if reply.get("phase") == phase:
                return
            if reply["type"] == "reply":
                raise AssertionError("no phase %s: %r" % (phase, reply))

    def final(self):
        """The final reply; the daemon must close after it."""
        while True:
            reply = self.receive()
            if reply["type"] == "reply":
                if self.socket.recv(1):
                    raise AssertionError("bytes after the final reply")
                self.close()
                return reply

    def is_closed_by_daemon(self):
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True

    def close(self):
        self.socket.close()


def handing_over(kept):
    """The beginning of a command that gets descriptors as systemd hands them over: from 3 on."""
    if not kept:
        return []
    moves = " ".join("%d<&%d" % (3 + i, fd) for i, (_, fd) in enumerate(kept))
    return ["bash", "-c", "export LISTEN_FDS=%d LISTEN_FDNAMES=%s LISTEN_PID=$$; exec \"$0\" \"$@\" %s"
            % (len(kept), ":".join(name for name, _ in kept), moves)]


class Daemon:
    """A running sefd in a directory of its own."""

    # So that a tree which others can change can be tested too.
    tree_options = subprocess.run([TRUST_OPTIONS, BIN], capture_output=True, text=True, check=True).stdout.split()

    def __init__(self, directory, *options, expect_ready=True, kept=()):
        """`kept` are names and descriptors that a service manager hands over; self.kept are those that it
        is told to keep."""
        self.directory = directory
        self.kept = dict(kept)
        self.runtime = os.path.join(directory, "runtime")
        self.socket = os.path.join(self.runtime, "control")
        notify = os.path.join(directory, "notify")
        if os.path.exists(notify):
            os.unlink(notify)
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.settimeout(PATIENCE)
        self.notify.bind(notify)
        self.process = subprocess.Popen(
            [*handing_over(kept), os.path.join(BIN, "sefd"), "--runtime-dir", self.runtime, "--verbose",
             *self.tree_options, *options],
            stderr=subprocess.PIPE, env=dict(os.environ, NOTIFY_SOCKET=notify),
            pass_fds=[fd for _, fd in kept])
        self.pidfd = os.pidfd_open(self.process.pid)
        self.log = ""
        if expect_ready:
            while b"READY=1" not in self.hear():
                pass

    def hear(self):
        """The next message to the service manager."""
        message, fds, _, _ = socket.recv_fds(self.notify, 4096, 8)
        name = message.decode().partition("FDNAME=")[2]
        if message.startswith(b"FDSTORE=1"):
            self.kept[name] = fds.pop()
        elif message.startswith(b"FDSTOREREMOVE=1"):
            os.close(self.kept.pop(name))
        for fd in fds:
            os.close(fd)
        return message

    def close(self, keep=False):
        """End the daemon; it must end well: a sanitizer's finding is an exit status."""
        if self.process.stderr.closed:
            return self.process.returncode
        if self.process.poll() is None:
            self.process.terminate()
        while self.process.poll() is None:
            self._read_log(self.pidfd, self.notify)
            if select.select([self.notify], [], [], 0)[0]:
                self.hear()
        os.close(self.pidfd)
        while self.kept and not keep:
            os.close(self.kept.popitem()[1])
        os.set_blocking(self.process.stderr.fileno(), False)  # a service may hold the other end
        self.log += (self.process.stderr.read() or b"").decode(errors="replace")
        self.process.stderr.close()
        self.notify.close()
        return self.process.returncode

    def _read_log(self, *others):
        """Wait for more of the log, or for another descriptor; false at the log's end."""
        ready = select.select([self.process.stderr, *others], [], [], PATIENCE)[0]
        if not ready:
            raise AssertionError("the daemon is silent, after:\n" + self.log)
        if self.process.stderr not in ready:
            return True
        data = os.read(self.process.stderr.fileno(), 65536)
        self.log += data.decode(errors="replace")
        return bool(data)

    def kill(self, keep=False):
        self.process.kill()
        self.process.wait(PATIENCE)
        self.close(keep)

    def wait_log(self, pattern):
        """Wait for a line of the daemon or of a service; returns the match."""
        while True:
            match = re.compile(pattern, re.M).search(self.log)
            if match:
                return match
            if not self._read_log():
                raise AssertionError("log ended without %r:\n%s" % (pattern, self.log))

    def connect(self):
        return Connection(self.socket)

    def request(self, command, /, **members):
        connection = self.connect()
        connection.send(dict(version=1, command=command, **members))
        return connection.final()

    def begin(self, command, /, **members):
        """A request whose replies are read later."""
        connection = self.connect()
        connection.send(dict(version=1, command=command, **members))
        return connection

    def ctl(self, *args, **kwargs):
        """Run sefctl."""
        return subprocess.run([os.path.join(BIN, "sefctl"), "--socket", self.socket, *args],
                              capture_output=True, text=True, timeout=PATIENCE, check=False,
                              cwd=kwargs.pop("cwd", self.directory), **kwargs)

    def service(self, label="s"):
        """What the daemon says of a service; None if it does not know it."""
        return self.request("status", label=label).get("services", [None])[0]

    def children(self):
        pid = self.process.pid
        with open("/proc/%d/task/%d/children" % (pid, pid), encoding="ascii") as file:
            return [int(word) for word in file.read().split()]


def await_end(pid):
    """Wait until a process has ended, whoever its parent is."""
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        if not select.select([fd], [], [], PATIENCE)[0]:
            raise AssertionError("process %d does not end" % pid)
    finally:
        os.close(fd)


class DaemonTest(unittest.TestCase):
    """A test with a daemon; `options` are the daemon's."""

    options = ("--stop-timeout", "1s")

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="sefd.")
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.daemon = Daemon(self.directory, *self.options)

    def tearDown(self):
        status = self.daemon.close()
        self.assertEqual(status, 0, self.daemon.log)
        self.assertNotIn("runtime error", self.daemon.log)
        leftovers = os.listdir(os.path.join(self.daemon.runtime, "images"))
        self.assertEqual(leftovers, [], "copies of images were left")

    def up(self, *words, label="s", **kwargs):
        """Start the fake service; returns its process id."""
        done = self.daemon.ctl("up", label, "--", FAKE, *words, **kwargs)
        self.assertEqual((done.returncode, done.stderr), (0, ""), self.daemon.log)
        return self.daemon.service(label)["pid"]

    def update(self, *options, image=GOOD, status=0, label="s"):
        """Update by sefctl, which must end with `status`; returns what it printed."""
        done = self.daemon.ctl("update", *options, label, image)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def begin_update(self, **members):
        return self.daemon.begin("update", label="s", image=GOOD, **members)

    def assert_one_instance(self, label="s"):
        """The service has one process, a child of the daemon, and can be updated."""
        service = self.daemon.service(label)
        self.assertEqual(service["state"], "running")
        self.assertEqual(self.daemon.children(), [service["pid"]])
        os.kill(service["pid"], 0)
        self.assertIn("updated to", self.update(label=label))

    def make_gate(self):
        """A pipe at which a service waits, see open_gate()."""
        os.mkfifo(os.path.join(self.directory, "gate"))

    def await_at_gate(self):
        """Wait for the service to come to the gate; it passes when the result is closed."""
        return open(os.path.join(self.directory, "gate"), "wb")

    def open_gate(self):
        """Let the service pass; waits for it to come."""
        self.await_at_gate().close()


def kill(pid):
    os.kill(pid, signal.SIGKILL)
