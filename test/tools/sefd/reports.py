# SPDX-License-Identifier: BSD-2-Clause
"""The user's wishes for an update reach the service, and reports tell what came of it."""
import html.parser
import json
import os
import re
import stat
import unittest

from harness import FAKE, GOOD, DaemonTest


class Page(html.parser.HTMLParser):
    """The text of a page; fails on tags that do not match and on what would load something."""

    VOID = ("meta",)

    def __init__(self, text):
        super().__init__()
        self.open, self.words, self.rows = [], [], []
        self.feed(text)
        assert self.open == [], self.open

    def handle_starttag(self, tag, attrs):
        assert tag not in ("script", "link", "img", "iframe"), tag
        assert not {"src", "href", "onclick"} & {name for name, _ in attrs}, attrs
        if tag not in self.VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag

    def handle_data(self, data):
        if "style" in self.open:
            assert "url(" not in data and "@import" not in data
            return
        self.words.append(data)
        if self.rows and {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data

    @property
    def text(self):
        return re.sub(r"\s+", " ", "".join(self.words))


class Reports(DaemonTest):
    def path(self, name, content=None):
        path = os.path.join(self.directory, name)
        if content is not None:
            with open(path, "wb") as file:
                file.write(content)
        return path

    def report(self, *options, status=0):
        """Update with a report as JSON; returns it."""
        path = self.path("report.json")
        self.update("--report", path, *options, status=status)
        with open(path, encoding="utf-8") as file:
            return json.load(file)

    # ---- Rules ---------------------------------------------------------------------------

    def wishes(self, *options):
        self.up("print-wishes")
        self.update(*options)
        return self.daemon.wait_log(r"wishes: [^]]*\]").group()

    def test_none(self):
        self.assertEqual(self.wishes(), "wishes: verify 0 []")

    def test_rules_and_policies(self):
        rules = self.path("v2.rules", "# für v2\nvar hits: renamed_from=n_hits".encode())
        self.assertEqual(
            self.wishes("--rules", rules, "--verify", "--policy", "removed=refuse",
                        "--policy", "lost=warn"),
            "wishes: verify 1 rules=[# für v2\nvar hits: renamed_from=n_hits\n"
            "policy removed=refuse\npolicy lost=warn\n]")

    def test_policies_alone(self):
        self.assertEqual(self.wishes("--policy", "removed=refuse"),
                         "wishes: verify 0 rules=[policy removed=refuse\n]")

    def test_file_goes_with_the_image(self):
        self.up()
        self.update("--policy", "removed=refuse")
        directory = os.path.join(self.daemon.runtime, "images", "s", "2")
        path = os.path.join(directory, "rules")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        os.symlink(GOOD, self.path("rules"))
        self.update("--policy", "removed=refuse", image=self.path("rules"))
        directory = os.path.join(self.daemon.runtime, "images", "s", "3")
        self.assertEqual(sorted(os.listdir(directory)), ["rules", "rules.txt"])

    def refused(self, *options):
        done = self.daemon.ctl("update", *options, "s", GOOD)
        self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
        return done.stderr

    def test_rules_that_cannot_be_sent(self):
        self.up("print-wishes")
        self.assertIn("rules /nonexistent: No such file", self.refused("--rules", "/nonexistent"))
        self.assertIn("Is a directory", self.refused("--rules", self.directory))
        self.assertIn("a zero byte", self.refused("--rules", self.path("zero", b"a\0b")))
        self.assertIn("more than 65536 bytes",
                      self.refused("--rules", self.path("long", b"#" * 65537)))
        self.assertIn("more than 65536 bytes",
                      self.refused("--rules", self.path("full", b"#" * 65536), "--policy", "a=b"))
        self.assertIn("more than 65536 bytes", self.refused("--rules", "/dev/zero"))
        self.assertIn("must be UTF-8", self.refused("--rules", self.path("latin", b"# f\xfcr")))
        for policy in ("removed", "=warn", "removed=", "a=b\npolicy c=d", ""):
            self.assertIn("not a policy", self.refused("--policy", policy))
        self.assertNotIn("wishes", self.daemon.log)
        self.update("--rules", self.path("full"))

    def test_image_with_a_newline(self):
        self.up()
        path = self.path("two\nlines")
        os.symlink(GOOD, path)
        self.assertIn("the path of an image must not have a newline",
                      self.update(image=path, status=1))
        self.assert_one_instance()

    # ---- Reports -------------------------------------------------------------------------

    def test_good_update(self):
        self.up("start-parts")
        report = self.report("--policy", "removed=warn", "--eval", "n == 0", "--verify")
        self.assertEqual((report["version"], report["type"], report["outcome"], report["result"]),
                         (1, "report", "updated", 0))
        self.assertEqual((report["label"], report["rules"], report["eval"], report["verify"]),
                         ("s", "policy removed=warn\n", "n == 0", True))
        self.assertEqual((report["from"]["image"], report["from"]["generation"]), (FAKE, 1))
        self.assertEqual((report["to"]["image"], report["to"]["generation"]), (GOOD, 2))
        self.assertRegex(report["to"]["build_id"], "^[0-9a-f]{40}$")
        self.assertRegex(report["from"]["build_id"], "^[0-9a-f]{40}$")
        self.assertNotEqual(report["from"]["build_id"], report["to"]["build_id"])
        self.assertRegex(report["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertEqual((report["running"], report["generation"]), (True, 2))
        self.assertEqual(report["phases_ns"]["scan"], 700000)
        self.assertGreaterEqual(report["pause_ns"], 2800000)
        self.assertEqual(report["counts"]["objects_moved"], 100003)
        self.assertEqual(report["warnings"], [
            {"text": "list.next (src/a.c:12): dropped", "entity": "list", "member": ".next",
             "file": "src/a.c", "line": 12}, {"text": "<few>"}, {"text": "many"}])
        self.assertEqual(report["policies"],
                         [{"name": "removed", "action": "warn", "count": 2},
                          {"name": "lost", "action": "refuse", "count": 0},
                          {"name": "<b> ?", "action": "refuse", "count": 0}])
        self.assertEqual(report["warnings_left_out"], 0)
        self.assertEqual((report["counts"]["values_checked"], report["counts"]["differences"]),
                         (40, 0))
        self.assertNotIn("error", report)
        self.assertNotIn("differences", report)

    def test_verified(self):
        self.up("start-parts", "always")
        text = self.update("--verify", "--rehearse")
        self.assertIn("scan 0.7, verify 0.9, reinstall", text)
        self.assertIn("\ns: verified: 40 values transferred back, 1 part of them could not be checked\n",
                      text)
        self.assertNotIn("verified:", self.update())

    def test_differences(self):
        """A transfer that was checked and got values wrong is told with each of them."""
        for rehearse in ([], ["--rehearse"]):
            self.up("start-differ", "always")
            path = self.path("report.json")
            text = self.update("--verify", "--report", path, *rehearse, status=1)
            self.assertEqual(text.splitlines(), [
                "s: not updated: the new version failed: list.next (src/a.c:12): was 1",
                "s: difference: list.next (src/a.c:12): was 1", "s: difference: <few>",
                "s: 1 more difference like these",
                "s: the old version goes on (generation 1)"])
            with open(path, encoding="utf-8") as file:
                report = json.load(file)
            self.assertEqual(report["differences"], [
                {"text": "list.next (src/a.c:12): was 1", "entity": "list", "member": ".next",
                 "type": "int", "file": "src/a.c", "line": 12}, {"text": "<few>"}])
            self.assertEqual(report["warnings"], [{"text": "dropped"}])
            self.assertEqual(report["counts"]["differences"], 3)
            self.daemon.wait_log("s: difference: <few>")
            short = self.daemon.request("status")["services"][0]["last_update"]
            self.assertNotIn("differences", short)
            self.daemon.ctl("down", "s")

    def test_failed_update(self):
        self.up("start-fail")
        report = self.report(status=1)
        self.assertEqual((report["outcome"], report["running"], report["generation"]),
                         ("not updated", True, 1))
        self.assertIn("initialisation failed", report["text"])
        error = report["error"]
        self.assertEqual(error["member"], "m" * 127)
        del error["member"]
        self.assertTrue(error.pop("reason"))
        self.assertEqual(error, {"code": -105, "entity": "list", "type": "int <&>  ",
                                 "file": "src/?.c", "line": 7, "old_address": "0x1000"})
        self.assertEqual(report["warnings"], [{"text": " [1m in line 7 ?"}])
        self.assertNotIn("differences", report)

    def test_status_of_all_is_short(self):
        """With the findings of each last update the reply might be too long to send."""
        self.up("start-parts")
        self.update()
        whole = self.daemon.service()["last_update"]
        self.assertEqual((len(whole["warnings"]), len(whole["policies"])), (3, 3))
        short = self.daemon.request("status")["services"][0]["last_update"]
        self.assertFalse({"warnings", "policies", "error"} & set(short))
        self.assertEqual(short["text"], "updated")

    def test_rehearsal_and_warnings_left_out(self):
        self.up("start-warn")
        report = self.report("--rehearse")
        self.assertEqual((report["outcome"], report["rehearsal"]), ("rehearsed", True))
        self.assertEqual(report["warnings_left_out"], 2)

    def test_refused_before_anything(self):
        report = self.report(status=1)
        self.assertEqual((report["outcome"], report["label"], report["image"]),
                         ("not updated", "s", GOOD))
        self.assertEqual(report["text"],
                         "no such service; sefctl status lists those that there are")

    def test_no_answer(self):
        path = self.path("report.json", b"of an earlier update")
        self.daemon.ctl("--socket", "/nonexistent", "update", "--report", path, "s", GOOD)
        with open(path, encoding="utf-8") as file:
            report = json.load(file)
        self.assertEqual((report["outcome"], report["text"]),
                         ("unknown", "no answer from sefd: what became of it is not known"))

    def page(self, *options, status=0):
        path = self.path("report.html")
        self.update("--report", path, *options, status=status)
        with open(path, encoding="utf-8") as file:
            return Page(file.read())

    def test_page_of_a_good_update(self):
        self.up("start-parts")
        page = self.page("--rules", self.path("r", b"# <script>&amp;\n"))
        self.assertIn("Update of s: updated", page.text)
        self.assertIn("# <script>&amp;", page.text)
        self.assertIn(["heap objects rebuilt", "100003"], page.rows)
        self.assertIn(["scan", "0.700 ms", ""], page.rows)
        self.assertIn(["list.next", "src/a.c:12", "list.next (src/a.c:12): dropped"], page.rows)
        self.assertIn(["", "", "<few>"], page.rows)
        self.assertIn(["<b> ?", "refuse", "0"], page.rows)
        self.assertNotIn("What stood in the way", page.text)

    def test_page_of_a_failed_update(self):
        self.up("start-fail")
        page = self.page(status=1)
        self.assertIn("not updated: the new version failed: initialisation failed", page.text)
        self.assertIn("What stood in the way", page.text)
        self.assertIn(["entity", "list"], page.rows)
        self.assertIn(["type", "int <&>  "], page.rows)
        self.assertIn(["source", "src/?.c:7"], page.rows)

    def test_page_of_a_verification(self):
        self.up("start-differ")
        page = self.page("--verify", status=1)
        self.assertIn(["verified", "no: 40 values checked, 3 differences"], page.rows)
        self.assertIn(["list.next", "src/a.c:12", "list.next (src/a.c:12): was 1"], page.rows)
        self.assertIn("Differences", page.text)
        self.assertIn("1 more like these.", page.text)
        self.daemon.ctl("down", "s")
        self.up("start-parts")
        page = self.page("--verify")
        self.assertIn(["verified", "yes: 40 values checked, 0 differences"], page.rows)
        self.assertNotIn("Differences", page.text)

    def test_page_of_a_verification_that_came_to_nothing(self):
        self.up("start-fail")
        self.assertIn(["verified", "not come to that"], self.page("--verify", status=1).rows)

    def test_page_of_a_refused_update(self):
        self.assertIn("not updated: no such service", self.page(status=1).text)

    def test_on_standard_output(self):
        self.up()
        self.assertEqual(json.loads(self.update("--report", "-"))["outcome"], "updated")
        done = self.daemon.ctl("update", "--report", "-", "--json", "s", GOOD)
        self.assertEqual(done.returncode, 2)

    def test_failure_on_standard_output(self):
        self.up("start-fail")
        done = self.daemon.ctl("update", "--report", "-", "s", GOOD)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(json.loads(done.stdout)["outcome"], "not updated")
        self.assertIn("s: not updated: ", done.stderr)

    # ---- Where it goes -------------------------------------------------------------------

    def test_report_that_cannot_be_written(self):
        """The update stands; the exit status tells."""
        self.up()
        text = self.update("--report", "/nonexistent/r.json", status=4)
        self.assertIn("s: updated to ", text)
        self.assertIn("sefctl: the report cannot be written to /nonexistent/r.json: "
                      "No such file or directory\n", text)
        self.assertEqual(self.daemon.service()["generation"], 2)
        self.assertIn("Is a directory", self.update("--report", self.directory, status=4))
        self.assertIn("No space left", self.update("--report", "/dev/full", status=4))
        self.update("--report", "/nonexistent/r.json", image="/nonexistent", status=1)

    def test_report_is_replaced_whole(self):
        """Who has the old report open, or linked, keeps it; nothing else is left behind."""
        path = self.path("report.json", b"old")
        os.link(path, self.path("link"))
        before = sorted(os.listdir(self.directory))
        self.up()
        self.update("--report", path)
        self.assertEqual(sorted(os.listdir(self.directory)), before)
        with open(self.path("link"), encoding="utf-8") as file:
            self.assertEqual(file.read(), "old")
        mask = os.umask(0)
        os.umask(mask)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o666 & ~mask)

    def test_devices_are_not_replaced(self):
        self.up()
        self.update("--report", "/dev/null")
        self.assertTrue(stat.S_ISCHR(os.stat("/dev/null").st_mode))


if __name__ == "__main__":
    unittest.main()
