#!/usr/bin/env python3
"""closing_lines.py BUILD: after a run of ctest with --output-junit BUILD/tests.xml, how many tests were skipped in it, and how many of the
tree were not in it, each with why. What nobody reads about is taken for tested."""

import collections
import json
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree

# By label: what the tests that the small set leaves out need.
NEEDS = {
    "unit-java": "keystores made by a JDK's keytool",
    "e2e": "Prometheus, Alertmanager, Chromium, npm",
    "lab": "some thirty servers: Go, a JDK, Node.js, dovecot, PostgreSQL ...",
    "faults": "misbehaving servers, by the hundred",
    "lifecycle": "an exporter under rotation, reload and load, for minutes",
    "bench": "measurements",
    "container": "an image, built by buildah",
    "": "shellcheck, clang-format, promtool, lintian, mandoc, systemd, npm",
}


def skipped(report):
    """Of each test that was skipped: its name, and what it said."""
    for case in xml.etree.ElementTree.parse(report).getroot().iter("testcase"):
        if case.find("skipped") is None and case.get("status") != "notrun":
            continue
        said = case.findtext("system-out") or ""
        # GoogleTest says why in the line after the place, a script in its last line.
        found = re.search(r"^\S+:\d+: Skipped\n(.+)$", said, re.M)
        lines = [line for line in said.splitlines() if line.strip()]
        yield case.get("name"), found.group(1).strip() if found else (lines[-1].strip() if lines else "it did not say why")


def names(report):
    return {case.get("name") for case in xml.etree.ElementTree.parse(report).getroot().iter("testcase")}


def every_test(build):
    """By name: the label that says what a test needs."""
    shown = subprocess.run(["ctest", "--test-dir", build, "--show-only=json-v1"], capture_output=True, text=True, check=True).stdout
    found = {}
    for test in json.loads(shown)["tests"]:
        labels = next((entry["value"] for entry in test.get("properties", []) if entry["name"] == "LABELS"), [])
        found[test["name"]] = labels[0] if labels else ""
    return found


def lines(tests, run, skips):
    reasons = collections.Counter(reason for _, reason in skips)
    yield f"{len(run)} of {len(tests)} tests were run" + (f", {len(skips)} of them skipped themselves:" if skips else "; none skipped itself.")
    yield from (f"  {count:5} {reason}" for reason, count in reasons.most_common())
    left = collections.Counter(label for name, label in tests.items() if name not in run)
    if left:
        yield f"{left.total()} were left out (tests/run.sh --all runs every test):"
        yield from (f"  {count:5} {label + ': ' if label else ''}{NEEDS.get(label, 'not asked for')}" for label, count in left.most_common())


def main(build):
    report = pathlib.Path(build, "tests.xml")
    print(*lines(every_test(build), names(report), list(skipped(report))), sep="\n")


if __name__ == "__main__":
    main(sys.argv[1])
