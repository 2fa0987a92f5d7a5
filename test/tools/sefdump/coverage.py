# SPDX-License-Identifier: BSD-2-Clause
"""sefdump --coverage: which allocation sites have a type, and how much live memory has one."""
import os
import unittest

from sefdump_case import SefdumpCase

PROGRAM = os.environ["COVERAGE"]


class Coverage(SefdumpCase):
    def test_sites_are_counted(self):
        out = self.run_sefdump("--coverage", PROGRAM)
        self.assertIn("allocation sites: 6, typed 2 (33.3 %), leaf 2 (33.3 %), "
                      "opaque 2 (33.3 %)\n", out)
        self.assertIn("calls that may allocate: 1, typed when they do\n", out)

    def test_opaque_sites_are_listed(self):
        out = self.run_sefdump("--coverage", PROGRAM)
        self.assertRegex(out, r"\n\S*coverage\.c:\d+: build\(\): anything = malloc\(\): opaque: "
                              r"nothing typed receives it\n")
        self.assertEqual(out.count(": opaque"), 2)

    def test_json_has_the_same(self):
        coverage = self.run_json("--coverage", PROGRAM)["coverage"]
        self.assertEqual(coverage["sites"], {"typed": 2, "leaf": 2, "opaque": 2, "late": 1})
        site = next(s for s in coverage["opaque_sites"] if s["receiver"] == "anything")
        self.assertEqual((site["function"], site["callee"], site["reason"]),
                         ("build", "malloc", "nothing typed receives it"))
        self.assertTrue(site["file"].endswith("coverage.c") and site["line"] > 0)
        self.assertNotIn("heap", coverage)

    def test_live_objects_are_counted(self):
        pid = str(self.start(PROGRAM))
        heap = self.run_json("--coverage", "--pid", pid)["coverage"]["heap"]
        self.assertEqual((heap["typed_objects"], heap["typed_bytes"]), (22, 16 * 121))
        self.assertEqual((heap["sub_objects"], heap["sub_bytes"]), (20, 16 * 20))
        self.assertGreaterEqual(heap["resident_bytes"],
                                heap["typed_bytes"] + heap["opaque_bytes_at_most"])
        out = self.run_sefdump("--coverage", "--pid", pid)
        self.assertIn("typed objects: 22, 1936 bytes (inside blocks: 20, 320 bytes)\n", out)
        self.assertRegex(out, r"opaque memory: at most \d+ bytes, of \d+ resident\n")


if __name__ == "__main__":
    unittest.main()
