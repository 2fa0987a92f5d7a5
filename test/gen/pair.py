# SPDX-License-Identifier: BSD-2-Clause
"""One pair: two programs, how each is built, and what the update between them must do."""
import json
import os

from . import refuse
from .choose import Chooser
from .emit_code import Coder
from .evolve import evolve
from .expect import expect
from .graph import make_graph
from .make import make_schema


class Pair:
    """`refusal`: None, or regular expressions that the message of the refused update must match."""

    def __init__(self, files, flags, refusal=None, twice=False, verify=False, name=""):
        self.files, self.flags = files, flags       # of version 1 and of version 2
        self.refusal, self.twice, self.verify, self.name = refusal, twice, verify, name

    def write(self, directory):
        for version, files in enumerate(self.files, 1):
            folder = os.path.join(directory, "v%d" % version)
            os.makedirs(folder, exist_ok=True)
            for name, text in files.items():
                with open(os.path.join(folder, name), "w", encoding="ascii") as file:
                    file.write(text)
        with open(os.path.join(directory, "pair.json"), "w", encoding="ascii") as file:
            json.dump({"flags": self.flags, "refusal": self.refusal, "twice": self.twice,
                       "verify": self.verify, "name": self.name}, file, indent=1)

    @staticmethod
    def read(directory):
        with open(os.path.join(directory, "pair.json"), encoding="ascii") as file:
            said = json.load(file)
        files = []
        for version in (1, 2):
            folder = os.path.join(directory, "v%d" % version)
            files.append({})
            for name in os.listdir(folder):
                with open(os.path.join(folder, name), encoding="ascii") as file:
                    files[-1][name] = file.read()
        return Pair(files, said["flags"], said["refusal"], said["twice"], said["verify"],
                    said["name"])


def flags(ch, key):
    out = ["-O%d" % ch.number(key + ".level", 0, 2)]
    if ch.maybe(key + ".common", 0.5, "common"):
        out.append("-fcommon")
    if ch.maybe(key + ".sections", 0.2):
        out += ["-ffunction-sections", "-fdata-sections", "-Wl,--gc-sections"]
    return out


def generate(seed, drop=(), without=(), only=None):
    """The pair of a seed, and the decisions that made it."""
    ch = Chooser(seed, drop, without, only)
    s1 = make_schema(ch)
    s2 = evolve(ch, s1)
    g1 = make_graph(ch, s1, s2)
    refusal = None
    if ch.maybe("refuse", 0.2, "refuse"):
        refusal = refuse.spoil(ch, s1, s2, g1)
    allocs = {id: o for id, o in g1.objs.items() if o.heap}
    g2 = g1 if refusal else expect(s1, s2, g1)
    if refusal:     # its second version is only ever looked at by the transfer
        g2 = refuse.leftover(s2, g1)
    programs = [Coder(s1, g1, allocs).program(), Coder(s2, g2, allocs).program()]
    twice = not refusal and ch.maybe("twice", 0.3, "twice")
    verify = ch.maybe("verify", 0.5, "verify")
    return Pair(programs, [flags(ch, "f1"), flags(ch, "f2")], refusal, twice, verify, str(seed)), ch
