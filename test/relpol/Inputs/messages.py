# SPDX-License-Identifier: BSD-2-Clause
"""A row: an update of s holds messages of the services t and u back, and what must hold during and after it.

What a list holds back waits and comes once, when the update has ended, whatever its end is; what no list holds
back comes while the update is prepared.
"""
import argparse
import os
import subprocess

from harness import BIN, PATIENCE
from row import ask, image
from rows import Service, with_daemon


def begin_update(daemon, options, to):
    """An update that waits until s is idle; returns when it is prepared."""
    update = subprocess.Popen(
        [os.path.join(BIN, "sefctl"), "--socket", daemon.socket, "--verbose", "update", "--state",
         "request-free", "--timeout", "0", *options, "s", image(to)],
        stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    assert update.stderr.readline() == "s: prepare\n"
    return update


def send(services, message):
    """"note" of a number that the sender does not wait for, or "call"; returns the client that waits."""
    label, kind, call = (message + ":note").split(":")[:3]
    sender = services[label].connect()
    if call == "note":
        assert ask(sender, b"note %d s" % int(kind)) == ["ok"]
        return None
    sender[0].sendall(b"call %d s\n" % int(kind))
    while services[label].status().get("waits_for") != "s":
        continue
    return sender


def await_numbers(service):
    """Until the service stored all that it is known to have received."""
    client = service.connect()
    while True:
        count = int(ask(client, b"get")[4])
        assert count <= service.count, (count, service.count)
        if count == service.count:
            return


def run(daemon, services, args):
    services += [Service(daemon, label) for label in "stu"]
    s = services[0]
    by_label = {service.label: service for service in services}
    assert ask(s.connect(), b"busy") == ["ok"]
    update = begin_update(daemon, args.options, args.image)
    calls = [send(by_label, message) for message in args.held]
    for message in args.passes:
        send(by_label, message)
        s.stored(100 + int(message.split(":")[1]))
    await_numbers(s)
    assert s.status()["messages"] == len(args.held), s.status()
    if args.stop:
        s.ctl("upd_stop", "s")
    else:
        assert ask(s.connect(), b"idle") == ["ok"]
    assert update.wait(PATIENCE) == (1 if args.stop else 0), update.stderr.read()
    update.stderr.close()
    for message in args.held:
        s.stored(100 + int(message.split(":")[1]))
    await_numbers(s)
    for client in filter(None, calls):
        assert client[1].readline() == b"ok\n"
    s.goes_on(updates=0 if args.stop else 1)
    assert s.status()["messages"] == 0
    for service in services[1:]:
        service.goes_on()
    assert ask(s.connect(), b"idle") == ["ok"]
    s.can_be_updated()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--held", action="append", default=[], metavar="SENDER:TYPE[:call]")
    parser.add_argument("--passes", action="append", default=[], metavar="SENDER:TYPE")
    parser.add_argument("--stop", action="store_true", help="the update is stopped")
    parser.add_argument("--image", default="relpol-v2")
    parser.add_argument("options", nargs="*", help="of sefctl update, after --")
    args = parser.parse_args()
    with_daemon(lambda daemon, services: run(daemon, services, args), "--stop-timeout", "200ms")


if __name__ == "__main__":
    main()
