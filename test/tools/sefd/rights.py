# SPDX-License-Identifier: BSD-2-Clause
"""Services that were started by root and have become another user."""
import os
import stat
import unittest

from messages import V1, V2, MessagesTest, Talk

SOMEBODY = 65534


@unittest.skipUnless(os.geteuid() == 0, "only root becomes somebody else")
class Rights(MessagesTest):
    def setUp(self):
        super().setUp()
        os.chmod(self.directory, 0o1777)  # where the service makes its socket

    def up_as(self, label, user):
        return Talk(self, label, env=dict(os.environ, TALK_BECOMES=str(user)))

    def mode(self, *path):
        return stat.S_IMODE(os.stat(os.path.join(self.daemon.runtime, *path)).st_mode)

    def test_updates(self):
        talk = self.up_as("a", SOMEBODY)
        self.assertEqual(os.stat("/proc/%d" % talk.pid()).st_uid, SOMEBODY)
        for version, image, rules in (("2", V2, ""), ("1", V1, "policy removed=warn"), ("2", V2, "")):
            self.assertEqual(talk.update(image, **({"rules": rules} if rules else {})), 0, self.daemon.log)
            self.assertEqual(talk.ask("version"), version)

    def test_several_of_different_users(self):
        talks = [self.up_as("a", SOMEBODY), self.up_as("b", SOMEBODY - 1), *self.talks("c")]
        for label in "abc":
            self.daemon.request("update", label=label, image=V2, batch=True)
        self.assertEqual(self.daemon.request("upd_run")["text"], "updated 3 services")
        self.assertEqual([talk.ask("version") for talk in talks], ["2"] * 3)

    def test_comes_back(self):
        """To the next daemon, and to one that makes its directory anew."""
        talk = self.up_as("a", SOMEBODY)
        for image in (V2, V1):
            self.replace_daemon(talk)
            self.assertEqual(talk.ask("lookup", "a"), "0 %d" % talk.endpoint)
            self.assertEqual(talk.update(image), 0)

    def test_what_is_opened(self):
        """The way to its own files, for its group, and nothing else; and nothing before it is needed."""
        self.talks("c")
        self.assertEqual((self.mode(), self.mode("resume") & 0o077), (0o700, 0))
        talk = self.up_as("a", SOMEBODY)
        self.assertEqual(talk.update(V2), 0)
        copy = os.path.join("images", "a", "2")
        self.assertEqual([self.mode(*path) for path in (("",), ("images",), ("images", "a"), (copy,))], [0o711] * 4)
        self.assertEqual(self.mode(copy, "talk-v2"), 0o750)
        found = os.stat(os.path.join(self.daemon.runtime, copy, "talk-v2"))
        self.assertEqual((found.st_uid, found.st_gid), (0, SOMEBODY))
        self.assertEqual(self.mode("resume") & 0o066, 0o066)
        for closed in ("control", "services", "messages"):
            self.assertEqual(self.mode(closed) & 0o077, 0, closed)


if __name__ == "__main__":
    unittest.main()
