# SPDX-License-Identifier: BSD-2-Clause
"""What goes wrong in an operation: whom it strikes, how, and at which step."""
import signal
import time

from . import processes
from .control import Request

PARTICIPANTS = ("old", "new", "sefd", "sefctl", "peer")
SHORT, UNTIL_END = "short", "until the end"


class Fault:
    """Strikes once, `delay` seconds after its step is seen, or never if the step is not seen."""

    def __init__(self, kind, participant, step, delay=0.0, length=SHORT, pause=0.0):
        self.kind = kind                # kill, stop, cancel
        self.participant = participant
        self.step = step
        self.delay = delay
        self.length = length            # of a stop
        self.pause = pause              # of a short one, in seconds
        self.label = None               # of the service it strikes, if it is one
        self.pid = None
        self.struck = False
        self.sefd_after = None          # then sefd is killed too, after this many seconds
        self.sefd_struck = False
        self.missed = False             # who was to be struck had gone
        self.seen_before = ()           # phases before it struck
        self.due = None
        self.resume_at = None
        self.stopped_at = 0.0
        self.stopped_for = 0.0

    def __str__(self):
        text = "%s %s at %s +%d us" % (self.kind, self.participant, self.step, self.delay * 1e6)
        if self.kind == "stop":
            text += ", " + ("%d ms" % (self.pause * 1e3) if self.length == SHORT else self.length)
        if self.sefd_after is not None:
            text += " and sefd %d us later%s" % (self.sefd_after * 1e6, "" if self.sefd_struck else " (was not)")
        if not self.struck:
            return text + " (did not strike)"
        return text + " (struck %s, process %s, after %s%s)" % (
            self.label or self.participant, self.pid, "/".join(self.seen_before) or "no phase",
            ", for %d ms" % (self.stopped_for * 1e3) if self.kind == "stop" else "")

    # ---- Its course ----------------------------------------------------------------------

    def is_due(self, world, operation, request):
        if self.due is not None:
            return time.monotonic() >= self.due
        if self.step == "sent":
            seen = True
        elif self.step == "new":
            seen = bool(world.new_pids(operation.victim))
        elif self.step == "paused":
            seen = operation.child is not None
        else:
            seen = self.step in request.phases
        if seen:
            self.due = time.monotonic() + self.delay
        return seen and self.delay == 0

    def turn(self, world, operation, request):
        """Called again and again while the operation runs."""
        if self.resume_at is not None:
            if time.monotonic() >= self.resume_at:
                self.resume()
        elif self.struck and self.awaits_sefd:
            if time.monotonic() >= self.due:
                self.sefd_struck = processes.send(world.sefd, signal.SIGKILL)
        elif not self.struck and not self.missed and self.is_due(world, operation, request):
            self.strike(world, operation, request)

    def patience(self):
        """How long the loop may wait before the next turn."""
        if self.struck and self.resume_at is None and not self.awaits_sefd:
            return 0.01
        return 0.0 if self.step == "new" or self.due else 0.001

    def find(self, world, operation, request):
        if self.participant == "sefd":
            return world.sefd
        if self.participant == "sefctl":
            return request.pid
        self.label = operation.peer if self.participant == "peer" else operation.victim
        if self.participant == "new":
            pids = world.new_pids(self.label)
            return pids[-1] if pids else None
        return world.services[self.label].pid

    def strike(self, world, operation, request):
        self.seen_before = tuple(request.phases)
        if self.kind == "cancel":
            self.struck = True
            operation.others.append(Request(world, "upd_stop"))
            return
        pid = self.find(world, operation, request)
        signo = signal.SIGKILL if self.kind == "kill" else signal.SIGSTOP
        if pid is None or not processes.lives(pid) or not processes.send(pid, signo):
            self.missed = self.step != "new"
            return
        self.pid = pid
        self.struck = True
        if self.awaits_sefd:
            self.due = time.monotonic() + self.sefd_after
        if self.kind == "stop":
            self.stopped_at = time.monotonic()
            self.resume_at = self.stopped_at + self.pause if self.length == SHORT else float("inf")

    def resume(self):
        if self.resume_at is not None:
            self.stopped_for = time.monotonic() - self.stopped_at
            self.resume_at = None
            processes.send(self.pid, signal.SIGCONT)

    @property
    def awaits_sefd(self):
        return self.sefd_after is not None and not self.sefd_struck

    @property
    def kills_sefd(self):
        return self.kind == "kill" and self.struck and (self.participant == "sefd" or self.sefd_struck)

    @property
    def is_stopping(self):
        return self.resume_at is not None

    @property
    def is_done(self):
        """Nothing is to come of it before the operation is over."""
        return self.missed or self.struck and not self.awaits_sefd and (not self.is_stopping or self.length == UNTIL_END)


def choose(rng, operation):
    """A fault for an operation, or None."""
    if rng.random() < 0.12:
        return None
    if rng.random() < 0.06 and operation.targets and operation.outcome in ("old", "new"):
        return Fault("cancel", "operator", rng.choice(steps(operation, "operator")), delay(rng))
    participant = rng.choice(PARTICIPANTS)
    operation.by_sefctl |= participant == "sefctl"
    kind = rng.choice(("kill", "kill", "stop"))
    fault = Fault(kind, participant, rng.choice(steps(operation, participant)), delay(rng))
    if fault.step == "sent":
        fault.delay = rng.choice((0.0, rng.uniform(0, 0.001), rng.uniform(0, 0.015)))
    if kind == "stop":
        fault.pause = rng.uniform(0.001, 0.06)
        if participant != "sefd" and rng.random() < 0.1:
            fault.length = UNTIL_END
    elif participant in ("old", "new", "peer") and rng.random() < 0.15:
        fault.sefd_after = delay(rng)
    return fault


def steps(operation, participant):
    """Those that may be seen in an operation."""
    if operation.paused:
        return ("paused",)
    if not operation.phases:
        forks = operation.first or operation.outcome == "replica" or participant == "new"
        return ("sent", "new") if forks else ("sent",)
    if operation.outcome == "new":
        ends = ("commit", "commit", "takeover")
    else:
        ends = ("rollback",)
    begins = ("start", "new", "new") if participant == "new" else ("sent", "prepare", "start", "new")
    return begins + ends


def delay(rng):
    return 0.0 if rng.random() < 0.4 else min(rng.expovariate(1 / 0.002), 0.02)
