# SPDX-License-Identifier: BSD-2-Clause
"""Requests to sefd: on the socket, or by sefctl, with the phases that are told meanwhile."""
import json
import os
import socket
import struct


class Request:
    """A request on the control socket."""

    def __init__(self, world, command, **members):
        self.loop = world.loop
        self.phases = []
        self.final = None
        self.over = False
        self.pid = None
        self.data = b""
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self.socket.connect(world.control)
            payload = json.dumps(dict(version=1, command=command, **members)).encode()
            self.socket.sendall(struct.pack("<I", len(payload)) + payload)
        except OSError:
            self.over = True
            self.socket.close()
            return
        self.socket.setblocking(False)
        self.loop.add(self.socket, self._on_data)

    def _on_data(self):
        try:
            part = self.socket.recv(1 << 18)
        except BlockingIOError:
            return
        except OSError:
            part = b""
        self.data += part
        while len(self.data) >= 4:
            (size,) = struct.unpack("<I", self.data[:4])
            if len(self.data) < 4 + size:
                break
            self._take(json.loads(self.data[4:4 + size]))
            self.data = self.data[4 + size:]
        if not part:
            self.end()

    def _take(self, reply):
        if reply["type"] == "reply":
            self.final = reply
        else:
            self.phases.append(reply["phase"])

    def end(self):
        if not self.over:
            self.over = True
            self.loop.remove(self.socket)
            self.socket.close()


class Sefctl(Request):
    """The same by sefctl."""

    def __init__(self, world, command, **members):  # pylint: disable=super-init-not-called
        self.loop = world.loop
        self.phases = []
        self.final = None
        self.over = False
        self.status = None
        self.text = {"out": b"", "err": b""}
        self.files = {}
        ends = {}
        for name in self.text:
            self.files[name], ends[name] = os.pipe()
            os.set_blocking(self.files[name], False)
        self.pid = self.loop.run([os.path.join(world.bin, "sefctl"), "--socket", world.control, "--json",
                                  "--verbose", command, *words(members)], **ends)
        for name, fd in self.files.items():
            os.close(ends[name])
            self.loop.add(fd, lambda name=name: self._on_text(name))

    def _on_text(self, name):
        try:
            part = os.read(self.files[name], 65536)
        except BlockingIOError:
            return
        self.text[name] += part
        if not part:
            self.loop.remove(self.files[name])
            os.close(self.files.pop(name))
        if name == "err":
            lines = self.text["err"].decode().split("\n")[:-1]
            self.phases = [word for label, _, word in (line.partition(": ") for line in lines)
                           if word in PHASES]
        if not self.files:
            self.end()

    def end(self):
        for fd in self.files.values():
            self.loop.remove(fd)
            os.close(fd)
        self.files = {}
        self.over = True
        try:
            self.final = json.loads(self.text["out"])
        except ValueError:
            pass


PHASES = ("prepare", "start", "commit", "rollback", "takeover")


def words(members):
    """The words for sefctl that say what the members of a request do."""
    options, names = [], []
    for member, value in members.items():
        option = "--" + member.replace("_", "-")
        if member in ("label", "image"):
            names.append(value)
        elif member == "timeout_ms":
            options += ["--timeout", "%dms" % value]
        elif value is True:
            options.append(option)
        else:
            options += [option, str(value)]
    return options + names
