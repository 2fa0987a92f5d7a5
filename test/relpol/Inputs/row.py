# SPDX-License-Identifier: BSD-2-Clause
"""One row: an update of a service with a client, and what must hold after it.

Whatever becomes of the update: the exit status is what the result says; the service has one process,
its endpoint, its restart counter and its data; a connection that was open in the midst of a request is
still open and the request is served; and the next update succeeds.
"""
import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile

BIN = os.environ["SEF_BIN"]
TREE_OPTIONS = subprocess.run(
    [os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../script/trust-options"), BIN],
    capture_output=True, text=True, check=True).stdout.split()
NUMBERS = range(1, 1001)
PATIENCE = 20


class Row:
    def __init__(self, directory):
        self.socket = os.path.join(directory, "control")
        self.session = None
        self.client_socket = os.path.join(directory, "client")
        notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notify.settimeout(PATIENCE)
        notify.bind(os.path.join(directory, "notify"))
        self.sefd = subprocess.Popen(
            [os.path.join(BIN, "sefd"), "--runtime-dir", os.path.join(directory, "run"),
             "--socket", self.socket, *TREE_OPTIONS],
            env=dict(os.environ, NOTIFY_SOCKET=os.path.join(directory, "notify"),
                     RELPOL_SOCKET=self.client_socket))
        notify.recv(4096)
        notify.close()

    def ctl(self, *words, status=0):
        done = subprocess.run(
            [os.path.join(BIN, "sefctl"), "--socket", self.socket, "--json", *words],
            stdout=subprocess.PIPE, timeout=PATIENCE, check=False,
            env=dict(os.environ, RELPOL_SOCKET=self.client_socket))
        assert done.returncode == status, (words, done.returncode, done.stdout)
        return json.loads(done.stdout)

    def status(self):
        return self.ctl("status", "s")["services"][0]

    def connect(self):
        return connect(self.client_socket)


def connect(path):
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(PATIENCE)
    client.connect(path)
    return client, client.makefile("rb")


def ask(connection, line):
    connection[0].sendall(line + b"\n")
    return connection[1].readline().decode().split()


def processes(session):
    """The processes of a session that have not ended."""
    found = []
    for name in os.listdir("/proc"):
        try:
            if name.isdigit() and os.getsid(int(name)) == session:
                with open("/proc/%s/stat" % name, encoding="utf-8", errors="replace") as file:
                    if file.read().rpartition(")")[2].split()[0] not in "ZX":
                        found.append(int(name))
        except (ProcessLookupError, FileNotFoundError):
            pass
    return found


def image(name):
    return name if name == "self" else os.path.join(BIN, name)


def run(row, args):
    row.ctl("up", "s", os.path.join(BIN, args.start))
    row.session = os.getsid(row.status()["pid"])
    connection = row.connect()
    for n in NUMBERS:
        assert ask(connection, b"add %d" % n) == ["ok"]
    for line in args.before:
        assert ask(connection, line.encode()) == ["ok"]
    before = row.status()
    numbers = [str(len(NUMBERS) + 1), str(sum(NUMBERS) + 77)]
    connection[0].sendall(b"add 7")  # the rest comes after the update

    words = ["update", *args.options, "s"] + ([image(args.image)] if args.image else [])
    reply = row.ctl(*words, status=0 if args.expect == 0 else 1)
    assert reply["result"] == args.expect, reply
    replaced = args.expect == 0 and not args.stays
    connection[0].sendall(b"7\n")
    assert connection[1].readline() == b"ok\n"
    check(row, before, replaced)
    for who in (connection, row.connect()):
        version, pid, endpoint, calls, *rest = ask(who, b"get")
        assert rest == numbers, (rest, numbers)
        assert int(pid) == row.status()["pid"]
        assert int(endpoint) == before["endpoint"]
        assert args.version in (None, version), version
        assert args.calls in (None, calls), calls
    if args.buffer:
        assert " ".join(ask(connection, b"buffer")) == args.buffer

    ask(connection, b"idle")
    row.ctl("update", "s", image("self"))
    assert ask(connection, b"get")[4:] == numbers
    row.ctl("shutdown")
    assert row.sefd.wait(PATIENCE) == 0


def check(row, before, replaced):
    after = row.status()
    for member in ("endpoint", "restarts"):
        assert after[member] == before[member], (member, before, after)
    assert after["state"] == "running"
    assert (after["pid"] != before["pid"]) == replaced
    assert after["updates"] == before["updates"] + replaced
    assert processes(row.session) == [after["pid"]], (processes(row.session), after)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--start", default="relpol-v1", help="what runs before the update")
    parser.add_argument("--image", help="what to update to; none if the options say so")
    parser.add_argument("--expect", type=int, default=0, help="result of the update")
    parser.add_argument("--before", action="append", default=[], help="a request before it")
    parser.add_argument("--stays", action="store_true", help="success replaces nothing")
    parser.add_argument("--version", help="that answers after it")
    parser.add_argument("--calls", help="of the service's own callback")
    parser.add_argument("--buffer", help="what becomes of the init buffer")
    parser.add_argument("options", nargs="*", help="of sefctl update, after --")
    args = parser.parse_args()
    directory = tempfile.mkdtemp(prefix="relpol.")
    row = Row(directory)
    try:
        run(row, args)
    finally:
        row.sefd.kill()
        row.sefd.wait()
        for pid in processes(row.session) if row.session else []:
            os.kill(pid, signal.SIGKILL)
        shutil.rmtree(directory)


if __name__ == "__main__":
    main()
