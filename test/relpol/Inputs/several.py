# SPDX-License-Identifier: BSD-2-Clause
"""A row: services with data and clients are updated as one, and what must hold of each after it.

Whatever becomes of the update: all that were to be replaced are, or none; the exit status is what the result
says; data, endpoints, counters and connections are there; and the next update of all of them succeeds.
"""
import argparse
import errno

from row import ask, image
from rows import Service, with_daemon

RUN_ENDS = r"update of %d services: %s"


def queue(service, args, options):
    service.ctl("update", "--batch", *options, service.label, image(args.image))


def run_queue(daemon, services, args):
    """Run what is queued; returns the reply, or None if nobody waited for it."""
    first, count = services[0], len(services)
    if args.by == "upd_run":
        return first.ctl("upd_run", status=0 if args.expect == 0 else 1)
    first.ctl("sysctl", "upd_start")
    if args.by == "upd_start":
        daemon.wait_log(RUN_ENDS % (count, "updated"))
        return None
    # The last one is not ready, so the update runs until something happens.
    while [u["phase"] for u in first.ctl("sysctl", "upd_status")["updates"]] != ["prepare"] * count:
        continue
    assert first.ctl("sysctl", "upd_run", status=1)["result"] == errno.EBUSY
    reply = first.ctl("update", first.label, image("self"), status=1)
    assert reply["result"] == errno.EBUSY, reply
    ways = {"upd_stop": stop, "fault": fault, "down": take_down, "call": call}
    ways[args.by](services)
    daemon.wait_log(RUN_ENDS % (count, "updated" if args.expect == 0 else ".*no service was"))
    return None


def stop(services):
    services[0].ctl("sysctl", "upd_stop")


def fault(services):
    """The one that is not ready crashes, and goes on in a replica."""
    last = services[-1]
    last.connect()[0].sendall(b"crash\n")
    last.daemon.wait_log(r"%s: continued with its state, restart 1$" % last.label)


def take_down(services):
    services[-1].ctl("down", services[-1].label)
    del services[-1]


def call(services):
    """Services that talk to each other meanwhile are answered."""
    first, second, last = services[0], services[1], services[-1]
    for caller, callee in ((first, second), (second, first), (last, first)):
        assert ask(caller.connect(), b"call 5 " + callee.label.encode()) == ["ok"]
        callee.stored(105)
    assert ask(last.connect(), b"idle") == ["ok"]


def check_reply(reply, services, args, options):
    assert reply["result"] == args.expect, reply
    results = [member["result"] for member in reply["members"]]
    if args.expect == 0:
        assert results == [0] * len(services), reply
    else:
        assert results.count(errno.ECANCELED) == len(services) - 1, reply
        assert [bool(words) for words in options] == [r == args.expect for r in results], reply


def run(daemon, services, args):
    options = [[] for _ in range(args.count)]
    for member in args.member:
        number, _, words = member.partition(":")
        options[int(number) - 1] = words.split()
    for i in range(args.count):
        services.append(Service(daemon, "s%d" % (i + 1), options=["--restart-policy", "restart"]))
    if args.by not in ("upd_run", "upd_start"):
        assert ask(services[-1].connect(), b"busy") == ["ok"]
        options[-1] = "--state request-free --timeout 0".split()
    if args.busy:
        assert ask(services[args.busy - 1].connect(), b"busy") == ["ok"]
    for service, words in zip(services, options):
        queue(service, args, words)
    queued = services[0].ctl("upd_status")["queue"]
    assert [(q["label"], q["state"]) for q in queued] == [(s.label, "queued") for s in services]

    reply = run_queue(daemon, services, args)
    if reply:
        check_reply(reply, services, args, options)
    for service, words in zip(services, options):
        replaced = args.expect == 0 and "--prepare-only" not in words
        crashed = args.by == "fault" and service is services[-1]
        service.goes_on(updates=int(replaced), restarts=int(crashed),
                        version=2 if replaced and args.image == "relpol-v2" else 1)
        assert ask(service.connect(), b"idle") == ["ok"]
    assert services[0].ctl("upd_status")["queue"] == []
    for service in services:
        queue(service, argparse.Namespace(image="self"), [])
    services[0].ctl("upd_run")
    for service in services:
        service.goes_on(updates=1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=3, help="of services")
    parser.add_argument("--image", default="self", help="what to update to")
    parser.add_argument("--expect", type=int, default=0, help="result of the update")
    parser.add_argument("--member", action="append", default=[], metavar="N:OPTIONS",
                        help="options of the update of a service")
    parser.add_argument("--busy", type=int, default=0, help="service that is not ready")
    parser.add_argument("--by", default="upd_run", help="what runs the queue, or ends the run",
                        choices=["upd_run", "upd_start", "upd_stop", "fault", "down", "call"])
    args = parser.parse_args()
    with_daemon(lambda daemon, services: run(daemon, services, args), "--stop-timeout", "200ms")


if __name__ == "__main__":
    main()
