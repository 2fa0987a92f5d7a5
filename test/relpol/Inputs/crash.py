# SPDX-License-Identifier: BSD-2-Clause
"""A row: a service ends in some way, and what must hold after it by its policy.

Each --expect is a crash: what becomes of the service after it.

  state      it goes on with data, endpoint and connections; the counter of restarts grew
  endpoint   it is started anew with its endpoint
  anew       it is started anew with another one
  ended      nobody is left; the service can be forgotten and started again
  waits      it will be started anew, later
  script     its recovery script had it started
  standby    the replica that stood by is the new instance
"""
import argparse
import os
import signal

from harness import BIN
from rows import Service, ask, with_daemon

SCRIPT = '#!/bin/sh\nexec "$SEF_BIN/sefctl" --socket "$3" restart "$1"\n'
OUTCOMES = {"state": "continued with its state", "endpoint": "restarted with its endpoint",
            "anew": "started anew"}


def end(service, how):
    """End the service; a request to have it crash is answered."""
    pid = service.before["pid"]
    if how == "fi":
        service.ctl("fi", "s")
    elif how in ("KILL", "STOP"):
        os.kill(pid, getattr(signal, "SIG" + how))
    else:
        service.connect()[0].sendall(how.encode() + b"\n")


def await_outcome(service, expect, number):
    """What becomes of it, and the number of its restart."""
    daemon, pid = service.daemon, service.before["pid"]
    if expect == "state":
        daemon.wait_log(r"s: continued with its state, restart %d$" % number)
        service.goes_on(restarts=1)
    elif expect in OUTCOMES:
        daemon.wait_log(r"s: %s, restart %d$" % (OUTCOMES[expect], number))
        service.began_anew(number, expect == "endpoint")
    elif expect == "ended":
        daemon.wait_log(r"s: process %d (was|exited)" % pid)
        service.ended()
        service.ctl("down", "s")
        service.ctl("up", "s", "--", os.path.join(BIN, "relpol-v1"))
        service.began_anew(0)
    elif expect == "waits":
        daemon.wait_log(r"s: is restarted in [1-9]\d* ms")
        waits = service.status()
        assert (waits["state"], waits["pid"], waits["restarts"]) == ("restarting", 0, number), waits
        service.lost_client()
        reply = service.ctl("update", "s", "self", status=1)
        assert reply["result"] == 3, reply
        service.ctl("down", "s")
        service.ctl("up", "s", "--", os.path.join(BIN, "relpol-v1"))
        service.began_anew(0)
    elif expect == "script":
        daemon.wait_log(r"s: up, process (?!%d$)\d+$" % pid)
        service.began_anew(number)
    else:
        standby = service.before["standby"]
        daemon.wait_log(r"s: started anew, restart %d$" % number)
        service.began_anew(number)
        assert service.before["pid"] == standby, service.before


def run(daemon, services, args):
    script = os.path.join(daemon.directory, "script")
    with open(script, "w", encoding="ascii") as file:
        file.write(SCRIPT)
    os.chmod(script, 0o700)
    options = ["--restart-policy", args.policy]
    options += [word.replace("SCRIPT", script) for word in args.options]
    service = Service(daemon, "s", mode=args.mode, options=options, command=args.command)
    services.append(service)
    if args.clone:
        service.ctl("clone", "s")
        service.before = service.status()
    if args.preparing:
        busy = ask(service.connect(), b"busy")
        assert busy == ["ok"]
        update = daemon.begin("update", label="s", self=True, state=2, timeout_ms=0)
        update.await_phase("prepare")
    number = service.before["restarts"]
    for expect in args.expect:
        number += 1
        end(service, args.by)
        await_outcome(service, expect, number)
    if args.preparing:
        assert update.final()["result"] == 200
        assert ask(service.connect(), b"idle") == ["ok"]
    service.can_be_updated()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--by", choices=["fi", "crash", "hang", "exit", "KILL", "STOP"], default="fi")
    parser.add_argument("--expect", action="append", required=True)
    parser.add_argument("--policy", default="restart")
    parser.add_argument("--mode", default="state", help="of the service, see service.c")
    parser.add_argument("--command", default="up", help="that starts it")
    parser.add_argument("--clone", action="store_true", help="have a replica stand by")
    parser.add_argument("--preparing", action="store_true", help="while an update is prepared")
    parser.add_argument("--window", default="60m", help="in which crashes count as again and again")
    parser.add_argument("--period", default="1ms", help="of the back-off")
    parser.add_argument("options", nargs="*", help="of sefctl up, after --")
    args = parser.parse_args()
    with_daemon(lambda daemon, services: run(daemon, services, args), "--stop-timeout", "200ms",
                "--crash-window", args.window, "--restart-period", args.period)


if __name__ == "__main__":
    main()
