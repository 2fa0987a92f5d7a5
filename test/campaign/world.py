# SPDX-License-Identifier: BSD-2-Clause
"""A sefd with its services and their clients."""
import os
import shutil
import socket
import stat
import subprocess
import tempfile

from . import processes
from .control import Request
from .load import Client, Flow, Talk
from .loop import Loop, Missed

TRUST_OPTIONS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../script/trust-options")
CLIENTS = 3
LABELS = ("kvd", "a", "b")


class Service:
    """What is known of a service before an operation."""

    def __init__(self, label, status):
        self.label = label
        self.pid = status["pid"]
        self.endpoint = status["endpoint"]
        self.image = status["image"]
        self.restarts = status["restarts"]
        self.updates = status["updates"]
        self.session = processes.stat(self.pid)[1]


class World:
    def __init__(self, programs, rng):
        self.bin = programs
        self.rng = rng
        self.loop = Loop()
        self.directory = tempfile.mkdtemp(prefix="sef-campaign.")
        self.runtime = os.path.join(self.directory, "runtime")
        self.control = os.path.join(self.runtime, "control")
        self.mode_file = os.path.join(self.directory, "mode")
        self.tree_options = subprocess.run([TRUST_OPTIONS, programs], capture_output=True, text=True,
                                           check=True).stdout.split()
        self.log = os.path.join(self.directory, "sefd.log")
        self.log_fd = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self.kvd_path = os.path.join(self.directory, "kvd")
        self.clients = [Client(self.loop, self.kvd_path, "c%d" % i, rng) for i in range(CLIENTS)]
        self.flow = Flow(self.loop, *(Talk(self.loop, os.path.join(self.directory, label))
                                      for label in ("a", "b")))
        self.sefd = None
        self.services = {}
        self.fault_mode("ok")

    def start(self):
        self.start_sefd()
        for label in LABELS:
            self.up(label)
        self.know()
        self.open_clients()
        self.open_flow()

    def image(self, name):
        return os.path.join(self.bin, name)

    # ---- sefd ----------------------------------------------------------------------------

    def start_sefd(self):
        path = os.path.join(self.directory, "notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(path)
            notify.setblocking(False)
            self.sefd = self.loop.run(
                [self.image("sefd"), "--runtime-dir", self.runtime, "--verbose", "--stop-timeout", "500ms",
                 "--restart-period", "1ms", "--crash-window", "1ms", *self.tree_options],
                env=dict(os.environ, NOTIFY_SOCKET=path, KVD_V3_MODE_FILE=self.mode_file),
                out=self.log_fd, err=self.log_fd)
            try:
                self.loop.until(lambda: self._is_ready(notify), "sefd is ready")
            finally:
                os.unlink(path)

    def _is_ready(self, notify):
        if self.sefd in self.loop.statuses:
            raise Missed("sefd ended with status %d" % self.loop.statuses[self.sefd])
        try:
            return b"READY=1" in notify.recv(4096)
        except BlockingIOError:
            return False

    def request(self, command, **members):
        """A request and its final reply."""
        request = Request(self, command, **members)
        self.loop.until(lambda: request.over, "sefd answers to %s" % command)
        if not request.final:
            raise Missed("sefd gave no reply to %s" % command)
        return request.final

    def log_from(self, offset):
        with open(self.log, "rb") as file:
            file.seek(offset)
            return file.read().decode(errors="replace")

    def log_size(self):
        return os.fstat(self.log_fd).st_size

    # ---- Services ------------------------------------------------------------------------

    def up(self, label):
        settings = {"RestartPolicy": "restart", "TimeoutStartSec": "2s"}
        if label == "kvd":
            image = self.image("kvd-v1")
            args = [image, "--port", "-1", "--unixsocket", self.kvd_path]
            settings["Variants"] = " ".join(self.image("kvd-v1-asr%d" % i) for i in (1, 2, 3))
        else:
            image = self.image("talk-v1")
            args = [image, os.path.join(self.directory, label)]
        reply = self.request("up", label=label, image=image, args=args, cwd="/", settings=settings,
                             env=["KVD_V3_MODE_FILE=" + self.mode_file])
        if reply["result"] != 0:
            raise Missed("%s does not come up: %r" % (label, reply))

    def status(self):
        return {service["label"]: service for service in self.request("status")["services"]}

    def know(self):
        """Note what runs."""
        self.services = {label: Service(label, status) for label, status in self.status().items()}

    def fault_mode(self, word):
        """What an update with version 3 of kvd does: see examples/kvd/v3/faults.c."""
        with open(self.mode_file, "w", encoding="ascii") as file:
            file.write(word + "\n")

    def new_pids(self, label):
        """Processes of a service besides its instance."""
        service = self.services[label]
        return [pid for pid in processes.descendants(os.getpid())
                if pid != service.pid and processes.stat(pid)[1] == service.session and processes.lives(pid)]

    # ---- Clients -------------------------------------------------------------------------

    def open_clients(self):
        for client in self.clients:
            client.open()
            for _ in range(30):
                client.next()
                self.loop.until(lambda c=client: c.error or not c.expected, "kvd answers")

    def open_flow(self):
        self.flow.open(self.services["b"].endpoint)

    def start_load(self, mode):
        for client in self.clients:
            client.start()
        self.flow.start(mode)

    def close(self, keep=None):
        for client in self.clients:
            client.close()
        for talk in (self.flow.source, self.flow.sink):
            talk.close()
        processes.kill_all()
        os.close(self.log_fd)
        for key in list(self.loop.selector.get_map().values()):
            self.loop.remove(key.fileobj)
        if keep:
            shutil.copytree(self.directory, keep, dirs_exist_ok=True,
                            ignore=lambda folder, names: [n for n in names if not is_plain(folder, n)])
        shutil.rmtree(self.directory, ignore_errors=True)


def is_plain(folder, name):
    mode = os.lstat(os.path.join(folder, name)).st_mode
    return stat.S_ISREG(mode) or stat.S_ISDIR(mode)
