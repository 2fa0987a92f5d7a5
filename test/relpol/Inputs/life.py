# SPDX-License-Identifier: BSD-2-Clause
"""A row: the command of RS that it is named for, of a service with data and a client."""
import os
import subprocess
import sys

from harness import BIN, await_end
from row import image
from rows import Service, ask, with_daemon


def run_sefctl(service, *words):
    """For what sefctl itself refuses."""
    return subprocess.run([os.path.join(BIN, "sefctl"), "--socket", service.daemon.socket, *words],
                          capture_output=True, text=True, check=False)


def down_up(s):
    """Taken down it is forgotten; it can be started again."""
    s.ctl("down", "s")
    assert s.ctl("status", "s", status=1)["result"] == 2
    assert s.alive() == []
    s.ctl("up", "s", "--", image("relpol-v1"))
    s.began_anew(0)


def refresh(s):
    """It begins anew, with another endpoint."""
    s.ctl("refresh", "s")
    s.began_anew(0)


def refresh_updated(s):
    """Likewise; what begins is the version that ran."""
    s.ctl("update", "s", image("relpol-v2"))
    s.goes_on(updates=1, version=2)
    s.ctl("refresh", "s")
    s.began_anew(0)
    assert s.ask("0") == ["ok"]  # ends the request that began
    s.stored(70)
    assert s.ask("get")[0] == "2"
    s.begin()


def edit(s):
    """Settings change while it serves, or none of them does; the next update heeds them."""
    s.ctl("edit", "s", "--state", "unreachable", "--set", "TimeoutPrepareSec=50ms", "--restarts", "5")
    reply = s.ctl("edit", "s", "--period", "1s", "--set", "UpdateState=nonsense", status=1)
    assert reply["result"] == 22, reply
    settings = s.status()["settings"]
    assert (settings["HeartbeatSec"], settings["UpdateState"]) == ("0", "unreachable"), settings
    assert s.ctl("update", "s", "self", status=1)["result"] == 4
    s.before["restarts"] = 5
    s.goes_on()
    s.ctl("edit", "s", "--state", "work-free", "--set", "TimeoutPrepareSec=2s")


def many_updates(s):
    """Updates in a row, there and back."""
    for n in range(10):
        s.ctl("update", "s", image("relpol-v1" if n % 2 else "relpol-v2"))
        s.goes_on(updates=1, version=1 if n % 2 else 2)


def clone(s):
    """A replica stands by, and goes; the service notices neither."""
    s.ctl("clone", "s")
    standby = s.status()["standby"]
    assert s.alive(os.getsid(standby)) == sorted([s.before["pid"], standby])
    assert s.ctl("clone", "s", status=1)["result"] != 0
    s.ctl("unclone", "s")
    await_end(standby)
    s.goes_on()
    assert s.ctl("unclone", "s", status=1)["result"] == 3


def clone_updated(s):
    """The replica of an updated service is of the new version."""
    s.ctl("clone", "s")
    old = s.status()["standby"]
    s.ctl("update", "s", image("relpol-v2"))
    standby = s.status()["standby"]
    assert standby not in (0, old)
    await_end(old)
    s.ctl("unclone", "s")
    await_end(standby)
    s.goes_on(updates=1, version=2)


def heartbeat(s):
    """A service that answers is left alone, over updates too."""
    s.ctl("edit", "s", "--period", "5ms")
    for _ in range(3):
        s.ctl("update", "s", "self")
        s.goes_on(updates=1)
    s.ctl("edit", "s", "--period", "0")


def supervisor(s):
    """sefd is replaced in its process; the service and its client notice nothing."""
    pid = s.daemon.process.pid
    for _ in range(2):
        s.ctl("update", "sefd", image("sefd"))
        assert s.daemon.process.pid == pid and s.daemon.process.poll() is None
        s.goes_on()
        s.ctl("update", "s", "self")
        s.goes_on(updates=1)


def supervisor_wrong(s):
    """What is no sefd does not replace it: ENOEXEC."""
    reply = s.ctl("update", "sefd", image("relpol-v1"), status=1)
    assert reply["result"] == 8, reply
    s.goes_on()


def supervisor_endless(s):
    """Nor does what does not end when it is tried."""
    program = os.path.join(s.daemon.directory, "endless")
    with open(program, "w", encoding="ascii") as file:
        file.write("#!/bin/sh\nexec sleep infinity\n")
    os.chmod(program, 0o700)
    reply = s.ctl("update", "sefd", program, status=1)
    assert reply["result"] == 8 and "Killed" in reply["text"], reply
    s.goes_on()


def supervisor_queued(s):
    """Nor does anything while updates are queued: EBUSY."""
    s.ctl("update", "--batch", "s", image("relpol-v2"))
    assert s.ctl("update", "sefd", image("sefd"), status=1)["result"] == 16
    s.ctl("upd_run")
    s.goes_on(updates=1, version=2)


def queue_twice(s):
    """A service is in the queue once: EINVAL; a single update waits for its end: EBUSY."""
    s.ctl("update", "--batch", "s", image("relpol-v2"))
    assert s.ctl("update", "--batch", "s", "self", status=1)["result"] == 22
    assert s.ctl("update", "s", "self", status=1)["result"] == 16
    assert s.ctl("upd_stop")["result"] == 0
    assert s.ctl("upd_run", status=1)["result"] == 2
    s.goes_on(version=1)


def detach(s):
    """There is no such option, see docs/minix.md: a usage error, and nothing happens."""
    done = run_sefctl(s, "update", "--detach", "s", image("relpol-v2"))
    assert done.returncode == 2 and "--detach" in done.stderr, done
    s.goes_on()


def restart(s):
    """restart is for recovery scripts: EPERM."""
    assert s.ctl("restart", "s", status=1)["result"] == 1
    s.goes_on()


def twice(s):
    """A label is of one service: EEXIST."""
    assert s.ctl("up", "s", "--", image("relpol-v1"), status=1)["result"] == 17
    s.goes_on()


def unknown(s):
    """There is no such service: ENOENT."""
    for command in ("down", "refresh", "fi", "clone", "rerandomize", "status"):
        assert s.ctl(command, "nobody", status=1)["result"] == 2
    s.goes_on()


def run(daemon, services, name):
    service = Service(daemon, "s")
    services.append(service)
    globals()[name.replace("-", "_")](service)
    assert ask(service.connect(), b"idle") == ["ok"]
    service.can_be_updated()


if __name__ == "__main__":
    with_daemon(lambda daemon, services: run(daemon, services, sys.argv[1]), "--stop-timeout", "200ms")
