# SPDX-License-Identifier: BSD-2-Clause
"""Where the programs of the corpus come from.

The own ones are in programs/, generate.py makes random ones, csmith makes random ones of another
kind, and the source package of gcc 12 holds gcc's execution tests. Nothing of the last two is in
this tree: the programs are made or unpacked in the build folder when they are asked for.
"""
import os
import re
import shutil
import subprocess

import generate
from compare import Program

HERE = os.path.dirname(os.path.abspath(__file__))
GCC_TARBALL = "/usr/src/gcc-12/gcc-12.2.0-dfsg.tar.xz"
GCC_TESTS = "gcc-12.2.0/gcc/testsuite"
LIBRARIES = ["-lm", "-pthread", "-ldl"]
# gcc 12 takes as warnings what clang takes as errors.
LENIENT = ["-Wno-error=implicit-int", "-Wno-error=implicit-function-declaration",
           "-Wno-error=int-conversion", "-Wno-error=incompatible-function-pointer-types",
           "-Wno-error=return-type", "-Wno-error=return-mismatch"]
# Options of a gcc test that change what it means; the others choose gcc's own passes.
MEANT = re.compile(r"-(std=.*|D(?!EXPENSIVE).*|m(?!no-mmx).*|pthread|"
                   r"f(no-)?(common|wrapv|gnu89-inline|exceptions|non-call-exceptions|short-enums|"
                   r"(un)?signed-char|trapv|builtin.*|short-wchar|instrument-functions|"
                   r"strict-aliasing|fast-math|math-errno|pack-struct.*|tls-model.*|"
                   r"omit-frame-pointer|inline.*|stack-protector.*|ms-extensions))$")
# Folders under gcc.dg whose tests mean something to another compiler.
DG_FOLDERS = [".", "torture", "torture/tls", "torture/stackalign", "tls", "atomic", "ipa",
              "tree-ssa", "cpp", "special"]


def own():
    """The hand-written programs."""
    folder = os.path.join(HERE, "programs")
    for name in sorted(os.listdir(folder)):
        if name.endswith(".c"):
            path = os.path.join(folder, name)
            yield Program("own/" + name[:-2], [path], _flags_asked_for(path), LIBRARIES,
                          ours=True)


def _flags_asked_for(path):
    """The options that a program asks for in a line "// FLAGS: ..."."""
    with open(path, encoding="utf-8") as file:
        match = re.search(r"^// FLAGS: (.*)$", file.read(), re.MULTILINE)
    return ["-D_GNU_SOURCE", *(match.group(1).split() if match else [])]


def generated(count, seed, folder):
    """Random programs of generate.py."""
    os.makedirs(folder, exist_ok=True)
    for number in range(seed, seed + count):
        path = os.path.join(folder, f"generated-{number}.c")
        with open(path, "w", encoding="utf-8") as file:
            file.write(generate.program(number))
        yield Program(f"generated/{number}", [path], [], LIBRARIES, ours=True)


def csmith(count, seed, folder):
    """Random programs of csmith, which print a checksum of their variables."""
    os.makedirs(folder, exist_ok=True)
    for number in range(seed, seed + count):
        path = os.path.join(folder, f"csmith-{number}.c")
        # The log that csmith leaves behind goes to the folder it is called in.
        subprocess.run(["csmith", "--seed", str(number), "--output", path], cwd=folder, check=True)
        yield Program(f"csmith/{number}", [path], ["-I/usr/include/csmith"], LIBRARIES)


def _unpack_gcc(folder):
    tests = os.path.join(folder, GCC_TESTS)
    if not os.path.exists(os.path.join(folder, "unpacked")):
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        subprocess.run(["tar", "-xJf", GCC_TARBALL, "-C", folder, GCC_TESTS + "/gcc.c-torture",
                        GCC_TESTS + "/gcc.dg", GCC_TESTS + "/c-c++-common"], check=True)
        open(os.path.join(folder, "unpacked"), "w", encoding="utf-8").close()
    return tests


def _c_files(folder):
    return [os.path.join(folder, f) for f in sorted(os.listdir(folder)) if f.endswith(".c")]


def _directives(path):
    with open(path, encoding="latin-1") as file:
        return file.read()


def _options(text):
    words = []
    for directive in re.findall(r'dg-(?:additional-)?options\s+"([^"]*)"', text):
        words += [word for word in directive.split() if MEANT.match(word)]
    return words


def torture(folder):
    """gcc's execution tests: they call abort() when something is wrong."""
    tests = _unpack_gcc(folder)
    execute = os.path.join(tests, "gcc.c-torture/execute")
    for path in _c_files(execute) + _c_files(execute + "/ieee"):
        yield Program(os.path.relpath(path, tests), [path], LENIENT + _options(_directives(path)),
                      LIBRARIES)
    yield from _torture_builtins(tests, execute + "/builtins")
    for sub in DG_FOLDERS:
        yield from _torture_dg(tests, os.path.normpath(os.path.join(tests, "gcc.dg", sub)))
    yield from _torture_dg(tests, tests + "/c-c++-common/torture")


def _torture_builtins(tests, folder):
    """Programs that define functions of the C library themselves."""
    for path in _c_files(folder):
        library = path[:-2] + "-lib.c"
        if os.path.exists(library):
            yield Program(os.path.relpath(path, tests), [path, library, folder + "/lib/main.c"],
                          LENIENT + _options(_directives(path)), LIBRARIES)


def _torture_dg(tests, folder):
    for path in _c_files(folder):
        text = _directives(path)
        if not re.search(r"dg-do\s+run", text):
            continue
        extra = re.search(r'dg-additional-sources\s+"([^"]*)"', text)
        more = [os.path.join(folder, name) for name in extra.group(1).split()] if extra else []
        yield Program(os.path.relpath(path, tests), [path, *more], LENIENT + _options(text),
                      LIBRARIES)


def compile_only(folder):
    """gcc's compilation tests: odd code that must not upset the pass."""
    tests = _unpack_gcc(folder)
    for path in _c_files(os.path.join(tests, "gcc.c-torture/compile")):
        yield Program(os.path.relpath(path, tests), [path], LENIENT + _options(_directives(path)),
                      run=False)
