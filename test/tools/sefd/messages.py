# SPDX-License-Identifier: BSD-2-Clause
"""Messages between services: what each call does, and what waits outlives the receiver's instance."""
import errno
import os
import select
import signal
import socket
import unittest

from harness import BIN, PATIENCE, Daemon, DaemonTest, await_end, kill

ENOTREADY, EDEADSRCDST, ELOCKED, ECALLDENIED = 201, 202, 208, 210
SEND, SENDREC, NOTIFY, SENDNB, SENDA = 1, 3, 4, 5, 16
NOTIFY_MESSAGE = 0x1000
V1, V2, BAD = (os.path.join(BIN, "talk-" + version) for version in ("v1", "v2", "bad"))


class Talk:
    """A service that does what it is told and says what came of it."""

    def __init__(self, test, label, **kwargs):
        self.label = label
        self.daemon = test.daemon
        path = os.path.join(test.directory, label + ".socket")
        done = self.daemon.ctl("up", label, "--", V1, path, **kwargs)
        test.assertEqual((done.returncode, done.stderr), (0, ""), self.daemon.log)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        test.addCleanup(self.socket.close)
        self.socket.settimeout(PATIENCE)
        while True:
            try:
                self.socket.connect(path)
                break
            except (FileNotFoundError, ConnectionRefusedError):
                continue  # it listens after its initialisation
        self.endpoint = self.daemon.service(label)["endpoint"]

    def begin(self, *words):
        """Give a command whose answer is read later."""
        self.socket.sendall((" ".join(str(word) for word in words) + "\n").encode())

    def answer(self):
        line = b""
        while not line.endswith(b"\n"):
            part = self.socket.recv(65536)
            if not part:
                raise EOFError("%s has gone, after %r" % (self.label, line))
            line += part
        return line.decode().rstrip("\n")

    def ask(self, *words):
        self.begin(*words)
        return self.answer()

    def begin_receive(self, *words):
        """Give a command to receive, and see that the service waits in it (in ppoll, not in poll)
        and that sefd knows: a request on a new connection is read after what the service sent."""
        self.begin(*words)
        with open("/proc/%d/syscall" % self.pid(), encoding="ascii") as file:
            while not file.read().startswith("271 "):
                file.seek(0)
        self.pid()

    def is_silent(self):
        """Whether nothing was answered yet."""
        self.socket.setblocking(False)
        try:
            return not self.socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        finally:
            self.socket.settimeout(PATIENCE)

    def update(self, image=V2, **members):
        return self.daemon.request("update", label=self.label, image=image, **members)["result"]

    def pid(self):
        return self.daemon.service(self.label)["pid"]


def message(talk, type_, number, call):
    return "0 %d/%d/%d/%d" % (talk.endpoint, type_, number, call)


class MessagesTest(DaemonTest):
    def talks(self, *labels):
        return [Talk(self, label) for label in labels]

    def replace_daemon(self, *talks):
        """Kill the daemon and start the next one."""
        self.daemon.kill()
        self.daemon = Daemon(self.directory, *self.options)
        for talk in talks:
            talk.daemon = self.daemon


