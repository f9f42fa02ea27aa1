#!/usr/bin/python3
"""sbom_test.py MTLS_EXPORTER SCHEMAS: the bill of materials satisfies CycloneDX's schema, is the same twice, and names the package of every
library that the program loads, with its version and under a reference that exists."""
import copy
import json
import os
import subprocess
import sys

from cyclonedx import judge

SBOM = os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../deploy/sbom.sh")


def fail(text):
    raise SystemExit("FAILED: " + text)


def said(*command, **options):
    return subprocess.run(command, text=True, capture_output=True, check=True, **options).stdout


def package_of(library):
    for path in (os.path.realpath(library), library, library.removeprefix("/usr")):
        found = subprocess.run(["dpkg-query", "-S", path], text=True, capture_output=True)
        if found.returncode == 0:
            return found.stdout.split(":")[0]
    fail(f"no package has {library}")


def main():
    program, schemas = map(os.path.realpath, sys.argv[1:3])
    text = said(SBOM)
    if text != said(SBOM, env={**os.environ, "LC_ALL": "C.UTF-8", "TZ": "Asia/Tokyo"}, cwd="/"):
        fail("the same packages give the same bytes")
    bill = json.loads(text)
    schema = judge(schemas)
    mistakes = [f"{list(error.path)}: {error.message}" for error in schema.iter_errors(bill)]
    if mistakes:
        fail(f"the schema complains: {mistakes}")
    for what, change in {"a type that is none": lambda it: it["components"][0].update(type="package"), "a component without a name": lambda it: it["components"][0].pop("name"),
                         "a licence that is none": lambda it: it["metadata"]["component"]["licenses"][0]["license"].update(id="Apache-3")}.items():
        broken = copy.deepcopy(bill)
        change(broken)
        if schema.is_valid(broken):
            fail(f"the schema sees {what}")

    versions = {component["name"]: component["version"] for component in bill["components"]}
    if len(versions) != len(bill["components"]):
        fail("each package stands there once")
    loaded = {package_of(line.split("=>")[1].split()[0]) for line in said("ldd", program).splitlines() if "=> /" in line}
    if len(loaded) < 12 or loaded - versions.keys():
        fail(f"what the program loads is in it: {loaded - versions.keys()} of {loaded}")
    for name, version in versions.items():
        if version not in said("dpkg-query", "-W", "-f", "${Version}\n", name).split():
            fail(f"{name} is installed in version {version}")
    known = {component["bom-ref"] for component in bill["components"]} | {bill["metadata"]["component"]["bom-ref"]}
    for dependency in bill["dependencies"]:
        if not {dependency["ref"], *dependency["dependsOn"]} <= known:
            fail(f"the references exist: {dependency}")
    print(f"{len(versions)} packages")


main()
