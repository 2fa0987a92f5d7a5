#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A service that does what a test tells it, line by line: expressions over what is below. The test gets its
control socket too."""
import os
import socket
import struct
import sys

control = socket.socket(fileno=3)
test = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
test.connect(sys.argv[1])
socket.send_fds(test, [b"\n"], [3])
ends = {}


def say(packet, pid=None, on=None, files=()):
    """Send a packet, perhaps as another process."""
    extra = []
    if pid is not None:
        extra.append((socket.SOL_SOCKET, 2, struct.pack("3i", pid, os.getuid(), os.getgid())))
    if files:
        extra.append((socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("%di" % len(files), *files)))
    return (ends[on] if on else control).sendmsg([packet], extra)


def connect(name, path):
    """Connect to where services of an earlier daemon come back."""
    ends[name] = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ends[name].settimeout(60)
    ends[name].connect(path)


def hear(name):
    """The next packet there; nothing at the end."""
    return ends[name].recv(20000)


with test.makefile("rw") as lines:
    for line in lines:
        try:
            answer = eval(line)
        except OSError as error:
            answer = error.strerror
        print(repr(answer), file=lines, flush=True)
