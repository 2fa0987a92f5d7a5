# SPDX-License-Identifier: BSD-2-Clause
"""Who may do what, and with which files (docs/security.md): each test tries to do what it may not."""
import json
import os
import shutil
import socket
import struct
import subprocess
import unittest

from harness import BIN, FAKE, GOOD, Daemon, DaemonTest, kill
from users import MEMBERS, OWNER, STRANGER, Guest, as_user

Daemon.tree_options = []  # images are copied to where they are trusted
EACCES, EAGAIN, EEXIST, EINVAL, EISDIR, ENOENT, EPERM = 13, 11, 17, 22, 21, 2, 1
MASTERS = "only root and the user that runs sefd may do this"


class Security(DaemonTest):
    """Service "s" belongs to a user, service "r" to root, and everybody may connect."""
    more = ("--socket-mode", "666")
    lines = ()

    def setUp(self):
        if os.geteuid() != 0:
            self.skipTest("needs root to become another user")
        super().setUp()
        self.daemon.close()
        os.chmod(self.directory, 0o755)
        self.units, self.image, self.good = (
            os.path.join(self.directory, name) for name in ("units", "fake", "good.so"))
        os.mkdir(self.units)
        shutil.copy(FAKE, self.image)
        shutil.copy(GOOD, self.good)
        owner = "Owner=%s:%s" % (OWNER.pw_name, "users")
        self.unit("s", "ExecStart=%s" % self.image, owner, *self.lines)
        self.unit("r", "ExecStart=%s" % self.image)
        self.start()

    def unit(self, label, *lines):
        with open(os.path.join(self.units, label + ".service"), "w", encoding="ascii") as file:
            file.write("\n".join(("[Service]", "Start=yes", *lines, "")))

    def start(self, *options, **kwargs):
        self.daemon = Daemon(self.directory, "--units-dir", self.units, *self.options, *self.more, *options,
                             **kwargs)
        for label in ("s", "r"):
            self.daemon.wait_log("%s: up, process" % label)
        self.owner = Guest(self.daemon.socket, OWNER.pw_uid, OWNER.pw_gid)
        self.member = Guest(self.daemon.socket, STRANGER, groups=[MEMBERS])
        self.stranger = Guest(self.daemon.socket, STRANGER)

    def make(self, name, mode=0o755, uid=0, gid=0, like=GOOD):
        """A file in the directory of the test."""
        path = os.path.join(self.directory, name)
        shutil.copy(like, path)
        os.chown(path, uid, gid)
        os.chmod(path, mode)
        return path

    def refused(self, reply, result=EPERM, text=None):
        self.assertEqual(reply["result"], result, reply)
        if text:
            self.assertEqual(reply["text"], text)

    def allowed(self, reply):
        self.assertEqual(reply["result"], 0, reply)
        return reply

    def state(self, label="s"):
        return self.daemon.service(label)["state"]


