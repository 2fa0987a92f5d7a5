# SPDX-License-Identifier: BSD-2-Clause
"""Services that claim to be others: whatever one says, it is for itself alone (docs/security.md)."""
import ast
import os
import random
import shutil
import socket
import struct
import unittest

from harness import FAKE, GOOD, PATIENCE, Daemon, DaemonTest, await_end

SOURCE = os.path.join(os.path.dirname(__file__), os.pardir, "Inputs", "hostile-service.py")
INIT, PREPARE, START, COMMIT, ROLLBACK, CRASHED, RESUME = 0x700, 0x701, 0x702, 0x703, 0x704, 0x730, 0x740
SEND, SENT, RECEIVE, DELIVER, TAKEN, CANCEL, LOOKUP = 0x710, 0x711, 0x712, 0x713, 0x715, 0x716, 0x717
IPC_SEND, IPC_SENDA, ANY = 1, 16, -2
ESRCH, EBADMSG = 3, 74
TEXT = 1296  # where the text of a packet begins


def packet(type_, *, result=0, flags=0, endpoint=0, state=0, pid=0, serial=0, text=b"", version=4):
    return struct.pack("<IHH3i4iiII", 0x57464553, version, len(text), type_, result, 0, flags, endpoint, 0,
                       state, pid, 0, serial).ljust(TEXT, b"\0") + text + b"\0"


def message(type_, seq, *, endpoint=0, call=0, source=0, number=0, payload=b"", flags=0):
    return struct.pack("<IHHQiiIiii64s", 0x4d464553, 4, type_, seq, 0, endpoint, flags & 0xffffffff, call, source,
                       number, payload)


class Heard:
    """A packet of the daemon."""

    def __init__(self, data):
        self.data = data
        if data[:4] == struct.pack("<I", 0x4d464553):
            (_, _, self.type, self.seq, self.result, self.endpoint, _, self.call, self.source, self.number,
             self.payload) = struct.unpack("<IHHQiiIiii64s", data)
        else:
            self.type, self.result, _, _, self.endpoint = struct.unpack_from("<5i", data, 8)
            self.serial = struct.unpack_from("<I", data, 44)[0]


class Hostile:
    def __init__(self, test, label, **settings):
        path = os.path.join(test.directory, label + ".socket")
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            listener.settimeout(PATIENCE)
            listener.bind(path)
            listener.listen()
            up = test.daemon.begin("up", label=label, image=test.program, args=[label, path], settings=settings)
            end = listener.accept()[0]
        end.settimeout(PATIENCE)
        self.control = socket.socket(fileno=socket.recv_fds(end, 1, 1)[1][0])
        self.control.settimeout(PATIENCE)
        test.addCleanup(self.control.close)
        test.addCleanup(end.close)
        self.lines = end.makefile("rw")
        test.addCleanup(self.lines.close)
        test.assertEqual(self.hear().type, INIT)
        self.say(packet(INIT))
        reply = up.final()
        test.assertEqual(reply["result"], 0, reply)
        self.pid, self.endpoint = reply["pid"], test.daemon.service(label)["endpoint"]

    def ask(self, form, *values):
        print(form % tuple(repr(value) for value in values), file=self.lines, flush=True)
        return ast.literal_eval(self.lines.readline())

    def say(self, data, pid=None):
        return self.ask("say(%s, %s)", data, pid)

    def hear(self, type_=None):
        while True:
            heard = Heard(self.control.recv(20000))
            if type_ in (None, heard.type):
                return heard

    def resume(self, path, label, pid=None):
        """Come to a daemon under a label, perhaps as another process; what it says."""
        self.ask("connect('resume', %s)", path)
        self.ask("say(%s, %s, 'resume')", packet(RESUME, text=label.encode(), pid=pid or self.pid), pid)
        answer = self.ask("hear('resume')")
        return Heard(answer) if answer else None