class Calls(MessagesTest):
    def test_lookup(self):
        a, b = self.talks("a", "b")
        self.assertEqual(a.ask("lookup", "b"), "0 %d" % b.endpoint)
        self.assertEqual(a.ask("lookup", "nobody"), str(errno.ESRCH))
        self.assertEqual(a.ask("lookup", "x" * 75), str(errno.ENAMETOOLONG))

    def test_send_waits_for_the_receiver(self):
        a, b = self.talks("a", "b")
        a.begin("send", b.endpoint, 7, 42)
        self.assertEqual(b.ask("receive", "any"), message(a, 7, 42, SEND))
        self.assertEqual(a.answer(), "0")

    def test_receiver_waits_for_the_send(self):
        a, b = self.talks("a", "b")
        for call in ("receive", "ipc_receive"):
            b.begin(call, a.endpoint)
            self.assertEqual(a.ask("send", b.endpoint, -7, 2**40), "0")
            self.assertEqual(b.answer(), message(a, -7, 2**40, SEND))

    def test_status(self):
        """The daemon tells how many messages wait, and who waits for whom."""
        a, b = self.talks("a", "b")
        a.ask("asyn", b.endpoint, 1, 2)
        a.ask("notify", b.endpoint)
        self.assertEqual(self.daemon.service("b")["messages"], 2)
        a.begin("sendrec", b.endpoint, 1, 2)
        while self.daemon.service("a").get("waits_for") != "b":
            pass
        self.assertEqual(self.daemon.service("b")["messages"], 3)
        self.assertNotIn("waits_for", self.daemon.service("b"))
        b.ask("receive", "any")
        b.ask("receive", "any")
        b.ask("receive", "any")
        self.assertEqual(self.daemon.service("a")["waits_for"], "b")
        b.ask("sendnb", a.endpoint, 1, 2)
        a.answer()
        self.assertNotIn("waits_for", self.daemon.service("a"))

    def test_sendrec(self):
        a, b = self.talks("a", "b")
        a.begin("sendrec", b.endpoint, 1, 2)
        self.assertEqual(b.ask("receive", "any"), message(a, 1, 2, SENDREC))
        self.assertTrue(a.is_silent())
        self.assertEqual(b.ask("sendnb", a.endpoint, 3, 4), "0")
        self.assertEqual(a.answer(), "0 %d/3/4/0" % b.endpoint)

    def test_the_reply_is_no_other_message(self):
        """A call waits for a message of the one it called, and not for its notification."""
        a, b, c = self.talks("a", "b", "c")
        c.ask("asyn", a.endpoint, 9, 9)
        b.ask("notify", a.endpoint)
        a.begin("sendrec", b.endpoint, 1, 2)
        b.ask("receive", "any")
        self.assertTrue(a.is_silent())
        self.assertEqual(b.ask("send", a.endpoint, 3, 4), "0")
        self.assertEqual(a.answer(), "0 %d/3/4/0" % b.endpoint)
        self.assertEqual(a.ask("receive", "any"), message(b, NOTIFY_MESSAGE, 0, NOTIFY))
        self.assertEqual(a.ask("receive", "any"), message(c, 9, 9, SENDA))

    def test_sendnb_needs_a_waiting_receiver(self):
        a, b = self.talks("a", "b")
        self.assertEqual(a.ask("sendnb", b.endpoint, 1, 1), str(ENOTREADY))
        b.begin_receive("receive", "any")
        self.assertEqual(a.ask("sendnb", b.endpoint, 1, 1), "0")
        self.assertEqual(b.answer(), message(a, 1, 1, SENDNB))

    def test_notifications_count_as_one_and_go_first(self):
        a, b, c = self.talks("a", "b", "c")
        self.assertEqual(a.ask("asyn", b.endpoint, 1, 1), "0")
        for _ in range(3):
            self.assertEqual(a.ask("notify", b.endpoint), "0")
        self.assertEqual(c.ask("notify", b.endpoint), "0")
        self.assertEqual(b.ask("receive", "any"), message(a, NOTIFY_MESSAGE, 0, NOTIFY))
        self.assertEqual(b.ask("receive", "any"), message(c, NOTIFY_MESSAGE, 0, NOTIFY))
        self.assertEqual(b.ask("receive", "any"), message(a, 1, 1, SENDA))
        self.assertEqual(b.ask("receivenb", "any"), str(ENOTREADY))

    def test_receive_of_one_source(self):
        a, b, c = self.talks("a", "b", "c")
        a.ask("asyn", b.endpoint, 1, 1)
        c.ask("asyn", b.endpoint, 1, 2)
        self.assertEqual(b.ask("receive", c.endpoint), message(c, 1, 2, SENDA))
        self.assertEqual(b.ask("receivenb", c.endpoint), str(ENOTREADY))
        self.assertEqual(b.ask("receivenb", "any"), message(a, 1, 1, SENDA))
        self.assertEqual(b.ask("receivenb", "any"), str(ENOTREADY))

    def test_messages_to_oneself(self):
        (a,) = self.talks("a")
        self.assertEqual(a.ask("asyn", a.endpoint, 1, 1), "0")
        self.assertEqual(a.ask("receive", a.endpoint), message(a, 1, 1, SENDA))
        for call in ("send", "sendrec", "receive"):
            self.assertEqual(a.ask(call, a.endpoint, 1, 1), str(ELOCKED))

    def test_callback(self):
        """A service that waits with sef_wait() gets messages by its callback, in order and once each."""
        a, b = self.talks("a", "b")
        a.ask("asyn", b.endpoint, 1, 0)  # waits for the callback
        b.ask("callback")
        got = ""
        for i in range(1, 50):
            self.assertEqual(a.ask("asyn", b.endpoint, 1, i), "0")
        self.assertEqual(a.ask("send", b.endpoint, 2, 50), "0")
        while not got.endswith(" %d/2/50/1" % a.endpoint):
            got += b.ask("got")[3:]
        self.assertEqual(got, "".join(" %d/1/%d/16" % (a.endpoint, i) for i in range(50))
                         + " %d/2/50/1" % a.endpoint)

    def test_cancel(self):
        """A receive that was cancelled takes nothing with it."""
        a, b = self.talks("a", "b")
        b.begin_receive("receive", "any")
        os.kill(b.pid(), signal.SIGUSR1)
        self.assertEqual(b.answer(), str(errno.EINTR))
        self.assertEqual(a.ask("sendnb", b.endpoint, 1, 2), str(ENOTREADY))
        a.ask("asyn", b.endpoint, 1, 3)
        self.assertEqual(b.ask("receive", "any"), message(a, 1, 3, SENDA))