class Requests(Security):
    """What others than root may ask for."""

    def test_of_a_stranger(self):
        owner = "only root and the user that runs sefd, and its owner, user %d and group %d, may control it" % (
            OWNER.pw_uid, MEMBERS)
        master = "only root and the user that runs sefd may control it"
        for command, members in self.everything():
            for label, text in (("s", owner), ("r", master)):
                self.refused(self.stranger.request(command, label=label, **members), text=text)
        for command, members in self.for_masters():
            self.refused(self.stranger.request(command, **members), text=MASTERS)
        self.refused(self.stranger.request("status", label="t"), ENOENT)
        self.daemon.wait_log("refused a request of user %d$" % STRANGER)
        self.assertEqual((self.state(), self.state("r")), ("running", "running"))

    def everything(self):
        return (("down", {}), ("refresh", {}), ("restart", {}), ("clone", {}), ("unclone", {}),
                ("edit", {"settings": {"Restart": "no"}}), ("fi", {}), ("rerandomize", {}),
                ("update", {"image": self.good}), ("update", {"self": True}), ("upd_stop", {}), ("up", {}),
                ("run", {}))

    def for_masters(self):
        return (("reload", {}), ("shutdown", {}), ("upd_run", {}), ("upd_stop", {}),
                ("up", {"label": "t", "image": self.image, "args": ["t"]}),
                ("run", {"label": "t", "image": self.image, "args": ["t"]}),
                ("update", {"label": "sefd", "image": "/bin/true"}))

    def test_of_an_owner(self):
        """All with the own service, nothing with another one or with the daemon."""
        for guest in (self.owner, self.member):
            self.allowed(guest.request("refresh", label="s"))
            self.allowed(guest.update("s", self.good))
            self.allowed(guest.update("s", self.good, rehearse=True))
            self.allowed(guest.request("update", label="s", self=True))
            self.allowed(guest.request("edit", label="s", settings={"HeartbeatSec": "9"}))
            self.allowed(guest.request("clone", label="s"))
            self.allowed(guest.request("unclone", label="s"))
            self.refused(guest.request("upd_stop", label="s"), ENOENT)
            self.refused(guest.request("rerandomize", label="s"), EINVAL)
            self.allowed(guest.request("down", label="s"))
            self.allowed(guest.request("up", label="s"))
            for command, members in self.everything():
                self.refused(guest.request(command, label="r", **members))
            for command, members in self.for_masters():
                self.refused(guest.request(command, **members), text=MASTERS)
            self.refused(guest.request("up", label="s", image=self.image, args=["s"]), text=MASTERS)
            self.refused(guest.update("s", self.good, batch=True), text=MASTERS)
        self.allowed(self.owner.request("fi", label="s"))

    def test_status_of_others(self):
        """Where things are in a service's memory, and how it is set up, is for those who control it."""
        self.allowed(self.daemon.request("update", label="s", image=self.good))
        closed = {"settings", "last_update", "last_crash", "policy"}
        for label in ("s", "r"):
            whole = self.daemon.request("status", label=label)["services"][0]
            part = self.stranger.request("status", label=label)["services"][0]
            self.assertLessEqual(set(part), set(whole) - closed)
            self.assertEqual(part["state"], "running")
        self.assertIn("last_update", self.owner.request("status", label="s")["services"][0])
        self.assertNotIn("settings", self.owner.request("status", label="r")["services"][0])
        self.assertEqual(len(self.stranger.request("status")["services"]), 2)
        self.allowed(self.stranger.request("upd_status"))

    def test_member_of_an_update_of_several(self):
        """An owner does not stop the updates of others by way of his own."""
        self.allowed(self.daemon.request("update", label="s", image=self.good, batch=True, state=5))
        self.allowed(self.daemon.request("update", label="r", image=self.good, batch=True, state=5))
        run = self.daemon.begin("upd_run")
        while self.state() != "updating":
            pass
        self.refused(self.owner.request("upd_stop", label="s"), text=MASTERS)
        self.allowed(self.daemon.request("upd_stop", label="s"))
        run.final()

    def test_label_that_another_one_left(self):
        """A service that has ended is still its owner's."""
        self.allowed(self.daemon.request("down", label="s"))
        self.allowed(self.daemon.request("up", label="s", image=self.image, args=["s", "idle-exit"]))
        self.daemon.wait_log("s: process .* exited with status 7")
        self.refused(self.owner.request("up", label="s"))

    def test_owner_of_another_time(self):
        """Who is the owner is what the unit file says now, and survives the daemon."""
        self.unit("s", "ExecStart=%s" % self.image)
        self.allowed(self.daemon.request("reload"))
        self.refused(self.owner.request("down", label="s"))
        self.unit("s", "ExecStart=%s" % self.image, "Owner=%s" % OWNER.pw_name)
        self.allowed(self.daemon.request("reload"))
        self.refused(self.member.request("down", label="s"))
        self.daemon.kill()
        self.daemon = Daemon(self.directory, "--units-dir", self.directory + "/none", *self.options, *self.more)
        self.refused(self.stranger.request("down", label="s"))
        self.allowed(self.owner.request("down", label="s"))

    def test_daemon_of_another_user(self):
        """It is not told the environment of who asks, which it would not use."""
        there = os.path.join(self.directory, "there")
        os.mkdir(there)
        os.chown(there, STRANGER, STRANGER)

        def listening():
            end = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            end.bind(there + "/control")
            end.listen()
            return end.detach()

        for uid, told in ((STRANGER, False), (0, True)):
            with socket.socket(fileno=as_user(uid, listening)) as listener:
                ctl = subprocess.Popen([os.path.join(BIN, "sefctl"), "-s", there + "/control", "up", "t", FAKE],
                                       stderr=subprocess.DEVNULL, env={"SECRET": "1"})
                end = listener.accept()[0]
            with end, end.makefile("rb") as file:
                request = json.loads(file.read(struct.unpack("<I", file.read(4))[0]))
            self.assertEqual(ctl.wait(), 3)
            self.assertEqual((request["label"], "env" in request, "cwd" in request), ("t", told, told))
            os.unlink(there + "/control")

    # ---- The socket ----------------------------------------------------------------------

    def test_default_mode(self):
        self.daemon.close()
        self.more = ()
        self.start()
        os.chmod(self.daemon.runtime, 0o755)
        for guest in (self.owner, self.stranger):
            self.assertRaises(PermissionError, guest.connect)

    def test_group(self):
        self.daemon.close()
        self.more = ("--socket-group", "users")
        self.start()
        self.assertEqual(os.stat(self.daemon.socket).st_mode & 0o777, 0o660)
        self.assertEqual(os.stat(self.daemon.runtime).st_mode & 0o777, 0o711)
        self.allowed(self.member.request("down", label="s"))
        self.assertRaises(PermissionError, self.owner.connect)
        self.allowed(self.daemon.request("down", label="r"))
        self.assertEqual(self.daemon.request("status")["services"], [])  # and their records are removed
        for name in set(os.listdir(self.daemon.runtime)) - {"control"}:
            self.assertEqual(os.stat(os.path.join(self.daemon.runtime, name)).st_mode & 0o077, 0, name)
        self.daemon.kill()
        os.chmod(self.daemon.runtime, 0o700)
        self.start("--socket-mode", "600")
        self.assertRaises(PermissionError, self.member.connect)

    def test_connections_of_others(self):
        """However many a user has, root gets through, also who is slow."""
        slow = self.daemon.connect()
        slow.socket.sendall(b"\x20")
        others = [Guest(self.daemon.socket, STRANGER + i).connect() for i in range(10) for _ in range(12)]
        self.allowed(self.daemon.request("status"))
        payload = b'{"version":1,"command":"status"}'
        slow.socket.sendall(struct.pack("<I", len(payload))[1:] + payload)
        self.allowed(slow.final())
        for connection in others:
            connection.close()

    def test_requests_of_one_user(self):
        """Requests that wait have no more than eight places of one user."""
        waiting = []
        for _ in range(8):
            connection = self.owner.connect()
            waiting.append(connection)
        fd = self.owner.open(self.good)
        waiting[0].send_files({"version": 1, "command": "update", "label": "s", "image": self.good, "state": 5},
                              [fd])
        os.close(fd)
        waiting[0].await_phase("prepare")
        more = [self.owner.connect() for _ in range(20)]
        self.allowed(self.stranger.request("status"))
        self.allowed(self.daemon.request("upd_stop"))
        self.assertEqual(waiting[0].final()["result"], 4)
        for connection in waiting + more:
            connection.close()


