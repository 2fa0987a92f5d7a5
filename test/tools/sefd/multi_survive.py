# SPDX-License-Identifier: BSD-2-Clause
"""Services that are updated as one are all old or all new, also if the daemon is killed meanwhile."""
import os
import select
import unittest

from messages import V1, V2, MessagesTest

LABELS = "abcdefgh"


class Killed(MessagesTest):
    def run_update(self, image):
        for label in LABELS:
            reply = self.daemon.request("update", label=label, image=image, batch=True)
            self.assertEqual(reply["result"], 0, reply)
        return self.daemon.begin("upd_run")

    def open_decision(self, running):
        """The file that the services look into, from when they are started on."""
        while not select.select([running.socket], [], [], 0)[0] or running.receive()["type"] != "reply":
            try:
                return open(os.path.join(self.daemon.runtime, "decision"), "rb", buffering=0)
            except FileNotFoundError:
                continue
        return self.fail("the update is over")

    def versions(self, talks):
        """Which there are, when all have come back to the daemon."""
        for talk in talks:
            self.assertEqual(talk.ask("lookup", talk.label), "0 %d" % talk.endpoint)
        return {talk.ask("version") for talk in talks}

    def test_after_the_decision(self):
        talks = self.talks(*LABELS)
        for version, image in (("2", V2), ("1", V1)) * 3:
            running = self.run_update(image)
            with self.open_decision(running) as decision:
                while os.pread(decision.fileno(), 1, 0) != b"c":
                    pass
                self.replace_daemon(*talks)
            running.close()
            self.assertEqual(self.versions(talks), {version}, self.daemon.log)
            self.assertFalse(os.path.exists(os.path.join(self.daemon.runtime, "decision")))

    def test_before_the_decision(self):
        talks = self.talks(*LABELS)
        for _ in range(6):
            running = self.run_update(V2)
            self.open_decision(running).close()
            self.replace_daemon(*talks)
            running.close()
            self.assertEqual(len(self.versions(talks)), 1, self.daemon.log)


if __name__ == "__main__":
    unittest.main()
