# SPDX-License-Identifier: BSD-2-Clause
"""Builds a pair and updates it live, as a service of a sefd of its own."""
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time

PATIENCE = 60   # seconds after which an answer is not expected any more
HERE = os.path.dirname(os.path.abspath(__file__))


class Failed(Exception):
    """A pair that failed; `kind` is what a shrunk one must have in common with it."""

    def __init__(self, kind, text):
        super().__init__("%s: %s" % (kind, text.strip()))
        self.kind = kind


class Service:
    """The generated program's end of the line."""

    def __init__(self, path):
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(path)
        self.listener.listen()
        self.listener.settimeout(PATIENCE)
        self.file = self.socket = None

    def accept(self):
        self.socket = self.listener.accept()[0]
        self.socket.settimeout(PATIENCE)
        self.file = self.socket.makefile("r")

    def line(self):
        try:
            return self.file.readline().rstrip("\n")
        except (TimeoutError, ConnectionError):
            return ""

    def await_version(self, version):
        got = self.line()
        if got != "ready %d" % version:
            raise Failed("no start", "version %d said '%s'" % (version, got))

    def ask(self, letter, kind):
        """Have the service check or use its state; it must find nothing wrong."""
        bad = []
        try:
            self.socket.sendall(letter)
        except OSError:
            pass
        while True:
            line = self.line()
            if line == "done":
                break
            if not line.startswith("bad "):
                raise Failed(kind + " ended", "\n".join(bad) or "the service is gone")
            bad.append(line[4:])
        if bad:
            raise Failed(kind, "\n".join(bad[:20]))

    def close(self):
        self.listener.close()
        if self.socket:
            self.file.close()
            self.socket.close()


class Worker:
    """A sefd and what it takes to run pairs, one after the other."""

    def __init__(self, bin_dir, include):
        self.bin, self.include = bin_dir, include
        self.dir = tempfile.mkdtemp(prefix="sef-gen.")
        self.support = {}
        self.labels = 0
        self.log = open(os.path.join(self.dir, "sefd.log"), "wb")
        self.sefd = subprocess.Popen(
            [os.path.join(bin_dir, "sefd"), "--runtime-dir", os.path.join(self.dir, "run"),
             "--allow-writable-images"],  # wherever pairs are kept
            stderr=self.log, stdout=self.log)
        self.control = os.path.join(self.dir, "run", "control")
        for _ in range(2000):
            if os.path.exists(self.control):
                return
            time.sleep(0.01)
        raise RuntimeError("sefd does not start")

    def close(self):
        self.sefd.terminate()
        self.sefd.wait()
        self.log.close()
        shutil.rmtree(self.dir, ignore_errors=True)

    def ctl(self, *words):
        done = subprocess.run(
            [os.path.join(self.bin, "sefctl"), "--socket", self.control, *words],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE, check=False)
        return done.returncode, done.stdout.decode(errors="replace")

    # -- building

    def compile(self, words):
        done = subprocess.run([os.path.join(self.bin, "sef-cc"), "-w", "-I", HERE,
                               "-I", self.include, *words],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if done.returncode:
            raise Failed("build", done.stdout.decode(errors="replace"))

    def support_object(self, level):
        if level not in self.support:
            path = os.path.join(self.dir, "support%s.o" % level)
            self.compile([level, "-D_GNU_SOURCE", "-c", os.path.join(HERE, "support.c"), "-o", path])
            self.support[level] = path
        return self.support[level]

    def build(self, pair, directory):
        images = []
        for version, (files, flags) in enumerate(zip(pair.files, pair.flags), 1):
            folder = os.path.join(directory, "v%d" % version)
            image = os.path.join(directory, "image%d" % version)
            self.compile([*flags, "-D_GNU_SOURCE", self.support_object(flags[0]), "-o", image] + [
                os.path.join(folder, name) for name in sorted(files) if name.endswith(".c")])
            images.append(image)
        return images

    # -- running

    def run(self, pair, directory):
        """Raises Failed unless the update does what it must."""
        pair.write(directory)
        images = self.build(pair, directory)
        self.labels += 1
        label = "p%d" % self.labels
        path = os.path.join(self.dir, label)
        service = Service(path)
        try:
            status, text = self.ctl("up", label, "--", images[0], path)
            if status:
                raise Failed("up", text + self.end_of_log())
            service.accept()
            service.await_version(1)
            service.ask(b"c", "version 1's own check")
            if pair.refusal is None:
                self.update(pair, service, label, images[1])
            else:
                self.refused(pair, service, label, images[1])
            service.ask(b"x", "use")
        finally:
            self.ctl("down", label)
            service.close()
            os.unlink(path)

    def update(self, pair, service, label, image):
        for _ in range(2 if pair.twice else 1):
            status, text = self.ctl("update", *(["--verify"] if pair.verify else []), label, image)
            if status:
                raise Failed("refused (%s)" % shape(text), text)
            service.await_version(2)
            service.ask(b"c", "state")

    def refused(self, pair, service, label, image):
        status, text = self.ctl("update", label, image)
        if status == 0:
            raise Failed("not refused", text)
        if status != 1:
            raise Failed("refused with %d" % status, text)
        for pattern in pair.refusal:
            if not re.search(pattern, text):
                raise Failed("message", "no '%s' in: %s" % (pattern, text))
        service.ask(b"c", "state after a refusal")

    def end_of_log(self):
        self.log.flush()
        with open(self.log.name, "rb") as file:
            return file.read()[-500:].decode(errors="replace")


def shape(text):
    """An error without the names and numbers in it, to tell one failure from another."""
    match = re.search(r"rolled back: (.*)", text)
    said = match.group(1).rsplit(": ", 1)[-1] if match else text
    return re.sub(r"\b0x\w+|[\d.]+|\b\w*_\w*\b", "_", said)[:120]
