#!/usr/bin/python3
"""Everything this project promises of speed and size, measured side by side in one run on this machine.

    tests/bench/run.py --build build [--only cost,scrape,rest,lists,calls,flight,holes,platform,fed,large] [--json FILE] [--smoke]

Prints one table: what was measured, the bar, whether it was reached. `large` watches 100,000 targets for longer than their interval of
five minutes and is left out unless named. --smoke does a little of everything and judges nothing: it keeps this code alive in CI.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "lab"))
import callers  # noqa: E402
import large_list  # noqa: E402
import probe  # noqa: E402
import steady  # noqa: E402
import with_prometheus  # noqa: E402
from certificates import SERVER_NAME, World  # noqa: E402
from exporter import Exporter  # noqa: E402
from lab import Lab  # noqa: E402


class Table:
    """Rows of figures with the bar that each must reach, if there is one; without `judging` there is none."""

    def __init__(self, judging):
        self.rows, self.judging = [], judging

    def add(self, what, figure, unit="", at_most=None, at_least=None):
        if not self.judging:
            at_most = at_least = None
        self.rows.append({"what": what, "figure": round(figure, 3), "unit": unit, "at_most": at_most, "at_least": at_least})

    def text(self):
        lines = ["| what | measured | bar | |", "|---|---|---|---|"]
        for row in self.rows:
            bar, judged = "", ""
            if row["at_most"] is not None:
                bar, judged = f"<= {row['at_most']:,}", "reached" if row["figure"] <= row["at_most"] else "**missed**"
            if row["at_least"] is not None:
                bar, judged = f">= {row['at_least']:,}", "reached" if row["figure"] >= row["at_least"] else "**missed**"
            lines.append(f"| {row['what']} | {row['figure']:,} {row['unit']} | {bar} | {judged} |")
        return "\n".join(lines)


def cost(bench, options, table):
    for row in probe.measure(bench, options):
        keys, plain, blackbox = row["keys"], row["plain loop"], row["blackbox_exporter"]
        for what in ("plain loop", "probe", "probe, https", "exporter", "exporter, https", "blackbox_exporter"):
            table.add(f"{keys}: CPU of one, {what}", row[what], "ms")
        judged = keys.startswith("ECDSA")
        # The bars are the exporter's at its schedule. Its probe alone, round and round on a loop without lanes, stands beside them.
        for what in ("probe", "probe, https", "exporter", "exporter, https"):
            bars = (0.75, 0.45) if judged and what.startswith("exporter") else (None, None)
            table.add(f"{keys}: {what} / plain loop", row[what] / plain, at_most=bars[0])
            table.add(f"{keys}: {what} / blackbox_exporter", row[what] / blackbox, at_most=bars[1])
        if "probe, instructions" in row:
            mine, theirs = row["probe, instructions"] / 1e6, row["plain loop, instructions"] / 1e6
            table.add(f"{keys}: instructions, probe ({mine:.2f} M) / plain loop ({theirs:.2f} M)", mine / theirs, at_most=0.65 if judged else None)


def scrape(bench, options, table):
    for targets in (1000,) if options.smoke else (1000, 10000, 100000):
        for level in ("lean", "standard", "full"):
            out = subprocess.run([bench.build / "tests/bench/scrape_bench", str(targets), level], check=True, capture_output=True, text=True)
            seen, what = json.loads(out.stdout), f"scrape, {targets:,} targets, {level}"
            judged = targets == 100000 and level == "lean"
            table.add(f"{what}: {seen['series']:,} series, {seen['megabytes']:.1f} MB", seen["cpu_seconds"], "s of CPU", at_most=0.5 if judged else None)
            table.add(f"{what}: ... in gzip: {seen['zipped_megabytes']:.1f} MB", seen["zipped_cpu_seconds"], "s of CPU")
            table.add(f"{what}: series each second of CPU", seen["series_per_second"], at_least=3_000_000 if judged else None)
            table.add(f"{what}: prometheus-cpp's scrape of the same series / ours", seen["prometheus_cpp_scrape_seconds"] / seen["cpu_seconds"],
                      at_least=20 if judged else None)
            table.add(f"{what}: prometheus-cpp's serializer alone / ours", seen["prometheus_cpp_seconds"] / seen["cpu_seconds"])
            table.add(f"{what}: heap each target", seen["bytes_per_target"] / 1024, "KiB", at_most=4 if judged else None)


def rest(bench, options, table):
    def seen(what, count):
        out = subprocess.run([bench.build / "tests/bench/at_rest_bench", what, str(count)], check=True, capture_output=True, text=True)
        return json.loads(out.stdout)

    rows, count = (1000, 50) if options.smoke else (1_000_000, 20_000)
    index, files = seen("index", rows), seen("files", count)
    table.add(f"index.txt of {rows:,} rows, read and judged", index["cpu_seconds"], "s of CPU", at_most=3)
    table.add(f"index.txt of {rows:,} rows, memory while it is read", index["peak_megabytes"], "MB")
    table.add(f"files, {count:,} certificates: first scan", files["scan_cpu_seconds"], "s of CPU")
    table.add(f"files, {count:,} certificates at lean: heap each", files["bytes_each"] / 1024, "KiB", at_most=1.5)


def lists(bench, options, table):
    entries = 1000 if options.smoke else 1_000_000
    path = bench.lab.folder / "large.crl"
    large_list.write(path, bench.lab.world.servers, entries, 1)
    seen = json.loads(subprocess.run([bench.build / "tests/bench/list_bench", path], check=True, capture_output=True, text=True).stdout)
    what = f"revocation list of {entries:,} entries"
    table.add(f"{what}: read", seen["read_cpu_seconds"], "s of CPU", at_most=3)
    table.add(f"{what}: memory of an entry", seen["bytes_an_entry"], "bytes", at_most=60)
    table.add(f"{what}: a look into it", seen["look_microseconds"], "us", at_most=10)


def calls(bench, options, table):
    exporter = bench.build / "exporter/mtls_exporter"
    count = 2000 if options.smoke else 1_000_000
    for what, certificates in (("facts and fingerprint", 0), ("the certificate itself", 5 if options.smoke else 200)):
        asked = SimpleNamespace(lines=count, callers=50 if options.smoke else 10000, certificates=certificates, garbage=False)
        seen = callers.measure(bench.lab, exporter, asked)
        table.add(f"log of callers, {what}, {seen['bytes_a_line']} bytes a line: lines a second on half a core", seen["lines_a_second_on_half_a_core"], at_least=50_000)
        if not certificates:
            table.add(f"log of callers: what {seen['callers']:,} callers take while {seen['lines']:,} lines are read at once", seen["more_megabytes"], "MB")
    asked = SimpleNamespace(lines=count // 10, callers=50 if options.smoke else 10000, certificates=0, garbage=False)
    seen = callers.measure(bench.lab, exporter, asked)
    table.add(f"log of callers: what {seen['callers']:,} callers take, ten lines each", seen["more_megabytes"], "MB", at_most=40)


def flight(bench, options, table):
    certificate, key = bench.identities["ec"]
    count = 50 if options.smoke else 5000
    command = [bench.build / "tests/bench/in_flight", "127.0.0.1", bench.lab.silent, certificate, key, count, bench.lab.world.root, SERVER_NAME]
    seen = json.loads(subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True).stdout)
    table.add(f"memory of a handshake in flight, {count:,} at once", seen["kib_each"], "KiB", at_most=45)


def steady_run(bench, options, **more):
    settings = SimpleNamespace(exporter=str(bench.build / "exporter/mtls_exporter"), detail="lean", revoked=0, **more)
    seen = steady.run(bench.lab, bench.ports["ec"], settings)
    bench.lab.end(bench.lab.processes[-1][1])
    return seen


def holes(bench, options, table):
    targets, interval = (50, 1) if options.smoke else (10000, 60)
    seen = steady_run(bench, options, targets=targets, interval=interval, hanging=10, seconds=2 if options.smoke else 60)
    what = f"{targets:,} targets at {interval} s, one in ten a black hole"
    table.add(f"{what}: schedule lag p99 below", seen["lag_p99_below_seconds"], "s", at_most=1)
    table.add(f"{what}: probes of those due", seen["probes"] / seen["expected"], at_least=0.99)
    table.add(f"{what}: first full round after", seen["first_round_seconds"], "s")
    table.add(f"{what}: resident", seen["resident_megabytes"], "MB")


def platform(bench, options, table):
    targets, seconds = (20, 5) if options.smoke else (500, 30)
    theirs = with_prometheus.blackbox(bench, bench.started_blackbox, probe.cpu_of, targets, seconds)
    table.add(f"blackbox_exporter + Prometheus, {targets} targets at 5 s, each check", theirs, "ms")
    for detail in ("standard", "lean"):
        ours = with_prometheus.ours(bench, bench.started_exporter, probe.cpu_of, targets, seconds, detail)
        table.add(f"exporter at {detail} + Prometheus, {targets} targets at 5 s, each check", ours, "ms")
        table.add(f"exporter at {detail} + Prometheus / blackbox_exporter + Prometheus", ours / theirs, at_most=0.25)


def fed(bench, options, table):
    targets, interval, scraped, seconds = (20, 1, 1, 3) if options.smoke else (20000, 60, 15, 120)
    settings = SimpleNamespace(targets=targets, interval=interval, hanging=0, detail="lean", revoked=0)
    exporter = Exporter(bench.lab, str(bench.build / "exporter/mtls_exporter"),
                        steady.configuration(bench.lab.world, bench.ports["ec"], bench.lab.silent, settings))
    process = bench.lab.processes[-1][1]
    time.sleep(interval + 2)  # the first round
    seen = with_prometheus.fed(bench, exporter, probe.cpu_of, scraped, seconds)
    bench.lab.end(process)
    what = f"Prometheus, {targets:,} targets at lean scraped every {scraped} s"
    table.add(f"{what}: series", seen["series"])
    table.add(f"{what}: its CPU of a scrape", seen["cpu_milliseconds"], "ms")
    table.add(f"{what}: a scrape, its own work included", seen["duration_seconds"], "s")
    table.add(f"{what}: resident, each series", seen["resident_bytes"] / seen["series"] / 1024, "KiB")


def large(bench, options, table):
    small = steady_run(bench, options, targets=1000, interval=3, hanging=0, seconds=30)
    seen = steady_run(bench, options, targets=100000, interval=300, hanging=0, seconds=120)
    what = "100,000 targets at 5 minutes"
    table.add(f"{what}: cores used", seen["cpu_milliseconds_per_probe"] * seen["probes"] / seen["seconds"] / 1000, at_most=0.5)
    table.add(f"{what}: probes of those due", seen["probes"] / seen["expected"], at_least=0.99)
    table.add(f"{what}: schedule lag p99 below", seen["lag_p99_below_seconds"], "s", at_most=1)
    table.add(f"{what}: resident, each target", seen["resident_megabytes"] * 1e3 / 100000, "KB", at_most=4)
    table.add(f"{what}: first full round after", seen["first_round_seconds"], "s")
    table.add("1,000 targets at 3 s: first full round after", small["first_round_seconds"], "s")
    table.add(f"{what}: slowest of the scrapes while probing", seen["slowest_scrape_seconds"], "s", at_most=1)
    table.add("CPU of a probe, 100,000 targets / 1,000 targets, at 333 a second", seen["cpu_milliseconds_per_probe"] / small["cpu_milliseconds_per_probe"],
              at_most=1.15)


MEASURES = {"cost": cost, "scrape": scrape, "rest": rest, "lists": lists, "calls": calls, "flight": flight, "holes": holes, "platform": platform, "fed": fed, "large": large}


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--build", required=True)
    arguments.add_argument("--only", help="measures, by comma")
    arguments.add_argument("--json", help="where to write the figures")
    arguments.add_argument("--smoke", action="store_true")
    options = arguments.parse_args()
    options.rounds, options.count, options.seconds = (1, 20, 2) if options.smoke else (3, 1000, 15)
    options.instructions = not options.smoke
    chosen = options.only.split(",") if options.only else [name for name in MEASURES if name != "large"]
    table = Table(judging=not options.smoke)
    with tempfile.TemporaryDirectory(prefix="mtls-bench-", ignore_cleanup_errors=True) as folder:
        lab = Lab(folder, World(Path(folder) / "world"), folder)
        try:
            bench = probe.Bench(lab, os.path.abspath(options.build), options)
            for name in chosen:
                MEASURES[name](bench, options, table)
        finally:  # what was measured is told, also when the rest fails
            lab.stop()
            print(table.text())
            if options.json:
                Path(options.json).write_text(json.dumps(table.rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