class Descriptors(Security):
    """Files that are sent along."""

    def count(self):
        return len(os.listdir("/proc/%d/fd" % self.daemon.process.pid))

    def test_of_a_stranger(self):
        """Not one is taken."""
        before = self.count()
        connections = []
        with open("/dev/null", "rb") as null:
            for _ in range(5):
                connection = self.stranger.connect()
                connection.send_files({"version": 1, "command": "status"}, [null.fileno()] * 200)
                connections.append(connection)
                self.allowed(self.stranger.request("status", files=[null.fileno()] * 10))
            for connection in connections:
                self.allowed(connection.final())
        while self.count() > before:
            self.allowed(self.daemon.request("status"))

    def test_many(self):
        """One is taken of all, and goes with the request."""
        before = self.count()
        with open("/dev/null", "rb") as null:
            connection = self.daemon.connect()
            for byte in struct.pack("<I", 30):
                socket.send_fds(connection.socket, [bytes([byte])], [null.fileno()] * 250)
            self.allowed(self.daemon.request("status"))
            self.assertLessEqual(self.count(), before + 2)
            connection.close()
        while self.count() > before:
            self.allowed(self.daemon.request("status"))

    def test_that_cannot_be_read(self):
        path = self.make("own.so", uid=OWNER.pw_uid, gid=OWNER.pw_gid)
        os.mkfifo(os.path.join(self.directory, "fifo"), 0o666)
        ends = socket.socketpair()
        self.addCleanup(lambda: [end.close() for end in ends])
        for fd, result in ((self.owner.open(path, os.O_PATH), EACCES), (self.owner.open(path, os.O_WRONLY), EACCES),
                           (self.owner.open(self.directory), EISDIR), (self.owner.open("/dev/null"), EINVAL),
                           (os.dup(ends[0].fileno()), EINVAL),
                           (self.owner.open(self.directory + "/fifo"), EINVAL),
                           (self.owner.open(self.good), EACCES)):
            for guest in (self.owner, Guest(self.daemon.socket, 0)):
                if guest.uid == 0 and result == EACCES:
                    continue
                reply = guest.request("update", files=[fd], label="s", image=path)
                self.assertIn(reply["result"], (result, EACCES), reply)
            os.close(fd)
        self.assert_not_updated()

    def assert_not_updated(self):
        self.assertEqual(self.daemon.service()["updates"], 0)

    def test_position_is_not_used(self):
        """It is shared with who sent the file."""
        path = self.make("own.so", uid=OWNER.pw_uid, gid=OWNER.pw_gid)
        fd = self.owner.open(path)
        os.lseek(fd, 5000, os.SEEK_SET)
        self.allowed(self.owner.request("update", files=[fd], label="s", image=path))
        os.close(fd)

    def test_file_of_another_name(self):
        """What later starts run is what was sent, or nothing."""
        own = self.make("own.so", uid=OWNER.pw_uid, gid=OWNER.pw_gid)
        secret = self.make("secret", mode=0o700, like=FAKE)
        fd = self.owner.open(own)
        reply = self.owner.request("update", files=[fd], label="s", image=secret)
        self.refused(reply, EACCES, "refused before the service was disturbed: cannot read %s: is closed to the "
                     "owner of the service" % secret)
        reply = self.owner.request("update", files=[fd], label="s", image=self.good)
        self.refused(reply, EACCES, "refused before the service was disturbed: cannot read %s: is not the file "
                     "that was sent" % self.good)
        os.close(fd)
        for explain in (False, True):
            self.refused(self.owner.request("update", label="s", image=secret, explain=explain), EACCES,
                         'member "image" names a file that was not sent along, open for reading')
        self.assert_not_updated()

    def test_path_without_a_right(self):
        """What is in a directory that the owner may not enter stays unknown to him."""
        os.mkdir(os.path.join(self.directory, "closed"), 0o700)
        there, own = self.make("closed/there.so"), self.make("own.so", uid=OWNER.pw_uid)
        fd = self.owner.open(own)
        texts = {self.owner.request("update", files=[fd], label="s", image=path)["text"].replace(path, "")
                 for path in (there, os.path.join(self.directory, "closed", "nothing"))}
        os.close(fd)
        self.assertEqual({text.replace("there.so", "").replace("nothing", "") for text in texts}, {
            "refused before the service was disturbed: cannot read : the directory of  is closed to the owner of "
            "the service"})


