# SPDX-License-Identifier: BSD-2-Clause
"""The operations: what is asked of sefd, and what becomes of each service if nothing goes wrong."""
import os

from .world import LABELS

GOOD = ("kvd-v1", "kvd-v2", "kvd-v3", "kvd-v1-asr1", "kvd-v1-asr2", "kvd-v1-asr3")
REFUSED = ("kvd-undefined", "kvd-plain", "talk-v1", "../build.ninja", "none")
FAULTS = ("ctor-crash", "exit-early", "fail", "crash")
LIMIT_MS = 10000       # what nobody waits for
SHORT_LIMIT_MS = 150   # what is waited for


class Operation:
    def __init__(self, name, targets, outcome, command, **members):
        self.name = name
        self.targets = targets          # labels
        self.outcome = outcome          # of the targets: old, new, replica, fresh
        self.command = command
        self.members = members
        self.first = []                 # requests before it
        self.mode = "ok"                # of version 3 of kvd
        self.paused = False             # the new version stops in its initialisation
        self.phases = command in ("update", "rerandomize") and targets
        self.victim = targets[0] if targets else "kvd"
        self.peer = "a"
        self.by_sefctl = False
        self.limited = command == "update"
        self.child = None               # process id of the paused version
        self.others = []                # requests beside it

    def __str__(self):
        what = " ".join("%s=%s" % (k, os.path.basename(str(v))) for k, v in self.members.items())
        return "%s%s [%s %s%s]%s" % (
            self.name, "" if self.mode == "ok" else " (" + self.mode + ")", self.command, what,
            "".join("; %s=%s" % (m["label"], os.path.basename(m["image"])) for m in self.first),
            " by sefctl" if self.by_sefctl else "")

    def set_limit(self, ms):
        for members in self.first or [self.members]:
            if self.limited or self.first:
                members["timeout_ms"] = ms


def update(world, rng, name, label, image, outcome, **members):
    return Operation(name, (label,), outcome, "update", label=label, image=world.image(image), **members)


def update_kvd(world, rng):
    return update(world, rng, "update", "kvd", rng.choice(GOOD), "new")


def update_talk(world, rng):
    label = rng.choice(("a", "b"))
    image = rng.choice(("talk-v1", "talk-v2", "talk-bad"))
    return update(world, rng, "update", label, image, "old" if image == "talk-bad" else "new")


def refused(world, rng):
    return update(world, rng, "refused update", "kvd", rng.choice(REFUSED), "old")


def failing(world, rng):
    operation = update(world, rng, "failing update", "kvd", "kvd-v3", "old")
    modes = FAULTS
    if os.path.basename(world.services["kvd"].image) == "kvd-v3":
        modes = FAULTS[2:]  # the others keep it from being restarted too
    operation.mode = rng.choice(modes)
    return operation


def debug(world, rng):
    flag = rng.choice(("debug_crash", "debug_fail"))
    return update(world, rng, "failing update", "kvd", rng.choice(GOOD), "old", **{flag: True})


def hanging(world, rng):
    operation = update(world, rng, "hanging update", "kvd", "kvd-v3", "old")
    operation.mode = "hang"
    operation.set_limit(SHORT_LIMIT_MS)
    return operation


def paused(world, rng):
    operation = update(world, rng, "paused update", "kvd", "kvd-v3", "new")
    operation.mode = "pause"
    operation.paused = True
    return operation


def rehearsal(world, rng):
    operation = update(world, rng, "rehearsal", "kvd", rng.choice(GOOD), "old", rehearse=True)
    if rng.random() < 0.3:
        operation.members["verify"] = True
    elif rng.random() < 0.3:
        operation.members["image"] = world.image("kvd-v3")
        operation.mode = rng.choice(FAULTS[2:])
    return operation


def prepare_only(world, rng):
    label = rng.choice(LABELS)
    return Operation("preparation", (label,), "old", "update", label=label, prepare_only=True)


def several(world, rng):
    """Several services as one, one of which may fail."""
    labels = rng.sample(LABELS, rng.choice((2, 2, 3)))
    images = {"kvd": rng.choice(GOOD), "a": rng.choice(("talk-v1", "talk-v2")),
              "b": rng.choice(("talk-v1", "talk-v2"))}
    outcome = "new"
    if rng.random() < 0.25:
        failing_label = rng.choice(labels)
        images[failing_label] = "kvd-undefined" if failing_label == "kvd" else "talk-bad"
        outcome = "old"
    operation = Operation("update of several", tuple(labels), outcome, "upd_run")
    operation.phases = False
    operation.first = [dict(label=label, image=world.image(images[label])) for label in labels]
    return operation


def rerandomize(world, rng):
    return Operation("rerandomization", ("kvd",), "new", "rerandomize", label="kvd")


def refresh(world, rng):
    label = rng.choice(LABELS)
    return Operation("refresh", (label,), "fresh", "refresh", label=label)


def fi(world, rng):
    return Operation("crash", ("kvd",), "replica", "fi", label="kvd")


def replace_sefd(world, rng):
    return Operation("update of sefd", (), "old", "update", label="sefd", image=world.image("sefd"))


def nothing(world, rng):
    """The fault alone."""
    operation = Operation("nothing", (), "old", "status")
    operation.victim = rng.choice(LABELS)
    return operation


KINDS = ((update_kvd, 26), (update_talk, 14), (several, 12), (paused, 8), (failing, 7), (debug, 3),
         (refused, 3), (hanging, 2), (rehearsal, 8), (prepare_only, 4), (rerandomize, 4), (refresh, 3),
         (fi, 4), (replace_sefd, 5), (nothing, 3))


def choose(world, rng):
    make = rng.choices([kind for kind, _ in KINDS], [weight for _, weight in KINDS])[0]
    operation = make(world, rng)
    if "timeout_ms" not in operation.members:
        operation.set_limit(LIMIT_MS)
    if operation.targets:
        operation.victim = rng.choice(operation.targets)
    others = [label for label in LABELS if label != operation.victim and label not in operation.targets]
    operation.peer = rng.choice(others or [l for l in LABELS if l != operation.victim])
    operation.by_sefctl = rng.random() < 0.3
    return operation
