# SPDX-License-Identifier: BSD-2-Clause
"""An update ends with exactly one instance, whatever the service does in whichever phase."""
import json
import os
import re
import shutil
import signal
import subprocess
import unittest

from harness import BIN, FAKE, GOOD, PATIENCE, TABLELESS, DaemonTest, await_end, kill


def processes_of(pid):
    """The children of a process."""
    with open("/proc/%d/task/%d/children" % (pid, pid), encoding="ascii") as file:
        return [int(word) for word in file.read().split()]


class Updates(DaemonTest):
    def copies(self):
        directory = os.path.join(self.daemon.runtime, "images", "s")
        return sorted(os.listdir(directory)) if os.path.exists(directory) else []

    # ---- It works ------------------------------------------------------------------------

    def test_update(self):
        old = self.up()
        line = self.update()
        self.assertRegex(line, re.escape("s: updated to %s (generation 2) in " % GOOD)
                         + r"\d+\.\d ms pause: fork 0\.4, load 0\.3, main 0\.0, pair 0\.0, "
                         r"move 0\.0, convert 0\.0, scan 0\.7, reinstall 0\.0, seal 0\.0, commit \d+\.\d; "
                         r"41 variables, 100012 objects \(100003 rebuilt\), 207 pointers precise, "
                         r"12 conservative, 0 warnings\n$")
        await_end(old)
        service = self.daemon.service()
        self.assertNotEqual(service["pid"], old)
        self.assertEqual((service["generation"], service["updates"], service["image"]),
                         (2, 1, GOOD))
        self.assertEqual(service["last_update"]["result"], 0)
        self.assertRegex(self.daemon.ctl("status").stdout, r"updated in \d+\.\d ms")
        self.assert_one_instance()

    def test_warnings(self):
        """What a transfer dropped is shown; a service's control characters are not."""
        self.up("start-warn")
        lines = self.update().splitlines()
        self.assertRegex(lines[0], "5 warnings$")
        self.assertEqual(lines[1:], ["s: warning: one", "s: warning: two [1m ?",
                                     "s: warning: three", "s: 2 more warnings like these"])
        self.assertEqual(self.daemon.service()["last_update"]["warnings"],
                         [{"text": "one"}, {"text": "two [1m ?"}, {"text": "three"}])
        self.daemon.wait_log("s: warning: three")

    def test_warnings_as_json(self):
        self.up("start-warn")
        reply = json.loads(self.update("--json", "--rehearse"))
        self.assertEqual([warning["text"] for warning in reply["warnings"]],
                         ["one", "two [1m ?", "three"])

    def test_same_image(self):
        """Who forgot to build or to copy the new version is told."""
        self.up()
        self.assertNotIn("ran before", self.update())
        self.assertIn("\ns: this image is the one that ran before\n", self.update())

    def test_new_instance_is_supervised(self):
        self.up()
        self.update()
        pid = self.daemon.service()["pid"]
        kill(pid)
        await_end(pid)
        self.assertEqual(self.daemon.service()["end"], "was killed by signal 9 (Killed)")

    def test_copies_are_kept_for_two_generations(self):
        self.up()
        for _ in range(4):
            self.update()
        self.assertEqual(self.copies(), ["4", "5"])
        self.daemon.ctl("down", "s")
        self.assertEqual(self.copies(), [])

    def test_copy_is_unique_and_complete(self):
        self.up()
        self.update()
        path = os.path.join(self.daemon.runtime, "images", "s", "2", os.path.basename(GOOD))
        with open(path, "rb") as copy, open(GOOD, "rb") as image:
            self.assertEqual(copy.read(), image.read())

    def test_relative_image(self):
        os.symlink(GOOD, os.path.join(self.directory, "v2"))
        self.up()
        self.assertIn("updated to ./v2 (generation 2)", self.update(image="./v2"))
        self.assertEqual(self.daemon.service()["image"], os.path.join(self.directory, "v2"))

    def test_phases_are_told(self):
        self.up()
        self.assertIn("s: prepare\ns: start\ns: commit\n", self.update("--verbose"))

    def test_two_services_at_once(self):
        self.make_gate()
        self.up("child-gate", label="a", cwd=self.directory)
        self.up(label="b")
        slow = self.daemon.begin("update", label="a", image=GOOD)
        slow.await_phase("start")
        self.update(label="b")
        self.open_gate()
        self.assertEqual(slow.final()["result"], 0)

    # ---- Rehearsal -----------------------------------------------------------------------

    def test_rehearsal(self):
        pid = self.up()
        self.assertIn("rehearsed the update to", self.update("--rehearse"))
        self.assertEqual(self.daemon.service()["pid"], pid)
        self.assertEqual(self.copies(), [])
        self.assert_one_instance()

    def test_rehearsal_that_fails(self):
        pid = self.up("start-fail")
        self.assertIn("initialisation failed", self.update("--rehearse", status=1))
        self.assertEqual(self.daemon.service()["pid"], pid)
        self.assert_one_instance()

    # ---- Refused before anything is disturbed ----------------------------------------------

    def bad_images(self):
        """Images that are none, and what is said of them."""
        with open(GOOD, "rb") as file:
            good = file.read()
        machine = bytearray(good)
        machine[18] = 183
        kind = bytearray(good)
        kind[16] = 1
        segments = bytearray(good)
        segments[56:58] = b"\xff\xff"
        for name, content, why in (
                ("empty", b"", "not an ELF file"), ("text", b"#!/bin/sh\n", "not an ELF file"),
                ("short", good[:100], "no program headers: .*"),
                ("machine", machine, "not an ELF file for x86-64"),
                ("kind", kind, "not linked by sef-cc: ELF type 1 instead of a shared object"),
                ("segments", segments, ".*")):
            path = os.path.join(self.directory, name)
            with open(path, "wb") as file:
                file.write(content)
            yield path, "%s: %s" % (path, why)
        fifo = os.path.join(self.directory, "fifo")
        os.mkfifo(fifo)
        for path, why in ((fifo, "not a regular file"), ("/dev/null", "not a regular file"),
                          (self.directory, "Is a directory"),
                          ("/nonexistent", "No such file or directory")):
            yield path, "cannot read %s: %s" % (path, why)
        yield FAKE, FAKE + ": not a service image: no SEF note; link it with sef-cc"
        yield TABLELESS, TABLELESS + ": image has no state table: none of its files was compiled " \
            "by sef-cc"

    def test_preflight(self):
        pid = self.up()
        for image, why in self.bad_images():
            self.assertRegex(self.update(image=image, status=1),
                             "^s: not updated: refused before the service was disturbed: %s\n"
                             r"s: the old version goes on \(generation 1\)\n$" % why)
        self.assertEqual(self.daemon.service()["pid"], pid)
        self.assertEqual(self.copies(), [])
        self.assert_one_instance()

    def test_image_with_a_newline(self):
        image = shutil.copy(GOOD, os.path.join(self.directory, "new\nline"))
        self.up()
        self.assertIn("the path of an image must not have a newline\n",
                      self.update(image=image, status=1))
        self.assertEqual(self.copies(), [])

    def test_no_such_service(self):
        self.assertEqual(self.update(status=1), "s: not updated: no such service; "
                         "sefctl status lists those that there are\n")

    def test_service_that_ended(self):
        pid = self.up()
        kill(pid)
        await_end(pid)
        self.assertEqual(self.update(status=1), "s: not updated: the service is not running: "
                         "it was killed by signal 9 (Killed)\n")

    # ---- Preparation ---------------------------------------------------------------------

    def test_refused_by_the_service(self):
        pid = self.up("prepare-refuse")
        self.assertIn("refused by the service: not in this state", self.update(status=1))
        self.assertEqual(self.daemon.service()["pid"], pid)
        self.assert_one_instance()

    def test_expression_arrives(self):
        self.up()
        self.assertIn("refused by the service: refuse", self.update("--eval", "refuse", status=1))
        self.update("--eval", "n == 0")

    def test_not_ready_in_time(self):
        pid = self.up()
        text = self.update("--state", "unreachable", "--timeout", "50ms", status=1)
        self.assertIn("not ready within 50 ms: it did not reach the state unreachable\n", text)
        self.assertEqual(self.daemon.service()["last_update"]["result"], 4)
        self.assertEqual(self.daemon.service()["pid"], pid)
        self.assert_one_instance()

    def test_other_states_not_reached_in_time(self):
        for label, state, what in (("a", "work-free", "it did not wait for work"),
                                   ("b", "77", "it did not reach state 77")):
            self.up("prepare-hang", label=label)
            self.assertIn("s: not updated: the service was not ready within 50 ms: %s\n"
                          .replace("s:", label + ":", 1) % what,
                          self.update("--state", state, "--timeout", "50ms", label=label, status=1))

    def test_expression_not_true_in_time(self):
        self.up("prepare-hang")
        text = self.update("--eval", "n == 0", "--timeout", "50ms", status=1)
        self.assertIn("the service was not ready within 50 ms: n == 0 was not true\n", text)

    def test_ready_crosses_cancel(self):
        self.up("prepare-late")
        self.assertIn("not ready within", self.update("--timeout", "50ms", status=1))
        self.assert_one_instance()

    def test_ready_for_an_earlier_request(self):
        """It is not taken for the answer to the next request."""
        self.up("prepare-stale")
        self.assertIn("not ready within", self.update("--timeout", "50ms", status=1))
        self.assertIn("refused by the service: refuse", self.update("--eval", "refuse", status=1))
        self.assert_one_instance()

    # ---- The new version fails -----------------------------------------------------------

    def assert_rolled_back(self, reason, *words, options=()):
        pid = self.up(*words)
        text = self.update(*options, status=1)
        self.assertIn(reason, text)
        self.assertIn("s: the old version goes on (generation 1)\n", text)
        self.assertEqual(self.daemon.service()["pid"], pid)
        self.assertEqual(self.copies(), [])
        self.assert_one_instance()

    def test_init_error(self):
        self.assert_rolled_back("the new version failed: initialisation failed", "start-fail")

    def test_text_of_a_service_is_made_safe(self):
        self.up("start-fail")
        text = self.update(status=1)
        self.assertNotIn("\033", text)
        self.assertIn("initialisation failed\n", text)
        self.daemon.wait_log("s: warning:  \\[1m in line 7 ")

    def test_image_does_not_load(self):
        self.assert_rolled_back("rolled back: image cannot be loaded", "start-rollback")

    def test_new_instance_crashes(self):
        self.assert_rolled_back("the new instance ended", "child-crash")

    def test_new_instance_exits(self):
        self.assert_rolled_back("the new instance ended", "child-exit")

    def test_new_instance_hangs(self):
        self.assert_rolled_back("the new version was not initialised within 1000 ms", "child-hang",
                                options=("--timeout", "1s"))

    def test_old_instance_changes_its_mind(self):
        self.assert_rolled_back("rolled back: changed my mind", "commit-rollback")

    def test_rehearsal_hangs(self):
        self.up("child-hang")
        self.assertIn("s: not updated: the rehearsal did not end within 1000 ms\n",
                      self.update("--rehearse", "--timeout", "1s", status=1))

    def test_old_instance_does_not_hand_over(self):
        self.assert_rolled_back("the old instance did not hand over within 2000 ms\n", "commit-ignore")

    def test_old_instance_stays(self):
        old = self.up("commit-stay")
        self.assertIn("updated to", self.update())
        self.daemon.wait_log("s: the old instance handed over and stayed, killing it")
        self.assertNotEqual(self.daemon.service()["pid"], old)
        self.assert_one_instance()

    def test_service_that_does_not_read(self):
        """Requests fill its control socket, and then it is told that they do."""
        self.up("idle-hang")
        text = late = "the service was not ready within 1 ms: it did not reach the state unreachable"
        while text == late:
            text = self.daemon.request("update", label="s", image=GOOD, timeout_ms=1, state=5)["text"]
        self.assertEqual(text, "the service does not read its control socket: "
                         "Resource temporarily unavailable")
        self.assertEqual(self.copies(), [])
        self.daemon.ctl("down", "s")

    def test_no_place_for_copies(self):
        self.up()
        directory = os.path.join(self.daemon.runtime, "images")
        os.rmdir(directory)
        self.assertIn("refused before the service was disturbed: cannot copy %s: "
                      "No such file or directory\n" % GOOD, self.update(status=1))
        os.mkdir(directory)
        self.assert_one_instance()

    def test_rollback_without_a_reason(self):
        self.assert_rolled_back("rolled back: the old instance gave no reason", "start-silent")

    def test_rollback_is_not_confirmed(self):
        self.up("start-hang")
        text = self.update("--timeout", "1s", status=1)
        self.assertIn("the new version was not initialised within 1000 ms; the old instance does "
                      "not confirm the rollback, and no update can begin until it does\n", text)
        self.assertIn("s: not updated: the service has not confirmed the rollback of an earlier "
                      "update: try again later, or take it down and up\n", self.update(status=1))
        self.assertEqual(self.daemon.ctl("down", "s").returncode, 0)

    def test_old_instance_commits_after_all(self):
        """One that was stopped heard of the commit first: the new version takes over, with all state."""
        self.make_gate()
        pid = self.up("commit-gate")
        update = self.begin_update()
        self.assertIn("does not confirm the rollback", update.final()["text"])
        self.open_gate()
        self.daemon.wait_log("s: update to .*: updated(: .*)?$")
        service = self.daemon.service()
        self.assertNotEqual(service["pid"], pid)
        self.assertEqual((service["generation"], service["updates"], service["restarts"]), (2, 1, 0))
        self.assertTrue(os.path.exists(os.path.join(self.daemon.runtime, "images", "s", "2")))

    def test_rollback_is_confirmed_after_all(self):
        self.make_gate()
        self.up("rollback-gate", "commit-ignore")
        self.assertIn("does not confirm the rollback", self.begin_update().final()["text"])
        self.assertIn("has not confirmed", self.update(status=1))
        self.open_gate()
        self.daemon.wait_log("the old instance did not hand over within 2000 ms$")
        self.assertEqual(self.copies(), [])

    # ---- The service dies ----------------------------------------------------------------

    def assert_none_left(self, end, *words, reason=""):
        self.up(*words)
        text = self.update(status=1)
        self.assertIn(reason, text)
        self.assertIn("s: the service is not running\n", text)
        service = self.daemon.service()
        self.assertEqual((service["state"], service["end"]), ("ended", end))
        self.assertEqual(self.copies(), [])
        self.assertEqual(self.daemon.ctl("down", "s").returncode, 0)
        self.assertEqual(self.daemon.children(), [])

    def test_dies_in_prepare(self):
        self.assert_none_left("was killed by signal 11 (Segmentation fault)", "prepare-crash",
                              reason="while the update was prepared")

    def test_exits_in_prepare(self):
        self.assert_none_left("exited with status 3", "prepare-exit")

    def test_dies_before_the_fork(self):
        self.assert_none_left("was killed by signal 11 (Segmentation fault)", "start-crash",
                              reason="the old instance was killed by signal 11 (Segmentation fault) "
                              "and the new one did not come: none is left\n")

    def test_new_instance_dies_after_the_commit(self):
        self.assert_none_left("was killed by signal 11 (Segmentation fault)", "go-crash",
                              reason="none is left")

    def assert_taken_over(self, *words):
        old = self.up(*words)
        text = self.update()
        self.assertIn("was killed by signal 11 (Segmentation fault), the new one took over", text)
        self.assertNotEqual(self.daemon.service()["pid"], old)
        self.assertEqual(self.daemon.service()["generation"], 2)
        self.assert_one_instance()

    def test_old_instance_dies_after_the_init(self):
        self.assert_taken_over("reply-crash")

    def test_old_instance_dies_in_rollback(self):
        self.assert_taken_over("start-fail", "rollback-crash")

    def test_old_instance_dies_at_commit(self):
        old = self.up("commit-crash")
        self.update()
        self.assertNotEqual(self.daemon.service()["pid"], old)
        self.assert_one_instance()

    def test_killed_in_prepare(self):
        pid = self.up("prepare-hang")
        update = self.begin_update()
        update.await_phase("prepare")
        kill(pid)
        reply = update.final()
        self.assertIn("was killed by signal 9 (Killed) while the update was prepared",
                      reply["text"])
        self.assertFalse(reply["running"])

    def test_killed_while_the_child_initialises(self):
        self.make_gate()
        pid = self.up("child-gate", cwd=self.directory)
        update = self.begin_update()
        with self.await_at_gate():
            kill(pid)
            update.await_phase("takeover")
        self.assertEqual(update.final()["result"], 0)
        self.assert_one_instance()

    def test_killed_while_the_child_hangs(self):
        pid = self.up("child-hang")
        update = self.begin_update(timeout_ms=1000)
        update.await_phase("start")
        kill(pid)
        self.assertIn("none is left", update.final()["text"])
        self.assertEqual(self.daemon.service()["state"], "ended")

    # ---- Misbehaviour --------------------------------------------------------------------

    def test_garbage_is_dropped(self):
        for phase in ("prepare", "start", "child", "reply", "commit", "go"):
            self.up("%s-garbage" % phase, label=phase)
            self.update(label=phase)

    def test_packets_out_of_place(self):
        for phase in ("prepare", "start", "reply", "go"):
            pid = self.up("%s-nonsense" % phase, label=phase)
            self.update(label=phase)
            self.assertNotEqual(self.daemon.service(phase)["pid"], pid)
            self.assertNotEqual(self.daemon.service(phase)["pid"], 1)
            self.daemon.wait_log("%s: packet 0x[0-9a-f]+ out of place in an update$" % phase)

    def test_flood_in_an_update(self):
        self.up("prepare-flood", "always")
        self.assertIn("not updated", self.update(status=1))

    def test_control_socket_closed_in_an_update(self):
        self.up("prepare-close")
        self.assertIn("closed its control socket", self.update(status=1))
        self.assertIn("closed its control socket", self.update(status=1))

    # ---- Clients -------------------------------------------------------------------------

    def test_busy(self):
        self.make_gate()
        self.up("child-gate", cwd=self.directory)
        first = self.begin_update()
        first.await_phase("start")
        self.assertEqual(self.daemon.service()["state"], "updating")
        self.assertIn("another update of this service is running", self.update(status=1))
        self.open_gate()
        self.assertEqual(first.final()["result"], 0)
        self.assert_one_instance()

    def test_update_survives_sefctl(self):
        self.make_gate()
        old = self.up("child-gate", cwd=self.directory)
        with subprocess.Popen([os.path.join(BIN, "sefctl"), "-v", "-s", self.daemon.socket,
                               "update", "s", GOOD], stderr=subprocess.PIPE, text=True) as ctl:
            for line in ctl.stderr:
                if line == "s: start\n":
                    break
            ctl.kill()
            ctl.wait(PATIENCE)
        self.open_gate()
        await_end(old)
        self.daemon.wait_log("s: update to .*: updated")
        self.assertEqual(self.daemon.service()["last_update"]["text"], "updated")
        self.assert_one_instance()

    def test_down_in_an_update(self):
        self.up("child-hang")
        update = self.begin_update()
        update.await_phase("start")
        self.assertEqual(self.daemon.ctl("down", "s").returncode, 0)
        self.assertEqual(update.final()["text"], "the service is taken down")
        self.assertIsNone(self.daemon.service())

    def test_stop_in_an_update(self):
        self.make_gate()
        pid = self.up("child-gate", cwd=self.directory)
        update = self.begin_update()
        update.await_phase("start")
        self.daemon.process.send_signal(signal.SIGTERM)
        self.assertEqual(update.final()["result"], 125)
        await_end(pid)

    def test_daemon_killed_in_an_update(self):
        """The daemon that follows knows the service, which has ended meanwhile."""
        pid = self.up("child-hang")
        update = self.begin_update()
        update.await_phase("start")
        self.daemon.kill()
        self.assertRaises(EOFError, update.final)
        update.close()
        await_end(pid)  # this service ends without its supervisor; its child hangs
        os.killpg(pid, signal.SIGKILL)
        self.daemon = type(self.daemon)(self.directory, *self.options)
        # It hears of the end, waits for the new version, and gives up.
        self.daemon.wait_log("s: process %d ended\n(.*\n)*sefd: s: process %d ended" % (pid, pid))
        self.assertEqual(self.daemon.service()["state"], "ended")
        self.up()
        self.daemon.ctl("down", "s")

    def test_daemon_killed_after_the_old_instance(self):
        """The new version hangs and no daemon has met an instance: it is ended all the same."""
        self.make_gate()
        pid = self.up("child-gate", cwd=self.directory)
        update = self.begin_update()
        with self.await_at_gate():
            (child,) = processes_of(pid)
            kill(pid)
            update.await_phase("takeover")
            self.daemon.kill()
            update.close()
            self.daemon = type(self.daemon)(self.directory, *self.options)
            await_end(child)
        self.assertEqual(self.daemon.service()["state"], "ended")

    def test_daemon_killed_in_a_commit(self):
        """The old instance ends after the next daemon has found it, and before the new one comes to it."""
        self.make_gate()
        pid = self.up("commit-gate", "go-rejoin", cwd=self.directory)
        update = self.begin_update()
        update.await_phase("commit")
        self.daemon.kill()
        update.close()
        self.daemon = type(self.daemon)(self.directory, *self.options)
        self.daemon.wait_log("s: process %d is there" % pid)
        self.open_gate()
        self.daemon.wait_log("s: the new version took over while there was no sefd")
        self.daemon.wait_log("s: process [0-9]+ came back")
        service = self.daemon.service()
        self.assertNotEqual(service["pid"], pid)
        self.assertEqual((service["state"], service["generation"], service["updates"]), ("running", 2, 1))
        await_end(pid)


if __name__ == "__main__":
    unittest.main()
