"""The matrix: every cell of truth.tsv and every door of doors.tsv asked by the exporter, over a delaying path, on loaded cores.

A round is one fresh probe of every cell. Prints cells x rounds x wrong; exit status 0 only when nothing was wrong.
"""
import argparse
import os
import shutil
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

import scrape
import servers
import truth
from certificates import World
from exporter import DelayedPath, Exporter, configuration, pause
from lab import HERE, Lab, Setup


class Matrix:
    """What was seen so far: per cell how many fresh probes were compared, and every difference with how often it came."""

    def __init__(self, cells, doors, setups, protocol, interval):
        self.interval = interval
        self.cells, self.doors = cells, doors
        self.answers = {cell.name: truth.answers(cell, setups[cell.setup], protocol) for cell in cells}
        self.modes = {door.name: truth.modes(door, setups.get(door.setup, Setup(door.setup)), protocol) for door in doors}
        self.compared, self.wrong = Counter(), defaultdict(Counter)
        self.wrong_probes = Counter()
        self.last, self.counted, self.settled = {}, {}, set()

    def rounds(self):
        return min(self.compared[cell.name] for cell in self.cells)

    def take(self, targets):
        for cell in self.cells:
            families = targets.get(cell.name, {})
            probes = scrape.value(families, "mtls_probes_total") or 0
            # Compared once per probe, and only when the count stood still between two scrapes: a scrape is not one instant.
            if probes and probes == self.last.get(cell.name) and probes != self.counted.get(cell.name):
                self.counted[cell.name] = probes
                self.compared[cell.name] += 1
                self.note(cell.name, scrape.differences_of_any(self.answers[cell.name], families))
            self.last[cell.name] = probes
        for door in self.doors:
            families = targets.get(door.name, {})
            if door.name in self.settled or scrape.settled(self.modes[door.name], families):
                self.settled.add(door.name)
                self.compared[door.name] += 1
                self.note(door.name, scrape.door_differences(self.modes[door.name], families))

    def outage(self, exporter, deadline):
        """Compares every cell and door once more, with the first probe that finds nobody listening. Returns how many differed."""
        waiting = {one.name: one in self.doors for one in [*self.cells, *self.doors] if not one.name.startswith("door/nobody_home/")}
        watched, wrong = len(waiting), 0
        before = scrape.read(exporter.scrape())
        while waiting and time.monotonic() < deadline:
            pause(self.interval)
            targets = scrape.read(exporter.scrape())
            for name, door in list(waiting.items()):
                # Two more probes: the first may have been under way when the path was closed.
                if (scrape.value(targets[name], "mtls_probes_total") or 0) >= (scrape.value(before[name], "mtls_probes_total") or 0) + 2:
                    del waiting[name]
                    differences = scrape.outage_differences(targets[name], door)
                    wrong += bool(differences)
                    for difference in differences:
                        print(f"WRONG {name}: {difference}")
        for name in waiting:
            print(f"WRONG {name}: not probed during the outage")
        print(f"outage of {watched} targets: {wrong + len(waiting)} wrong")
        return wrong + len(waiting)

    def note(self, name, differences):
        self.wrong_probes[name] += bool(differences)
        self.wrong[name].update(differences)

    def report(self, rounds):
        """Prints the result; returns how many answers were wrong."""
        unsettled = [door.name for door in self.doors if door.name not in self.settled]
        for name in unsettled:
            print(f"WRONG {name}: its knocks were never answered")
        for name, differences in self.wrong.items():
            for difference, times in differences.items():
                print(f"WRONG {name}: {difference} ({times} of {self.compared[name]})")
        cells_wrong = sum(self.wrong_probes[cell.name] for cell in self.cells)
        doors_wrong = sum(self.wrong_probes[door.name] for door in self.doors) + len(unsettled)
        compared = sum(self.compared[cell.name] for cell in self.cells)
        print(f"{len(self.cells)} cells x {min(rounds, self.rounds())} rounds x {cells_wrong} wrong ({compared} probes compared)")
        if self.doors:
            looks = sum(self.compared[door.name] for door in self.doors)
            print(f"{len(self.doors)} doors: {doors_wrong} wrong ({looks} looks)")
        return cells_wrong + doors_wrong


def run(lab, options):
    kinds = list(servers.GROUPS.get(options.kinds) or options.kinds.split(","))
    setups = {setup.name: setup for kind in kinds for setup in servers.KINDS[kind].start(lab)}
    if options.protocol != "own":  # a server that waits for a dialogue of its own speaks no TLS before it
        setups = {name: setup for name, setup in setups.items() if setup.protocol in ("tls", "https")}
    cells = [cell for cell in truth.cells() if cell.setup in setups and options.only in cell.name]
    doors = [door for door in truth.doors() if (door.setup in setups or door.setup == "nobody_home") and options.only in door.name]
    if not cells:
        raise SystemExit(f"no cell of {options.kinds} has {options.only!r} in its name")
    path = DelayedPath(lab, options.delay)
    settings = configuration(lab, path, setups, cells, doors, options.protocol, options.interval)
    path.open()
    seconds = 60 + options.rounds * options.interval * 4
    for _ in range(0 if options.idle else os.cpu_count()):
        lab.run("busy", [sys.executable, HERE / "busy.py", seconds], ends=True)
    exporter = Exporter(lab, options.exporter, settings)
    matrix, deadline = Matrix(cells, doors, setups, options.protocol, options.interval), time.monotonic() + seconds
    while matrix.rounds() < options.rounds or len(matrix.settled) < len(doors):
        pause(options.interval)
        lab.alive()
        matrix.take(scrape.read(exporter.scrape()))
        if time.monotonic() > deadline:
            slow = [cell.name for cell in cells if matrix.compared[cell.name] < options.rounds]
            print(f"WRONG gave up after {seconds} s: {len(slow)} cells had no {options.rounds} probes: {' '.join(slow[:10])}")
            matrix.report(options.rounds)
            return 1
    print(f"asked under {options.protocol}; delay 0-{options.delay} ms per chunk, {0 if options.idle else os.cpu_count()} busy loops on {os.cpu_count()} cores")
    wrong = matrix.report(options.rounds)
    path.close()
    return wrong + matrix.outage(exporter, time.monotonic() + 12 * options.interval)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--exporter", required=True, help="the mtls_exporter program")
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--interval", type=int, default=5, help="seconds between two probes of a cell, and between two knocks")
    arguments.add_argument("--delay", type=int, default=20, help="milliseconds at most, per chunk")
    arguments.add_argument("--protocol", default="own", choices=("own", "auto", "tls"), help="ask all under this one, not as each wants to be asked")
    arguments.add_argument("--idle", action="store_true", help="no busy loops")
    arguments.add_argument("--cache", default=tempfile.gettempdir() + "/mtls-lab-cache", help="where the Go program is kept")
    arguments.add_argument("--kinds", default=",".join(servers.KINDS), help="or web, or protocols")
    arguments.add_argument("--only", default="", help="cells and doors whose name contains this")
    arguments.add_argument("--keep", help="copy the lab's logs and configuration to this folder")
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="mtls-lab-", ignore_cleanup_errors=True) as folder:
        lab = Lab(folder, World(Path(folder) / "world"), options.cache)
        try:
            return 1 if run(lab, options) else 0
        finally:
            lab.stop()
            if options.keep:
                shutil.copytree(folder, options.keep, dirs_exist_ok=True)


if __name__ == "__main__":
    sys.exit(main())
