#!/usr/bin/python3
"""A steady estate: many mutual-TLS targets on one real nginx, some of which may hang, watched for a while.

    tests/bench/steady.py --exporter build/exporter/mtls_exporter [--targets 1000 --interval 10 --hanging 0 --seconds 60] [--revoked 1000000]

Prints what was probed, how late, in how much memory and CPU time; --check fails when a probe was skipped, p99 of the lag is 1 s or
more, or the resident memory is 150 MB or more (for 1,000 targets at 10 s; never part of the tests: they depend on no clock).
"""
import argparse
import itertools
import json
import os
import re
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lab"))
import large_list  # noqa: E402
from certificates import World  # noqa: E402
from exporter import Exporter  # noqa: E402
from lab import Lab  # noqa: E402
from servers import nginx  # noqa: E402


def configuration(world, port, silent, options):
    certificate, key = world.clients["good"]
    hanging = round(options.targets * options.hanging / 100)
    targets = [{"name": f"target-{number}", "address": f"127.0.0.1:{silent if number < hanging else port}", "module": "mtls"}
               for number in range(options.targets)]
    trusted = {"ca_files": [str(world.root)]} | ({"crl_files": [str(revocation_list(world))]} if options.revoked else {})
    return json.dumps({
        "trust": {"lab": trusted},
        "identities": {"good": {"certificate_file": str(certificate), "key_file": str(key)}},
        "modules": {"mtls": {"protocol": "https", "trust": "lab", "identity": "good", "interval": f"{options.interval}s",
                             "timeout": f"{min(options.interval, 10)}s"}},
        "targets": [target | {"server_name": "lab.test"} for target in targets],
        "metrics": {"detail": options.detail},
    })


def revocation_list(world):
    return world.folder / "servers.crl"


def total(text, family):
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith((family + "{", family + " ")))


def histogram(text):
    """Upper bound -> probes that began at most so late, since the start."""
    found = re.findall(r'^mtls_exporter_schedule_lag_seconds_bucket\{le="([^"]+)"\} (\S+)', text, re.M)
    return {float(bound): float(count) for bound, count in found}


def quantile(before, after, share):
    """The upper bound of the bucket that holds the quantile."""
    counts = {bound: count - before.get(bound, 0) for bound, count in after.items()}
    everything = counts[float("inf")]
    return next(bound for bound in sorted(counts) if counts[bound] >= share * everything)


def watch(exporter, until, meanwhile):
    """Scrapes four times a minute, as Prometheus does; how long the slowest took. `meanwhile()` happens as often."""
    slowest = 0.0
    while (left := until - time.monotonic()) > 0:
        meanwhile()
        time.sleep(max(0, min(15, until - time.monotonic())))
        began = time.monotonic()
        exporter.scrape()
        slowest = max(slowest, time.monotonic() - began)
    return slowest


def first_round(exporter, began, options):
    """Seconds from the start until as many probes had begun as there are targets."""
    while (passed := time.monotonic() - began) < options.interval + 10:
        if total(exporter.scrape(), "mtls_exporter_schedule_lag_seconds_count") >= options.targets:
            return round(passed, 1)
        time.sleep(max(0.1, options.interval / 100))
    raise TimeoutError("not every target was probed within the interval and ten seconds")


def measure(exporter, options, began, meanwhile):
    first = first_round(exporter, began, options)
    time.sleep(max(0, began + options.interval + 2 - time.monotonic()))  # the pace after the first round
    before, began = exporter.scrape(), time.monotonic()
    slowest = watch(exporter, began + options.seconds, meanwhile)
    after, seconds = exporter.scrape(), time.monotonic() - began
    probes = total(after, "mtls_exporter_schedule_lag_seconds_count") - total(before, "mtls_exporter_schedule_lag_seconds_count")
    cpu = total(after, "process_cpu_seconds_total") - total(before, "process_cpu_seconds_total")
    good = len(re.findall(r"^mtls_probe_success\{[^}]*\} 1$", after, re.M))
    return {"targets": options.targets, "hanging_percent": options.hanging, "interval_seconds": options.interval, "seconds": round(seconds, 1),
            "first_round_seconds": first, "probes": int(probes), "expected": round(options.targets * seconds / options.interval), "successful_targets": good,
            "lag_p99_below_seconds": quantile(histogram(before), histogram(after), 0.99),
            "resident_megabytes": round(total(after, "process_resident_memory_bytes") / 1e6, 1),
            "cpu_milliseconds_per_probe": round(1000 * cpu / probes, 3), "scrape_bytes": len(after),
            "slowest_scrape_seconds": round(slowest, 3)}


def run(lab, port, options):
    """One steady run against the server at `port`."""
    numbers = itertools.count(1)

    def new_list():
        if options.revoked:
            large_list.write(revocation_list(lab.world), lab.world.servers, options.revoked, next(numbers))

    new_list()
    began = time.monotonic()
    return measure(Exporter(lab, os.path.abspath(options.exporter), configuration(lab.world, port, lab.silent, options)), options, began, new_list)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--exporter", required=True)
    arguments.add_argument("--targets", type=int, default=1000)
    arguments.add_argument("--interval", type=int, default=10, help="seconds")
    arguments.add_argument("--hanging", type=float, default=0, help="percent of the targets that accept and never answer")
    arguments.add_argument("--seconds", type=int, default=60)
    arguments.add_argument("--revoked", type=int, default=0, help="entries of a revocation list that judges all of them, made anew every 15 s")
    arguments.add_argument("--detail", default="standard")
    arguments.add_argument("--check", action="store_true")
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="mtls-bench-", ignore_cleanup_errors=True) as folder:
        lab = Lab(folder, World(Path(folder) / "world"), folder)
        try:
            setup = next(one for one in nginx.start(lab) if one.name == "nginx_required")
            lab.listening(setup.port)
            seen = run(lab, setup.port, options)
        finally:
            lab.stop()
    print(json.dumps(seen, indent=1))
    good = seen["probes"] >= 0.99 * seen["expected"] and seen["lag_p99_below_seconds"] <= 1 and seen["resident_megabytes"] < 150
    return 1 if options.check and not good else 0


if __name__ == "__main__":
    sys.exit(main())