class Images(Security):
    """What programs must be like."""
    lines = ("RestartPolicy=reset",)

    def assert_not_run(self, image, text="belongs to another user, or others may write to it", result=EPERM):
        """Neither started nor updated to."""
        reply = self.daemon.request("up", label="t", image=image, args=["t"])
        self.refused(reply, result, "cannot execute %s: %s" % (image, text))
        reply = self.daemon.request("update", label="s", image=image)
        self.refused(reply, result, "refused before the service was disturbed: cannot read %s: %s" % (image, text))

    def test_that_others_may_write(self):
        for mode in (0o775, 0o757, 0o777):
            self.assert_not_run(self.make("image", mode))
        self.assert_not_run(self.make("image", uid=STRANGER))
        os.unlink(os.path.join(self.directory, "image"))
        image = self.make("image", uid=OWNER.pw_uid)
        self.allowed(self.daemon.request("update", label="s", image=image))
        self.refused(self.daemon.request("update", label="r", image=image))
        for label in ("s", "r"):
            self.assertEqual(self.state(label), "running")

    def test_that_others_may_replace(self):
        os.mkdir(os.path.join(self.directory, "open"))
        image = self.make("open/image")
        for uid, mode in ((0, 0o777), (0, 0o775), (STRANGER, 0o755), (STRANGER, 0o1777)):
            os.chown(os.path.dirname(image), uid, 0)
            os.chmod(os.path.dirname(image), mode)
            self.assert_not_run(image, "the directory of image belongs to another user, or others may write to it")
        os.chown(os.path.dirname(image), 0, 0)
        os.chmod(os.path.dirname(image), 0o1777)
        link = os.path.join(self.directory, "open", "link")
        os.symlink(image, link)
        self.allowed(self.daemon.request("update", label="s", image=link))
        os.chown(link, STRANGER, 0, follow_symlinks=False)
        self.assert_not_run(link, "the link link belongs to another user")

    def test_that_are_no_files(self):
        os.mkfifo(os.path.join(self.directory, "fifo"))
        os.symlink("loop", os.path.join(self.directory, "loop"))
        self.assert_not_run(self.directory, "Is a directory", EISDIR)
        self.assert_not_run(os.path.join(self.directory, "fifo"), "not a regular file", EINVAL)
        self.assert_not_run("/dev/null", "not a regular file", EINVAL)
        self.assert_not_run(os.path.join(self.directory, "loop"), "Too many levels of symbolic links", 40)
        self.assert_not_run(self.good + "/x", "Not a directory", 20)

    def test_private_group(self):
        """Where each user has a group of his own it may write; unless that is not so."""
        image = self.make("image", 0o775, OWNER.pw_uid, OWNER.pw_gid)
        self.allowed(self.daemon.request("update", label="s", image=image))
        try:
            # Version 2; owner, user STRANGER, group, mask, others.
            os.setxattr(image, "system.posix_acl_access", struct.pack(
                "<I" + "HHI" * 5, 2, 1, 7, 0xffffffff, 2, 7, STRANGER, 4, 5, 0xffffffff, 0x10, 7, 0xffffffff,
                0x20, 5, 0xffffffff))
        except OSError:
            pass
        else:
            self.refused(self.daemon.request("update", label="s", image=image))
        os.unlink(image)
        self.refused(self.daemon.request(
            "update", label="s", image=self.make("image", 0o775, OWNER.pw_uid, MEMBERS)))

    def test_allowed(self):
        self.daemon.close()
        self.start("--allow-writable-images")
        image = self.make("image", 0o777, STRANGER)
        self.allowed(self.daemon.request("update", label="s", image=image))
        self.allowed(self.daemon.request("up", label="t", image=self.make("start", 0o777, STRANGER, like=FAKE),
                                         args=["t"]))

    def test_swapped_after_the_update(self):
        """The owner's file is what later starts run; he does not make them run what he may not read."""
        image = self.make("own", uid=OWNER.pw_uid)
        self.allowed(self.owner.update("s", image))
        secret = self.make("secret", mode=0o700, like=FAKE)
        os.unlink(image)
        os.symlink(secret, image)
        os.chown(image, OWNER.pw_uid, OWNER.pw_gid, follow_symlinks=False)
        text = "cannot execute %s: is closed to the owner of the service" % image
        self.refused(self.owner.request("refresh", label="s"), EACCES, text)
        self.assertEqual(self.state(), "ended")
        self.refused(self.owner.request("clone", label="s"), 3)
        self.daemon.kill()
        self.start_again()
        self.refused(self.owner.request("refresh", label="s"), EACCES, text)
        os.chmod(secret, 0o755)
        self.allowed(self.owner.request("refresh", label="s"))

    def start_again(self):
        self.daemon = Daemon(self.directory, *self.options, *self.more)

    def test_variants_and_script_of_an_owner(self):
        secret = self.make("secret", mode=0o700)
        for name in ("Variants", "RestartScript"):
            self.allowed(self.owner.request("edit", label="s", settings={name: secret}))
        self.refused(self.owner.request("rerandomize", label="s"), EACCES)
        kill(self.daemon.service()["pid"])
        self.daemon.wait_log("s: recovery script %s: is closed to the owner of the service" % secret)

    def test_script_that_others_may_write(self):
        script = self.make("script", 0o777)
        self.allowed(self.daemon.request("edit", label="r", settings={
            "RestartScript": script, "RestartPolicy": "reset"}))
        kill(self.daemon.service("r")["pid"])
        self.daemon.wait_log("r: recovery script %s: belongs to another user, or others may write" % script)

    def test_sefd_itself(self):
        for mode, uid in ((0o777, 0), (0o755, STRANGER), (0o755, OWNER.pw_uid)):
            self.refused(self.daemon.request("update", label="sefd", image=self.make("sefd", mode, uid, like="/bin/true")))