class Errors(MessagesTest):
    def test_no_such_endpoint(self):
        (a,) = self.talks("a")
        for endpoint in (9999, 0, -1, -2, -77):
            for call in ("send", "sendrec", "sendnb", "asyn", "notify"):
                self.assertEqual(a.ask(call, endpoint, 1, 1), str(EDEADSRCDST), call)
            if endpoint != -2:
                self.assertEqual(a.ask("receive", endpoint), str(EDEADSRCDST))
                self.assertEqual(a.ask("receivenb", endpoint), str(EDEADSRCDST))

    def test_the_supervisor_takes_no_messages(self):
        (a,) = self.talks("a")
        for call in ("send", "sendrec", "sendnb", "asyn", "notify"):
            self.assertEqual(a.ask(call, 2, 1, 1), str(ECALLDENIED))

    def test_destination_ends(self):
        """However a service waits for one that ends, it hears of it."""
        for end in ("kill", "down"):
            a, b, c, d, victim = self.talks(*(label + end for label in "abcdv"))
            a.begin("send", victim.endpoint, 1, 1)
            self.assertEqual(victim.ask("receive", a.endpoint), message(a, 1, 1, SEND))
            a.answer()
            b.begin("sendrec", victim.endpoint, 1, 1)
            victim.ask("receive", b.endpoint)
            a.begin("send", victim.endpoint, 1, 1)
            c.begin("receive", victim.endpoint)
            d.begin("sendrec", victim.endpoint, 1, 1)
            if end == "kill":
                pid = victim.pid()
                kill(pid)
                await_end(pid)
            self.daemon.ctl("down", victim.label)
            for talk in (a, b, c, d):
                self.assertEqual(talk.answer(), str(EDEADSRCDST))
            self.assertEqual(a.ask("asyn", victim.endpoint, 1, 1), str(EDEADSRCDST))
            self.assertEqual(a.ask("lookup", victim.label), str(errno.ESRCH))

    def test_sender_ends(self):
        """What was sent asynchronously comes; what its sender waited to see taken does not."""
        a, b, c = self.talks("a", "b", "c")
        a.ask("asyn", b.endpoint, 1, 1)
        a.ask("notify", b.endpoint)
        a.begin("send", b.endpoint, 1, 2)
        pid = a.pid()
        kill(pid)
        await_end(pid)
        self.daemon.ctl("down", "a")
        c.ask("asyn", b.endpoint, 1, 3)
        self.assertEqual(b.ask("receive", "any"), message(a, NOTIFY_MESSAGE, 0, NOTIFY))
        self.assertEqual(b.ask("receive", "any"), message(a, 1, 1, SENDA))
        got = b.ask("receive", "any")
        if got == message(a, 1, 2, SEND):  # it was taken out of the socket before the end was known
            self.fail("a message of a dead sender")
        self.assertEqual(got, message(c, 1, 3, SENDA))

    def test_deadlock(self):
        """Of three that call one another, the one that closes the circle hears of it."""
        ring = self.talks("a", "b", "c")
        for i in range(3):
            ring[i].begin("sendrec", ring[(i + 1) % 3].endpoint, 1, i)
        (free,) = select.select([talk.socket for talk in ring], [], [], PATIENCE)[0]
        i = [talk.socket for talk in ring].index(free)
        self.assertEqual(ring[i].answer(), str(ELOCKED))
        for _ in range(2):
            # Who waits for a reply can be sent one: that is no deadlock.
            caller, called = ring[(i + 2) % 3], ring[i]
            self.assertEqual(called.ask("receive", "any"), message(caller, 1, (i + 2) % 3, SENDREC))
            self.assertEqual(called.ask("send", caller.endpoint, 2, 2), "0")
            self.assertEqual(caller.answer(), "0 %d/2/2/0" % called.endpoint)
            i = (i + 2) % 3

    def test_limits(self):
        """128 messages of a sender wait for a receiver, and 1,024 of all; none of them is lost."""
        senders = self.talks(*"abcdefghi")
        (sink,) = self.talks("sink")
        for talk in senders[:8]:
            for i in range(128):
                self.assertEqual(talk.ask("asyn", sink.endpoint, 1, i), "0")
            self.assertEqual(talk.ask("asyn", sink.endpoint, 1, 128), str(errno.EAGAIN))
        self.assertEqual(senders[8].ask("asyn", sink.endpoint, 1, 0), str(errno.ENOBUFS))
        senders[8].begin("send", sink.endpoint, 1, 7)  # who waits takes no room
        senders[8].is_silent()
        for talk in senders[:8]:
            for i in range(128):
                self.assertEqual(sink.ask("receive", talk.endpoint), message(talk, 1, i, SENDA))
        self.assertEqual(sink.ask("receive", "any"), message(senders[8], 1, 7, SEND))
        self.assertEqual(senders[8].answer(), "0")
        self.assertEqual(sink.ask("receivenb", "any"), str(ENOTREADY))

    def test_garbage(self):
        """Malformed packets are dropped, and a service that sends nothing else loses its socket."""
        a, b = self.talks("a", "b")
        b.ask("asyn", a.endpoint, 1, 1)
        a.begin("garbage")
        a.answer()
        self.daemon.wait_log("a: dropped a malformed packet")
        self.daemon.wait_log("a: control socket lost: too many malformed packets")
        self.daemon.service("a")  # answered when what was left in the socket is read
        self.assertEqual(a.ask("receive", "any"), str(errno.ENOTCONN))
        self.assertEqual(b.ask("lookup", "a"), "0 %d" % a.endpoint)


