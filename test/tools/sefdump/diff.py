# SPDX-License-Identifier: BSD-2-Clause
"""sefdump --diff: every verdict, every suggested rule and what it changes, all forms of output."""
import html.parser
import json
import os
import subprocess
import tempfile
import unittest

from sefdump_case import SAMPLE, SEFDUMP, SefdumpCase

SEF_CC = os.environ["SEF_CC"]
CHANGES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "Inputs", "changes.c")
PRELUDE = "#include <stdlib.h>\n"
MAIN = "\nint main(void) { return 0; }\n"
VOID = {"meta", "br", "path"}


class DiffCase(SefdumpCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory(prefix="diff.")
        cls.addClassCleanup(cls.directory.cleanup)

    def path(self, name):
        return os.path.join(self.directory.name, name)

    def build(self, name, *sources, flags=()):
        """An image of sources, as (file name, text) or text."""
        directory = self.path(name + ".d")
        os.makedirs(directory, exist_ok=True)
        files = []
        for source in sources:
            file, text = source if isinstance(source, tuple) else ("a.c", source)
            os.makedirs(os.path.dirname(os.path.join(directory, file)), exist_ok=True)
            with open(os.path.join(directory, file), "w", encoding="utf-8") as out:
                out.write(PRELUDE + text)
            files.append(file)
        subprocess.run([SEF_CC, "-O1", *flags, *files, "-o", self.path(name)], check=True,
                       cwd=directory, timeout=120)
        return self.path(name)

    def pair(self, old, new):
        self.old = self.build("old", old + MAIN)
        self.new = self.build("new", new + MAIN)

    def diff(self, *options, rules=None, status=0):
        """The result as JSON, under rules, of a run that ends with `status`."""
        if rules is not None:
            with open(self.path("rules"), "w", encoding="utf-8") as out:
                out.write(rules)
            options += ("--rules", self.path("rules"))
        done = subprocess.run([SEFDUMP, "--diff", "--json", *options, self.old, self.new],
                              capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (status, ""), done.stdout)
        return json.loads(done.stdout)

    def change(self, diff, entity, event=None):
        """The change of an entity; not that of the unnamed type that a member has, which is known by
        the member's name."""
        found = [c for c in diff["changes"] if c["entity"] == entity
                 and (c["what"] != "type" or "." not in entity)
                 and (event is None or c["event"] == event)]
        self.assertEqual(len(found), 1, json.dumps(diff["changes"], indent=1))
        return found[0]

    def decide(self, entity, rule, *others):
        """`entity` needs a decision, and `rule`, which is suggested, takes it."""
        change = self.change(self.diff(status=1), entity)
        self.assertEqual(change["verdict"], "decision")
        self.assertIn(rule, [r["rule"] for r in change["rules"]])
        self.assertTrue(change["otherwise"])
        decided = self.diff(rules="\n".join([rule, *others]))
        self.assertFalse([c for c in decided["changes"] if c["verdict"] == "decision"],
                         decided["changes"])
        return decided


class Moves(DiffCase):
    def moved(self, old, new):
        self.pair(*("struct s { %s } s;" % "".join("int %s;" % name for name in names.split()) for names in (old, new)))
        text = subprocess.run([SEFDUMP, "--diff", self.old, self.new], capture_output=True, text=True,
                              timeout=60, check=True).stdout
        return [line.strip() for line in text.splitlines() if line.startswith("    moved: ")]

    def test_few_are_told_one_by_one(self):
        self.assertEqual(self.moved("a b c d", "x a b c d"), ["moved: a 0 -> 4, b 4 -> 8, c 8 -> 12, d 12 -> 16"])

    def test_many_that_go_together(self):
        self.assertEqual(self.moved("a b c d e f g h", "x a b c d e y f g h"), [
            "moved: a 0 -> 4, 3 more by 4, e 16 -> 20, f 20 -> 28, g 24 -> 32, h 28 -> 36"])


class Decisions(DiffCase):
    def test_member_renamed_or_dropped(self):
        self.pair("struct s { int sock; char *name; } s;", "struct s { char *name; int fd; } s;")
        change = self.change(self.diff(status=1), "struct s.sock")
        self.assertEqual(change["text"], "is gone; fd of the same type is new")
        self.assertEqual(change["otherwise"],
                         "dropped, with a warning where it holds anything but zero")
        decided = self.decide("struct s.sock", "struct s.fd: renamed_from=sock")
        self.assertEqual(self.change(decided, "struct s.fd", "renamed")["text"], "was sock")
        decided = self.decide("struct s.sock", "struct s.sock: noxfer")
        self.assertEqual(self.change(decided, "struct s.sock")["text"], "dropped, as asked")

    def test_variable_renamed_or_dropped(self):
        self.pair("int n_hits; char *other;", "int hits; char *other;")
        decided = self.decide("var n_hits", "var hits: renamed_from=n_hits")
        self.assertEqual(self.change(decided, "var n_hits")["event"], "renamed")
        decided = self.decide("var n_hits", "var n_hits: noxfer")
        self.assertEqual(self.change(decided, "var n_hits")["text"], "dropped, as asked")

    def test_the_name_most_alike_is_suggested(self):
        self.pair("int n_hits;", "int limit; int hits; long n_hit;")
        self.decide("var n_hits", "var hits: renamed_from=n_hits")

    def test_policy_that_ignores_leaves_nothing_to_decide(self):
        self.pair("int n_hits; struct s { int a; } s;", "int hits; struct s { int b; } s;")
        self.diff("--policy", "removed=ignore")
        self.diff(rules="policy removed=ignore")

    def test_type_renamed(self):
        self.pair("struct client { int fd; char *name; } *head;"
                  "void f(void) { head = malloc(sizeof *head); }",
                  "struct conn { char *name; int fd; long age; } *head;"
                  "void f(void) { head = malloc(sizeof *head); }")
        change = self.change(self.diff(status=1), "struct client")
        self.assertRegex(change["text"], "is gone, and allocated at 1 site; struct conn .* is new")
        self.assertRegex(change["otherwise"], "live objects of it stay as they are, with a warning")
        decided = self.decide("struct client", "struct conn: renamed_from=client")
        self.assertEqual(self.change(decided, "struct conn", "renamed")["text"],
                         "was struct client; 16 -> 24 bytes")
        self.assertEqual(self.change(decided, "struct conn.fd", "moved")["text"], "offset 0 -> 8")
        self.assertEqual(decided["types"][0]["holders"], "1 allocation site (a.c:2)")

    def test_typedef_renamed(self):
        self.pair("typedef struct { int fd; char *name; } client_t; client_t *head;"
                  "void f(void) { head = malloc(sizeof *head); }",
                  "typedef struct { char *name; int fd; long age; } conn_t; conn_t *conns;"
                  "void f(void) { conns = malloc(sizeof *conns); }")
        self.decide("struct client_t", "type conn_t: renamed_from=client_t", "var head: noxfer")

    def test_function_renamed(self):
        self.pair("static int a(int x) { return x; } int (*handler)(int) = a;",
                  "static int b(int x) { return x + 1; } int (*handler)(int) = b;")
        change = self.change(self.diff(status=1), "func a.c:a")
        self.assertEqual(change["otherwise"], "live pointers are refused")
        decided = self.decide("func a.c:a", "func a.c:b: renamed_from=a.c:a")
        self.assertEqual(self.change(decided, "func a.c:a")["text"], "pointers to it go on to a.c:b")

    def test_enumerator_renamed(self):
        self.pair("enum color { RED, GREEN, BLUE } color;", "enum color { RED, LIME, BLUE } color;")
        change = self.change(self.diff(status=1), "enum color.GREEN")
        self.assertEqual(change["otherwise"], "refused where it is a live value")
        self.decide("enum color.GREEN", "enum color.LIME: renamed_from=GREEN")

    def test_union(self):
        old = "enum tag { NONE, NUMBER, TEXT }; struct v { enum tag tag; union { long number;" \
              " char *text; } u; } v;"
        self.pair(old, old.replace("long number", "double number; char pad[24]"))
        decided = self.decide("struct v.u", "struct v.u: union_by=tag: NUMBER=number, TEXT=text")
        self.assertEqual(self.change(decided, "struct v.u")["text"],
                         "a union: the member that tag names is converted")
        decided = self.decide("struct v.u", "struct v.u: ixfer")
        self.assertIn("copied as bytes, as asked", self.change(decided, "struct v.u")["text"])
        self.decide("struct v.u", "struct v.u: noxfer")
        for action in ["warn", "ignore"]:
            self.diff("--policy", "union=" + action)

    def test_union_rule_for_a_member_of_another_kind(self):
        self.pair("struct v { int tag; union { long l; char *s; } u; } v;",
                  "struct v { int tag; union { long l; long s[2]; } u; } v;")
        self.diff(rules="struct v.u: union_by=tag: 1=l")
        diff = self.diff(rules="struct v.u: union_by=tag: 1=l, 2=s", status=2)
        self.assertEqual(self.change(diff, "struct v.u.s")["verdict"], "impossible")

    def test_union_variable(self):
        self.pair("union u { long l; char *s; } u;", "union u { double l; char *s; } u;")
        self.assertEqual([r["rule"] for r in self.change(self.diff(status=1), "var u")["rules"]],
                         ["var u: ixfer", "var u: noxfer"])
        self.decide("var u", "var u: ixfer")

    def test_union_rule_with_a_mistake(self):
        self.pair("struct v { int tag; union { long l; char *s; } u; } v;",
                  "struct v { int tag; union { double l; char *s; } u; } v;")
        change = self.change(self.diff(rules="struct v.u: union_by=nothing: 1=l", status=1),
                             "struct v.u")
        self.assertIn("the structure has no such member in both versions: nothing", change["text"])

    def test_static_of_two_files(self):
        self.old = self.build("old", ("a.c", "static int n; int *f(void) { return &n; }" + MAIN))
        self.new = self.build("new", ("b.c", "static int n; int *f(void) { return &n; }" + MAIN),
                              ("c.c", "static int n; int *g(void) { return &n; }"))
        change = self.change(self.diff(status=1), "var a.c:n")
        self.assertEqual(change["event"], "ambiguous")
        self.assertRegex(change["text"], r"could be continued by b\.c:n \(b\.c:2\) or by c\.c:n")
        self.assertEqual(change["otherwise"], "the update is refused")
        for file in ["b.c", "c.c"]:
            decided = self.decide("var a.c:n", "var %s:n: renamed_from=a.c:n" % file)
            self.assertEqual(self.change(decided, "var a.c:n")["text"], "goes on as %s:n" % file)

    def test_static_that_two_could_be(self):
        self.old = self.build("old", ("b.c", "static int n; int *f(void) { return &n; }" + MAIN),
                              ("c.c", "static int n; int *g(void) { return &n; }"))
        self.new = self.build("new", ("a.c", "static int n; int *f(void) { return &n; }" + MAIN))
        change = self.change(self.diff(status=1), "var a.c:n", "ambiguous")
        self.assertRegex(change["text"], r"could continue b\.c:n \(b\.c:2\) or c\.c:n")
        self.decide("var a.c:n", "var a.c:n: renamed_from=b.c:n")

    def test_function_of_two_files(self):
        static = "static int f(int x) { return x; } int (*%s)(int) = f;"
        self.old = self.build("old", ("a.c", static % "p" + MAIN))
        self.new = self.build("new", ("b.c", static % "p" + MAIN), ("c.c", static % "q"))
        change = self.change(self.diff(status=1), "func a.c:f")
        self.assertEqual(change["event"], "ambiguous")
        self.decide("func a.c:f", "func b.c:f: renamed_from=a.c:f")


class Impossible(DiffCase):
    def test_another_kind(self):
        self.pair("char *limit;", "struct { int a, b; } limit;")
        change = self.change(self.diff(status=2), "var limit")
        self.assertEqual(change["verdict"], "impossible")
        self.assertRegex(change["text"], r"char \* became struct .*, for which there is no conv")
        self.assertEqual(change["otherwise"],
                         "anything but zero is refused, unless a callback converts it")
        decided = self.diff(rules=change["rules"][0]["rule"])
        self.assertIn("not transferred, as asked", self.change(decided, "var limit")["text"])

    def test_member_of_another_kind(self):
        self.pair("struct s { int a; char *b; } s;", "struct s { int a; int b[4]; } s;")
        change = self.change(self.diff(status=2), "struct s.b", "changed")
        self.assertEqual([r["rule"] for r in change["rules"]], ["struct s.b: noxfer"])
        self.diff(rules="struct s.b: noxfer")

    def test_decisions_do_not_hide_it(self):
        self.pair("char *a; int b;", "struct { int x, y; } a; int c;")
        diff = self.diff(status=2)
        self.assertEqual(diff["counts"], {"automatic": 1, "decision": 1, "impossible": 1, "live": 1})
        self.assertEqual([c["verdict"] for c in diff["changes"]],
                         ["decision", "impossible", "automatic"])


class Automatic(DiffCase):
    def test_numbers(self):
        self.pair("int a; long b; unsigned c; float d; double e; _Bool f; int g; long h;",
                  "long a; int b; int c; double d; float e; int f; double g; double h;")
        diff = self.diff()
        for name, text, live in [
                ("a", "int -> long: every value fits", False),
                ("b", "long -> int: a value that does not fit is refused", True),
                ("c", "unsigned int -> int: a value that does not fit is refused", True),
                ("d", "float -> double: every value fits", False),
                ("e", "double -> float: a value that does not fit is refused", True),
                ("f", "_Bool -> int: every value fits", False),
                ("g", "int -> double: every value fits", False),
                ("h", "long -> double: a value that does not fit is refused", True)]:
            change = self.change(diff, "var " + name)
            self.assertEqual((change["text"], change["live"]), (text, live))
        diff = self.diff("--policy", "lost=warn")
        self.assertEqual(diff["counts"]["live"], 0)
        self.assertIn("converted as C does", self.change(diff, "var b")["text"])

    def test_bit_fields(self):
        self.pair("struct s { unsigned a : 3, b : 5; } s;", "struct s { unsigned a : 2, b : 6; } s;")
        diff = self.diff()
        self.assertEqual(self.change(diff, "struct s.a")["text"], "unsigned int : 3 -> unsigned int "
                         ": 2; a value that does not fit is refused")
        self.assertIn("every value fits", self.change(diff, "struct s.b", "changed")["text"])
        self.assertEqual(self.change(diff, "struct s.b", "moved")["text"], "offset 0 bit 3 -> 0 bit 2")

    def test_arrays(self):
        self.pair("int grows[4], shrinks[4], both[2][4];", "int grows[8], shrinks[2]; long both[3][2];")
        diff = self.diff()
        self.assertEqual(self.change(diff, "var grows")["text"],
                         "int[4] -> int[8]: new elements keep their initial value")
        self.assertEqual(self.change(diff, "var shrinks")["text"],
                         "int[4] -> int[2]: an element that is cut off must be zero, or it is refused")
        both = self.change(diff, "var both")
        self.assertTrue(both["live"])
        for part in ["new elements", "cut off", "every value fits"]:
            self.assertIn(part, both["text"])
        self.assertFalse(self.change(self.diff("--policy", "cut=warn"), "var shrinks")["live"])

    def test_variables(self):
        self.pair("int was_const = 1; const int value[2] = {1, 2}; const int same = 3; int gone;"
                  " int *p(int i) { return i ? &was_const : (int *) &value[i] + same; }",
                  "const int was_const = 1; const int value[2] = {1, 3}; const int same = 3; long added;"
                  " int *p(int i) { return (int *)(i ? &was_const : &value[i]) + same; }")
        diff = self.diff()
        self.assertIn("became a constant", self.change(diff, "var was_const")["text"])
        self.assertIn("another value", self.change(diff, "var value")["text"])
        self.assertEqual(self.change(diff, "var gone")["text"],
                         "dropped, with a warning if it holds anything but zero")
        self.assertEqual(self.change(diff, "var added")["text"], "the initial value stays")
        self.assertFalse([c for c in diff["changes"] if c["entity"] == "var same"])
        refused = self.change(self.diff("--policy", "removed=refuse"), "var gone")
        self.assertEqual((refused["text"], refused["live"]),
                         ("refused if it holds anything but zero", True))

    def test_file_moved(self):
        source = "static int n; int *f(void) { return &n; }" + MAIN
        self.old = self.build("old", ("a.c", source))
        self.new = self.build("new", ("b.c", source))
        change = self.change(self.diff(), "var a.c:n")
        self.assertEqual((change["event"], change["text"]), ("moved", "goes on as b.c:n"))
        self.assertEqual((change["old"], change["new"]),
                         ({"file": "a.c", "line": 2}, {"file": "b.c", "line": 2}))

    def test_structures(self):
        self.pair("struct in { int x; }; struct s { char a; struct in in; long gone; } s, *p;",
                  "struct in { int x, y; }; struct s { char a; char *added; struct in in; } s, *p;")
        diff = self.diff()
        self.assertEqual(self.change(diff, "struct s")["text"], "16 -> 24 bytes")
        self.assertEqual(self.change(diff, "struct s.in", "changed")["text"],
                         "struct in changed, see there")
        self.assertEqual(self.change(diff, "struct s.added")["text"],
                         "zero in heap objects, the initial value in variables")
        self.assertEqual(self.change(diff, "struct s.gone")["event"], "removed")
        self.assertEqual(self.change(diff, "struct in.y")["event"], "added")

    def test_enumerators(self):
        self.pair("enum e { A, B, ODD = 9 } e;", "enum e { A, B = 4, C = 1 } e;")
        diff = self.diff()
        self.assertEqual(self.change(diff, "enum e.B")["text"], "value 1 -> 4")
        self.assertEqual(self.change(diff, "enum e.ODD")["text"], "refused where it is a live value")
        self.assertEqual(self.change(diff, "enum e.C")["event"], "added")
        self.assertFalse(self.change(self.diff("--policy", "enumerator=warn"), "enum e.ODD")["live"])

    def test_flexible_arrays(self):
        use = "; struct p *p; void f(unsigned n) { p = malloc(sizeof *p + n); }"
        self.pair("struct p { int len; char data[]; }" + use,
                  "struct p { int len; int more; char data[]; }" + use)
        self.assertEqual(self.change(self.diff(), "struct p")["text"],
                         "4 -> 8 bytes; the array at its end goes on")

    def test_type_that_is_gone(self):
        use = "*p; void f(void) { p = malloc(sizeof *p); }"
        self.pair("struct gone { int x; char *y; } " + use, "struct other { double a, b; } " + use)
        change = self.change(self.diff(), "struct gone")
        self.assertEqual(change["text"], "live objects of it stay as they are, with a warning")
        refused = self.change(self.diff("--policy", "type=refuse"), "struct gone")
        self.assertEqual((refused["text"], refused["live"]), ("live objects of it are refused", True))

    def test_function_that_is_gone(self):
        self.pair("int gone(int x) { return x; }", "")
        change = self.change(self.diff(), "func gone")
        self.assertEqual((change["text"], change["live"]), ("live pointers are refused", True))
        allowed = self.change(self.diff("--policy", "dangling=warn"), "func gone")
        self.assertEqual((allowed["text"], allowed["live"]),
                         ("live pointers become NULL", False))

    def test_nothing(self):
        self.old = self.new = SAMPLE
        diff = self.diff()
        self.assertEqual((diff["verdict"], diff["changes"], diff["types"]), ("unchanged", [], []))
        self.assertGreater(diff["unchanged"]["variable"], 5)
        self.assertRegex(self.run_sefdump("--diff", SAMPLE, SAMPLE), "\nnothing changed\n")


class Page(html.parser.HTMLParser):
    """Checks that elements nest, and gathers what a page has."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.attributes = [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            raise AssertionError("</%s> at %r" % (tag, self.getpos()))


class Forms(DiffCase):
    def setUp(self):
        for version in (1, 2):
            subprocess.run([SEF_CC, "-O1", "-DV=%d" % version, CHANGES, "-o",
                            self.path("v%d" % version)], check=True, timeout=120)
        self.old, self.new = self.path("v1"), self.path("v2")

    def test_json_is_complete(self):
        diff = self.diff(status=2)
        self.assertEqual(set(diff), {"old", "new", "verdict", "counts", "unchanged", "changes",
                                     "types"})
        self.assertEqual((diff["old"], diff["new"]), (self.old, self.new))
        for change in diff["changes"]:
            self.assertLessEqual({"verdict", "what", "event", "entity", "text", "live"}, set(change))
            self.assertLessEqual(set(change), {"verdict", "what", "event", "entity", "text", "live",
                                               "old", "new", "type", "rules", "otherwise"})
            self.assertIn(change["what"], ["variable", "function", "type", "member", "site"])
            self.assertEqual("rules" in change, "otherwise" in change)
            self.assertTrue(change["text"])
        for verdict in ["automatic", "decision", "impossible"]:
            self.assertEqual(diff["counts"][verdict],
                             sum(c["verdict"] == verdict for c in diff["changes"]))
        self.assertEqual(diff["counts"]["live"], sum(c["live"] for c in diff["changes"]))

    def test_json_has_layouts(self):
        counters = next(t for t in self.diff(status=2)["types"] if t["type"] == "struct counters")
        self.assertEqual((counters["old"]["size"], counters["new"]["size"]), (32, 32))
        self.assertEqual(counters["old"]["members"][:2], [
            {"name": "hits", "type": "unsigned int", "offset": 0, "size": 4, "state": "same",
             "pair": 0},
            {"offset": 4, "bit": 0, "padding_bits": 32}])
        high = next(m for m in counters["new"]["members"] if m.get("name") == "high")
        self.assertEqual((high["offset"], high["bit"], high["bits"], high["pair"]), (24, 2, 6, 4))

    def test_all_rules_at_once(self):
        """What is suggested first, for everything, can be written at once. A structure that was
        renamed asks for its members then."""
        rules, named = [], set()
        changes = self.diff(status=2)["changes"]
        for status in (1, 0):
            for change in changes:
                for name, rule in [(r["rule"].split(": ")[0], r["rule"])
                                   for r in change.get("rules", [])]:
                    if name not in named:
                        named.add(name)
                        rules.append(rule)
                        break
            changes = self.diff(rules="\n".join(rules), status=status)["changes"]
        self.assertIn("struct conn.fd: renamed_from=sock", rules)

    def test_text(self):
        done = subprocess.run([SEFDUMP, "--diff", self.old, self.new], capture_output=True,
                              text=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (2, ""))
        lines = done.stdout.splitlines()
        self.assertEqual(lines[0], "%s -> %s" % (self.old, self.new))
        self.assertRegex(lines[1], r"^\d+ decisions are needed, 1 change is impossible, \d+ changes "
                                   r"are automatic; \d+ of all depend on live values$")
        headings = [line for line in lines if line and not line.startswith(" ")][2:]
        self.assertEqual([h.split(",")[0].split(":")[0] for h in headings],
                         ["Needs a decision", "Impossible", "Automatic", "Unchanged"])
        self.assertIn("    struct session.fd: renamed_from=sock", lines)
        self.assertIn("    # without a rule: refused where it is a live value", lines)
        self.assertIn("    moved: low 18 -> 24, high 18 bit 3 -> 24 bit 2", lines)
        self.assertRegex(done.stdout, r"\n  struct session \(.*changes\.c:\d+\): 16 bytes\n")

    def test_questions_can_be_pasted(self):
        """The whole block of a decision is lines of a rules file."""
        text = subprocess.run([SEFDUMP, "--diff", self.old, self.new], capture_output=True,
                              text=True, timeout=60).stdout
        block = text.split("struct session.sock")[1].split("\n  ")[1:4]
        self.assertEqual([line.strip() for line in block][1:2], ["struct session.fd: renamed_from=sock"])
        self.diff(rules="\n".join(block), status=2)

    def test_html(self):
        done = subprocess.run([SEFDUMP, "--diff", "--html", self.old, self.new],
                              capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (2, ""))
        page = Page(done.stdout)
        self.assertEqual(page.open, [])
        self.assertNotIn("script", page.tags)
        self.assertFalse({"src", "href", "onclick"} & set(page.attributes))
        self.assertNotIn("http", done.stdout)
        for text in ["<pre>struct session.fd: renamed_from=sock</pre>", "old: 32 bytes, aligned to 8",
                     "<td>padding</td>", "path class=\"moved\"", "struct value.u",
                     "Impossible, unless a callback does it", "live value"]:
            self.assertIn(text, done.stdout)

    def test_html_escapes_names(self):
        self.old, self.new = self.path("a<b>&"), self.new
        os.link(self.path("v1"), self.old)
        text = subprocess.run([SEFDUMP, "--diff", "--html", self.old, self.new],
                              capture_output=True, text=True, timeout=60).stdout
        self.assertIn("a&lt;b&gt;&amp;", text)
        self.assertNotIn("a<b>", text)


class Refusals(DiffCase):
    def fails(self, status, message, *args):
        done = subprocess.run([SEFDUMP, *args], capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stdout), (status, ""), done.stderr)
        self.assertRegex(done.stderr, message)

    def test_usage(self):
        for message, args in [
                ("--diff needs OLD and NEW", ["--diff", SAMPLE]),
                ("unexpected argument: x", ["--diff", SAMPLE, SAMPLE, "x"]),
                ("--json and --html exclude each other", ["--diff", "--json", "--html", SAMPLE, SAMPLE]),
                ("compares two files", ["--diff", "--vars", SAMPLE, SAMPLE]),
                ("--rules is given twice", ["--diff", "--rules=a", "--rules=b", SAMPLE, SAMPLE]),
                ("not a policy .*: lost", ["--diff", "--policy=lost", SAMPLE, SAMPLE])]:
            self.fails(64, message, *args)
        self.fails(2, "go with --diff", "--html", SAMPLE)

    def test_rules(self):
        with open(self.path("rules"), "w", encoding="utf-8") as out:
            out.write("# one\nstruct nobody: noxfer\n")
        self.fails(64, "line 2 of the rules: neither version has this entity: 'struct nobody'",
                   "--diff", "--rules", self.path("rules"), SAMPLE, SAMPLE)
        self.fails(64, "line 1 of the rules: there is no such policy: 'x'", "--diff", "--policy", "x=warn",
                   SAMPLE, SAMPLE)
        self.fails(64, "line 3 of the rules: a policy's action", "--diff", "--rules", os.devnull,
                   "--policy", "lost=warn", "--policy", "cut=warn", "--policy", "type=maybe", SAMPLE,
                   SAMPLE)
        self.fails(64, "not a policy", "--diff", "--policy", "lost=warn\nx", SAMPLE, SAMPLE)
        self.fails(64, "no-rules: No such file", "--diff", "--rules", self.path("no-rules"), SAMPLE, SAMPLE)
        with open(self.path("rules"), "w", encoding="utf-8") as out:
            out.write("#" * 65537)
        self.fails(64, "more than 65536 bytes", "--diff", "--rules", self.path("rules"), SAMPLE, SAMPLE)

    def test_images(self):
        self.fails(65, "no-image: No such file", "--diff", SAMPLE, self.path("no-image"))
        self.fails(65, "null: ", "--diff", os.devnull, SAMPLE)
        self.fails(65, "not a 64-bit ELF file", "--diff", CHANGES, SAMPLE)

    def test_output(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([SEFDUMP, "--diff", SAMPLE, SAMPLE], stdout=full, timeout=60,
                                  stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 71)
        self.assertIn("cannot write", done.stderr)


if __name__ == "__main__":
    unittest.main()
