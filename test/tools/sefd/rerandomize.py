# SPDX-License-Identifier: BSD-2-Clause
"""Updates of a service to another of its variants, asked for and by themselves."""
import errno
import os
import shutil
import unittest

from harness import BIN, FAKE, GOOD, DaemonTest


class Rerandomize(DaemonTest):
    def make_variants(self, n):
        paths = [os.path.join(self.directory, "variant-%d.so" % i) for i in range(1, n + 1)]
        for path in paths:
            shutil.copy(GOOD, path)
        return paths

    def up_with(self, variants, **settings):
        reply = self.daemon.request("up", label="s", image=FAKE, args=[FAKE],
                                    settings=dict(Variants=" ".join(variants), **settings))
        self.assertEqual(reply["result"], 0, reply)

    def test_another_variant_each_time_until_all_were_there(self):
        variants = self.make_variants(3)
        self.up_with(variants)
        self.assertEqual(self.daemon.service()["asr_count"], 0)
        last, seen = None, set()
        for _ in range(100):
            reply = self.daemon.request("rerandomize", label="s")
            self.assertEqual(reply["result"], 0, reply)
            service = self.daemon.service()
            self.assertNotEqual(service["image"], last)
            self.assertEqual(service["image"], variants[service["asr_count"] - 1])
            last = service["image"]
            seen.add(last)
            if len(seen) == 3:
                break
        self.assertEqual(seen, set(variants))
        self.assert_one_instance()

    def test_without_another_variant_it_is_refused(self):
        self.up()
        reply = self.daemon.request("rerandomize", label="s")
        self.assertEqual(reply["result"], errno.EINVAL)
        self.assertIn("no variant besides the image that runs", reply["text"])
        (only,) = self.make_variants(1)
        self.daemon.request("edit", label="s", settings={"Variants": only})
        self.assertEqual(self.daemon.request("rerandomize", label="s")["result"], 0)
        self.assertEqual(self.daemon.request("rerandomize", label="s")["result"], errno.EINVAL)
        self.assertEqual(self.daemon.request("rerandomize", label="t")["result"], errno.ENOENT)

    def test_failed_update_keeps_variant_and_number(self):
        self.up_with(["/no/such/variant"])
        reply = self.daemon.request("rerandomize", label="s")
        self.assertEqual(reply["result"], errno.ENOENT)
        service = self.daemon.service()
        self.assertEqual((service["image"], service["asr_count"]), (FAKE, 0))
        self.assert_one_instance()

    def test_period(self):
        variants = self.make_variants(2)
        self.up_with(variants, RerandomizeSec="20ms")
        for _ in range(3):
            self.daemon.log = ""
            self.daemon.wait_log("updated")
        edited = self.daemon.request("edit", label="s", settings={"RerandomizeSec": "0"})
        self.assertEqual(edited["settings"]["RerandomizeSec"], "0")
        self.assertEqual(edited["settings"]["Variants"], " ".join(variants))

    def test_next_daemon_goes_on_with_variants_number_and_period(self):
        """Also with a path that needs quotes."""
        variants = self.make_variants(2)
        odd = os.path.join(self.directory, "it's a \\\"variant.so")
        os.rename(variants[1], odd)
        quoted = "%s '%s'" % (variants[0], odd.replace("'", "'\\''"))
        self.up_with([quoted])
        while self.daemon.service()["asr_count"] != 2:
            self.assertEqual(self.daemon.request("rerandomize", label="s")["result"], 0)
        self.assertEqual(self.daemon.service()["image"], odd)
        self.daemon.request("edit", label="s", settings={"RerandomizeSec": "50ms"})
        reply = {"result": errno.EBUSY}
        while reply["result"] == errno.EBUSY:  # as long as the service is just being moved
            reply = self.daemon.request("update", label="sefd", image=os.path.join(BIN, "sefd"))
        self.assertEqual(reply["result"], 0, reply)
        self.daemon.log = ""
        for _ in range(2):
            self.daemon.wait_log("updated")
            self.daemon.log = ""
        self.daemon.request("edit", label="s", settings={"RerandomizeSec": "0"})
        self.assertIn(self.daemon.service()["image"], [variants[0], odd])

    def test_period_without_variants_is_logged(self):
        self.up_with([], RerandomizeSec="10ms")
        self.daemon.wait_log("s: not rerandomized: it has no other variant")
        self.assert_one_instance()

    def test_wrong_settings_are_refused(self):
        for value, why in (("relative", "has absolute paths"), ("'/a", "without end"),
                           (" ".join(["/a"] * 257), "up to 256 paths")):
            reply = self.daemon.request("up", label="s", image=FAKE, args=[FAKE],
                                        settings={"Variants": value})
            self.assertEqual(reply["result"], errno.EINVAL, reply)
            self.assertIn(why, reply["text"])


if __name__ == "__main__":
    unittest.main()
