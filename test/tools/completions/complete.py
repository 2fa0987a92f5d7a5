# SPDX-License-Identifier: BSD-2-Clause
"""Completion knows every command, and every option that --help lists."""
import os
import re
import shutil
import subprocess
import unittest

BIN = os.environ["SEF_BIN"]
FILES = os.environ["SEF_COMPLETIONS"]

# Completes the words that follow and prints what there is, one a line.
BASH = """
. "$1/sef.bash"
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
$(complete -p "$1" | sed 's/.* -F \\([^ ]*\\) .*/\\1/') "$1"
printf '%s\\n' "${COMPREPLY[@]}"
"""
# zsh's own functions are there in a completion only: these print what they are asked to offer.
ZSH = """
_files() { : }
_describe() {
    local word
    for word in "$@"; do
        case $word in
        plain|valued|found) print -l -- "${(@)${(P@)word}%%:*}" ;;
        esac
    done
}
file=$1/_sef
shift
service=$1 words=("$@") CURRENT=$#
. $file
"""


def options_of(*command):
    """The options of a help text, "--name" or "--name=", each in the first column or after "-x, "."""
    text = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    found = re.findall(r"^ +(?:-., )?(--[a-z-]+)(=?)", text, re.M)
    return {name + equals for name, equals in found}


def commands():
    text = subprocess.run([os.path.join(BIN, "sefctl"), "--help"], capture_output=True, text=True,
                          timeout=60, check=True).stdout
    return [name.split()[0] for names in re.findall(r"^  ([a-z].*?)  ", text, re.M)
            for name in names.split(", ")]


class Shell:
    """One test a shell, by inheritance."""

    shell = script = None

    def complete(self, *words):
        done = subprocess.run([self.shell, "-c", self.script, self.shell, FILES, *words],
                              capture_output=True, text=True, timeout=60, check=False,
                              env=dict(os.environ, PATH=BIN + os.pathsep + os.environ["PATH"]))
        self.assertEqual(done.stderr, "", words)
        return set(done.stdout.split())

    def test_options(self):
        for program in ("sefctl", "sefd", "sefdump"):
            options = options_of(os.path.join(BIN, program), "--help")
            self.assertGreater(len(options), 4)
            self.assertEqual(self.complete(program, "--"), options, program)
        self.assertEqual(self.complete("sef-cc", "--sef"),
                         options_of(os.path.join(BIN, "sef-cc"), "--sef-help"))

    def test_commands(self):
        self.assertIn("rerandomize", commands())
        self.assertEqual(self.complete("sefctl", ""), set(commands()))

    def test_options_of_commands(self):
        for command in commands():
            options = options_of(os.path.join(BIN, "sefctl"), command, "--help")
            self.assertEqual(self.complete("sefctl", command, "--"), options, command)


class Bash(Shell, unittest.TestCase):
    shell, script = "bash", BASH

    def test_what_was_typed_narrows(self):
        self.assertEqual(self.complete("sefctl", "update", "--reh"), {"--rehearse"})
        self.assertEqual(self.complete("sefctl", "-s", "up", "upd"),
                         {c for c in commands() if c.startswith("upd")})
        self.assertIn("-fsanitize=", {o[:11] for o in self.complete("sef-cc", "-fsanitize")})


@unittest.skipUnless(shutil.which("zsh"), "zsh is not installed")
class Zsh(Shell, unittest.TestCase):
    shell, script = "zsh", ZSH


if __name__ == "__main__":
    unittest.main()
