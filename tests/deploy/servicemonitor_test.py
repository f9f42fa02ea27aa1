#!/usr/bin/python3 -B
"""servicemonitor_test.py EXPORTER: a Prometheus that scrapes as the operator has it scrape for the shipped ServiceMonitor, with the
labels that the operator gives to a target. Rules and dashboards must find the exporter's own labels under their own names."""
import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
# What the operator puts on every target of a ServiceMonitor (its documentation, "target labels").
OPERATORS = {"namespace": "monitoring", "service": "mtls-exporter", "pod": "mtls-exporter-0", "container": "mtls-exporter",
             "endpoint": "http", "job": "mtls-exporter"}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait(what, url):
    for _ in range(100):
        try:
            if urllib.request.urlopen(url, timeout=2).status == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    sys.exit(f"FAILED: {what} does not answer")


def main():
    exporter = pathlib.Path(sys.argv[1]).resolve()
    monitor = yaml.safe_load((ROOT / "deploy/kubernetes/common/servicemonitor.yaml").read_text())
    endpoint = monitor["spec"]["endpoints"][0]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        nobody, port, prometheus_port = free_port(), free_port(), free_port()
        # Users label their targets as they label everything in the cluster.
        (folder / "c.yml").write_text(json.dumps({
            "modules": {"m": {"interval": "1s", "timeout": "900ms"}},
            "targets": [{"name": "payments", "address": f"127.0.0.1:{nobody}", "module": "m", "labels": {"namespace": "payments"}}]}))
        (folder / "p.yml").write_text(json.dumps({
            "global": {"scrape_interval": "1s"},
            "scrape_configs": [{"job_name": "serviceMonitor/monitoring/mtls-exporter/0", "metrics_path": endpoint["path"],
                                "honor_labels": endpoint.get("honorLabels", False),
                                "static_configs": [{"targets": [f"127.0.0.1:{port}"], "labels": OPERATORS}]}]}))
        processes = [
            subprocess.Popen([exporter, f"--config.file={folder}/c.yml", f"--web.listen-address=127.0.0.1:{port}"], stderr=subprocess.DEVNULL),
            subprocess.Popen(["prometheus", f"--config.file={folder}/p.yml", f"--storage.tsdb.path={folder}/data",
                              f"--web.listen-address=127.0.0.1:{prometheus_port}"], stderr=subprocess.DEVNULL)]
        try:
            wait("the exporter", f"http://127.0.0.1:{port}/-/ready")
            wait("Prometheus", f"http://127.0.0.1:{prometheus_port}/-/ready")

            def ask(query):
                url = f"http://127.0.0.1:{prometheus_port}/api/v1/query?" + urllib.parse.urlencode({"query": query})
                return [one["metric"] for one in json.load(urllib.request.urlopen(url))["data"]["result"]]

            for _ in range(100):
                if ask("mtls_target_info"):
                    break
                time.sleep(0.2)
            (info,) = ask("mtls_target_info")
            assert info["endpoint"] != "http", f"the label endpoint is the operator's: {info}"
            assert info["namespace"] == "payments", f"the target's own label is lost: {info}"
            assert not [label for label in info if label.startswith("exported_")], info
            assert info["pod"] == "mtls-exporter-0" and info["job"] == "mtls-exporter", info
            (up,) = ask("up")
            assert up["namespace"] == "monitoring", up
        finally:
            for process in processes:
                process.terminate()
                process.wait()
    print("ok: the labels of the exporter stand beside the operator's, each under its own name")


main()
