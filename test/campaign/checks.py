# SPDX-License-Identifier: BSD-2-Clause
"""What must hold after each operation."""
import os
import re

from . import processes
from .load import info
from .loop import Missed
from .world import LABELS

FILES = re.compile(r"control|control\.lock|resume|messages|services/(kvd|a|b)|images/(kvd|a|b)/\d+/[^/]+")
GENERATIONS = 2     # of which copies are kept
RESIDENT_GROWTH = 48 << 20
MAPPINGS_GROWTH = 400


class Baseline:
    """Descriptors and memory of each program when it was started, of whatever process."""

    def __init__(self):
        self.descriptors = {}
        self.memory = {}


def check(world, baseline):
    """Raises Missed."""
    processes_alone(world)
    serving(world)
    files(world)
    for name, pid in who(world).items():
        descriptors(world, baseline, name, pid)
        memory(baseline, name, pid)


def who(world):
    return dict({label: service.pid for label, service in world.services.items()}, sefd=world.sefd)


def processes_alone(world):
    """There is exactly one process of each service, and no other; what is ending ends soon."""
    wanted = sorted(who(world).values())

    def there():
        return sorted(processes.descendants(os.getpid()))

    world.loop.until(lambda: there() == wanted, lambda: "only %r are there, but these are: %s" % (
        who(world), "; ".join(processes.describe(pid) for pid in there())))


def serving(world):
    """The process that sefd knows is the one that answers."""
    pid = int(info(world.kvd_path)["process_id"])
    if pid != world.services["kvd"].pid:
        raise Missed("process %d answers, and sefd knows %d" % (pid, world.services["kvd"].pid))


def listing(directory):
    return [os.path.relpath(os.path.join(folder, name), directory)
            for folder, _, names in os.walk(directory) for name in names]


def files(world):
    def unexpected():
        names = listing(world.runtime)
        odd = [name for name in names if not FILES.fullmatch(name)]
        for label in LABELS:
            copies = {name.split("/")[2] for name in names if name.startswith("images/%s/" % label)}
            if len(copies) > GENERATIONS:
                odd.append("generations %s of %s" % (sorted(copies), label))
        return odd

    world.loop.until(lambda: not unexpected(), lambda: "no files but the usual, but: %s" % unexpected())


def kinds(name, pid):
    """Descriptors without what differs between processes, and what sefd makes when it first needs it."""
    return sorted(re.sub(r"\d+", "N", target) for target in processes.descriptors(pid).values()
                  if name != "sefd" or target not in ("anon_inode:[timerfd]", "anon_inode:[eventfd]"))


def descriptors(world, baseline, name, pid):
    wanted = baseline.descriptors.setdefault(name, kinds(name, pid))
    world.loop.until(lambda: kinds(name, pid) == wanted, lambda: "descriptors of %s are\n%s\nagain, but are\n%s" % (
        name, wanted, kinds(name, pid)))


def memory(baseline, name, pid):
    resident, mappings = processes.memory(pid)
    first, first_mappings = baseline.memory.setdefault(name, (resident, mappings))
    if resident > first + RESIDENT_GROWTH or mappings > first_mappings + MAPPINGS_GROWTH:
        raise Missed("%s has grown from %d KiB and %d mappings to %d KiB and %d" % (
            name, first >> 10, first_mappings, resident >> 10, mappings))
