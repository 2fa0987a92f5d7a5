# SPDX-License-Identifier: BSD-2-Clause
"""Compares whole corpora of programs with and without the pass, and counts (see script/corpus)."""
import argparse
import collections
import concurrent.futures
import os
import re
import sys

import sources
from compare import MAX_SHOWN, Comparison, Outcome, Variant

HERE = os.path.dirname(os.path.abspath(__file__))
# Ways to build that sef-cc supports and that change what the pass or the linker sees.
WAYS = [
    Variant("-O2-lto", ["-O2", "-flto", "-fuse-ld=lld"]),
    Variant("-O2-thinlto", ["-O2", "-flto=thin", "-fuse-ld=lld"]),
    Variant("-O1-common", ["-O1", "-fcommon"]),
    Variant("-O2-no-plt", ["-O2", "-fno-plt"]),
    Variant("-O2-sections", ["-O2", "-ffunction-sections", "-fdata-sections", "-Wl,--gc-sections",
                             "-fuse-ld=lld"]),
    Variant("-O1-exceptions", ["-O1", "-fexceptions"]),
]
# Layouts of the address space, which must not change what a program does.
LAYOUTS = [
    Variant("-O0-asr", ["-O0"], ["--sef-asr=1"]),
    Variant("-O2-asr", ["-O2"], ["--sef-asr=2"]),
    Variant("-O2-asr-bfd", ["-O2"], ["--sef-asr=3", "-fuse-ld=bfd"]),
    Variant("-O2-asr-lto", ["-O2", "-flto=thin", "-fuse-ld=lld"], ["--sef-asr=4"]),
]


def read_skips(path):
    """The skip list: lines of "PATTERN [llvm=N]: reason", with # comments."""
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                pattern, llvm, reason = re.match(r"(\S+)(?: llvm=(\d+))?: (.*)", line).groups()
                yield re.compile(pattern), llvm, reason


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--pair", nargs=3, action="append", required=True,
                        metavar=("LLVM", "CLANG", "SEF_CC"), help="compilers to compare")
    parser.add_argument("--work", required=True, help="folder for sources and failures")
    parser.add_argument("--own", action="store_true")
    parser.add_argument("--generated", type=int, default=0, metavar="N")
    parser.add_argument("--csmith", type=int, default=0, metavar="N")
    parser.add_argument("--torture", action="store_true")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--levels", default="0,1,2,3")
    parser.add_argument("--ways", action="store_true")
    parser.add_argument("--layouts", action="store_true")
    parser.add_argument("--verify", action="store_true")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--only", default="", metavar="REGEX")
    return parser.parse_args()


def programs(args):
    made = os.path.join(args.work, "sources")
    if args.own:
        yield from sources.own()
    yield from sources.generated(args.generated, args.seed, made)
    yield from sources.csmith(args.csmith, args.seed, made)
    if args.torture:
        yield from sources.torture(os.path.join(args.work, "gcc"))
    if args.compile:
        yield from sources.compile_only(os.path.join(args.work, "gcc"))


class Count:
    """What came out, by program and by comparison."""

    def __init__(self):
        self.programs = 0
        self.failed = 0
        self.verdicts = collections.Counter()

    def add(self, program, outcomes):
        self.programs += 1
        self.failed += any(outcome.verdict == "failed" for _, outcome in outcomes)
        for where, outcome in outcomes:
            if outcome.verdict == "skipped":
                self.verdicts["skipped: " + outcome.why] += 1
            else:
                self.verdicts[outcome.verdict] += 1
            if outcome.verdict == "failed":
                print(f"FAILED {program.name} {where}: {outcome.why}\n{outcome.text[:MAX_SHOWN]}",
                      flush=True)

    def show(self):
        for verdict, n in sorted(self.verdicts.items()):
            print(f"{n:7} {verdict}")
        print(f"{self.programs} programs, {self.failed} failed")


class Corpus:
    """All comparisons of a program: each release of LLVM, each level, each way to build."""

    def __init__(self, args):
        levels = [level for level in args.levels.split(",") if level]
        self.variants = [Variant("-O" + level, ["-O" + level]) for level in levels]
        self.variants += WAYS if args.ways else []
        self.variants += LAYOUTS if args.layouts else []
        self.comparisons = [(llvm, Comparison(clang, sef_cc, args.verify,
                                              os.path.join(args.work, "runs-" + llvm)))
                            for llvm, clang, sef_cc in args.pair]
        self.skips = list(read_skips(os.path.join(HERE, "skips.txt")))

    def _listed(self, program, llvm):
        for pattern, only, reason in self.skips:
            if pattern.fullmatch(program.name) and only in (None, llvm):
                return Outcome("skipped", "listed: " + reason)
        return None

    def compare(self, program):
        return program, [(f"{variant.name} (LLVM {llvm})",
                          self._listed(program, llvm) or comparison.compare(program, variant))
                         for llvm, comparison in self.comparisons for variant in self.variants]


def main():
    args = parse()
    count = Count()
    chosen = (p for p in programs(args) if re.search(args.only, p.name))
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for program, outcomes in pool.map(Corpus(args).compare, chosen):
            count.add(program, outcomes)
    count.show()
    return 1 if count.failed or not count.programs else 0


if __name__ == "__main__":
    sys.exit(main())
