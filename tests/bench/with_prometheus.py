"""The price of a whole platform: exporter and Prometheus together, for the same targets at the same pace. One scrape of the estate
here; one /probe scrape for each target with blackbox_exporter."""
import json
import shutil
import time
import urllib.error
import urllib.request



def prometheus(bench, scrape_configs):
    room = bench.lab.room("prometheus")
    shutil.rmtree(room / "data", ignore_errors=True)
    configuration = room / "prometheus.yml"
    configuration.write_text(json.dumps({"global": {"scrape_interval": "5s", "scrape_timeout": "4s"}, "scrape_configs": scrape_configs}))
    port = bench.lab.port()
    process = bench.lab.run("prometheus", ["/usr/bin/prometheus", f"--config.file={configuration}", f"--storage.tsdb.path={room / 'data'}",
                                           f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"])
    bench.lab.listening(port)
    return process, port


def up(port, wanted):
    """Waits until `wanted` scrapes of the last moment were good."""
    for _ in range(300):
        time.sleep(0.2)
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/query?query=sum(up)") as answer:
                result = json.load(answer)["data"]["result"]
        except urllib.error.HTTPError:  # still loading its storage
            continue
        if result and float(result[0]["value"][1]) == wanted:
            return
    raise TimeoutError(f"Prometheus does not see {wanted} targets up")


def used(bench, processes, cpu_of, seconds):
    before = sum(cpu_of(process.pid) for process in processes)
    time.sleep(seconds)
    total = sum(cpu_of(process.pid) for process in processes) - before
    for process in processes:
        bench.lab.end(process)
    return total


def ours(bench, exporter_of, cpu_of, targets, seconds):
    """CPU milliseconds for each check of a target, Prometheus included."""
    exporter = exporter_of("ec", "tls", targets, 5)
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


