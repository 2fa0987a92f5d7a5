# SPDX-License-Identifier: BSD-2-Clause
"""Many updates of many services leave nothing in the daemon, which answers meanwhile."""
import os
import select
import unittest

from harness import GOOD, DaemonTest

SERVICES = ["s%d" % i for i in range(24)]
GROWTH_MAX = 1024  # KiB


class Footprint(DaemonTest):
    def memory(self):
        """Resident and virtual KiB of the daemon."""
        with open("/proc/%d/status" % self.daemon.process.pid, encoding="ascii") as file:
            fields = dict(line.split(":") for line in file)
        return [int(fields[name].split()[0]) for name in ("VmRSS", "VmSize")]

    def held(self):
        """What descriptors lead to, without the numbers of sockets, and how many files there are."""
        directory, found = "/proc/%d/fd" % self.daemon.process.pid, []
        for name in os.listdir(directory):
            try:
                found.append(os.readlink(os.path.join(directory, name)).split(":")[0])
            except FileNotFoundError:
                continue
        files = [name for _, _, names in os.walk(self.daemon.runtime) for name in names]
        return sorted(found), len([name for name in files if not name.endswith("~")])

    def lasting(self, want=None):
        """That, once the daemon has closed what it is at; a leak stays."""
        for _ in range(1000):
            found = self.held()
            if found == want or (not want and found == self.held()):
                break
            self.daemon.request("status", label="nobody")
        return found

    def update_each(self):
        for label in SERVICES:
            reply = self.daemon.request("update", label=label, image=GOOD)
            self.assertEqual(reply["result"], 0, reply)

    def update_as_one(self):
        for label in SERVICES:
            self.daemon.request("update", label=label, image=GOOD, batch=True)
        self.assertEqual(self.daemon.request("upd_run")["result"], 0)

    def test_nothing_grows(self):
        for label in SERVICES:
            self.up(label=label)
        self.update_each()
        self.update_each()  # all have a running and a previous generation
        self.update_as_one()
        self.daemon.request("status")
        before = self.lasting()
        resident, virtual = self.memory()
        for _ in range(2):
            self.update_each()
            self.update_as_one()
        self.assertEqual(self.lasting(before), before)
        self.assertEqual(sorted(self.daemon.children()),
                         sorted(self.daemon.service(label)["pid"] for label in SERVICES))
        if virtual < 1 << 30:  # a sanitizer keeps what was freed
            self.assertLess(self.memory()[0] - resident, GROWTH_MAX)

    def test_refused_updates_leave_nothing(self):
        """What an update made before it was refused goes with it."""
        self.up()
        self.update()
        self.update()
        self.daemon.request("status")
        before = self.lasting()
        for image in ("/nonexistent", "/", "/etc/passwd", "/bin/true"):
            for members in ({}, {"rules": "default warn"}, {"rehearse": True}, {"explain": True}):
                reply = self.daemon.request("update", label="s", image=image, **members)
                self.assertNotEqual(reply["result"], 0, reply)
        self.assertEqual(self.lasting(before), before)
        self.assert_one_instance()


class WhileImagesAreChecked(DaemonTest):
    """An image that takes long to read blocks nobody but its update."""

    def setUp(self):
        super().setUp()
        self.large = os.path.join(self.directory, "large")
        with open(self.large, "wb") as file:
            file.truncate(256 << 20)  # and no image

    def phase(self, label="s"):
        updates = self.daemon.request("upd_status")["updates"]
        return [update["phase"] for update in updates if update["label"] == label]

    def begin_long(self):
        """An update that was seen to be checked before it was refused."""
        update = self.daemon.begin("update", label="s", image=self.large)
        while not select.select([update.socket], [], [], 0)[0]:
            if self.phase() == ["check"]:
                return update
        raise AssertionError("nobody was answered while the image was read")

    def test_others_are_answered(self):
        self.up()
        reply = self.begin_long().final()
        self.assertIn("not an ELF file", reply["text"])
        self.assert_one_instance()

    def test_stopped(self):
        self.up()
        update = self.begin_long()
        stop, reply = self.daemon.request("upd_stop", label="s"), update.final()
        if stop["result"] == 0:  # it came in time
            self.assertEqual(reply["text"], "stopped by upd_stop")
        self.assert_one_instance()

    def test_service_is_taken_down(self):
        self.up()
        update = self.begin_long()
        self.assertEqual(self.daemon.request("down", label="s")["result"], 0)
        self.assertNotEqual(update.final()["result"], 0)

    def test_one_of_several(self):
        """Nobody is asked before all that there is to update to was checked."""
        self.up(label="a")
        self.up(label="b")
        self.daemon.request("update", label="a", image=GOOD, batch=True)
        self.daemon.request("update", label="b", image=self.large, batch=True)
        running = self.daemon.begin("upd_run")
        for member in self.daemon.request("upd_status")["queue"]:
            self.assertIn(member["state"], ("queued", "checking", "waiting", "finished"))
        reply = running.final()
        self.assertIn("b: refused before the service was disturbed", reply["text"])
        self.assertEqual([self.daemon.service(label)["updates"] for label in "ab"], [0, 0])

    def test_daemon_ends(self):
        self.up()
        self.begin_long().close()
        self.assertEqual(self.daemon.request("shutdown")["result"], 0)


if __name__ == "__main__":
    unittest.main()
