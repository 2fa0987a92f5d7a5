# SPDX-License-Identifier: BSD-2-Clause
"""The command line of script/campaign, see docs/testing.md."""
import argparse
import os
import signal
import sys
import tempfile

from . import processes
from .campaign import Campaign

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

IN_A_ROW = 5   # failures: nothing works any more


def parse(argv):
    parser = argparse.ArgumentParser(
        prog="script/campaign",
        description="kill and stop who takes part in an operation, and look at what is left")
    parser.add_argument("--count", type=int, default=100, metavar="N", help="operations")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    parser.add_argument("--first", type=int, default=1, metavar="K", help="number of the first operation")
    parser.add_argument("--only", default="", metavar="REGEX", help="what \"operation: fault\" must match")
    parser.add_argument("--keep", metavar="DIR", help="where the folders of failures go")
    parser.add_argument("--bin", default=os.path.join(ROOT, "build", "bin"), metavar="DIR")
    args = parser.parse_args(argv)
    args.keep = args.keep or tempfile.mkdtemp(prefix="sef-campaign-failed.")
    return args


def main(argv=None):
    args = parse(argv)
    ends = []
    signal.signal(signal.SIGTERM, lambda *_: ends.append(True))  # after the operation that runs
    processes.adopt_orphans()
    campaign = Campaign(args)
    done = failed = in_a_row = 0
    try:
        for number in range(args.first, args.first + args.count):
            text = campaign.run(number)
            done += 1
            in_a_row = in_a_row + 1 if text else 0
            if text:
                failed += 1
                print(text, flush=True)
            if in_a_row == IN_A_ROW:
                print("given up after %d failures in a row" % in_a_row)
            if in_a_row == IN_A_ROW or ends:
                break
    finally:
        campaign.close()
    for key, count in sorted(campaign.counts.items()):
        print("%5d %s" % (count, key))
    print("%d operations, %d failed" % (done, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
