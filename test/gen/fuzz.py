# SPDX-License-Identifier: BSD-2-Clause
"""The command line of script/fuzz, see docs/testing.md."""
import argparse
import os
import shutil
import signal
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from queue import Queue

from .choose import FEATURES
from .pair import Pair, generate
from .run import Failed, Worker
from .shrink import shrink

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def parse(argv):
    parser = argparse.ArgumentParser(
        prog="script/fuzz", description="update generated pairs of programs",
        epilog="features: " + ", ".join(FEATURES))
    parser.add_argument("--pairs", type=int, default=10, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="of the first pair")
    parser.add_argument("--jobs", type=int, default=1, metavar="J")
    parser.add_argument("--keep", metavar="DIR", help="where failing pairs are left")
    parser.add_argument("--replay", metavar="DIR", help="run the pair in DIR, edited or not")
    parser.add_argument("--without", default="", metavar="FEATURE,...")
    parser.add_argument("--only", default=None, metavar="FEATURE,...")
    parser.add_argument("--no-shrink", action="store_true")
    parser.add_argument("--bin", default=os.path.join(ROOT, "build", "bin"), metavar="DIR")
    parser.add_argument("--include", default=os.path.join(ROOT, "libsef", "include"), metavar="DIR",
                        help="where sef/sef.h is")
    args = parser.parse_args(argv)
    args.without = [w for w in args.without.split(",") if w]
    args.only = None if args.only is None else [w for w in args.only.split(",") if w]
    args.keep = args.keep or tempfile.mkdtemp(prefix="sef-fuzz.")
    return args


def run_seed(args, worker, seed):
    """None, or what is to be said about a pair that failed."""
    options = dict(without=args.without, only=args.only)
    directory = os.path.join(args.keep, "seed-%d" % seed)
    pair, chooser = generate(seed, **options)
    try:
        worker.run(pair, directory)
    except Failed as failure:
        text = "pair %d (%s): %s" % (seed, directory, failure)
        if not args.no_shrink and failure.kind != "build":
            small, reason, drop = shrink(args, worker, seed, chooser, failure, directory + "-small")
            text += "\n  smallest (%s): %s" % (small, reason)
        return text
    shutil.rmtree(directory)
    return None


def main(argv=None):
    args = parse(argv)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))   # ends what was started
    if args.replay:
        worker = Worker(args.bin, args.include)
        try:
            worker.run(Pair.read(args.replay), args.replay)
            print("1 pairs, 0 failed")
            return 0
        except Failed as failure:
            print("%s\n1 pairs, 1 failed" % failure)
            return 1
        finally:
            worker.close()
    idle = Queue()
    for _ in range(args.jobs):
        idle.put(Worker(args.bin, args.include))
    failures = []

    def one(seed):
        worker = idle.get()
        try:
            text = run_seed(args, worker, seed)
        finally:
            idle.put(worker)
        if text:
            print(text, flush=True)
            failures.append(seed)

    try:
        with ThreadPoolExecutor(args.jobs) as pool:
            try:
                for result in [pool.submit(one, args.seed + i) for i in range(args.pairs)]:
                    result.result()
            finally:
                pool.shutdown(wait=False, cancel_futures=True)  # when interrupted: no more pairs
    finally:
        while not idle.empty():
            idle.get().close()
    if not failures and not os.listdir(args.keep):
        os.rmdir(args.keep)
    print("%d pairs, %d failed" % (args.pairs, len(failures)))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
