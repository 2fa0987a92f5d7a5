# SPDX-License-Identifier: BSD-2-Clause
"""Clients of the services: they know what was acknowledged, and see that it is there."""
import socket
from collections import deque

from .loop import Missed

KEYS = 100       # of a client
BATCH = 64       # messages in a row
STOP = 99        # type of the message that ends a flow: see talk.c


class Connection:
    """What is read in the loop's turns, by _on_data()."""

    socket = None

    def close(self):
        if self.socket:
            if self.socket.fileno() in self.loop.selector.get_map():
                self.loop.remove(self.socket)
            self.socket.close()
            self.socket = None


class Client(Connection):
    """A connection to kvd that stays open; it writes and reads keys of its own."""

    def __init__(self, loop, path, name, rng):
        self.loop, self.path, self.name, self.rng = loop, path, name, rng
        self.requests = 0

    def open(self):
        """Connect to a service that has no keys."""
        self.close()
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.loop.until(self._connect, "kvd takes a connection")
        self.socket.setblocking(False)
        self.data = b""
        self.keys = {}            # what was acknowledged; None: not there
        self.expected = deque()   # what has to be answered to what was asked
        self.error = None
        self.going = False
        self.loop.add(self.socket, self._on_data)

    def _connect(self):
        try:
            self.socket.connect(self.path)
            return True
        except (FileNotFoundError, ConnectionRefusedError):
            return False

    def fail(self, text):
        self.error = self.error or "%s: %s" % (self.name, text)

    def ask(self, answer, *words):
        """Ask; `answer` is what must come, `words[1]` the key, for which it is kept."""
        text = b"*%d\r\n" % len(words)
        for word in words:
            text += b"$%d\r\n%s\r\n" % (len(word), word)
        self.expected.append((answer, words))
        try:
            self.socket.sendall(text)
        except OSError as error:
            self.fail("cannot send: %s" % error)

    def next(self):
        rng = self.rng
        key = b"%s:%d" % (self.name.encode(), rng.randrange(KEYS))
        value = self.keys.get(key)
        what = rng.random()
        self.requests += 1
        if what < 0.5:
            size = 20000 if rng.random() < 0.01 else rng.randrange(600)
            new = b"%s=%d:%s" % (key, self.requests, b"." * size)
            self.ask(b"+OK", b"SET", key, new)
        elif what < 0.6:
            self.ask(b":%d" % (value is not None), b"DEL", key)
        else:
            self.ask(value, b"GET", key)

    def start(self):
        self.going = True
        if not self.expected:
            self.next()

    def _on_data(self):
        try:
            part = self.socket.recv(1 << 18)
        except BlockingIOError:
            return
        except OSError as error:
            part = b""
            self.fail(str(error))
        if not part:
            self.fail("the connection is lost, after %r" % self.data[-80:])
            self.loop.remove(self.socket)
            return
        self.data += part
        while self.expected and self._take():
            pass
        if self.data and not self.expected:
            self.fail("an answer too much: %r" % self.data[:80])
        if self.going and not self.expected and not self.error:
            self.next()

    def _take(self):
        """Take one answer; false if it is not complete."""
        line, end, rest = self.data.partition(b"\r\n")
        if not end:
            return False
        got = line
        if line.startswith(b"$"):
            size = int(line[1:])
            if len(rest) < size + 2 and size >= 0:
                return False
            got = rest[:size] if size >= 0 else None
            rest = rest[size + 2:] if size >= 0 else rest
        self.data = rest
        answer, words = self.expected.popleft()
        if got != answer:
            self.fail("%s %s: got %.60r, not %.60r" % (words[0].decode(), words[1].decode(), got, answer))
        elif words[0] == b"SET":
            self.keys[words[1]] = words[2]
        elif words[0] == b"DEL":
            self.keys[words[1]] = None
        return True

    def stop(self):
        """Have no request under way."""
        self.going = False
        self.loop.until(lambda: self.error or not self.expected, "%s gets its answer" % self.name)

    def verify(self):
        """Everything that was acknowledged is there."""
        for key, value in self.keys.items():
            self.ask(value, b"GET", key)
        self.stop()
        if self.error:
            raise Missed(self.error)


def info(path):
    """What kvd says of itself on a new connection."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(10)
        connection.connect(path)
        connection.sendall(b"INFO\r\nQUIT\r\n")
        data = b""
        while part := connection.recv(65536):
            data += part
    return dict(line.split(":", 1) for line in data.decode().splitlines() if ":" in line)


class Talk(Connection):
    """The connection to a service that sends or takes messages when it is told to: see talk.c."""

    def __init__(self, loop, path):
        self.loop, self.path = loop, path

    def open(self):
        self.close()
        self.lines = deque()
        self.data = b""
        self.lost = False
        self.loop.until(self._connect, "%s takes a connection" % self.path)
        self.socket.setblocking(False)
        self.loop.add(self.socket, self._on_data)

    def _connect(self):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self.socket.connect(self.path)
            return True
        except (FileNotFoundError, ConnectionRefusedError):
            self.socket.close()
            return False

    def _on_data(self):
        try:
            part = self.socket.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            part = b""
        if not part:
            self.lost = True
            self.loop.remove(self.socket)
        self.data += part
        *lines, self.data = self.data.split(b"\n")
        self.lines.extend(line.decode().rstrip() for line in lines)

    def tell(self, *words):
        try:
            self.socket.sendall((" ".join(map(str, words)) + "\n").encode())
        except OSError:
            self.lost = True

    def answer(self, what):
        self.loop.until(lambda: self.lines or self.lost, what)
        if not self.lines:
            raise Missed("connection lost: " + what)
        return self.lines.popleft()


class Flow:
    """Messages from a source to a sink: each number comes once and in order."""

    def __init__(self, loop, source, sink):
        self.loop, self.source, self.sink = loop, source, sink

    def open(self, endpoint):
        """Both services are fresh."""
        for talk in (self.source, self.sink):
            talk.open()
            talk.tell("version")
            talk.answer("%s answers" % talk.path)
        self.endpoint = endpoint
        self.end = 0
        self.error = None

    def start(self, mode):
        self.sink.tell(mode)
        if self.sink.answer("the sink is ready") != "ready":
            raise Missed("the sink is not ready")
        self.more()

    def more(self):
        self.end += BATCH
        if self.end == BATCH:
            self.source.tell("source", self.endpoint, self.end)
        else:
            self.source.tell("more", self.endpoint, self.end)

    def turn(self):
        """Go on when all were sent."""
        if not self.source.lines or self.error:
            return
        try:
            self._sent()
            self.more()
        except Missed as error:
            self.error = error  # unless one of the services had to lose its state

    def _sent(self):
        line = self.source.answer("the source has sent all messages")
        wanted = "sent %d notes %d errors 0" % (self.end, (self.end + 1) // 64)
        if line != wanted:
            raise Missed("the source says: %s, not: %s" % (line, wanted))

    def stop(self):
        if self.error:
            raise self.error
        self._sent()
        self.source.tell("send", self.endpoint, STOP, 0)
        line = self.sink.answer("the sink says what came")
        if line != "received %d errors 0" % self.end:
            raise Missed("%d were sent, and the sink says: %s" % (self.end, line))
        if self.source.answer("the stop was taken") != "0":
            raise Missed("the message that ends the flow was not sent")
