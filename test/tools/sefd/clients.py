# SPDX-License-Identifier: BSD-2-Clause
"""Hostile, slow, confused and vanishing clients are answered or dropped and disturb nobody."""
import json
import os
import shutil
import socket
import struct
import subprocess
import unittest

from harness import BIN, FAKE, GOOD, DaemonTest, kill

EBADMSG, EINVAL, EMSGSIZE, ENOSYS, EPERM, EPROTONOSUPPORT = 74, 22, 90, 38, 1, 93


class Service(DaemonTest):
    """A service that no client may disturb."""

    def setUp(self):
        super().setUp()
        self.pid = self.up()

    def tearDown(self):
        self.assertEqual(self.daemon.service()["pid"], self.pid)
        self.assertEqual(self.daemon.service()["state"], "running")
        super().tearDown()


class Clients(Service):
    def answer(self, payload):
        connection = self.daemon.connect()
        connection.send_bytes(payload)
        return connection.final()

    def refused(self, payload):
        return self.answer(payload)["result"]

    # ---- Frames --------------------------------------------------------------------------

    def test_oversized_frame(self):
        for size in (0, (1 << 20) + 1, 0x7fffffff, 0xffffffff):
            connection = self.daemon.connect()
            connection.socket.sendall(struct.pack("<I", size))
            reply = connection.final()
            self.assertEqual((reply["result"], reply["text"]),
                             (EMSGSIZE, "a request has 1 to 1048576 bytes"))

    def test_largest_frame(self):
        request = json.dumps({"version": 1, "command": "status", "x": ""})
        request = request[:-2] + "y" * ((1 << 20) - len(request)) + '"}'
        self.assertEqual(self.refused(request.encode()), 0)

    def test_not_json(self):
        for payload in (b"x", b"{", b"[", b"\0", b"\xff\xfe", b'{"version":1', b'{"a":1,"a":2}',
                        b'{"command":"st\\u0000atus"}', b'{"rules":"policy\\u0000"}', b"[" * 100000, b"{}{}", b"null",
                        b'"text"', b"[]", b"1e999"):
            self.assertEqual(self.refused(payload), EBADMSG, payload[:20])
        self.assertEqual(self.answer(b"[]")["text"], "not a JSON object")

    def test_frame_in_single_bytes(self):
        connection = self.daemon.connect()
        payload = b'{"version":1,"command":"status"}'
        for byte in struct.pack("<I", len(payload)) + payload:
            connection.socket.sendall(bytes([byte]))
        self.assertEqual(connection.final()["result"], 0)

    def test_bytes_after_the_request(self):
        connection = self.daemon.connect()
        payload = b'{"version":1,"command":"status"}'
        connection.socket.sendall((struct.pack("<I", len(payload)) + payload) * 2)
        self.assertEqual(connection.receive()["result"], 0)
        self.assertTrue(connection.is_closed_by_daemon())
        connection.close()

    # ---- Members -------------------------------------------------------------------------

    def test_version_and_command(self):
        needed = 'members "version" (a number) and "command" (a string) are needed'
        for request, result, text in (
                ({}, EINVAL, needed), ({"version": 1}, EINVAL, needed),
                ({"command": "status"}, EINVAL, needed),
                ({"version": "1", "command": "status"}, EINVAL, needed),
                ({"version": 1, "command": 1}, EINVAL, needed),
                ({"version": 1, "command": ""}, EINVAL, needed),
                ({"version": 1, "command": "x" * 1000}, EINVAL, needed),
                ({"version": 2, "command": "status"}, EPROTONOSUPPORT, "version 2 of the protocol "
                 "is asked for, this sefd speaks version 1: use the sefctl of its release"),
                ({"version": 1, "command": "statu"}, ENOSYS,
                 'unknown command "statu": see docs/control-protocol.md')):
            reply = self.answer(json.dumps(request).encode())
            self.assertEqual((reply["result"], reply["text"]), (result, text), request)

    def assert_each_member_is_checked(self, command, good, bad):
        for member, values in bad.items():
            for value in values:
                request = dict(good, **{member: value})
                if value is ...:
                    del request[member]
                reply = self.daemon.request(command, **request)
                self.assertEqual(reply["result"], EINVAL, (member, value))
                what = "is missing" if value is ... else "has the wrong type|is out of bounds"
                self.assertRegex(reply["text"], '^member "%s" (%s)$' % (member, what))

    def test_members_of_up(self):
        good = {"label": "t", "image": FAKE, "args": [FAKE], "cwd": "/", "env": []}
        self.assert_each_member_is_checked("up", good, {
            "label": [..., 1, None, "", "a/b", "x" * 65, ["s"]],
            "image": [1, "", "relative", "/" + "x" * 5000],
            "args": [..., "x", [], [1], [None], ["x"] * 5000],
            "cwd": [1, "", "relative"],
            "env": ["A=1", [1], {"A": "1"}],
            "timeout_ms": [-1, "1", 1.5, 10 ** 12, True],
            "settings": [1, [], "Restart"],
        })
        self.assertIsNone(self.daemon.service("t"))

    def test_members_of_update(self):
        self.assert_each_member_is_checked("update", {"label": "s", "image": GOOD}, {
            "label": [..., 1, "", "../s"],
            "image": [..., 1, "", "good-image.so", []],
            "state": [0, -1, "1", 1 << 40],
            "eval": [1, "", "x" * 512],
            "timeout_ms": [-5, "1", 3600001],
            "prealloc": [-1, "1M", 1 << 50],
            "asr_count": [-1, "1", 1 << 40],
            "self": [1, "yes"],
            "prepare_only": [1, "yes"],
            "debug_fail": [1, "yes"],
            "rehearse": [1, "yes", None],
            "verify": [1, "yes", None],
            "rules": [1, "", "x" * 65537, ["policy removed=warn"], {}, None],
        })

    def test_state_and_expression(self):
        for members in ({"state": 4}, {"eval": "x"}, {"state": 1, "eval": "x"}):
            reply = self.daemon.request("update", label="s", image=GOOD, **members)
            self.assertEqual((reply["result"], reply["text"]), (
                EINVAL, '"eval" goes with "state" 4 only, and needs it'))

    def test_output_is_not_forged(self):
        """What comes from clients stays in one line of the log and of what others are shown, without
        control characters."""
        forged = "\nsefd: s: down\x1b[2J\x9b2J"
        self.assertNotEqual(self.daemon.request("update", label="s", image="/none" + forged)["result"], 0)
        self.daemon.wait_log("s: update to /none sefd: s: down")
        shown = self.daemon.ctl("status").stdout
        self.assertIn("/none sefd: s: down", shown)
        self.assertNotRegex(self.daemon.log + shown, "(?m)^sefd: s: down|\x1b|\x9b")

    def test_working_directory_that_is_none(self):
        reply = self.daemon.request("up", label="t", image=FAKE, args=[FAKE], cwd="/nonexistent")
        self.assertEqual(reply["text"], "cannot enter /nonexistent: No such file or directory")

    # ---- Behaviour -----------------------------------------------------------------------

    def test_client_that_vanishes(self):
        for part in (b"", b"\x20", struct.pack("<I", 100) + b"{"):
            connection = self.daemon.connect()
            connection.socket.sendall(part)
            connection.close()
        for _ in range(20):
            self.daemon.begin("status").close()
        self.daemon.begin("update", label="s", image=GOOD, state=5, timeout_ms=50).close()
        self.daemon.wait_log("s: update to .*: the service was not ready within 50 ms")

    def test_half_closed_client_is_answered(self):
        connection = self.daemon.begin("update", label="s", image=GOOD, state=5, timeout_ms=50)
        connection.socket.shutdown(socket.SHUT_WR)
        self.assertEqual(connection.final()["result"], 4)

    def test_flood_of_connections(self):
        """Those that state no request make room for those that do."""
        flood = [self.daemon.connect() for _ in range(300)]
        self.assertEqual(self.daemon.ctl("status").returncode, 0)
        for connection in flood:
            connection.close()

    def test_too_many_waiting_requests(self):
        """Whoever comes when all places are taken by requests that wait is told so."""
        waiting = [self.daemon.begin("up", label="t%d" % i, image=FAKE, args=[FAKE, "init-hang"])
                   for i in range(63)]
        while not self.daemon.service("t62"):
            pass
        waiting.append(self.daemon.begin("update", label="s", image=GOOD, state=5))
        waiting[-1].await_phase("prepare")
        done = self.daemon.ctl("status")
        self.assertEqual((done.returncode, done.stderr), (
            1, "sefctl: too many requests are waiting: try again when one has ended\n"))
        for pid in set(self.daemon.children()) - {self.pid}:
            kill(pid)
        for connection in waiting:
            self.assertNotEqual(connection.final()["result"], 0)

    def test_too_many_requests(self):
        """Requests that wait are not dropped for others."""
        self.daemon.ctl("up", "t", FAKE)
        waiting = self.daemon.begin("update", label="t", image=GOOD, state=5, timeout_ms=60000)
        waiting.await_phase("prepare")
        flood = [self.daemon.connect() for _ in range(300)]
        self.assertEqual(self.daemon.ctl("down", "t").returncode, 0)
        self.assertEqual(waiting.final()["result"], 125)
        for connection in flood:
            connection.close()

    @unittest.skipUnless(os.geteuid() == 0, "needs root to become another user")
    def test_foreign_user_is_refused(self):
        for path, mode in ((self.directory, 0o755), (self.daemon.runtime, 0o755),
                           (self.daemon.socket, 0o666)):
            os.chmod(path, mode)
        ctl = os.path.join(self.directory, "sefctl")
        shutil.copy(os.path.join(BIN, "sefctl"), ctl)
        os.chmod(ctl, 0o755)
        done = subprocess.run([ctl, "-s", self.daemon.socket, "down", "s"], user=65534,
                              group=65534, extra_groups=[], capture_output=True, text=True,
                              check=False)
        self.assertEqual((done.returncode, done.stderr), (
            1, "s: only root and the user that runs sefd may control it\n"))
        self.daemon.wait_log("refused a request of user 65534$")

    def test_socket_is_private(self):
        self.assertEqual(os.stat(self.daemon.socket).st_mode & 0o777, 0o600)
        self.assertEqual(os.stat(self.daemon.runtime).st_mode & 0o777, 0o700)


class Patience(Service):
    """The time limits of clients: long enough for a busy machine's own requests."""
    options = ("--stop-timeout", "2s", "--request-timeout", "1s")

    def test_slow_request_is_dropped(self):
        for part in (b"", b"\x20", struct.pack("<I", 100), struct.pack("<I", 100) + b"{"):
            connection = self.daemon.connect()
            connection.socket.sendall(part)
            self.assertTrue(connection.is_closed_by_daemon())
            connection.close()

    def test_client_that_does_not_read(self):
        """A reply larger than what sockets hold waits for its reader, and not for ever."""
        deep = os.path.join(self.directory, *["x" * 200] * 18)
        os.makedirs(deep)
        image = os.path.join(deep, "image")
        os.symlink(FAKE, image)
        for i in range(80):
            reply = self.daemon.request("up", label="t%d" % i, image=image, args=["fake"])
            self.assertEqual(reply["result"], 0)
        lazy = self.daemon.begin("status")
        self.assertEqual(len(self.daemon.request("status")["services"]), 81)
        self.daemon.wait_log("dropped a client that took too long")
        self.assertRaises(EOFError, lazy.final)
        lazy.close()


if __name__ == "__main__":
    unittest.main()
