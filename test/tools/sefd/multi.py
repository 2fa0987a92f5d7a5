# SPDX-License-Identifier: BSD-2-Clause
"""Several services are updated as one: all of them, or none."""
import errno
import os
import signal
import unittest

from harness import GOOD, TABLELESS, DaemonTest, await_end, kill

ERESTART = 200


def waits_for_decision(pid):
    """Whether an old instance has told that its child is initialised: it has one, and waits for a packet."""
    with open("/proc/%d/task/%d/children" % (pid, pid), encoding="ascii") as file:
        if not file.read():
            return False
    with open("/proc/%d/syscall" % pid, encoding="ascii") as file:
        return file.read().startswith(("45 ", "47 "))


class Multi(DaemonTest):
    def start(self, **words):
        """Start services; returns their process ids by label."""
        return {label: self.up(*arguments.split(), label=label, cwd=self.directory)
                for label, arguments in words.items()}

    def queue(self, *labels, image=GOOD, **members):
        for label in labels:
            reply = self.daemon.request("update", label=label, image=image, batch=True, **members)
            self.assertEqual(reply["result"], 0, reply)

    def run_queue(self, *labels, **members):
        self.queue(*labels, **members)
        return self.daemon.request("upd_run")

    def assert_unchanged(self, pids):
        for label, pid in pids.items():
            service = self.daemon.service(label)
            self.assertEqual((service["pid"], service["generation"], service["state"]),
                             (pid, 1, "running"), self.daemon.log)
        self.assertEqual(sorted(self.daemon.children()), sorted(pids.values()))
        self.assert_all_can_be_updated(pids)

    def assert_all_can_be_updated(self, pids):
        reply = self.run_queue(*pids)
        self.assertEqual((reply["result"], reply["text"]), (0, "updated %d services" % len(pids)))

    # ---- It works ------------------------------------------------------------------------

    def test_all_are_updated(self):
        pids = self.start(a="", b="", c="")
        reply = self.run_queue(*pids)
        self.assertEqual((reply["result"], reply["text"]), (0, "updated 3 services"))
        self.assertEqual([member["label"] for member in reply["members"]], ["a", "b", "c"])
        self.assertEqual([member["result"] for member in reply["members"]], [0, 0, 0])
        for label, pid in pids.items():
            await_end(pid)
            service = self.daemon.service(label)
            self.assertNotEqual(service["pid"], pid)
            self.assertEqual((service["generation"], service["updates"]), (2, 1))
        self.assert_all_can_be_updated(pids)

    def test_a_long_queue(self):
        pids = self.start(**{"s%d" % i: "" for i in range(24)})
        self.assert_all_can_be_updated(pids)

    def test_others_are_answered_between_members(self):
        """A connection that comes after the beginning is served before all members have begun."""
        accepted_at_once = 16
        self.queue(*self.start(**{"s%d" % i: "" for i in range(24)}))
        sefd = self.daemon.process.pid
        os.kill(sefd, signal.SIGSTOP)
        os.waitpid(sefd, os.WUNTRACED)
        running = self.daemon.begin("upd_run")
        idle = [self.daemon.connect() for _ in range(accepted_at_once - 1)]
        asking = self.daemon.begin("upd_status")
        os.kill(sefd, signal.SIGCONT)
        states = [member["state"] for member in asking.final()["queue"]]
        self.assertIn("queued", states)
        self.assertEqual(running.final()["result"], 0)
        for connection in idle:
            connection.close()

    def test_nothing_starts_before_all_are_ready(self):
        self.make_gate()
        self.start(a="", b="prepare-gate")
        self.queue("a", "b", timeout_ms=60000)
        running = self.daemon.begin("upd_run")
        with self.await_at_gate():
            self.assertEqual(self.daemon.service("a")["generation"], 1)
            self.assertEqual(self.daemon.service("a")["state"], "updating")
        self.assertEqual(running.final()["result"], 0)

    def test_nothing_is_committed_before_all_are_initialised(self):
        self.make_gate()
        pids = self.start(a="", b="child-gate")
        self.queue("a", "b")
        running = self.daemon.begin("upd_run")
        with self.await_at_gate():
            self.assertEqual(self.daemon.service("a")["pid"], pids["a"])
        self.assertEqual(running.final()["result"], 0)

    def test_who_is_waited_for_is_released(self):
        """a is ready only once b, which sleeps already, goes on."""
        self.make_gate()
        self.start(a="prepare-gate", b="cancel-opens-gate")
        reply = self.run_queue("a", "b", timeout_ms=60000)
        self.assertEqual((reply["result"], reply["text"]), (0, "updated 2 services"))

    def test_no_block(self):
        self.start(a="")
        self.queue("a")
        self.assertEqual(self.daemon.request("upd_run", no_block=True)["text"], "started")
        self.daemon.wait_log("update of 1 services: updated")

    # ---- It fails ------------------------------------------------------------------------

    def fails(self, word, result, text, **members):
        pids = self.start(a="", b=word, c="")
        reply = self.run_queue(*pids, **members)
        self.assertEqual(reply["result"], result, reply)
        self.assertIn("b: " + text, reply["text"])
        self.assertTrue(reply["text"].endswith("; no service was updated"), reply["text"])
        others = [member for member in reply["members"] if member["label"] != "b"]
        for member in others:
            self.assertEqual((member["result"], member["text"]),
                             (errno.ECANCELED, "given up because of b"))
        self.assert_unchanged(pids)

    def test_refused_by_a_service(self):
        self.fails("prepare-refuse", errno.EINVAL, "refused by the service: not in this state")

    def test_not_ready(self):
        self.fails("prepare-stale", errno.EINTR, "the service was not ready within 300 ms",
                   timeout_ms=300)

    def test_initialisation_fails(self):
        self.fails("start-fail", errno.ENOSYS, "the new version failed: initialisation failed")

    def test_new_instance_crashes(self):
        self.fails("child-crash", errno.EFAULT, "the new version failed: the new instance ended")

    def test_image_cannot_be_loaded(self):
        self.fails("start-rollback", 80, "rolled back: image cannot be loaded")

    def test_old_instance_dies_while_others_wait(self):
        pids = self.start(a="", b="prepare-crash", c="")
        reply = self.run_queue(*pids)
        self.assertEqual(reply["result"], errno.ECHILD)
        self.assertIn("b: the service was killed by signal 11", reply["text"])
        self.assertEqual(self.daemon.service("b")["state"], "ended")
        del pids["b"]
        self.assert_unchanged(pids)

    def test_ready_instance_dies(self):
        self.make_gate()
        pids = self.start(a="", b="prepare-gate")
        self.queue(*pids, timeout_ms=60000)
        running = self.daemon.begin("upd_run")
        with self.await_at_gate():
            kill(pids.pop("a"))
            self.assertEqual(running.final()["result"], errno.ECHILD)
        self.assert_unchanged(pids)

    def test_initialised_instance_dies(self):
        """Its new version is what is left of it, whatever becomes of the others."""
        self.make_gate()
        pids = self.start(a="", b="child-gate start-fail")
        self.queue("a", "b")
        running = self.daemon.begin("upd_run")
        with self.await_at_gate():
            kill(pids["a"])
            self.daemon.wait_log("a: update to .*, the new one took over")
        reply = running.final()
        self.assertTrue(reply["text"].endswith(
            "; 1 services are of the new version, because their old instances ended"), reply)
        self.assertEqual(self.daemon.service("a")["generation"], 2)
        self.assertEqual(self.daemon.service("b")["pid"], pids["b"])

    def test_decision_after_the_end_of_an_instance(self):
        """Its new version, which is initialised and has not said so to the daemon, is waited for."""
        self.make_gate()
        other = os.path.join(self.directory, "other")
        os.mkdir(other)
        os.mkfifo(os.path.join(other, "gate"))
        pid = self.up("go-gate", label="a", cwd=self.directory)
        self.up("child-gate", label="b", cwd=other)
        self.queue("a", "b")
        running = self.daemon.begin("upd_run")
        with open(os.path.join(other, "gate"), "wb"):
            while not waits_for_decision(pid):
                pass
            kill(pid)
            self.daemon.wait_log("a: process %d was killed" % pid)
        self.daemon.wait_log("b: update to .*: updated")
        self.open_gate()
        reply = running.final()
        self.assertEqual((reply["result"], reply["text"]), (0, "updated 2 services"))

    def test_taken_down_meanwhile(self):
        self.make_gate()
        pids = self.start(a="", b="prepare-gate")
        self.queue(*pids, timeout_ms=60000)
        running = self.daemon.begin("upd_run")
        with self.await_at_gate():
            self.daemon.request("down", label="a")
            reply = running.final()
        self.assertEqual(reply["result"], errno.ECANCELED)
        self.assertIn("a: the service is taken down; no service was updated", reply["text"])
        del pids["a"]
        self.assert_unchanged(pids)

    def test_bad_image_disturbs_nothing(self):
        pids = self.start(a="", b="")
        self.queue("a")
        self.queue("b", image=TABLELESS)
        reply = self.daemon.request("upd_run")
        self.assertIn("b: refused before the service was disturbed", reply["text"])
        self.assert_unchanged(pids)

    def test_left_behind_by_the_decision(self):
        """A new instance that dies after the decision is made once more."""
        pids = self.start(a="", b="commit-rollback")
        reply = self.run_queue(*pids)
        self.assertEqual((reply["result"], reply["text"]), (0, "updated 2 services"))
        self.assertEqual(self.daemon.service("b")["generation"], 2)

    def test_left_behind_twice(self):
        self.start(a="", b="commit-rollback always")
        reply = self.run_queue("a", "b")
        self.assertEqual(reply["result"], ERESTART)
        self.assertIn("b: rolled back: changed my mind; this happened after the decision: 1 services "
                      "are of the new version, 1 of the old one", reply["text"])
        self.assertEqual(self.daemon.service("a")["generation"], 2)
        self.assertEqual(self.daemon.service("b")["generation"], 1)

    # ---- The queue -----------------------------------------------------------------------

    def test_the_same_service_twice(self):
        self.start(a="")
        self.queue("a")
        reply = self.daemon.request("update", label="a", image=GOOD, batch=True)
        self.assertEqual(reply["result"], errno.EINVAL)

    def test_a_single_update_beside_a_queue(self):
        self.start(a="", b="")
        self.queue("a")
        reply = self.daemon.request("update", label="b", image=GOOD)
        self.assertEqual(reply["result"], errno.EBUSY)
        self.assertEqual(self.daemon.request("upd_run")["result"], 0)

    def test_an_empty_queue(self):
        self.assertEqual(self.daemon.request("upd_run")["result"], errno.ENOENT)

    def test_while_one_runs(self):
        self.make_gate()
        self.start(a="prepare-gate", b="")
        self.queue("a", timeout_ms=60000)
        running = self.daemon.begin("upd_run")
        with self.await_at_gate():
            self.assertEqual(self.daemon.request("upd_run")["result"], errno.EBUSY)
            reply = self.daemon.request("update", label="b", image=GOOD, batch=True)
            self.assertEqual(reply["result"], errno.EBUSY)
        self.assertEqual(running.final()["result"], 0)

    def test_daemon_ends_with_a_queue(self):
        self.start(a="")
        self.queue("a")


if __name__ == "__main__":
    unittest.main()