@unittest.skipUnless(os.geteuid() == 0, "needs root to send as another process")
class Claims(DaemonTest):
    def setUp(self):
        super().setUp()
        self.program = os.path.join(self.directory, "hostile")
        shutil.copy(SOURCE, self.program)
        os.chmod(self.program, 0o755)

    def end(self, hostile):
        """Take a service down, so that another one can be started in its place."""
        self.assertEqual(self.daemon.request("down", label="a")["result"], 0)
        hostile.lines.close()
        os.unlink(os.path.join(self.directory, "a.socket"))

    def await_commit(self, hostile, label="a"):
        """An update up to where the old instance is to hand over."""
        update = self.daemon.begin("update", label=label, image=GOOD)
        hostile.say(packet(PREPARE, serial=hostile.hear(PREPARE).serial))
        hostile.hear(START)
        hostile.say(packet(START, pid=hostile.pid))
        hostile.hear(COMMIT)
        return update

    def test_new_version_that_is_another_service(self):
        """Neither a service nor any other process becomes the instance of one that says so."""
        victim = self.up(label="b")
        for pid in (victim, self.daemon.process.pid, os.getpid(), 1):
            a = Hostile(self, "a")
            update = self.await_commit(a)
            a.say(packet(COMMIT, pid=pid), pid)
            self.daemon.wait_log("a: process %d says that it is the new version, and is not" % pid)
            os.kill(a.pid, 9)
            self.assertEqual(update.final()["result"], 10)
            self.assertEqual((self.daemon.service("a")["state"], self.daemon.service("a")["pid"]), ("ended", 0))
            self.end(a)
        self.assertEqual(self.daemon.service("b")["pid"], victim)
        self.assertIn("updated to", self.update(label="b"))

    def test_socket_in_other_hands(self):
        """Who got hold of the socket is not the service."""
        a = Hostile(self, "a")
        update = self.await_commit(a)
        a.control.send(packet(COMMIT, pid=a.pid))
        self.daemon.wait_log("a: process %d says that it is the new version, and is not" % os.getpid())
        os.kill(a.pid, 9)
        self.assertEqual(update.final()["result"], 10)

    def test_replica_that_is_another_service(self):
        victim = self.up(label="b")
        a = Hostile(self, "a", RestartPolicy="restart")
        a.say(packet(CRASHED, result=11, state=1))
        a.say(packet(CRASHED, state=2, pid=victim))
        a.say(packet(CRASHED, state=3), victim)
        os.kill(a.pid, 9)
        await_end(a.pid)
        while self.daemon.service("a")["pid"] in (0, a.pid):
            pass
        self.assertNotEqual(self.daemon.service("a")["pid"], victim)
        self.assertEqual(self.daemon.service("b")["pid"], victim)
        self.assertIn("updated to", self.update(label="b"))
        self.daemon.request("down", label="a")

    def test_label_of_another_service(self):
        """After a crash of the daemon too each service is what it was, and nobody else."""
        a, b = Hostile(self, "a"), Hostile(self, "b")
        self.daemon.kill()
        self.daemon = Daemon(self.directory, *self.options)
        path = os.path.join(self.daemon.runtime, "resume")
        self.assertEqual(a.resume(path, "b").result, ESRCH)
        self.assertIsNone(a.resume(path, "b", pid=b.pid))
        self.assertEqual(a.resume(path, "c").result, ESRCH)
        self.assertEqual(b.resume(path, "b").endpoint, b.endpoint)
        self.assertIsNone(a.resume(path, "b", pid=b.pid))
        self.assertEqual(a.resume(path, "a").endpoint, a.endpoint)
        self.assertEqual([self.daemon.service(label)["pid"] for label in "ab"], [a.pid, b.pid])

    def test_places_of_those_who_come_back(self):
        """A service that takes all it can get leaves places to the others."""
        a, b = Hostile(self, "a"), Hostile(self, "b")
        self.daemon.kill()
        self.daemon = Daemon(self.directory, *self.options)
        path = os.path.join(self.daemon.runtime, "resume")
        for i in range(100):
            a.ask("connect(%s, %s)", str(i), path)
        self.assertEqual(b.resume(path, "b").endpoint, b.endpoint)

    # ---- Messages ------------------------------------------------------------------------

    def test_sender_of_a_message(self):
        """A receiver hears who sent a message, not who the sender says he is."""
        a, b, c = (Hostile(self, label) for label in "abc")
        b.say(message(RECEIVE, 1, endpoint=ANY))
        a.say(message(SEND, 1, endpoint=b.endpoint, call=IPC_SENDA, source=c.endpoint, number=7, payload=b"x"))
        heard = b.hear(DELIVER)
        self.assertEqual((heard.source, heard.number, heard.payload[:1]), (a.endpoint, 7, b"x"))
        a.say(message(SEND, 2, endpoint=b.endpoint, call=IPC_SENDA, source=c.endpoint, number=8), pid=c.pid)
        b.say(message(TAKEN, 1))
        b.say(message(RECEIVE, 2, endpoint=ANY))
        self.assertEqual(b.hear(DELIVER).source, a.endpoint)

    def test_what_is_another_ones(self):
        """Taking, cancelling, delivering for another service does nothing."""
        a, b, c = (Hostile(self, label) for label in "abc")
        c.say(message(SEND, 9, endpoint=b.endpoint, call=IPC_SENDA, number=1))
        self.assertEqual(c.hear(SENT).result, 0)
        for type_ in (TAKEN, CANCEL):
            for seq in range(12):
                a.say(message(type_, seq, endpoint=b.endpoint, source=b.endpoint))
        a.say(message(DELIVER, 1, endpoint=b.endpoint, source=c.endpoint, call=IPC_SEND))
        a.say(message(SENT, 9, endpoint=c.endpoint, source=c.endpoint))
        a.say(message(RECEIVE, 20, endpoint=c.endpoint, source=b.endpoint))
        self.daemon.wait_log("a: dropped a malformed packet")
        b.say(message(RECEIVE, 1, endpoint=c.endpoint))
        heard = b.hear(DELIVER)
        self.assertEqual((heard.source, heard.number), (c.endpoint, 1))

    @staticmethod
    def nonsense(numbers, pids, malformed):
        types, any_ = range(0x700, 0x750), numbers.getrandbits(32) - (1 << 31)
        kind = numbers.randrange(3 if malformed else 2)
        if kind == 0:
            text = numbers.randbytes(numbers.choice((0, 5, 16383)))
            return packet(numbers.choice(types), result=any_, flags=any_, endpoint=any_, pid=numbers.choice(pids),
                          state=numbers.randrange(-2, 6), serial=numbers.randrange(3), text=text)
        if kind == 1:
            return message(numbers.choice(types), numbers.randrange(5), call=numbers.choice((any_, *range(18))),
                           endpoint=numbers.choice((any_, 10, 11, 12, ANY)), number=any_, flags=any_, source=any_,
                           payload=numbers.randbytes(56))
        return numbers.randbytes(numbers.choice((1, 104, 2000)))

    def test_nonsense(self):
        """Packets of every type with anything in them, and bytes that are none."""
        victim, numbers = self.up(label="b"), random.Random(7)
        for round_ in range(6):
            a = Hostile(self, "a")
            for _ in range(300):
                try:
                    a.control.send(self.nonsense(numbers, (0, -1, 1, victim, a.pid, 1 << 30), round_ % 2))
                except ConnectionError:
                    break
            self.daemon.request("status")
            self.end(a)
        self.assertEqual(self.daemon.service("b")["pid"], victim)
        self.assertIn("updated to", self.update(label="b"))

    def test_sizes(self):
        a = Hostile(self, "a")
        for size in (0, 1, 103, 105, 1296, 17680, 17681, 100000):
            a.control.send(b"SEFW" + b"\xff" * size)
            a.control.send(b"SEFM" + b"\0" * size)
        self.daemon.wait_log("a: dropped a malformed packet")
        self.assertEqual(self.daemon.service("a")["pid"], a.pid)

    def test_descriptors(self):
        """Those that come along with packets are not kept."""
        a = Hostile(self, "a")

        def count():
            return len(os.listdir("/proc/%d/fd" % self.daemon.process.pid))

        self.daemon.request("status")
        before = count()
        for i in range(50):
            a.ask("say(%s, files=[0] * 250)", message(LOOKUP, i + 1))
        self.daemon.request("status")
        a.ask("connect('resume', %s)", os.path.join(self.daemon.runtime, "resume"))
        a.ask("say(%s, None, 'resume', [0] * 250)", packet(RESUME, text=b"a"))
        a.ask("hear('resume')")
        while count() > before:
            self.daemon.request("status")


if __name__ == "__main__":
    unittest.main()
