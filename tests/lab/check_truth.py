"""Checks truth.tsv against the running servers with curl, openssl s_client and Python's ssl: none of our own code is asked.

The verdict is compared wherever a client can tell; s_client alone knows whether and when a certificate was asked for.
Exit status 0 when nothing contradicts the truth.
"""
import argparse
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import clients
import natives
import servers
import truth
from certificates import World
from lab import Lab


def contradictions(cell, setup, world, counted):
    curl = clients.curl(world, setup, cell.tls, cell.identity)
    python = clients.python(world, setup, cell.tls, cell.identity)
    own = natives.ask(world, setup, cell.tls, cell.identity)
    if own.verdict:
        counted["own client"] += 1
        if own.verdict != ("rejected" if cell.verdict == "rejected" else "accepted"):
            yield f"{setup.protocol}'s own client: {own.verdict} ({own.note}), truth {cell.verdict}"
    if setup.protocol in clients.UNKNOWN:
        return
    trace = clients.s_client(world, setup, cell.tls, cell.identity)
    # Not to be refused is all an independent client can see of unconfirmed, not_requested, and a silent acceptance.
    admitted = "rejected" if cell.verdict == "rejected" else "accepted"
    for name, seen in (("curl", curl), ("python", python)):
        if seen.verdict is None:
            continue
        counted[name] += 1
        verdict = "accepted" if seen.verdict == "silence" else seen.verdict
        if verdict != admitted:
            yield f"{name}: {seen.verdict} ({seen.note}), truth {cell.verdict}"
        if cell.verdict == "unconfirmed" and seen.verdict != "silence":
            yield f"{name}: {seen.verdict} ({seen.note}), truth unconfirmed"
    if cell.alert != "*":
        wanted = [None if one == "-" else int(one) for one in cell.alert.split("|")]
        if python.verdict is not None:
            counted["alert"] += 1
            if python.alert not in wanted:
                yield f"python: alert {python.alert} ({python.note}), truth {cell.alert}"
    counted["requested"] += 1
    if trace.requested != cell.requested:
        yield f"s_client: requested {trace.requested}, truth {cell.requested}"
    if (cell.certificate == "yes") != trace.certificate:
        yield f"s_client: server certificate {trace.certificate}, truth {cell.certificate}"
    # What s_client prints is the list of the latest request; a late one comes after it printed its page.
    if cell.requested == "handshake" and cell.listed in ("yes", "no"):
        counted["listed"] += 1
        root = "Lab Root CA" in trace.listed_names
        empty = not trace.listed_names
        listed = empty or (root and cell.identity not in ("gap", "unlisted"))
        if listed != (cell.listed == "yes"):
            yield f"s_client: list {trace.listed_names!r}, truth {cell.listed}"


def check(lab, kinds, workers, only=""):
    setups = {setup.name: setup for kind in kinds for setup in servers.KINDS[kind].start(lab)}
    cells = [cell for cell in truth.cells() if cell.setup in setups and only in cell.name]
    counted, wrong = Counter(), 0
    with ThreadPoolExecutor(workers) as pool:
        found = pool.map(lambda cell: list(contradictions(cell, setups[cell.setup], lab.world, counted)), cells)
        for cell, problems in zip(cells, found):
            for problem in problems:
                wrong += 1
                print(f"WRONG {cell.name}: {problem}")
    unknown = {cell.setup for cell in truth.cells()} ^ set(setups)
    if len(kinds) == len(servers.KINDS) and unknown:
        wrong += 1
        print(f"WRONG set-ups without truth, or truth without a set-up: {sorted(unknown)}")
    lab.alive()
    print(f"{len(cells)} cells; answers compared: {dict(counted)}; contradictions: {wrong}")
    return wrong


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--cache", default=tempfile.gettempdir() + "/mtls-lab-cache", help="where the Go program is kept")
    arguments.add_argument("--kinds", default=",".join(servers.KINDS), help="or web, or protocols")
    arguments.add_argument("--only", default="", help="cells whose name contains this")
    arguments.add_argument("--workers", type=int, default=4)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="mtls-lab-", ignore_cleanup_errors=True) as folder:
        lab = Lab(folder, World(Path(folder) / "world"), options.cache)
        try:
            return 1 if check(lab, list(servers.GROUPS.get(options.kinds) or options.kinds.split(",")), options.workers, options.only) else 0
        finally:
            lab.stop()


if __name__ == "__main__":
    sys.exit(main())
