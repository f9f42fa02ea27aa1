#!/usr/bin/env python3
"""Lets the exporter probe every misbehaving peer of cases/, beside good neighbours, and judges what it says, how long it takes and what it
keeps. One line per case, and a closing line; exits 1 when something is wrong. README.md says what is judged how."""
import argparse
import resource
import sys
import tempfile
import time
from pathlib import Path

from exporter import ExporterEnded
from report import Report
from suite import Suite


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--exporter", required=True, help="the program, sanitized or not")
    parser.add_argument("--rounds", type=int, default=2, help="probes of each case while it is judged")
    parser.add_argument("--only", default="*", help="names of cases and scenarios, with * and ?, joined by commas")
    parser.add_argument("--skip", default="", help="those not to run")
    parser.add_argument("--strict", action="store_true", help="the bounds of an idle machine: 50 ms of lag, every round in time, 20 ms a step")
    parser.add_argument("--one-by-one", action="store_true", help="each case alone with the neighbours: whose doing a lag is, and its CPU")
    parser.add_argument("--keep", help="the folder to work in; it is left as it is")
    parser.add_argument("--list", action="store_true", help="print the cases and end")
    return parser.parse_args()


def main():
    options = arguments()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, most), most))
    with tempfile.TemporaryDirectory(prefix="mtls-faults-", ignore_cleanup_errors=True) as made:
        folder = Path(options.keep or made)
        folder.mkdir(exist_ok=True)
        began = time.monotonic()
        suite = Suite(options, folder)
        if options.list:
            for case in suite.cases:
                print(f"{case.row:4} {case.name}")
            return 0
        if options.one_by_one:
            suite.one_by_one()
            return 0
        try:
            suite.run()
        except ExporterEnded as error:
            print(f"wrong    the exporter ended by itself: {error}\nunder way were: {', '.join(suite.under_way) or 'none'}")
            return 1
        good = Report(suite).write()
        print(f"{time.monotonic() - began:.0f} s")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
