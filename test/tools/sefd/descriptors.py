# SPDX-License-Identifier: BSD-2-Clause
"""Services that close all descriptors, as daemons do, come back, and their own descriptors are left alone."""
import errno
import os
import unittest

from messages import V1, V2, MessagesTest, Talk


class Closed(MessagesTest):
    def up_closing(self, when):
        return Talk(self, "a", env=dict(os.environ, TALK_CLOSES=when))

    def assert_works(self, talk):
        """It can be updated, hears of what is sent to it, and nobody touched what it opened."""
        for version, image in (("2", V2), ("1", V1)):
            self.assertEqual(talk.update(image), 0, self.daemon.log)
            self.assertEqual(talk.ask("version"), version)
        self.assertEqual(talk.ask("lookup", "a"), "0 %d" % talk.endpoint)
        self.assertEqual(talk.ask("kept"), "ok")

    def test_before_the_startup(self):
        """There each version does it again, so an update would lose what the service has opened."""
        talk = self.up_closing("first")
        self.assertEqual(talk.ask("lookup", "a"), "0 %d" % talk.endpoint)
        reply = self.daemon.request("update", label="a", image=V2)
        self.assertEqual((reply["result"], reply["text"]), (200, "rolled back: new version exited with status 1 before sef_startup()"))
        self.assertEqual(talk.ask("kept"), "ok")

    def test_in_the_initialisation(self):
        self.assert_works(self.up_closing("init"))

    def test_in_a_new_start(self):
        """It is told again how it starts."""
        self.up_closing("first")
        self.assertEqual(self.daemon.request("edit", label="a", settings={"RestartPolicy": "restart"})["result"], 0)
        self.assertEqual(self.daemon.request("fi", label="a")["result"], 0)
        self.daemon.wait_log("a: process [0-9]+ came back\n(.*\n)*.*a: process [0-9]+ came back\n(.*\n)*.*a: up")

    def test_while_it_runs(self):
        talk = self.up_closing("never")
        self.assertEqual(talk.ask("close"), "ok")
        while talk.update() == errno.ENOTCONN:
            pass  # until it has come back
        self.assert_works(talk)


if __name__ == "__main__":
    unittest.main()
