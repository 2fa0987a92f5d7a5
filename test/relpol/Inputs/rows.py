# SPDX-License-Identifier: BSD-2-Clause
"""What the rows share that are not one update of one service: a daemon, services with data and a client.

Nothing here sleeps: what no reply tells is awaited in the daemon's log.
"""
import json
import os
import shutil
import signal
import tempfile

from harness import BIN, Daemon, await_end
from row import NUMBERS, ask, connect, image, processes


class Service:
    """A service that stores NUMBERS, and a client in the midst of a request."""

    def __init__(self, daemon, label, start="relpol-v1", mode="state", options=(), command="up"):
        self.daemon, self.label = daemon, label
        self.path = os.path.join(daemon.directory, label + ".client")
        self.sessions = set()
        self.ctl(command, *options, label, "--", os.path.join(BIN, start), mode)
        self.began()

    def ctl(self, *words, status=0):
        """sefctl, which must end with `status`; returns what the daemon replied."""
        done = self.daemon.ctl("--json", *words, env=dict(os.environ, RELPOL_SOCKET=self.path))
        assert done.returncode == status, (words, done, self.daemon.log)
        return json.loads(done.stdout) if done.stdout else {}

    def status(self):
        return self.ctl("status", self.label)["services"][0]

    def connect(self):
        return connect(self.path)

    def ask(self, line):
        return ask(self.client, line.encode())

    def began(self):
        """It started without data: store some, and begin a request."""
        self.before = self.status()
        self.sessions.add(os.getsid(self.before["pid"]))
        self.client = self.connect()
        assert self.ask("get")[4:] == ["0", "0"]
        for n in NUMBERS:
            assert self.ask("add %d" % n) == ["ok"]
        self.count, self.sum = len(NUMBERS), sum(NUMBERS)
        self.begin()

    def begin(self):
        self.before = self.status()
        self.client[0].sendall(b"add 7")

    def end(self):
        """The rest of the request; it is served."""
        self.client[0].sendall(b"7\n")
        assert self.client[1].readline() == b"ok\n"
        self.stored(77)

    def stored(self, number):
        self.count, self.sum = self.count + 1, self.sum + number

    def goes_on(self, updates=0, restarts=0, version=None):
        """Data, endpoint and connection are there; after `updates`, or `restarts` with state."""
        after = self.status()
        assert after["state"] == "running", after
        assert after["endpoint"] == self.before["endpoint"], after
        assert after["restarts"] == self.before["restarts"] + restarts, (self.before, after)
        assert after["updates"] == self.before["updates"] + updates, (self.before, after)
        assert (after["pid"] != self.before["pid"]) == bool(updates or restarts)
        if restarts:
            await_end(self.before["pid"])
        self.end()
        for who in (self.client, self.connect()):
            running, pid, endpoint, _, *numbers = ask(who, b"get")
            assert numbers == [str(self.count), str(self.sum)], (numbers, self.count, self.sum)
            assert (int(pid), int(endpoint)) == (after["pid"], after["endpoint"])
            assert version in (None, int(running)), running
        assert self.alive() == [after["pid"]], (self.alive(), after)
        self.begin()

    def began_anew(self, restarts, keeps_endpoint=False):
        """Another process without data or clients serves, `restarts` later."""
        after = self.status()
        assert after["state"] == "running", after
        assert (after["endpoint"] == self.before["endpoint"]) == keeps_endpoint, after
        assert after["restarts"] == restarts, (self.before, after)
        assert after["pid"] != self.before["pid"]
        self.lost_client()
        await_end(self.before["pid"])
        assert self.alive(os.getsid(after["pid"])) == [after["pid"]], after
        self.began()

    def ended(self):
        """No process is left, and nobody is connected."""
        after = self.status()
        assert (after["state"], after["pid"]) == ("ended", 0), after
        self.lost_client()
        await_end(self.before["pid"])
        assert self.alive() == []
        reply = self.ctl("update", self.label, image("self"), status=1)
        assert reply["result"] == 3, reply

    def lost_client(self):
        try:
            assert self.client[1].readline() == b""
        except ConnectionResetError:
            pass

    def alive(self, *sessions):
        self.sessions.update(sessions)
        return sorted(pid for session in self.sessions for pid in processes(session))

    def can_be_updated(self):
        """The next update succeeds, with all that there is."""
        self.ctl("update", self.label, image("self"))
        self.goes_on(updates=1)


def with_daemon(run, *options):
    """Run something with a daemon, which must end well; no process is left whatever happens."""
    directory = tempfile.mkdtemp(prefix="relpol.")
    daemon = Daemon(directory, *options)
    services = []
    try:
        run(daemon, services)
        done = daemon.ctl("shutdown")
        assert done.returncode == 0, done
        await_end(daemon.process.pid)
        assert daemon.close() == 0, daemon.log
        for service in services:
            assert service.alive() == []
    finally:
        daemon.process.kill()
        for service in services:
            for pid in service.alive():
                os.kill(pid, signal.SIGKILL)
        shutil.rmtree(directory)
