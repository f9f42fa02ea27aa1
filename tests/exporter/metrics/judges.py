#!/usr/bin/python3
"""judges.py FOLDER: lets promtool and the Prometheus client's parsers read every golden scrape, strictly.

Exit 0: accepted by all. 77: a judge is not installed. The judges are tried on bad input first: one that accepts it is broken.
"""
import pathlib
import re
import subprocess
import sys

try:
    from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
    from prometheus_client.parser import text_string_to_metric_families as text_format
    subprocess.run(["promtool", "--version"], capture_output=True, check=True)
except (ImportError, OSError) as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

# "Days" is what our users think in; the timestamp stands beside each of them.
ACCEPTED = re.compile(
    r"^mtls_(certificate_expiry|chain_expiry|issuer_expiry|certificate_threshold)_days use base unit \"seconds\" instead of \"days\"$")


def promtool(text):
    """What promtool complains about, besides what we accept."""
    ran = subprocess.run(["promtool", "check", "metrics"], input=text.encode(), capture_output=True, check=False)
    lines = (ran.stdout + ran.stderr).decode().splitlines()
    complaints = [line for line in lines if not ACCEPTED.match(line)]
    if ran.returncode not in (0, 3) and not complaints:
        complaints = [f"promtool exits {ran.returncode}"]
    return complaints


def parsed(parser, text):
    """What a parser complains about; duplicate series too, which the parsers let pass and Prometheus does not."""
    seen = set()
    try:
        for family in parser(text):
            for sample in family.samples:
                series = (sample.name, tuple(sorted(sample.labels.items())))
                if series in seen:
                    return [f"duplicate series {series}"]
                seen.add(series)
    except ValueError as error:
        return [str(error)]
    return [] if seen else ["no series"]


def judge(path, text):
    if path.suffix == ".openmetrics":
        return parsed(openmetrics, text)
    return promtool(text) + parsed(text_format, text)


BAD = {
    "interleaved.prom": "# HELP a A.\n# TYPE a gauge\na{x=\"1\"} 1\n# TYPE a gauge\na 1\n",
    "duplicate.prom": "# HELP a A.\n# TYPE a gauge\na 1\na 1\n",
    "unit.prom": "# HELP a_minutes A.\n# TYPE a_minutes gauge\na_minutes 1\n",
    "total.openmetrics": "# TYPE a_total counter\na_total 1\n# EOF\n",
    "no_end.openmetrics": "# TYPE a gauge\na 1\n",
}


def main(folder):
    failures = [f"{name}: bad input passed" for name, text in BAD.items() if not judge(pathlib.Path(name), text)]
    paths = sorted(path for path in pathlib.Path(folder).iterdir() if path.suffix in (".prom", ".openmetrics"))
    if len(paths) < 5:
        failures.append(f"only {len(paths)} golden scrapes in {folder}")
    for path in paths:
        failures += [f"{path.name}: {complaint}" for complaint in judge(path, path.read_bytes().decode())]
    print("\n".join(failures) or f"{len(paths)} scrapes accepted")
    return 1 if failures else 0


sys.exit(main(sys.argv[1]))
