# SPDX-License-Identifier: BSD-2-Clause
"""What /proc tells about the processes of a campaign, which are all descendants of this one."""
import ctypes
import os
import signal

PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans():
    """Become the parent of those whose parent ends, as the first process of a system is."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def children(pid):
    try:
        with open("/proc/%d/task/%d/children" % (pid, pid), encoding="ascii") as file:
            return [int(word) for word in file.read().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def descendants(pid):
    found = []
    for child in children(pid):
        found += [child] + descendants(child)
    return found


def stat(pid):
    """(state, session), or (None, None) of a process that is not there."""
    try:
        with open("/proc/%d/stat" % pid, encoding="ascii", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None, None
    return fields[0], int(fields[3])


def lives(pid):
    return stat(pid)[0] not in (None, "Z", "X")


def send(pid, signo):
    """False if it is not there any more."""
    try:
        os.kill(pid, signo)
        return True
    except ProcessLookupError:
        return False


def kill_all():
    """End all descendants, including those that they fork meanwhile."""
    while True:
        pids = descendants(os.getpid())
        if not pids:
            return
        for pid in pids:
            send(pid, signal.SIGKILL)
        try:
            while os.waitpid(-1, 0):
                pass
        except ChildProcessError:
            pass


def describe(pid):
    try:
        with open("/proc/%d/cmdline" % pid, encoding="utf8", errors="replace") as file:
            words = file.read().replace("\0", " ").strip()
    except OSError:
        words = ""
    return "%d (%s, session %s) %s" % (pid, *stat(pid), words[:80])


def descriptors(pid):
    """What each descriptor is open to."""
    found = {}
    try:
        for name in os.listdir("/proc/%d/fd" % pid):
            try:
                found[int(name)] = os.readlink("/proc/%d/fd/%s" % (pid, name))
            except FileNotFoundError:
                pass
    except (FileNotFoundError, ProcessLookupError):
        pass
    return found


def memory(pid):
    """(resident bytes, number of mappings)"""
    with open("/proc/%d/statm" % pid, encoding="ascii") as file:
        resident = int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")
    with open("/proc/%d/maps" % pid, "rb") as file:
        return resident, sum(1 for _ in file)
