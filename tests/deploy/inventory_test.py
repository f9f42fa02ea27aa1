#!/usr/bin/python3
"""inventory_test.py MTLS_EXPORTER SCHEMAS: `inventory --format=cyclonedx` of files with ordinary, odd and hostile certificates satisfies
CycloneDX's schema, and the CSV is a table that a spreadsheet takes for text."""
import copy
import csv
import io
import json
import os
import subprocess
import sys
import tempfile

from cyclonedx import judge

program, schemas = map(os.path.realpath, sys.argv[1:3])
HOSTILE = ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "a,b\"c", "\u202egnp", "<script>"]


def fail(text):
    raise SystemExit("FAILED: " + text)


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def listed(config, form):
    ran = subprocess.run([program, "inventory", "--no-probe", f"--format={form}", f"--config.file={config}"], capture_output=True)
    if ran.returncode != 0:
        fail(f"{form}: exit {ran.returncode}: {ran.stderr.decode()}")
    return ran.stdout.decode()


def make(folder):
    for number, name in enumerate(["plain", *HOSTILE]):
        subject = "/CN=" + name.replace("/", "\\/").replace("+", "\\+")
        for kind in (["rsa:2048"], ["ed25519"], ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"])[number % 3 : number % 3 + 1]:
            openssl("req", "-x509", "-utf8", "-newkey", *kind, "-nodes", "-subj", subject, "-keyout", f"{folder}/{number}.key", "-out", f"{folder}/{number}.crt")
    openssl("req", "-x509", "-key", f"{folder}/0.key", "-subj", "/CN=the same key", "-addext", "basicConstraints=CA:FALSE", "-out", f"{folder}/shared.crt")
    openssl("req", "-x509", "-key", f"{folder}/0.key", "-subj", "/CN=and again", "-addext", "basicConstraints=CA:FALSE", "-out", f"{folder}/again.crt")
    open(f"{folder}/index.txt", "w").write("V\t401231235959Z\t\t0A\tunknown\t/CN=only listed\n")
    config = f"{folder}/m.yml"
    open(config, "w").write(f"files: [{{name: web, paths: ['{folder}/*.crt'], labels: {{owner: '=1+1'}}}}]\nauthorities: [{{name: vpn, openssl_index: index.txt}}]\n")
    return config


with tempfile.TemporaryDirectory() as folder:
    config = make(folder)
    bill, schema = json.loads(listed(config, "cyclonedx")), judge(schemas)
    mistakes = [f"{list(error.path)}: {error.message}" for error in schema.iter_errors(bill)]
    if mistakes:
        fail(f"the schema complains: {mistakes[:5]}")
    broken = copy.deepcopy(bill)
    broken["components"][0]["cryptoProperties"]["assetType"] = "passport"
    if schema.is_valid(broken):
        fail("the schema sees an asset that is none")
    known = [component["bom-ref"] for component in bill["components"]]
    if len(known) != len(set(known)):
        fail("each component stands there once")
    kinds = [component["cryptoProperties"]["assetType"] for component in bill["components"]]
    if kinds.count("certificate") != len(HOSTILE) + 4 or kinds.count("related-crypto-material") != len(HOSTILE) + 1:
        fail(f"certificates and keys: {kinds}")
    text = json.dumps(bill)
    for component in bill["components"]:
        for name, value in component["cryptoProperties"].get("certificateProperties", {}).items():
            if name.endswith("Ref") and value not in known:
                fail(f"{name} {value} is no component")
    rows = list(csv.DictReader(io.StringIO(listed(config, "csv"), newline="")))
    if len(rows) != len(HOSTILE) + 4:
        fail(f"{len(rows)} rows")
    for row in rows:
        for cell in row.values():
            if cell and cell[0] in "=+-@\t\r":
                fail(f"a cell is a formula: {cell!r}")
    if sorted(row["key_places"] for row in rows if row["key_places"]) != ["2", "2"]:
        fail("two leaves share a key")
    print(f"{len(known)} components, {len(rows)} rows")