class Updates(MessagesTest):
    def test_queue_stays(self):
        a, b = self.talks("a", "b")
        for i in range(5):
            a.ask("asyn", b.endpoint, 1, i)
        a.ask("notify", b.endpoint)
        self.assertEqual(b.update(), 0)
        self.assertEqual(b.ask("version"), "2")
        self.assertEqual(b.ask("receivenb", "any"), message(a, NOTIFY_MESSAGE, 0, NOTIFY))
        self.assertEqual(b.ask("receivenb", "any"), message(a, 1, 0, SENDA))
        self.assertEqual(b.update(BAD), errno.EPROTO)
        self.assertEqual(b.ask("receivenb", "any"), message(a, 1, 1, SENDA))
        self.assertEqual(b.update(V1, rehearse=True), 0)
        self.assertEqual(a.update(), 0)  # the sender's update changes nothing either
        for i in range(2, 5):
            self.assertEqual(b.ask("receivenb", "any"), message(a, 1, i, SENDA))
        self.assertEqual(b.ask("receivenb", "any"), str(ENOTREADY))

    def test_update_of_a_service_that_receives(self):
        """The new instance begins anew; what it had not received comes to its own receive."""
        a, b = self.talks("a", "b")
        b.begin_receive("receive", "any")
        self.assertEqual(b.update(), 0)
        self.assertEqual(b.ask("version"), "2")
        self.assertEqual(a.ask("sendnb", b.endpoint, 1, 1), str(ENOTREADY))
        a.begin("send", b.endpoint, 1, 2)
        self.assertEqual(b.ask("receive", "any"), message(a, 1, 2, SEND))
        self.assertEqual(a.answer(), "0")

    def test_rollback_of_a_service_that_receives(self):
        """The old instance goes on with its receive."""
        a, b = self.talks("a", "b")
        b.begin_receive("receive", "any")
        self.assertEqual(b.update(BAD), errno.EPROTO)
        self.assertEqual(b.update(V2, rehearse=True), 0)
        self.assertEqual(b.update(V2, state=5, timeout_ms=20), errno.EINTR)
        self.assertEqual(a.ask("send", b.endpoint, 1, 2), "0")
        self.assertEqual(b.answer(), message(a, 1, 2, SEND))

    def test_update_while_a_caller_waits(self):
        """A call that the old version took is answered by the new one."""
        a, b = self.talks("a", "b")
        a.begin("sendrec", b.endpoint, 1, 1)
        b.ask("receive", "any")
        self.assertEqual(b.update(), 0)
        self.assertEqual(b.ask("sendnb", a.endpoint, 2, 2), "0")
        self.assertEqual(a.answer(), "0 %d/2/2/0" % b.endpoint)

    def test_no_update_within_a_call(self):
        a, b = self.talks("a", "b")
        a.begin("sendrec", b.endpoint, 1, 1)
        b.ask("receive", "any")
        self.assertEqual(a.update(timeout_ms=20), errno.EINTR)
        b.ask("sendnb", a.endpoint, 2, 2)
        self.assertEqual(a.answer(), "0 %d/2/2/0" % b.endpoint)
        self.assertEqual(a.update(), 0)

    def test_callback_after_an_update(self):
        a, b = self.talks("a", "b")
        b.ask("callback")
        self.assertEqual(b.update(), 0)
        self.assertEqual(a.ask("send", b.endpoint, 1, 1), "0")
        self.assertEqual(b.ask("got"), "got %d/1/1/1" % a.endpoint)


