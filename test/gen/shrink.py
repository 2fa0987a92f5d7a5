# SPDX-License-Identifier: BSD-2-Clause
"""Makes a failing pair small: drops decisions of the generator while the failure stays."""
import shutil

from .pair import generate
from .run import Failed

ATTEMPTS = 150


def shrink(args, worker, seed, chooser, failure, directory):
    """The directory of the smallest pair that fails alike, its failure, and what was dropped."""
    options = dict(without=args.without, only=args.only)
    drop, best, attempts = set(), failure, 0

    def fails(more):
        nonlocal best, attempts
        attempts += 1
        try:
            pair, small = generate(seed, drop | more, **options)
        except (IndexError, KeyError, ValueError):
            return None     # nothing left to choose from
        try:
            worker.run(pair, directory + ".try")
        except Failed as other:
            if other.kind == failure.kind:
                shutil.rmtree(directory, ignore_errors=True)
                pair.write(directory)
                best = other
                return small
        return None

    taken = chooser.taken
    size = max(1, len(taken) // 2)
    while attempts < ATTEMPTS:
        at = 0
        progress = False
        while at < len(taken) and attempts < ATTEMPTS:
            small = fails(set(taken[at:at + size]))
            if small:
                drop |= set(taken[at:at + size])
                taken = small.taken
                progress = True
            else:
                at += size
        if size == 1 and not progress:
            break
        size = max(1, size // 2)
    shutil.rmtree(directory + ".try", ignore_errors=True)
    return (directory if drop else directory[:-len("-small")]), best, drop
