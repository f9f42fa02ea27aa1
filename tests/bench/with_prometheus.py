"""The price of a whole platform: exporter and Prometheus together, for the same targets at the same pace. One scrape of the estate
here; one /probe scrape for each target with blackbox_exporter. And what Prometheus itself takes to keep a large estate."""
import json
import re
import shutil
import time
import urllib.error
import urllib.request
from pathlib import Path


def prometheus(bench, scrape_configs, interval=5):
    room = bench.lab.room("prometheus")
    shutil.rmtree(room / "data", ignore_errors=True)
    configuration = room / "prometheus.yml"
    configuration.write_text(json.dumps({"global": {"scrape_interval": f"{interval}s", "scrape_timeout": f"{max(1, interval - 1)}s"}, "scrape_configs": scrape_configs}))
    port = bench.lab.port()
    process = bench.lab.run("prometheus", ["/usr/bin/prometheus", f"--config.file={configuration}", f"--storage.tsdb.path={room / 'data'}",
                                           f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"])
    bench.lab.listening(port)
    return process, port


def asked(port, query):
    """The number that Prometheus answers `query` with; None: none, or it is still loading its storage."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/query?query={query}") as answer:
            result = json.load(answer)["data"]["result"]
    except urllib.error.HTTPError:
        return None
    return float(result[0]["value"][1]) if result else None


def up(port, wanted):
    """Waits until `wanted` scrapes of the last moment were good."""
    for _ in range(300):
        time.sleep(0.2)
        if asked(port, "sum(up)") == wanted:
            return
    raise TimeoutError(f"Prometheus does not see {wanted} targets up")


def used(bench, processes, cpu_of, seconds):
    before = sum(cpu_of(process.pid) for process in processes)
    time.sleep(seconds)
    total = sum(cpu_of(process.pid) for process in processes) - before
    for process in processes:
        bench.lab.end(process)
    return total


def ours(bench, exporter_of, cpu_of, targets, seconds, detail):
    """CPU milliseconds for each check of a target, Prometheus included."""
    exporter = exporter_of("ec", "tls", targets, 5, detail)
    process = bench.lab.processes[-1][1]
    server, port = prometheus(bench, [{"job_name": "mtls", "static_configs": [{"targets": [f"127.0.0.1:{exporter.port}"]}]}])
    up(port, 1)
    return used(bench, [process, server], cpu_of, seconds) / (targets * seconds / 5)


def blackbox(bench, blackbox_of, cpu_of, targets, seconds):
    process, port = blackbox_of("ec")
    # A label of its own makes the one address many targets.
    groups = [{"targets": [f"127.0.0.1:{bench.ports['ec']}"], "labels": {"target": f"t{number}"}} for number in range(targets)]
    server, api = prometheus(bench, [{"job_name": "blackbox", "metrics_path": "/probe", "params": {"module": ["m"]}, "static_configs": groups,
                                      "relabel_configs": [{"source_labels": ["__address__"], "target_label": "__param_target"},
                                                          {"target_label": "__address__", "replacement": f"127.0.0.1:{port}"}]}])
    up(api, targets)
    return used(bench, [process, server], cpu_of, seconds) / (targets * seconds / 5)


def fed(bench, exporter, cpu_of, interval, seconds):
    """What Prometheus takes to scrape `exporter` every `interval` seconds: series, CPU milliseconds of a scrape, seconds a scrape lasts,
    and resident bytes."""
    server, port = prometheus(bench, [{"job_name": "mtls", "static_configs": [{"targets": [f"127.0.0.1:{exporter.port}"]}]}], interval)
    up(port, 1)
    before = cpu_of(server.pid)
    time.sleep(seconds)
    spent = cpu_of(server.pid) - before
    resident = int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{server.pid}/status").read_text()).group(1)) * 1024
    seen = {"series": asked(port, "scrape_samples_scraped"), "cpu_milliseconds": spent * interval / seconds,
            "duration_seconds": asked(port, "scrape_duration_seconds"), "resident_bytes": resident}
    bench.lab.end(server)
    return seen
