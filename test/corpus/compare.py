# SPDX-License-Identifier: BSD-2-Clause
"""One program, built with plain clang and with sef-cc, must do the same.

Plain clang decides what a program is worth: what it cannot compile, what fails, hangs or is not
steady without the pass says nothing about the pass and is skipped, with the reason. Everything else
must compile with sef-cc, if asked to under LLVM's verifier after each pass of the pipeline, and
must end with the same status and the same output. Both programs have the same name and run in
folders of their own, so that nothing but the compiler differs.
"""
import os
import re
import resource
import shlex
import shutil
import subprocess
from dataclasses import dataclass, field

# What both compilers get: the options that sef-cc adds, but for the pass and the linking.
COMMON = ["-g", "-gdwarf-4", "-fPIC", "-w"]
VERIFY = ["-Xclang", "-llvm-verify-each"]
NAME = "program"
# What plain clang does not do in this time is no test; the rest is patience with a busy machine.
PLAIN_SECONDS = 10
PLAIN_COMPILE_SECONDS = 60
SEF_SECONDS = 120
SEF_COMPILE_SECONDS = 600
MAX_FILE = 1 << 30
MAX_SHOWN = 3000


@dataclass
class Program:
    """Files to compile together; without run they are only compiled. One of ours must work."""

    name: str
    sources: list
    flags: list = field(default_factory=list)
    libraries: list = field(default_factory=list)
    run: bool = True
    ours: bool = False


@dataclass
class Variant:
    """A level of optimisation, or a way to build that changes what the pass or the linker sees."""

    name: str
    flags: list
    sef_flags: list = field(default_factory=list)


@dataclass
class Outcome:
    """same, skipped (why: a word for the count) or failed (why: what differs)."""

    verdict: str
    why: str = ""
    text: str = ""


def _limits():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_FILE, MAX_FILE))


def _call(command, folder, seconds, output):
    """The status and the output of a command, None for a command that did not end in time."""
    path = os.path.join(folder, output)
    with open(path, "wb") as out:
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=out,
                                   stderr=subprocess.STDOUT, preexec_fn=_limits,
                                   start_new_session=True)
        try:
            status = process.wait(seconds)
        except subprocess.TimeoutExpired:
            status = None
            os.killpg(process.pid, 9)
            process.wait()
    with open(path, "rb") as out:
        return status, out.read()


def _describe(status):
    if status is None:
        return "no end"
    return f"signal {-status}" if status < 0 else f"status {status}"


class Comparison:
    """Compares programs built by one release of clang and by the sef-cc of that release."""

    def __init__(self, clang, sef_cc, verify, folder):
        self.clang = clang
        self.sef_cc = sef_cc
        self.sef_flags = VERIFY if verify else []
        self.folder = folder

    def compare(self, program, variant):
        folder = os.path.join(self.folder, re.sub(r"[^\w.+-]", "_", program.name) + variant.name)
        shutil.rmtree(folder, ignore_errors=True)
        sides = {side: os.path.join(folder, side) for side in ("plain", "sef")}
        for side in sides.values():
            os.makedirs(side)
        outcome = self._compare(program, variant, sides)
        if program.ours and outcome.verdict == "skipped":
            outcome.verdict = "failed"
        if outcome.verdict != "failed":
            shutil.rmtree(folder)
        return outcome

    def _command(self, compiler, program, variant):
        return [compiler, *COMMON, *variant.flags, *program.flags, *program.sources,
                *(["-o", NAME, *program.libraries] if program.run else ["-c", "-o", NAME + ".o"])]

    def _compare(self, program, variant, sides):
        command = self._command(self.clang, program, variant)
        status, log = _call(command, sides["plain"], PLAIN_COMPILE_SECONDS, "log")
        if status != 0:
            return Outcome("skipped", "clang does not compile it", log.decode(errors="replace"))
        expected = None
        if program.run:
            expected = self._run(sides["plain"], PLAIN_SECONDS)
            if expected[0] is None:
                return Outcome("skipped", "it does not end without the pass")
            if expected[0] != 0:
                text = expected[1].decode(errors="replace")
                return Outcome("skipped", "it fails without the pass", text)

        command = (self._command(self.sef_cc, program, variant) + self.sef_flags +
                   variant.sef_flags)
        status, log = _call(command, sides["sef"], SEF_COMPILE_SECONDS, "log")
        if status != 0:
            text = shlex.join(command) + "\n" + log.decode(errors="replace")
            return Outcome("failed", "sef-cc: " + _describe(status), text)
        if not program.run:
            return Outcome("same")
        return self._judge(sides, expected, command)

    def _judge(self, sides, expected, command):
        found = self._run(sides["sef"], SEF_SECONDS)
        if found == expected:
            return Outcome("same")
        if self._run(sides["plain"], PLAIN_SECONDS) != expected:
            return Outcome("skipped", "it is not steady without the pass")
        why = f"{_describe(expected[0])} without the pass, {_describe(found[0])} with it"
        if found[0] == expected[0]:
            why = "the output differs"
        text = "\n".join([shlex.join(command), "in " + sides["sef"],
                          "plain: " + repr(expected[1][-500:]), "sef:   " + repr(found[1][-500:])])
        return Outcome("failed", why, text)

    def _run(self, folder, seconds):
        return _call(["./" + NAME], folder, seconds, "output")
