# SPDX-License-Identifier: BSD-2-Clause
"""The course of a campaign: operation, fault, and what must hold after it."""
import os
import random
import re
import time

from . import checks, expect, faults, operations, processes
from .control import Request, Sefctl
from .loop import Missed
from .world import LABELS, World

AFTER = 30           # seconds after which an operation that is not over never will be
LOG_LINES = 60


class Campaign:
    def __init__(self, args):
        self.programs, self.seed, self.keep = args.bin, args.seed, args.keep
        self.only = re.compile(args.only)
        self.world = None
        self.counts = {}     # operations by what struck them

    # ---- One operation -------------------------------------------------------------------

    def run(self, number):
        """Returns None, or what went wrong."""
        rng = random.Random("%d/%d" % (self.seed, number))
        operation = fault = self.request = None
        self.outcomes = {}
        try:
            if self.world is None:
                self.set_up(rng)
            operation, fault = self.choose(rng)
            self.log_begin = self.world.log_size()
            if fault and fault.length == faults.UNTIL_END:
                operation.set_limit(operations.SHORT_LIMIT_MS)
            self.world.start_load(rng.choice(("sink", "sink-callback")))
            self.operate(operation, fault)
            self.settle(operation, fault, self.request)
        except (Missed, OSError, ValueError, KeyError) as error:
            return self.failure(number, operation, fault, error)
        finally:
            key = "no fault"
            if fault and fault.struck:
                key = "%s %s%s" % (fault.kind, fault.participant, " and sefd" if fault.sefd_struck else "")
            self.counts[key] = self.counts.get(key, 0) + 1
        return None

    def choose(self, rng):
        while True:
            operation = operations.choose(self.world, rng)
            fault = faults.choose(rng, operation)
            if self.only.search("%s: %s" % (operation.name, fault)):
                return operation, fault

    def set_up(self, rng):
        self.log_begin = 0
        self.world = World(self.programs, rng)
        self.baseline = checks.Baseline()
        self.world.start()
        checks.check(self.world, self.baseline)

    def operate(self, operation, fault):
        """Run it with its fault, until both are over."""
        world = self.world
        world.fault_mode(operation.mode)  # and not back: a request of a killed sefctl may just begin
        pause = Pause(world) if operation.mode in ("pause", "hang") else None
        for members in operation.first:
            reply = world.request("update", batch=True, **members)
            if reply["result"] != 0:
                raise Missed("cannot be queued: %r" % reply)
        ask = Sefctl if operation.by_sefctl else Request
        self.request = ask(world, operation.command, **operation.members)
        try:
            self.follow(operation, fault, self.request, pause)
        finally:
            if fault:
                fault.resume()
            if pause:
                pause.close()
        if fault and fault.kills_sefd:
            world.loop.until(lambda: world.sefd in world.loop.statuses, "the killed sefd has ended")
            world.start_sefd()
        if operation.first:
            world.request("upd_stop")  # the queue of a request that did not come

    def follow(self, operation, fault, request, pause):
        """Until it is over and the fault too."""
        world = self.world
        end = time.monotonic() + AFTER
        while time.monotonic() < end:
            if fault:
                fault.turn(world, operation, request)
            if pause:
                pause.turn(operation, fault)
            world.flow.turn()
            if self.is_over(operation, fault, request):
                if not fault or not fault.is_stopping:
                    return
                if fault.length == faults.UNTIL_END:
                    fault.resume()
            world.loop.turn(fault.patience() if fault else 0.01)
        raise Missed("the operation is not over after %d seconds" % AFTER)

    def is_over(self, operation, fault, request):
        """For one whose sefctl was struck it is sefd that knows."""
        if not all(other.over for other in operation.others):
            return False
        if fault and fault.participant == "sefctl" and (
                fault.is_stopping or fault.struck and fault.kind == "kill"):
            return not any(status["state"] == "updating" for status in self.world.status().values())
        return request.over

    # ---- What became of it ---------------------------------------------------------------

    def settle(self, operation, fault, request):
        world = self.world
        committed = "commit" in request.phases or not request.final or bool(operation.first)
        operation.started = committed or "start" in request.phases
        allowed = {label: expect.allowed(operation, fault, label, committed) for label in LABELS}
        world.loop.until(lambda: self.look(allowed), lambda: "each service is as it should be: %s" % (
            "; ".join("%s: %s, not %s" % (label, self.outcomes.get(label), "/".join(sorted(allowed[label])))
                      for label in LABELS)))
        if expect.as_one(operation, fault) and len({self.outcomes[label] for label in operation.targets}) != 1:
            raise Missed("some are old and some new: %r" % self.outcomes)
        self.judge_result(operation, request)
        for label in LABELS:
            if self.outcomes[label] == "gone":
                world.up(label)
        if self.outcomes["kvd"] in ("fresh", "gone"):
            world.open_clients()
        if {self.outcomes["a"], self.outcomes["b"]} & {"fresh", "gone"}:
            for label in ("a", "b"):
                reply = world.request("refresh", label=label)
                if reply["result"] != 0:
                    raise Missed("refresh of %s: %r" % (label, reply))
            world.know()
            world.open_flow()
        else:
            world.know()
            world.flow.stop()
        for client in world.clients:
            client.stop()
            client.verify()
        checks.check(world, self.baseline)

    def look(self, allowed):
        """Whether each service is as it may be, can be updated, and stays so."""
        world = self.world
        statuses = world.status()
        self.outcomes = {label: expect.outcome(world.services[label], statuses.get(label)) for label in LABELS}
        if any(self.outcomes[label] not in allowed[label] for label in LABELS):
            return False
        there = [label for label in LABELS if self.outcomes[label] != "gone"]
        for label in there:
            reply = world.request("update", label=label, prepare_only=True)
            if reply["result"] != 0:
                self.outcomes[label] += " (%s)" % reply["text"]
                return False
        after = world.status()
        return all(processes.lives(after[label]["pid"]) and after[label]["pid"] == statuses[label]["pid"]
                   for label in there)

    def judge_result(self, operation, request):
        """Who asked was told the truth."""
        if operation.command not in ("update", "rerandomize") or not request.final or not operation.targets:
            return
        result, became = request.final["result"], self.outcomes[operation.targets[0]]
        if "does not confirm" in request.final["text"]:
            return  # it is not known, and the reply says so
        if operation.outcome == "new" and (became == "new" and result != 0 or became == "old" and result == 0):
            raise Missed("what became of it is %s, and the reply: %r" % (became, request.final))

    # ---- Failures ------------------------------------------------------------------------

    def failure(self, number, operation, fault, error):
        """What there is to say; the next operation has a world of its own."""
        world, self.world, request = self.world, None, self.request
        lines = ["seed %d, operation %d: %s" % (self.seed, number, error),
                 "  operation: %s" % operation, "  fault: %s" % fault]
        if request:
            lines.append("  phases: %s" % "/".join(request.phases))
            if request.final:
                lines.append("  reply: %s: %s" % (request.final.get("result"), request.final.get("text")))
        lines.append("  outcomes: %s" % self.outcomes)
        lines.append("  processes: " + "; ".join(
            processes.describe(pid) for pid in processes.descendants(os.getpid())))
        lines += ["  | " + line for line in world.log_from(self.log_begin).splitlines()[-LOG_LINES:]]
        text = "\n".join(lines)
        keep = os.path.join(self.keep, "%d-%d" % (self.seed, number))
        world.close(keep)
        with open(os.path.join(keep, "failure"), "w", encoding="utf8") as file:
            file.write(text + "\n")
        return text + "\n  kept: " + keep

    def close(self):
        if self.world:
            self.world.close()


class Pause:
    """The FIFOs at which version 3 of kvd waits."""

    def __init__(self, world):
        self.path = world.mode_file
        for suffix in (".pid", ".go"):
            os.mkfifo(self.path + suffix)
        self.pid_fd = os.open(self.path + ".pid", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        self.go_fd = None

    def turn(self, operation, fault):
        """Let the new version go on when nothing is to strike it while it waits."""
        if operation.child is None:
            try:
                operation.child = int(os.read(self.pid_fd, 64))
            except BlockingIOError:
                return
        if self.go_fd is None and operation.paused and (fault is None or fault.is_done):
            self.go_fd = os.open(self.path + ".go", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)

    def close(self):
        for fd in (self.pid_fd, self.go_fd):
            if fd is not None:
                os.close(fd)
        for suffix in (".pid", ".go"):
            os.unlink(self.path + suffix)
