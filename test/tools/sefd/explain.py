# SPDX-License-Identifier: BSD-2-Clause
"""Preflight compares the running image with the new one: what cannot work is refused before the service
is disturbed, and --explain tells what an update would do."""
import json
import os
import subprocess
import unittest

from harness import BIN, TEST_BIN, DaemonTest

INPUTS = os.path.dirname(os.path.abspath(__file__)) + "/../Inputs"
FAKE_SOURCE = os.path.join(INPUTS, "fake-service.c")
WIRE = os.path.join(INPUTS, "../../../libsef/include")
DISTURBED = "s: not updated: refused before the service was disturbed: "


class Explain(DaemonTest):
    def build(self, name, text, *more):
        """A service image with these variables: the fake service, or only a main."""
        files = []
        for number, source in enumerate((text, *more)):
            files.append("%s%d.c" % ("abc"[number], 0))
            with open(os.path.join(self.directory, files[-1]), "w", encoding="utf-8") as out:
                out.write(source)
        path = os.path.join(self.directory, name)
        subprocess.run([os.path.join(BIN, "sef-cc"), "-O1", "-I", WIRE, *files, "-o", path],
                       cwd=self.directory, check=True, timeout=120)
        return path

    def run_old(self, text, *words):
        """Run a service with these variables."""
        with open(FAKE_SOURCE, encoding="utf-8") as source:
            image = self.build("old", source.read() + text)
        done = self.daemon.ctl("up", "s", "--", image, *words)
        self.assertEqual((done.returncode, done.stderr), (0, ""), self.daemon.log)
        return self.daemon.service()["pid"]

    def new(self, text, *more):
        """A new version with these variables in place of the old ones."""
        with open(FAKE_SOURCE, encoding="utf-8") as source:
            return self.build("new", source.read() + text, *more)

    def rules(self, text):
        path = os.path.join(self.directory, "rules")
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        return path

    def refused(self, image, *options):
        """The reason why an update is refused, which leaves the service alone."""
        before = self.daemon.service()
        text = self.update(*options, image=image, status=1)
        self.assertTrue(text.startswith(DISTURBED), text)
        self.assertIn("\ns: the old version goes on (generation 1)\n", text)
        after = self.daemon.service()
        self.assertEqual((before["pid"], before["generation"]), (after["pid"], after["generation"]))
        return text.splitlines()[0][len(DISTURBED):]

    # ---- refused -------------------------------------------------------------------------

    def test_impossible_variable(self):
        self.run_old("char *limit;")
        new = self.new("struct { int a, b; } limit;")
        self.assertRegex(self.refused(new), r"^var limit \(a0\.c:\d+\): char \* became struct .*, for "
                         r"which there is no conversion: .*; decide it by the rule 'var limit: noxfer'$")
        self.assertIn("updated to", self.update("--rules", self.rules("var limit: noxfer"), image=new))

    def test_impossible_member_of_a_variable(self):
        self.run_old("struct s { int x; char *y; } s; char *z;")
        self.assertRegex(self.refused(self.new("struct s { int x; int y[4]; } s; int z[2];")),
                         r"^var z .*'var z: noxfer'; and 1 more, see sefctl update --explain$")

    def test_impossible_type_of_no_variable_goes_on(self):
        """Whether such an object lives only the update can tell."""
        use = "*p; void make(void) { p = __builtin_calloc(1, sizeof *p); }"
        self.run_old("struct s { int x; char *y; } " + use)
        self.assertIn("updated to", self.update(image=self.new("struct s { int x; int y[4]; } " + use)))

    def test_impossible_with_callbacks_goes_on(self):
        self.run_old("char *limit;")
        new = self.new("struct { int a, b; } limit; int st_setcb_selement_transfer(void *cb, int type,"
                       " const char *key, void *ctx); int set(void) {"
                       " return st_setcb_selement_transfer(0, 2, \"limit\", 0); }")
        self.assertIn("updated to", self.update(image=new))

    def test_ambiguous_static(self):
        static = "static int n_served; int *%s(void) { return &n_served; }"
        self.run_old("\n" + static % "f")
        new = self.build("new", "int main(void) { return 0; }", static % "f", static % "g")
        self.assertRegex(
            self.refused(new), r"^var a0\.c:n_served \(a0\.c:\d+\): could be continued by "
            r"b0\.c:n_served \(b0\.c:1\) or by c0\.c:n_served \(c0\.c:1\); decide it by the rule "
            r"'var b0\.c:n_served: renamed_from=a0\.c:n_served' or "
            r"'var c0\.c:n_served: renamed_from=a0\.c:n_served'$")

    def test_rules_with_a_mistake(self):
        self.run_old("int x;")
        new = self.new("int x;")
        self.assertEqual(self.refused(new, "--rules", self.rules("\nvar nothing: noxfer\n")),
                         "line 2 of the rules: neither version has this entity: 'var nothing'")
        self.assertEqual(self.refused(new, "--policy", "removed=perhaps"),
                         "line 1 of the rules: a policy's action is ignore, warn or refuse: 'perhaps'")
        self.assertEqual(self.daemon.service()["last_update"]["result"], 22)

    def test_live_values_go_on(self):
        self.run_old("long x; int gone;")
        self.assertIn("updated to", self.update("--policy", "removed=refuse", image=self.new("char x;")))

    def test_what_runs_is_compared(self):
        """After an update that is the version updated to, not the program that was started."""
        self.run_old("char *limit;")
        self.update("--policy", "removed=ignore", image=self.new("int other;"))
        third = self.build("third", "struct { int a, b; } limit; int main(void) { return 0; }")
        self.assertIn("  new variables, which keep their initial values: limit\n",
                      self.update("--explain", "--policy", "removed=ignore", image=third))

    # ---- explained -----------------------------------------------------------------------

    def test_explain(self):
        pid = self.run_old("int n_hits;")
        new = self.new("int hits;")
        text = self.update("--explain", image=new)
        self.assertTrue(text.startswith("%s -> %s\n1 decision is needed" % (
            os.path.join(self.directory, "old"), new)), text)
        self.assertIn("    var hits: renamed_from=n_hits\n", text)
        decided = self.update("--explain", "--rules", self.rules("var hits: renamed_from=n_hits"),
                              image=new)
        self.assertIn("goes on as hits", decided)
        self.assertNotIn("decision", decided)
        service = self.daemon.service()
        self.assertEqual((service["pid"], service["generation"], service["updates"]), (pid, 1, 0))
        self.assertNotIn("last_update", service)
        self.assertEqual(os.listdir(os.path.join(self.daemon.runtime, "images")), [])

    def test_explain_is_what_sefdump_tells(self):
        self.run_old("int n_hits; struct s { int a; long b; } s; enum e { A, B } e;")
        new = self.new("int hits; struct s { long b; int c; } s; enum e { B, A } e;")
        shown = subprocess.run([os.path.join(BIN, "sefdump"), "--diff",
                                os.path.join(self.directory, "old"), new],
                               capture_output=True, text=True, timeout=60, check=False).stdout
        self.assertEqual(self.update("--explain", image=new), shown)

    def test_explain_tells_of_a_refusal(self):
        self.run_old("char *limit;")
        text = self.update("--explain", image=self.new("struct { int a, b; } limit;"))
        self.assertIn("\nImpossible, unless a callback does it:\n  var limit", text)
        self.assertRegex(text, "\ns: would be refused: var limit .* 'var limit: noxfer'\n$")

    def test_explain_as_json(self):
        self.run_old("int n_hits;")
        reply = json.loads(self.update("--explain", "--json", image=self.new("int hits;")))
        self.assertEqual((reply["result"], reply["label"], reply["refused"]), (0, "s", False))
        self.assertEqual(reply["diff"]["verdict"], "decision")
        self.assertNotIn("types", reply["diff"])

    def test_explain_fails(self):
        self.run_old("int x;")
        new = self.new("int x;")
        self.assertIn("line 1 of the rules: there is no such policy: 'x'",
                      self.update("--explain", "--policy", "x=warn", image=new, status=1))
        self.assertIn("cannot read /nonexistent: No such file", self.update("--explain", image="/nonexistent",
                                                                            status=1))
        os.mkfifo(os.path.join(self.directory, "fifo"))
        self.assertIn("fifo: not a regular file", self.update(
            "--explain", image=os.path.join(self.directory, "fifo"), status=1))
        done = self.daemon.ctl("update", "--explain", "--rehearse", "s", new)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--explain updates nothing", done.stderr)

    def test_explain_needs_a_table(self):
        self.up()
        self.assertIn("the running version has no state table that can be read",
                      self.update("--explain", image=os.path.join(TEST_BIN, "good-image.so"), status=1))

    def test_rehearsal_explains(self):
        self.run_old("int n_hits;")
        lines = self.update("--rehearse", image=self.new("int hits;")).splitlines()
        self.assertIn("    var hits: renamed_from=n_hits", lines)
        self.assertRegex(lines[-1], "^s: rehearsed the update to ")
        self.assertNotIn("diff", self.daemon.service()["last_update"])
        reply = json.loads(self.update("--rehearse", "--json", image=self.new("int hits;")))
        self.assertEqual(reply["diff"]["counts"]["decision"], 1)

    def test_many_changes_are_cut(self):
        """A reply stays small; what has to be decided is in it."""
        self.run_old("".join("int gone_%d;" % i for i in range(1200)))
        text = self.update("--explain", image=self.new("long only;"))
        self.assertRegex(text, r"\n  and \d+ more changes\n")


if __name__ == "__main__":
    unittest.main()
