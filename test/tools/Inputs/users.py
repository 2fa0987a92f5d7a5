# SPDX-License-Identifier: BSD-2-Clause
"""What other users do: connect, and open files. For tests that run as root."""
import grp
import os
import pwd
import socket

from harness import PATIENCE, Connection

OWNER = pwd.getpwnam("daemon")  # who may own services; has a group of its own
STRANGER = 54321
MEMBERS = grp.getgrnam("users").gr_gid


def as_user(uid, action, gid=None, groups=()):
    """The descriptor that `action`, done by another user, returns."""
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        try:
            os.setgroups(groups)
            os.setgid(uid if gid is None else gid)
            os.setuid(uid)
            answer, fds = b"0", [action()]
        except OSError as error:
            answer, fds = b"%d" % error.errno, []
        socket.send_fds(theirs, [answer], fds)
        os._exit(0)
    theirs.close()
    with ours:
        ours.settimeout(PATIENCE)
        answer, fds, _, _ = socket.recv_fds(ours, 16, 1)
    os.waitpid(pid, 0)
    if int(answer):
        raise OSError(int(answer), os.strerror(int(answer)))
    return fds[0]


def connected(path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as end:
        end.connect(path)
        return end.detach()


def opened(path, flags=os.O_RDONLY, **who):
    """A file as a user has it open."""
    return as_user(who.pop("uid"), lambda: os.open(path, flags | os.O_NONBLOCK), **who)


class Guest:
    """A user of the control socket."""

    def __init__(self, path, uid, gid=None, groups=()):
        self.path, self.uid, self.gid, self.groups = path, uid, gid, groups

    def connect(self):
        fd = as_user(self.uid, lambda: connected(self.path), gid=self.gid, groups=self.groups)
        connection = Connection.__new__(Connection)
        connection.socket = socket.socket(fileno=fd)
        connection.socket.settimeout(PATIENCE)
        return connection

    def open(self, path, flags=os.O_RDONLY):
        return opened(path, flags, uid=self.uid, gid=self.gid, groups=self.groups)

    def request(self, command, /, files=(), **members):
        """Ask for something, with open files that go along."""
        connection = self.connect()
        if files:
            connection.send_files(dict(version=1, command=command, **members), files)
        else:
            connection.send(dict(version=1, command=command, **members))
        return connection.final()

    def update(self, label, image, **members):
        """As sefctl does it: the file is opened by who asks."""
        fd = self.open(image)
        try:
            return self.request("update", files=[fd], label=label, image=image, **members)
        finally:
            os.close(fd)