class Lists(MessagesTest):
    """Black and white lists hold messages back while an update is prepared, and not longer."""

    def hold(self, talk, **members):
        """An update that is being prepared until its service is told "reach"."""
        update = self.daemon.begin("update", label=talk.label, image=V2, state=7, timeout_ms=60000,
                                   **members)
        update.await_phase("prepare")
        return update

    def drain(self, talk):
        got = []
        while True:
            answer = talk.ask("receivenb", "any")
            if answer == str(ENOTREADY):
                return got
            got.append(answer)

    def queue(self, b, *senders):
        for talk in senders:
            for type_ in (1, 2):
                self.assertEqual(talk.ask("asyn", b.endpoint, type_, type_), "0")
            self.assertEqual(talk.ask("notify", b.endpoint), "0")

    def everything(self, *senders):
        return [message(t, NOTIFY_MESSAGE, 0, NOTIFY) for t in senders] + [
            message(t, n, n, SENDA) for t in senders for n in (1, 2)]

    def passes(self, got, **members):
        """Of the messages of a and c exactly those at the indices `got` come; the others after the end."""
        a, b, c = self.talks("a", "b", "c")
        self.queue(b, a, c)
        everything = self.everything(a, c)
        update = self.hold(b, **members)
        self.assertEqual(self.drain(b), [everything[i] for i in got])
        b.ask("reach")
        self.assertEqual(update.final()["result"], 0)
        self.assertEqual(b.ask("version"), "2")
        self.assertEqual(self.drain(b), [m for i, m in enumerate(everything) if i not in got])

    # Indices: notifications of a, c; then a 1, a 2, c 1, c 2.

    def test_black_source(self):
        self.passes([1, 4, 5], ipc_blacklists=["a:"])

    def test_black_type(self):
        self.passes([0, 1, 3, 5], ipc_blacklists=[":1"])

    def test_black_pairs(self):
        self.passes([0, 2, 5], ipc_blacklists=["a:0x2,c:1,c:4096"])

    def test_white_source(self):
        self.passes([0, 2, 3], ipc_whitelists=["a:"])

    def test_many_lists(self):
        """A message must pass each of them."""
        self.passes([3], ipc_whitelists=["a:,c:2", ":2"], ipc_blacklists=[":4096", "c:", "b:7"])

    def test_any(self):
        self.passes([], ipc_blacklists=["ANY_SYS:"])

    def test_nobody(self):
        self.passes([0, 1, 2, 3, 4, 5], ipc_blacklists=["ANY_USR:,ANY_TSK:"])

    def test_other_ends(self):
        """Cancelled, refused, rolled back: what waited comes."""
        a, b = self.talks("a", "b")
        self.queue(b, a)
        update = self.hold(b, ipc_blacklists=[":"])
        self.assertEqual(self.drain(b), [])
        b.ask("unreach")
        self.assertEqual(update.final()["result"], errno.EPERM)
        self.assertEqual(self.drain(b), self.everything(a))
        self.queue(b, a)
        self.assertEqual(b.update(BAD, ipc_blacklists=[":"]), errno.EPROTO)
        self.assertEqual(self.drain(b), self.everything(a))
        b.begin_receive("receive", "any")
        self.assertEqual(b.update(state=5, timeout_ms=20, ipc_blacklists=[":"]), errno.EINTR)
        self.assertEqual(a.ask("sendnb", b.endpoint, 1, 1), "0")
        self.assertEqual(b.answer(), message(a, 1, 1, SENDNB))

    def test_replies_pass(self):
        """A list does not keep a service from getting the reply that it waits for."""
        a, b = self.talks("a", "b")
        b.begin("sendrec", a.endpoint, 1, 1)
        a.ask("receive", "any")
        update = self.hold(b, ipc_whitelists=["b:"])
        self.assertEqual(a.ask("sendnb", b.endpoint, 2, 2), "0")
        self.assertEqual(b.answer(), "0 %d/2/2/0" % a.endpoint)
        b.ask("reach")
        self.assertEqual(update.final()["result"], 0)

    def test_mistakes(self):
        (a,) = self.talks("a")
        for text in ("", "a", "a:x", "a:1,", "nobody:1", "a b:", "ANY:", "a:1:2", "99999999999:", ":1e3",
                     ":99999999999", "x" * 65 + ":"):
            reply = self.daemon.request("update", label="a", image=V2, ipc_blacklists=[text])
            self.assertEqual(reply["result"], errno.EINVAL, text)
        for member in ("a:", [1], {}):
            reply = self.daemon.request("update", label="a", image=V2, ipc_whitelists=member)
            self.assertEqual(reply["text"], 'member "ipc_whitelists" has the wrong type')
        reply = self.daemon.request("update", label="a", image=V2, ipc_blacklists=["a:," * 65536 + ":"])
        self.assertEqual(reply["result"], errno.E2BIG)
        self.assertEqual(a.ask("version"), "1")


