# SPDX-License-Identifier: BSD-2-Clause
"""A real service crashes, hangs and is killed: what becomes of its state, endpoint and connections."""
import os
import resource
import signal
import socket
import stat
import unittest

from harness import BIN, PATIENCE, DaemonTest, await_end, kill

SERVICE = os.path.join(BIN, "crashing")


class Client:
    """A connection to the service, which outlives restarts with state."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)

    def tell(self, word):
        self.socket.sendall(word.encode() + b"\n")

    def ask(self, word="get"):
        self.tell(word)
        with self.socket.makefile() as file:
            return file.readline().split()

    def is_closed(self):
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True


class RecoveryTest(DaemonTest):
    options = ("--stop-timeout", "200ms", "--restart-period", "1ms", "--crash-window", "60m")

    def start(self, mode="state", policy="restart", **settings):
        settings = dict({"RestartPolicy": policy}, **settings)
        port_file = os.path.join(self.directory, "port")
        reply = self.daemon.request("up", label="s", image=SERVICE, cwd=self.directory,
                                    args=[SERVICE, mode, port_file], settings=settings)
        self.assertEqual(reply["result"], 0, reply)
        self.pid = reply["pid"]
        self.endpoint = self.daemon.service()["endpoint"]
        self.client = self.connect()
        self.assertEqual(self.client.ask("add")[:2], ["1", "1"])

    def connect(self):
        with open(os.path.join(self.directory, "port"), encoding="ascii") as file:
            client = Client(int(file.read()))
        self.addCleanup(client.socket.close)
        return client

    def await_restart(self, number, outcome):
        """Wait until the service runs again; returns what status says of it."""
        self.daemon.wait_log(r"s: %s, restart %d$" % (outcome, number))
        service = self.daemon.service()
        self.assertEqual((service["state"], service["restarts"]), ("running", number))
        self.assertEqual(service["last_crash"]["outcome"], outcome)
        self.assertEqual(service["last_crash"]["pid"], self.pid)
        self.assertNotEqual(service["pid"], self.pid)
        await_end(self.pid)
        self.pid = service["pid"]
        return service

    def expect_state(self, number, client=None, signo=None):
        """It continued: variables, heap, endpoint and this connection are there."""
        service = self.await_restart(number, "continued with its state")
        self.assertEqual(service["endpoint"], self.endpoint)
        if signo:
            self.assertEqual(service["last_crash"]["signal"], signo)
        answer = (client or self.client).ask()
        self.assertEqual(answer, ["1", "1", "restarts", str(number), "endpoint",
                                  str(self.endpoint)])
        return service

    def expect_anew(self, number, **crash):
        """It lost its state: a new endpoint, and connections are gone."""
        service = self.await_restart(number, "started anew")
        for key, value in crash.items():
            self.assertEqual(service["last_crash"].get(key), value)
        self.assertGreater(service["endpoint"], self.endpoint)
        self.assertTrue(self.client.is_closed())
        self.endpoint = service["endpoint"]
        self.client = self.connect()
        self.assertEqual(self.client.ask(), ["0", "0", "restarts", str(number), "endpoint",
                                             str(self.endpoint)])
        return service

    def expect_ended(self, outcome="not restarted"):
        self.daemon.wait_log(r"s: process %d (was|exited)" % self.pid)
        await_end(self.pid)
        service = self.daemon.service()
        self.assertEqual((service["state"], service["pid"]), ("ended", 0))
        self.assertEqual(service["last_crash"]["outcome"], outcome)
        return service

    def down(self):
        done = self.daemon.ctl("down", "s")
        self.assertEqual(done.returncode, 0, done.stderr)
        while self.daemon.children():  # what has ended is reaped a turn of the loop later
            self.daemon.request("status")


class WithState(RecoveryTest):
    def test_null_pointer(self):
        self.start()
        other = self.connect()
        self.client.tell("null")
        service = self.expect_state(1, signo=signal.SIGSEGV)
        crash = service["last_crash"]
        self.assertEqual(crash["address"], "0x0")
        self.assertGreater(int(crash["pc"], 16), 0)
        self.assertFalse(crash["controlled"])
        # A connection that had nothing to do with it too.
        self.assertEqual(other.ask()[:2], ["1", "1"])
        self.assertEqual(self.daemon.children(), [self.pid])
        self.down()

    def test_abort(self):
        self.start()
        self.client.tell("abort")
        self.expect_state(1, signo=signal.SIGABRT)
        self.down()

    def test_stack_overflow(self):
        self.start()
        self.client.tell("overflow")
        self.expect_state(1, signo=signal.SIGSEGV)

    def test_controlled_crash(self):
        self.start()
        done = self.daemon.request("fi", label="s")
        self.assertEqual(done["result"], 0, done)
        service = self.expect_state(1, signo=signal.SIGABRT)
        self.assertTrue(service["last_crash"]["controlled"])

    def test_hang(self):
        self.start(HeartbeatSec="20ms")
        self.client.tell("hang")
        service = self.expect_state(1, signo=signal.SIGABRT)
        self.assertTrue(service["last_crash"]["silent"])

    def test_core_is_left(self):
        with open("/proc/sys/kernel/core_pattern", encoding="ascii") as file:
            pattern = file.read().strip()
        if pattern.startswith("|") or "/" in pattern:
            self.skipTest("cores go elsewhere")
        self.start()
        resource.prlimit(self.pid, resource.RLIMIT_CORE,
                         (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        crashed = self.pid
        self.client.tell("null")
        self.expect_state(1)
        self.assertIn("core dumped", self.daemon.service()["last_crash"]["end"])
        cores = [name for name in os.listdir(self.directory) if name.startswith("core")]
        self.assertEqual(len(cores), 1, (crashed, cores))
        self.assertTrue(stat.S_ISREG(os.stat(os.path.join(self.directory, cores[0])).st_mode))

    def test_after_an_update(self):
        """The version that runs is the one that goes on."""
        self.start()
        reply = self.daemon.request("update", label="s", image=SERVICE)
        self.assertEqual(reply["result"], 0, reply)
        self.pid = reply["pid"]
        self.client.tell("null")
        service = self.expect_state(1)
        self.assertEqual((service["generation"], service["updates"]), (2, 1))
        reply = self.daemon.request("update", label="s", image=SERVICE)
        self.assertEqual(reply["result"], 0, reply)
        self.assertEqual(self.client.ask()[:2], ["1", "1"])

    def test_crash_while_an_update_is_prepared(self):
        self.start()
        update = self.daemon.begin("update", label="s", image=SERVICE, state=5, timeout_ms=60000)
        update.await_phase("prepare")
        self.client.tell("null")
        reply = update.final()
        self.assertEqual((reply["result"], reply["text"]),
                         (200, "the service crashed while the update was prepared"))
        self.expect_state(1)
        self.assertEqual(self.daemon.request("update", label="s", image=SERVICE)["result"], 0)


class EachTime(RecoveryTest):
    options = RecoveryTest.options[:-1] + ("1ms",)

    def test_again_and_again(self):
        self.start()
        descriptors = len(os.listdir("/proc/%d/fd" % self.pid))
        for number in range(1, 21):
            self.client.tell("null")
            self.expect_state(number)
        self.assertEqual(self.daemon.children(), [self.pid])
        self.assertEqual(len(os.listdir("/proc/%d/fd" % self.pid)), descriptors)
        self.down()


class WithoutState(RecoveryTest):
    def test_second_crash_soon_after(self):
        self.start()
        self.client.tell("null")
        self.expect_state(1)
        self.client.tell("null")
        self.expect_anew(2, state_lost="it crashed again too soon")
        self.assertEqual(self.daemon.children(), [self.pid])

    def test_killed(self):
        self.start()
        kill(self.pid)
        self.expect_anew(1, end="was killed by signal 9 (Killed)", signal=9)

    def test_exit(self):
        self.start()
        self.client.tell("exit")
        self.expect_anew(1, end="exited with status 3")

    def test_crash_in_the_allocator(self):
        self.start()
        self.client.tell("double-free")
        self.expect_anew(1, state_lost="it crashed in the allocator")

    def test_crash_of_a_thread(self):
        self.start()
        self.client.tell("thread")
        self.expect_anew(1, state_lost="it was not the main thread that crashed")

    def test_crash_during_the_restart(self):
        self.start("bad-init")
        self.client.tell("null")
        self.expect_anew(1)

    def test_hang_that_ignores_signals(self):
        self.start(HeartbeatSec="20ms")
        os.kill(self.pid, signal.SIGSTOP)
        service = self.expect_anew(1)
        self.assertTrue(service["last_crash"]["silent"])

    def test_service_without_a_callback(self):
        self.start("fresh")
        self.client.tell("null")
        self.expect_anew(1)

    def test_policy_reset(self):
        self.start(policy="reset")
        self.client.tell("null")
        self.expect_anew(1, state_lost="the policy does not have it go on")

    def test_callback_that_takes_no_state(self):
        self.start("same")
        endpoint = self.endpoint
        self.client.tell("null")
        service = self.await_restart(1, "restarted with its endpoint")
        self.assertEqual(service["endpoint"], endpoint)
        self.assertEqual(self.connect().ask(), ["0", "0", "restarts", "1", "endpoint",
                                                str(endpoint)])

    def test_standby_takes_over(self):
        self.start("fresh", Standby="yes")
        standby = [pid for pid in self.daemon.children() if pid != self.pid]
        self.assertEqual(len(standby), 1)
        kill(self.pid)
        self.expect_anew(1)
        self.assertEqual([self.pid], standby)


class Ending(RecoveryTest):
    def test_signal_comes_as_a_request(self):
        """A service with a signal callback does not get SIGTERM itself, which this one ignores."""
        self.start("signal", policy="none")
        done = self.daemon.ctl("down", "s")
        self.assertEqual((done.returncode, done.stdout), (0, "s: down (exited with status 0)\n"))

    def test_new_version_without_callback_gets_the_signal(self):
        self.start("signal-once", policy="none")
        reply = self.daemon.request("update", label="s", image=SERVICE)
        self.assertEqual(reply["result"], 0, reply)
        done = self.daemon.ctl("down", "s")
        self.assertEqual((done.returncode, done.stdout),
                         (0, "s: down (was killed by signal 15 (Terminated))\n"))


class NotRestarted(RecoveryTest):
    def test_policy_none(self):
        self.start(policy="none")
        self.client.tell("null")
        self.expect_ended()
        self.down()

    def test_no_restart(self):
        self.start(Restart="no")
        self.client.tell("exit")
        self.expect_ended()

    def test_recovery_script(self):
        script = os.path.join(self.directory, "script")
        out = os.path.join(self.directory, "script.out")
        with open(script, "w", encoding="ascii") as file:
            file.write('#!/bin/sh\necho "$1 $2" >%s\nexec %s --socket "$3" restart "$1"\n'
                       % (out, os.path.join(BIN, "sefctl")))
        os.chmod(script, 0o700)
        self.start(RestartScript=script)
        self.client.tell("null")
        self.daemon.wait_log(r"s: recovery script is process \d+")
        self.daemon.wait_log(r"s: up, process (?!%d$)\d+$" % self.pid)
        service = self.daemon.service()
        self.assertEqual((service["state"], service["restarts"]), ("running", 1))
        self.assertEqual(service["last_crash"]["outcome"], "restarted by its recovery script")
        with open(out, encoding="ascii") as file:
            self.assertEqual(file.read(), "s crash\n")


class Storm(RecoveryTest):
    """A service that cannot live is not restarted all the time."""

    options = RecoveryTest.options[:3] + ("60m",) + RecoveryTest.options[4:]

    def test_back_off(self):
        self.start("fresh")
        kill(self.pid)
        self.expect_anew(1)
        kill(self.pid)
        self.daemon.wait_log(r"s: is restarted in 7200000 ms")
        service = self.daemon.service()
        self.assertEqual((service["state"], service["pid"], service["restarts"]),
                         ("restarting", 0, 2))
        for command, error in (("update", 3), ("refresh", 16), ("up", 17)):
            reply = self.daemon.request(command, label="s", image=SERVICE, args=["x"])
            self.assertEqual(reply["result"], error, reply)
        self.down()
        self.assertIsNone(self.daemon.service())

    def test_without_back_off_only_a_few_times(self):
        self.start("fresh", RestartBackoff="no")
        for number in range(1, 11):
            kill(self.pid)
            self.expect_anew(number)
        kill(self.pid)
        self.daemon.wait_log(r"s: is restarted in 108000000 ms")

    def test_daemon_ends_meanwhile(self):
        self.start("fresh")
        kill(self.pid)
        self.expect_anew(1)
        kill(self.pid)
        self.daemon.wait_log(r"s: is restarted in ")
        self.assertEqual(self.daemon.close(), 0)


class WithoutDaemon(RecoveryTest):
    """A crash while there is no sefd."""

    def crash(self):
        self.daemon.kill()
        self.client.tell("null")
        await_end(self.pid)

    def next_daemon(self):
        self.daemon = type(self.daemon)(self.directory, *self.options)

    def ask(self):
        return self.client.ask()[:4]

    def test_goes_on(self):
        self.start()
        self.crash()
        self.assertEqual(self.ask(), ["1", "1", "restarts", "1"])
        self.next_daemon()
        self.daemon.wait_log("s: process [0-9]+ came back")
        service = self.expect_state(1)
        self.assertEqual(service["last_crash"]["end"], "crashed without a sefd")
        reply = self.daemon.request("update", label="s", image=SERVICE)
        self.assertEqual(reply["result"], 0, reply)
        self.assertEqual(self.ask(), ["1", "1", "restarts", "1"])
        self.down()

    def test_again_with_a_daemon(self):
        """The second crash comes too soon, as if sefd had been there for the first."""
        self.start()
        self.crash()
        self.next_daemon()
        self.daemon.wait_log("s: process [0-9]+ came back")
        self.expect_state(1)
        self.client.tell("null")
        self.expect_anew(2, state_lost="it crashed again too soon")

    def test_only_once(self):
        self.start()
        self.crash()
        self.assertEqual(self.ask(), ["1", "1", "restarts", "1"])
        self.client.tell("null")
        self.assertTrue(self.client.is_closed())
        self.next_daemon()
        self.expect_anew(1)

    def test_no_replica_by_policy(self):
        """The next sefd does not take it; it ends."""
        self.start(policy="none")
        self.crash()
        self.assertEqual(self.ask(), ["1", "1", "restarts", "1"])
        self.next_daemon()
        self.assertTrue(self.client.is_closed())
        self.assertEqual(self.daemon.service()["state"], "ended")


if __name__ == "__main__":
    unittest.main()
