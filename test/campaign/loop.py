# SPDX-License-Identifier: BSD-2-Clause
"""Waiting: one loop in which clients, requests and the ends of processes have their turns."""
import os
import selectors
import signal
import time

PATIENCE = 12  # seconds after which an event that should come is missed


class Missed(Exception):
    """Something that must hold did not come to hold."""


class Loop:
    def __init__(self):
        self.selector = selectors.DefaultSelector()
        self.statuses = {}  # of processes of ours that have ended
        receive, send = os.pipe()
        for fd in (receive, send):
            os.set_blocking(fd, False)
        signal.set_wakeup_fd(send, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self.wakeups = receive
        self.add(receive, self._reap)

    def add(self, file, callback):
        self.selector.register(file, selectors.EVENT_READ, callback)

    def remove(self, file):
        self.selector.unregister(file)

    def _reap(self):
        """Processes that lose their parent are ours: see processes.adopt_orphans()."""
        try:
            os.read(self.wakeups, 4096)
        except BlockingIOError:
            pass
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            self.statuses[pid] = status

    def turn(self, seconds):
        """Let who has something to read do it, and wait for the first for at most this long."""
        for key, _ in self.selector.select(seconds):
            if self.selector.get_map().get(key.fd) is key:
                key.data()

    def until(self, condition, what, seconds=PATIENCE, period=0.003):
        """Wait until it is true; what sends no event to us is looked at in each period."""
        end = time.monotonic() + seconds
        while True:
            value = condition()
            if value:
                return value
            if time.monotonic() > end:
                raise Missed("never became true: " + (what() if callable(what) else what))
            self.turn(period)

    def run(self, argv, **files):
        """Start a program; its end is in `statuses`."""
        environment = files.pop("env", os.environ)
        pid = os.posix_spawn(argv[0], argv, environment, setsigdef=[signal.SIGCHLD],
                             file_actions=[(os.POSIX_SPAWN_DUP2, fd, {"out": 1, "err": 2}[name])
                                           for name, fd in files.items()])
        self.statuses.pop(pid, None)  # of an earlier process with this number
        return pid
