#!/usr/bin/env python3
"""closing_lines_test.py: the closing lines of tests/run.sh count what was skipped and left out, in a project of four tests; CI runs the full
test command, and the README calls it so."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]

# One that passes, two that skip themselves as GoogleTest and as scripts do, one that needs a lab.
TESTS = r"""
add_test(good true)
set_tests_properties(good PROPERTIES LABELS "unit")
add_test(absent printf "a.cc:1: Skipped\nthe corpus is absent\n\n[  SKIPPED ] A.B (0 ms)\n")
set_tests_properties(absent PROPERTIES LABELS "unit" SKIP_REGULAR_EXPRESSION "\\[  SKIPPED \\]")
add_test(script sh -c "echo needs root; exit 77")
set_tests_properties(script PROPERTIES LABELS "small" SKIP_RETURN_CODE "77")
add_test(servers true)
set_tests_properties(servers PROPERTIES LABELS "lab")
add_test(other true)
"""


class ClosingLines(unittest.TestCase):
    def after(self, *arguments):
        with tempfile.TemporaryDirectory() as build:
            (pathlib.Path(build) / "CTestTestfile.cmake").write_text(TESTS)
            subprocess.run(["ctest", "--test-dir", build, "--output-junit", f"{build}/tests.xml", *arguments], capture_output=True, check=True)
            return subprocess.run([sys.executable, "-B", ROOT / "tests/closing_lines.py", build], capture_output=True, text=True, check=True).stdout

    def test_count_what_was_skipped_and_left_out(self):
        said = self.after("-L", "^(unit|small)$")
        self.assertIn("3 of 5 tests were run, 2 of them skipped themselves:\n      1 the corpus is absent\n      1 needs root\n", said)
        self.assertIn("2 were left out (tests/run.sh --all runs every test):\n      1 lab: some thirty servers", said)

    def test_say_nothing_of_what_is_not(self):
        self.assertNotIn("left out", self.after())
        self.assertIn("none skipped itself", self.after("-R", "good"))


class TheFullTestCommand(unittest.TestCase):
    def test_is_what_ci_runs_and_the_readme_says(self):
        self.assertIn("\nexec tests/run.sh --all\n", (ROOT / ".ci/run").read_text())
        self.assertIn("\n$ tests/run.sh --all\n", (ROOT / "README.md").read_text())

    def test_leaves_nothing_out(self):
        script = (ROOT / "tests/run.sh").read_text()
        self.assertIn("sections+=(unit-java lab lab-more lab-protocols test) set=() ;;\n", script)


if __name__ == "__main__":
    unittest.main(verbosity=2)