class Flow(MessagesTest):
    """Every number comes once and in order while both ends are updated all the time."""

    images = (V2, V1, BAD, V2, V1)

    def flow(self, sink_mode, end=4000):
        a, b, sink = self.talks("a", "b", "sink")
        self.assertEqual(sink.ask(sink_mode), "ready")
        a.begin("source", sink.endpoint, end)
        b.begin("source", sink.endpoint, end)
        rounds = committed = 0
        while a.is_silent() or b.is_silent():
            for talk in (sink, a, b):
                image = self.images[rounds % len(self.images)]
                result = talk.update(image, rehearse=rounds % 7 == 6)
                self.daemon.wait_log("%s: update to " % talk.label)
                self.daemon.log = ""  # what nobody reads would fill the pipe
                self.assertEqual(result, errno.EPROTO if image == BAD else 0)
                committed += image != BAD and rounds % 7 != 6
            rounds += 1
        for talk in (a, b):
            self.assertEqual(talk.answer(), "sent %d notes %d errors 0 " % (end, (end + 1) // 64))
        a.begin("send", sink.endpoint, 99, 0)
        self.assertEqual(sink.answer(), "received %d errors 0 " % (2 * end))
        self.assertEqual(a.answer(), "0")
        self.assertGreater(committed, 10)

    def test_sink_that_receives(self):
        self.flow("sink")

    def test_sink_with_a_callback(self):
        self.flow("sink-callback")


class Replaced(MessagesTest):
    """The daemon's successor in the same process has all messages that wait."""

    def replace(self):
        reply = self.daemon.request("update", label="sefd", image=os.path.join(BIN, "sefd"))
        self.assertEqual((reply["result"], reply["pid"]), (0, self.daemon.process.pid), reply)

    def test_what_waits(self):
        a, b, c = self.talks("a", "b", "c")
        for number in range(3):
            a.ask("asyn", b.endpoint, 1, number)
        c.ask("notify", b.endpoint)
        c.begin("sendrec", b.endpoint, 2, 42)
        while self.daemon.service("c").get("waits_for") != "b":
            pass
        self.replace()
        self.assertEqual(self.daemon.service("b")["messages"], 5)
        self.assertEqual(self.daemon.service("c")["waits_for"], "b")
        self.assertEqual(b.ask("receive", "any").split("/")[0], "0 %d" % c.endpoint)
        for number in range(3):
            self.assertEqual(b.ask("receive", "any"), message(a, 1, number, SENDA))
            self.replace()
        self.assertEqual(b.ask("receive", "any"), message(c, 2, 42, SENDREC))
        self.replace()
        self.assertEqual(b.ask("send", c.endpoint, 3, 43), "0")
        self.assertEqual(c.answer(), "0 %d/3/43/0" % b.endpoint)
        self.assertTrue(c.is_silent() and b.is_silent())

    def test_who_waits(self):
        a, b = self.talks("a", "b")
        b.begin_receive("receive", "any")
        self.replace()
        self.assertEqual(a.ask("send", b.endpoint, 1, 2), "0")
        self.assertEqual(b.answer(), message(a, 1, 2, SEND))
        self.assertEqual(a.update(), 0)
        self.assertEqual(a.ask("asyn", b.endpoint, 1, 3), "0")
        self.assertEqual(b.ask("receive", "any"), message(a, 1, 3, SENDA))


if __name__ == "__main__":
    unittest.main()