class Directories(Security):
    """Where the daemon works."""

    def assert_does_not_start(self, text, *options):
        self.daemon.close()
        daemon = Daemon(self.directory, *options, expect_ready=False)
        daemon.process.wait(60)
        self.assertEqual(daemon.close(), 1, daemon.log)
        self.assertIn(text, daemon.log)

    def test_images(self):
        there = os.path.join(self.directory, "there")
        os.mkdir(there)
        os.chmod(there, 0o777)
        self.assert_does_not_start("belongs to another user, or others may write to it", "--images-dir", there)
        os.chmod(there, 0o755)
        os.chown(there, STRANGER, 0)
        self.assert_does_not_start("belongs to another user, or others may write to it", "--images-dir", there)
        os.mkdir(os.path.join(there, "own"))
        self.assert_does_not_start("the directory of own belongs to another user", "--images-dir", there + "/own")

    def test_runtime(self):
        there = os.path.join(self.directory, "there")
        os.mkdir(there)
        os.chown(there, STRANGER, 0)
        self.assert_does_not_start("the directory of runtime belongs to another user", "--runtime-dir",
                                   there + "/runtime")

    def test_options(self):
        self.daemon.close()
        for option in ("--socket-mode=066", "--socket-mode=1777", "--socket-mode=x", "--socket-mode=",
                       "--socket-mode=-660", "--socket-group=nobody-there"):
            daemon = Daemon(self.directory, option, expect_ready=False)
            daemon.process.wait(60)
            self.assertEqual(daemon.close(), 2, option)


if __name__ == "__main__":
    unittest.main()
