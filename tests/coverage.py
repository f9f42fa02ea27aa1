#!/usr/bin/python3
"""coverage.py BUILD [--least 92]: which lines of config/, probes/ and exporter/ the tests that ran in BUILD have reached, by folder, and
of branches how many. BUILD is made with --coverage (tests/run.sh --coverage). Fails where fewer percent of all lines were reached. Files of
which less than four fifths were reached are named."""
import argparse
import collections
import json
import subprocess
import sys
from pathlib import Path

TREE = Path(__file__).resolve().parent.parent
POOR = 80


def percent(reached, all_):
    return 100 * reached / all_ if all_ else 100


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("build")
    arguments.add_argument("--least", type=float, default=92, help="percent of lines")
    options = arguments.parse_args()
    rooms = [f"--filter={TREE}/{room}/" for room in ("config", "probes", "exporter")]
    told = subprocess.run(["gcovr", "--root", TREE, *rooms, "--exclude-unreachable-branches", "--exclude-throw-branches", "--json-summary", "-", "-j", "2", options.build],
                          check=True, capture_output=True, text=True).stdout
    folders = collections.defaultdict(collections.Counter)
    files = json.loads(told)["files"]
    for file in files:
        for folder in (str(Path(file["filename"]).parent), "all"):
            for kind in ("line_total", "line_covered", "branch_total", "branch_covered"):
                folders[folder][kind] += file[kind]
    print(f"{'folder':<28}{'lines':>8}{'reached':>10}{'branches':>10}{'reached':>10}")
    for folder, count in sorted(folders.items(), key=lambda one: (one[0] == "all", one[0])):
        print(f"{folder:<28}{count['line_total']:>8}{percent(count['line_covered'], count['line_total']):>9.1f}%"
              f"{count['branch_total']:>10}{percent(count['branch_covered'], count['branch_total']):>9.1f}%")
    for file in sorted(files, key=lambda one: percent(one["line_covered"], one["line_total"])):
        if percent(file["line_covered"], file["line_total"]) < POOR:
            print(f"{file['filename']}: {percent(file['line_covered'], file['line_total']):.0f}% of {file['line_total']} lines")
    reached = percent(folders["all"]["line_covered"], folders["all"]["line_total"])
    if reached < options.least:
        print(f"{reached:.2f}% of lines, and {options.least}% are wanted")
    return 0 if reached >= options.least else 1


if __name__ == "__main__":
    sys.exit(main())
