#!/usr/bin/python3
"""What it costs to read who calls: a log of many lines by many callers.

    tests/bench/callers.py --exporter build/exporter/mtls_exporter [--lines 1000000 --callers 10000] [--certificates 200] [--garbage]

Prints CPU microseconds a line (two threads of it or more: all of the program's), the lines a second that half a core would read, and what
each caller takes of resident memory. Lines carry facts and a fingerprint; with --certificates N the whole certificate, of N callers. With
--garbage the log holds no such lines at all.
"""
import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lab"))
from certificates import World  # noqa: E402
from lab import Lab  # noqa: E402


def figures(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        text = answer.read().decode()
    totals = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            name, value = line.rsplit(" ", 1)
            family = name.split("{")[0]
            totals[family] = totals.get(family, 0) + float(value)
    return totals


def facts(number):
    return {"subject": f"CN=service {number},O=Bench", "issuer": "CN=Clients CA,O=Bench", "serial": f"{number + 1:x}", "fingerprint": f"{number:064x}",
            "not_before": "2026-01-01T00:00:00Z", "not_after": "2099-01-01T00:00:00Z"}


def certificates(folder, count):
    made = []
    for number in range(count):
        path = folder / f"{number}.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-days", "90", "-subj", f"/O=Bench/CN=service {number}",
                        "-keyout", "/dev/null", "-out", path], check=True, capture_output=True)
        made.append({"certificate": quote(path.read_text(encoding="ascii"))})
    return made


def lines(options, folder):
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    who = certificates(folder, options.certificates) if options.certificates else [facts(number) for number in range(options.callers)]
    if options.garbage:
        return ["{" + "x" * random.randrange(300) + "\n" for _ in range(1000)]
    return [json.dumps({"time": now, "address": f"192.0.2.{number % 250}", "verify": "SUCCESS", "status": 200} | one) + "\n" for number, one in enumerate(who)]


def measure(lab, exporter, options):
    """One log, read once. `options`: lines, callers, certificates, garbage."""
    log, path, port = lab.folder / "callers.log", lab.folder / "callers.yml", lab.port()
    log.write_bytes(b"")
    path.write_text(json.dumps({"callers": [{"name": "gateway", "log_files": [str(log)], "lines_per_second": 1000000}]}), encoding="utf-8")
    lab.run("exporter", [os.path.abspath(exporter), f"--config.file={path}", f"--web.listen-address=127.0.0.1:{port}"])
    process = lab.processes[-1][1]
    lab.listening(port)
    while not figures(port).get("mtls_source_up"):
        time.sleep(0.1)
    some = lines(options, lab.room("callers"))
    time.sleep(2)
    before, began = figures(port), time.monotonic()
    with open(log, "a", encoding="utf-8") as out:
        for first in range(0, options.lines, len(some)):
            out.writelines(some[:options.lines - first])
    while figures(port)["mtls_caller_lines_total"] < options.lines and time.monotonic() - began < 300:
        time.sleep(0.5)
    seconds = time.monotonic() - began
    time.sleep(3)
    after = figures(port)
    lab.end(process)
    cpu = 1e6 * (after["process_cpu_seconds_total"] - before["process_cpu_seconds_total"]) / options.lines
    more = after["process_resident_memory_bytes"] - before["process_resident_memory_bytes"]
    return {"lines": int(after["mtls_caller_lines_total"]), "bytes_a_line": round(sum(map(len, some)) / len(some)), "callers": int(after.get("mtls_callers", 0)),
            "seconds": round(seconds, 1), "cpu_microseconds_a_line": round(cpu, 2), "lines_a_second_on_half_a_core": round(5e5 / cpu),
            "resident_megabytes": round(after["process_resident_memory_bytes"] / 1e6, 1), "more_megabytes": round(more / 1e6, 1)}


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--exporter", required=True)
    arguments.add_argument("--lines", type=int, default=1000000)
    arguments.add_argument("--callers", type=int, default=10000)
    arguments.add_argument("--certificates", type=int, default=0)
    arguments.add_argument("--garbage", action="store_true")
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="mtls-bench-", ignore_cleanup_errors=True) as folder:
        lab = Lab(folder, World(Path(folder) / "world"), folder)
        try:
            seen = measure(lab, options.exporter, options)
        finally:
            lab.stop()
    print(json.dumps(seen, indent=1))
    return 0 if seen["lines"] == options.lines else 1


if __name__ == "__main__":
    sys.exit(main())
