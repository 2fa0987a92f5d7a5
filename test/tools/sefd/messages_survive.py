# SPDX-License-Identifier: BSD-2-Clause
"""Messages outlive the daemon: one that is killed loses none and doubles none."""
import unittest

from messages import (EDEADSRCDST, ENOTREADY, NOTIFY, NOTIFY_MESSAGE, SEND, SENDA, SENDREC,
                      MessagesTest, message)


class Survive(MessagesTest):
    def test_what_waits(self):
        a, b = self.talks("a", "b")
        for i in range(5):
            a.ask("asyn", b.endpoint, 1, i)
        a.ask("notify", b.endpoint)
        a.begin("send", b.endpoint, 2, 5)
        while self.daemon.service("a").get("waits_for") != "b":
            pass
        self.replace_daemon(a, b)
        self.assertEqual(b.ask("receive", "any"), message(a, NOTIFY_MESSAGE, 0, NOTIFY))
        for i in range(5):
            self.assertEqual(b.ask("receive", "any"), message(a, 1, i, SENDA))
        self.assertTrue(a.is_silent())
        self.assertEqual(b.ask("receive", "any"), message(a, 2, 5, SEND))
        self.assertEqual(a.answer(), "0")
        self.assertEqual(b.ask("receivenb", "any"), str(ENOTREADY))

    def test_receive(self):
        a, b = self.talks("a", "b")
        b.begin_receive("receive", "any")
        self.replace_daemon(a, b)
        self.assertEqual(a.ask("send", b.endpoint, 1, 1), "0")
        self.assertEqual(b.answer(), message(a, 1, 1, SEND))

    def test_call(self):
        a, b = self.talks("a", "b")
        a.begin("sendrec", b.endpoint, 1, 1)
        b.ask("receive", "any")
        self.replace_daemon(a, b)
        while b.ask("sendnb", a.endpoint, 2, 2) == str(ENOTREADY):
            pass  # until a has come back and is known to wait
        self.assertEqual(a.answer(), "0 %d/2/2/0" % b.endpoint)
        a.begin("sendrec", b.endpoint, 1, 2)
        self.replace_daemon(a, b)
        self.assertEqual(b.ask("receive", "any"), message(a, 1, 2, SENDREC))
        b.ask("send", a.endpoint, 3, 3)
        self.assertEqual(a.answer(), "0 %d/3/3/0" % b.endpoint)

    def test_all_come_back_each_time(self):
        """Also one that says who it is while its connection is being accepted."""
        talks = self.talks(*"abcdef")
        for _ in range(40):
            self.replace_daemon(*talks)
            for talk in talks:
                talk.begin("lookup", "a")
            for talk in talks:
                self.assertEqual(talk.answer(), "0 %d" % talks[0].endpoint)

    def test_end_of_a_service_without_daemon(self):
        a, b = self.talks("a", "b")
        b.ask("asyn", a.endpoint, 1, 1)
        a.ask("asyn", b.endpoint, 1, 1)
        self.replace_daemon(a, b)
        self.daemon.ctl("down", "b")
        self.assertEqual(a.ask("asyn", b.endpoint, 1, 1), str(EDEADSRCDST))
        self.assertEqual(a.ask("receive", "any"), message(b, 1, 1, SENDA))


if __name__ == "__main__":
    unittest.main()
