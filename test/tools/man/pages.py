# SPDX-License-Identifier: BSD-2-Clause
"""Manual pages are well-formed, and tell of every option, setting and public function."""
import os
import re
import shutil
import subprocess
import tempfile
import unittest

BIN = os.environ["SEF_BIN"]
SOURCE = os.environ["SEF_SOURCE"]
PAGES = os.path.join(SOURCE, "docs", "man")
HEADERS = ("libsef/include/sef/sef.h", "libsef/include/sef/ipc.h", "libsef/include/sef/requests.h",
           "runtime/include/magic/magic.h", "runtime/include/magic/error.h",
           "runtime/include/st/st.h", "runtime/include/st/callback.h")


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


def pages():
    return sorted(name for name in os.listdir(PAGES) if name.endswith(".scd"))


def help_of(*command):
    return subprocess.run([os.path.join(BIN, command[0]), *command[1:]], capture_output=True,
                          text=True, timeout=60, check=True).stdout


def options_of(text):
    """Options in their column of a help text."""
    return re.findall(r"^ +(?:-., )?(--[a-z-]+)", text, re.M)


def commands_of(text):
    """Commands of sefctl: lines of two blanks, one or several with their arguments, a description."""
    found = []
    for names in re.findall(r"^  ([a-z].*?)  ", text, re.M):
        found += [name.split()[0] for name in names.split(", ")]
    return found


class Pages(unittest.TestCase):
    @unittest.skipUnless(shutil.which("scdoc") and shutil.which("groff"), "needs scdoc and groff")
    def test_each_page_builds_without_warning(self):
        for name in pages():
            with open(os.path.join(PAGES, name), encoding="utf-8") as page:
                made = subprocess.run(["scdoc"], stdin=page, capture_output=True, timeout=60,
                                      check=False)
            self.assertEqual((made.returncode, made.stderr), (0, b""), name)
            with tempfile.NamedTemporaryFile() as file:
                file.write(made.stdout)
                file.flush()
                shown = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z", file.name],
                                       capture_output=True, timeout=60, check=False)
            self.assertEqual((shown.returncode, shown.stderr), (0, b""), name)

    def test_each_page_has_its_parts(self):
        for name in pages():
            text = read(PAGES, name)
            title, section = re.match(r"([\w.-]+)\((\d)\)\n", text).groups()
            self.assertEqual(name, "%s.%s.scd" % (title, section))
            for part in ("NAME", "DESCRIPTION", "SEE ALSO"):
                self.assertIn("\n# %s\n" % part, text, name)
            self.assertRegex(text, r"# NAME\n\n(.|\n)*? - ", name)

    def test_pages_refer_to_pages(self):
        for name in pages():
            for title, section in re.findall(r"\*(sef[\w.-]*|ipc|st|magic)\*\((\d)\)",
                                             read(PAGES, name)):
                self.assertIn("%s.%s.scd" % (title, section), pages(), name)

    def test_every_option_is_told(self):
        for program, page in (("sefctl", "sefctl.1.scd"), ("sefd", "sefd.8.scd"),
                              ("sefdump", "sefdump.1.scd"), ("sef-cc", "sef-cc.1.scd")):
            text = read(PAGES, page)
            options = options_of(help_of(program, "--sef-help" if program == "sef-cc" else "--help"))
            self.assertGreater(len(options), 4, program)
            for option in options:
                self.assertTrue(re.search(re.escape(option) + r"[^a-z-]", text), option)

    def test_every_command_of_sefctl_and_its_options_are_told(self):
        text = read(PAGES, "sefctl.1.scd")
        commands = commands_of(help_of("sefctl", "--help"))
        self.assertIn("rerandomize", commands)
        for command in commands:
            self.assertTrue(re.search(r"\*%s( [^*]*)?\*" % command, text), command)
            for option in options_of(help_of("sefctl", command, "--help")):
                self.assertTrue(re.search(re.escape(option) + r"[^a-z-]", text), command + option)

    def test_every_setting_is_told(self):
        text = read(PAGES, "sef.unit.5.scd")
        settings = re.findall(r'^    \{ "(\w+)", set_', read(SOURCE, "tools/sefd/settings.c"), re.M)
        self.assertGreater(len(settings), 10)
        for setting in settings:
            self.assertIn("*%s*=" % setting, text)

    def test_every_public_function_is_told(self):
        text = "".join(read(PAGES, name) for name in pages())
        for header in HEADERS:
            if not os.path.exists(os.path.join(SOURCE, header)):
                continue
            code = re.sub(r"/\*.*?\*/", "", read(SOURCE, header), flags=re.S)
            code = re.sub(r"^#(?:.*\\\n)*.*", "", code, flags=re.M)
            code = re.sub(r"__attribute__\s*\(\(.*?\)\)\s*", "", code)
            functions = re.findall(r"^(?!typedef)[\w *]+?\b(\w+)\([^;{]*\);", code, re.M)
            self.assertGreater(len(functions), 0, header)
            for function in functions:
                self.assertTrue(re.search(r"\b%s\b" % function, text), header + ": " + function)


if __name__ == "__main__":
    unittest.main()
