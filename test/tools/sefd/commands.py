# SPDX-License-Identifier: BSD-2-Clause
"""The commands of RS beyond up, down, update and status, and the options of update."""
import errno
import json
import os
import unittest

from harness import FAKE, GOOD, DaemonTest, await_end, kill


class Commands(DaemonTest):
    def ctl(self, *words, status=0):
        done = self.daemon.ctl(*words)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout + done.stderr

    # ---- Services ------------------------------------------------------------------------

    def test_run(self):
        self.ctl("run", "s", FAKE)
        self.assertEqual(self.daemon.service()["settings"]["Restart"], "no")
        self.ctl("up", "t", FAKE)
        self.assertEqual(self.daemon.service("t")["settings"]["Restart"], "yes")

    def test_refresh(self):
        """Another process with another endpoint, under the same label."""
        pid = self.up("print-init", "always")
        before = self.daemon.service()
        text = self.ctl("refresh", "s")
        after = self.daemon.service()
        self.assertEqual(text, "s: up, process %d\n" % after["pid"])
        await_end(pid)
        self.assertNotEqual(after["pid"], pid)
        self.assertNotEqual(after["endpoint"], before["endpoint"])
        self.assertEqual((after["restarts"], after["generation"]), (0, 1))
        self.daemon.wait_log("init: endpoint %d " % after["endpoint"])
        self.assert_one_instance()

    def test_refresh_runs_what_was_updated_to(self):
        self.up()
        self.update()
        self.ctl("refresh", "s", status=1)  # the good image does nothing but crash
        service = self.daemon.service()
        self.assertEqual((service["image"], service["state"]), (GOOD, "ended"))

    def test_refresh_that_fails(self):
        """The service stays listed as ended, and can be refreshed again."""
        flag = os.path.join(self.directory, "flag")
        self.ctl("up", "s", "/bin/sh", "-c",
                 "if test -e %s; then exit 9; else exec %s; fi" % (flag, FAKE))
        with open(flag, "wb"):
            pass
        self.assertIn("exited with status 9 before it was initialised",
                      self.ctl("refresh", "s", status=1))
        self.assertEqual(self.daemon.service()["state"], "ended")
        os.unlink(flag)
        self.ctl("refresh", "s")
        self.assertEqual(self.daemon.service()["state"], "running")

    def test_down_during_refresh(self):
        self.up("ignore-term")
        refresh = self.daemon.begin("refresh", label="s")
        while self.daemon.service()["state"] != "stopping":
            pass
        self.assertEqual(self.daemon.request("refresh", label="s")["result"], errno.EBUSY)
        self.assertEqual(self.daemon.request("down", label="s")["result"], 0)
        self.assertEqual(refresh.final()["result"], errno.ECANCELED)
        self.assertIsNone(self.daemon.service())

    def test_restart_is_for_recovery_scripts(self):
        self.up("print-init", "always")
        self.assertIn("restart is for the recovery script", self.ctl("restart", "s", status=1))
        script = os.path.join(self.directory, "script")
        with open(script, "w", encoding="ascii") as file:
            file.write("#!/bin/sh\n")
        os.chmod(script, 0o755)
        self.ctl("edit", "s", "--no-restart", "--script", "script")
        self.assertEqual(self.daemon.service()["settings"]["RestartScript"], script)
        kill(self.daemon.service()["pid"])
        while self.daemon.service()["state"] != "ended":
            pass
        self.ctl("restart", "s")
        self.daemon.wait_log(r"init: endpoint \d+ restarts \d+ flags 0x10$")
        self.assert_one_instance()

    def test_standby(self):
        self.up("print-init")
        self.assertEqual(self.ctl("unclone", "s", status=1), "s: has no stand-by replica\n")
        text = self.ctl("clone", "s")
        standby = self.daemon.service()["standby"]
        self.assertEqual(text, "s: cloned: process %d stands by\n" % standby)
        self.assertIn(standby, self.daemon.children())
        self.assertEqual(self.ctl("clone", "s", status=1), "s: has a stand-by replica already\n")
        self.ctl("unclone", "s")
        await_end(standby)
        self.assertEqual(self.daemon.service()["standby"], 0)
        self.assert_one_instance()

    def test_standby_is_renewed(self):
        """By an update and by a refresh; it goes with the service."""
        self.ctl("up", "s", "--standby", FAKE)
        first = self.daemon.service()["standby"]
        self.ctl("refresh", "s")
        second = self.daemon.service()["standby"]
        await_end(first)
        self.assertNotIn(second, (0, first))
        self.update()
        await_end(second)
        self.ctl("edit", "s", "--set", "Standby=no")
        self.assertEqual(self.daemon.service()["standby"], 0)

    def test_standby_that_dies(self):
        self.up()
        self.ctl("clone", "s")
        kill(self.daemon.service()["standby"])
        self.daemon.wait_log("s: the stand-by replica was killed by signal 9")
        self.assertEqual(self.daemon.service()["standby"], 0)
        self.ctl("clone", "s")
        third = self.daemon.service()["standby"]
        self.ctl("down", "s")
        await_end(third)

    def test_edit(self):
        self.up()
        text = self.ctl("edit", "s", "--period", "2s", "--restart-policy", "reset", "--no-backoff",
                        "--restarts", "5", "--state", "3", "--prealloc", "1M", "--asr-count", "2",
                        "--rerandomize", "1d")
        self.assertTrue(text.startswith("s: edited\n"))
        for line in ("HeartbeatSec=2", "RestartPolicy=reset", "RestartBackoff=no",
                     "RestartCount=5", "UpdateState=protocol-free", "Preallocate=1048576",
                     "AsrCount=2", "RerandomizeSec=86400"):
            self.assertIn("  %s\n" % line, text)
        self.assertEqual(self.daemon.service()["restarts"], 5)

    def test_edit_is_all_or_nothing(self):
        self.up()
        reply = self.daemon.request("edit", label="s", settings={
            "RestartCount": "7", "HeartbeatSec": "soon"})
        self.assertEqual(reply["result"], errno.EINVAL)
        self.assertEqual(self.daemon.service()["settings"]["RestartCount"], "0")
        for settings, result in (({"ExecStart": "/bin/true"}, errno.ENOENT),
                                 ({"Owner": "root"}, errno.ENOENT), ({"x": "y"}, errno.ENOENT),
                                 ({"Restart": True}, errno.EINVAL), ([], errno.EINVAL)):
            reply = self.daemon.request("edit", label="s", settings=settings)
            self.assertEqual(reply["result"], result, settings)

    def test_fi(self):
        self.ctl("run", "s", FAKE)
        self.assertEqual(self.ctl("fi", "s"), "s: asked for a controlled crash\n")
        while self.daemon.service()["state"] != "ended":
            pass
        self.assertIn("signal 6", self.daemon.service()["end"])
        self.assertIn("the service is ended", self.ctl("fi", "s", status=1))

    def test_shutdown(self):
        pid = self.up()
        self.assertEqual(self.ctl("shutdown"), "sefctl: shutting down\n")
        await_end(pid)
        await_end(self.daemon.process.pid)

    def test_historic_names(self):
        self.up()
        self.assertIn(" running ", self.ctl("sysctl", "srv_status"))
        self.assertEqual(self.ctl("sysctl", "upd_status"), "no updates\n")
        self.assertIn("no update that can be stopped", self.ctl("sysctl", "upd_stop", status=1))
        for name in ("upd_run", "upd_start"):
            self.assertIn("nothing is queued", self.ctl("sysctl", name, status=1))

    def test_unknown_service(self):
        for command in ("refresh", "restart", "clone", "unclone", "fi", "upd_stop"):
            self.assertIn("no such service", self.ctl(command, "nothing", status=1))
        self.assertIn("no such service", self.ctl("edit", "nothing", "--period", "1", status=1))

    def test_no_block(self):
        """The request is carried out; whoever asked does not wait for it."""
        self.make_gate()
        self.assertEqual(self.ctl("up", "s", "--no-block", FAKE, "init-gate"), "s: accepted\n")
        self.assertEqual(self.daemon.service()["state"], "starting")
        self.open_gate()
        self.daemon.wait_log("s: up, process")
        self.assertEqual(self.ctl("update", "--no-block", "s", GOOD), "s: accepted\n")
        self.daemon.wait_log("s: update to .*: updated$")
        self.assertEqual(self.ctl("down", "--no-block", "s"), "s: accepted\n")
        self.daemon.wait_log("s: down$")

    # ---- Updates -------------------------------------------------------------------------

    def start_line(self, *options):
        """What the service is told when an update with these options starts."""
        self.up("print-start")
        self.update(*options)
        return self.daemon.wait_log("^start: flags (0x[0-9a-f]+) limit ([0-9]+)((?:\n[a-z]+=.*)*)")

    def test_flags(self):
        for option, flag in (("--force-transfer", 0x20), ("--default-callbacks", 8),
                             ("--no-mmap", 0x4000), ("--asr", 0x200), ("--debug-crash", 1),
                             ("--debug-fail", 2), ("--debug-timeout", 4), ("--verify", 0x20000)):
            match = self.start_line(option)
            self.assertEqual(int(match.group(1), 16), flag, option)
            self.daemon.log = ""
            self.ctl("down", "s")

    def test_prealloc(self):
        self.assertEqual(self.start_line("--prealloc", "8M").group(3), "\nprealloc=8388608")

    def test_prealloc_of_the_service(self):
        self.ctl("up", "s", "--prealloc", "4K", FAKE, "print-start")
        self.update()
        self.daemon.wait_log("^start: .*\nprealloc=4096$")

    def test_lists_of_messages(self):
        """They reach the daemon, which says what is wrong with one."""
        self.up()
        self.update("--ipc-blacklist", "s:1,:2", "--ipc-blacklist", "ANY_SYS:", "--ipc-whitelist",
                    ":7")
        for option in ("--ipc-blacklist", "--ipc-whitelist"):
            self.assertIn("nonsense", self.update(option, "nonsense", status=1))

    def test_unlimited(self):
        self.assertEqual(self.start_line("--timeout", "0").group(2), str(2 ** 32 - 1))

    def test_self(self):
        """The running image, even if its file is gone."""
        image = os.path.join(self.directory, "image")
        with open(GOOD, "rb") as good, open(image, "wb") as file:
            file.write(good.read())
        self.up("print-start", "always")
        self.update(image=image)
        os.unlink(image)
        text = self.update(image="self")
        self.assertIn("updated to self (generation 3)", text)
        self.daemon.wait_log("start: flags 0x100 ")
        self.assertEqual(self.daemon.service()["image"], image)
        self.update("--self", "--force-transfer", image="self", status=0)
        self.daemon.wait_log("start: flags 0x120 ")

    def test_prepare_only(self):
        pid = self.up("print-start", "always")
        text = self.ctl("update", "--prepare-only", "s")
        self.assertEqual(text, "s: prepared: the service reached the state, and goes on\n")
        text = self.ctl("update", "--prepare-only", "s", "/nonexistent")
        self.assertEqual(text, "s: prepared: the service reached the state, and goes on\n")
        text = self.ctl("update", "--prepare-only", "--state", "unreachable", "--timeout", "50ms",
                        "s", status=1)
        self.assertIn("was not ready within 50 ms", text)
        service = self.daemon.service()
        self.assertEqual((service["pid"], service["updates"]), (pid, 0))
        self.assertNotIn("start: ", self.daemon.log)
        self.assert_one_instance()

    def test_prepare_only_in_a_batch(self):
        """It holds the others back until its service reached the state, and changes nothing there."""
        self.up(label="a")
        self.up(label="b")
        self.ctl("update", "--batch", "a", GOOD)
        self.ctl("update", "--batch", "--prepare-only", "b")
        reply = self.daemon.request("upd_run")
        self.assertEqual(reply["result"], 0, reply)
        self.assertEqual([self.daemon.service(label)["updates"] for label in "ab"], [1, 0])

    def test_prepare_only_in_a_batch_that_fails(self):
        self.up(label="a")
        self.up(label="b")
        self.ctl("update", "--batch", "a", GOOD)
        self.ctl("update", "--batch", "--prepare-only", "--state", "unreachable", "--timeout",
                 "100ms", "b")
        reply = self.daemon.request("upd_run")
        self.assertEqual(reply["result"], errno.EINTR, reply)
        self.assertEqual([self.daemon.service(label)["updates"] for label in "ab"], [0, 0])

    def test_asr_count(self):
        """Kept when the update succeeds, and only then."""
        self.up("start-fail")
        self.update("--asr-count", "3", status=1)
        self.assertEqual(self.daemon.service()["settings"]["AsrCount"], "0")
        self.update("--asr-count", "3")
        self.assertEqual(self.daemon.service()["settings"]["AsrCount"], "3")

    def test_state_of_the_service(self):
        """What the configuration names, if the request does not."""
        self.ctl("up", "s", "--state", "unreachable", "--set", "TimeoutPrepareSec=50ms", FAKE)
        self.assertIn("was not ready within 50 ms", self.update(status=1))
        self.update("--state", "work-free")

    def test_expression_of_the_service(self):
        self.ctl("up", "s", "--eval", "refuse", FAKE, "always")
        self.assertIn("refused by the service: refuse", self.update(status=1))
        self.update("--state", "work-free")
        self.update("--eval", "n == 0")

    def test_upd_stop(self):
        self.up("prepare-hang", "always")
        update = self.begin_update(timeout_ms=0)
        update.await_phase("prepare")
        status = self.daemon.request("upd_status")["updates"]
        self.assertEqual([(u["label"], u["phase"], u["image"]) for u in status],
                         [("s", "prepare", GOOD)])
        self.assertEqual(self.ctl("upd_status"), "s: prepare, %s\n" % GOOD)
        self.assertEqual(self.ctl("upd_stop", "s"), "s: stopped 1 update\n")
        reply = update.final()
        self.assertEqual((reply["result"], reply["text"]), (errno.EINTR, "stopped by upd_stop"))

    def test_upd_stop_of_a_start(self):
        """The old instance goes on."""
        self.make_gate()
        pid = self.up("child-gate")
        update = self.begin_update()
        update.await_phase("start")
        gate = self.await_at_gate()
        self.assertEqual(self.ctl("upd_stop"), "sefctl: stopped 1 update\n")
        self.assertEqual(update.final()["result"], errno.EINTR)
        gate.close()
        self.assertEqual(self.daemon.service()["pid"], pid)
        self.assert_one_instance()

    def test_upd_stop_of_a_rehearsal(self):
        """The service is not in it and has nothing to confirm; what it says later is not the next one's."""
        self.make_gate()
        pid = self.up("child-gate")
        rehearsal = self.begin_update(rehearse=True)
        rehearsal.await_phase("start")
        gate = self.await_at_gate()
        self.assertEqual(self.ctl("upd_stop"), "sefctl: stopped 1 update\n")
        reply = rehearsal.final()
        self.assertEqual((reply["result"], reply["text"]), (errno.EINTR, "stopped by upd_stop"))
        gate.close()
        self.assertEqual(self.daemon.service()["pid"], pid)
        self.assert_one_instance()

    def test_upd_stop_empties_the_queue(self):
        self.up()
        self.ctl("update", "--batch", "s", GOOD)
        self.assertEqual(self.ctl("upd_status"), "s: queued, %s\n" % GOOD)
        self.assertEqual(self.ctl("upd_stop"), "sefctl: stopped 1 update\n")
        self.assertEqual(json.loads(self.ctl("--json", "upd_status"))["queue"], [])
        self.update()


if __name__ == "__main__":
    unittest.main()
