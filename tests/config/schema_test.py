#!/usr/bin/python3
"""schema_test.py SOURCE: the editors' schema accepts every example and refuses what load() refuses."""
import json
import pathlib
import sys

import jsonschema
import yaml

config = pathlib.Path(sys.argv[1]) / "config"
schema = json.loads((config / "schema.json").read_text())
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)
failures = []

examples = sorted((config / "examples").glob("*.yml"))
assert len(examples) >= 3, examples
for example in examples:
    for error in validator.iter_errors(yaml.safe_load(example.read_text())):
        failures.append(f"{example.name}: {'/'.join(map(str, error.absolute_path))}: {error.message}")

# One input that passes, one that fails.
RULES = [
    ("targets: [{address: 'a:1'}]", "targets: [{name: a}]"),
    ("targets: [{address: '[::1]:443'}]", "targets: [{address: a}]"),
    ("targets: [{address: 'a:1', interval: 1h30m}]", "targets: [{address: 'a:1', interval: 5}]"),
    ("defaults: {timeout: 500ms}", "defaults: {timeout: 0s}"),
    ("defaults: {timeout: 10s}", "defaults: {timeout: -1s}"),
    ("trust: {t: {system: true}}", "trust: {t: {system: false}}"),
    ("trust: {t: {ca_files: [a], partial_chain: true}}", "trust: {t: {ca_files: [a], partial_chain: some}}"),
    ("trust: {t: {ca_files: [a], passphrase_file: b}}", "trust: {t: {ca_files: [a], passphrase_file: 1}}"),
    ("modules: {m: {tls: {signature_algorithms: 'ECDSA+SHA256'}}}", "modules: {m: {tls: {signature_algorithms: ['ECDSA+SHA256']}}}"),
    ("modules: {m: {tls: {send_server_name: false}}}", "modules: {m: {tls: {send_server_name: 'no'}}}"),
    ("trust: {t: {ca_files: [a]}}", "trust: {t: {ca_files: a}}"),
    ("identities: {i: {certificate_file: a, key_file: b}}", "identities: {i: {certificate_file: a, pkcs12_file: b}}"),
    ("identities: {i: {pkcs12_file: a, passphrase_file: b}}", "identities: {i: {pkcs12_file: a, key_file: b}}"),
    ("identities: {i: {certificate_file: a}}", "identities: {rogue: {certificate_file: a}}"),
    ("identities: {i: {certificate_file: a, key: 'pkcs11:x', pin_file: b}}", "identities: {i: {certificate_file: a, pin_file: b}}"),
    ("modules: {m: {identity: i}}", "modules: {m: {identity: i, identities: [j]}}"),
    ("modules: {m: {tls: {min_version: 1.2}}}", "modules: {m: {tls: {min_version: 1.4}}}"),
    ("modules: {m: {proxy_protocol: v2}}", "modules: {m: {proxy_protocol: v3}}"),
    ("targets: [{address: 'a:1', proxy_protocol: off}]", "targets: [{address: 'a:1', proxy_protocol: on}]"),
    ("modules: {m: {tls: {security_level: 5}}}", "modules: {m: {tls: {security_level: 6}}}"),
    ("modules: {m: {protocol: https, http: {accepted_status: [2xx, 404]}}}", "modules: {m: {protocol: https, http: {accepted_status: [2x]}}}"),
    ("modules: {m: {protocol: https, http: {path: /}}}", "modules: {m: {protocol: tls, http: {path: /}}}"),
    ("{defaults: {protocol: https}, modules: {m: {http: {path: /}}}}", "{defaults: {protocol: tls}, modules: {m: {http: {path: /}}}}"),
    ("{defaults: {http: {path: /}}, modules: {m: {protocol: https}}}", "{defaults: {http: {path: /}}, modules: {m: {http: {path: /}}}}"),
    ("modules: {m: }", "{defaults: , modules: {m: {http: {path: /}}}}"),
    ("targets: [{address: 'a:1', protocol: https, http: {path: /}}]", "targets: [{address: 'a:1', protocol: smtp, http: {path: /}}]"),
    ("modules: {m: {client_auth: {expect: none}}}", "modules: {m: {client_auth: {expect: maybe}}}"),
    ("labels: {site: berlin}", "labels: {job: x}"),
    ("labels: {_a1: x}", "labels: {__a: x}"),
    ("modules: {m: {protocol: https, http: {headers: {X-Host: a}}}}", "modules: {m: {protocol: https, http: {headers: {hOst: a}}}}"),
    ("modules: {m: {protocol: https, http: {headers: {TE: a}}}}", "modules: {m: {protocol: https, http: {headers: {Transfer-Encoding: a}}}}"),
    ("web: {links: {runbooks: 'https://wiki.example/r/{alert}'}}", "web: {links: {runbooks: 'javascript:alert(1)'}}"),
    ("web: {links: {dashboards: 'http://g:3000/d/x?var-target={target}&o={label.owner}'}}", "web: {links: {dashboards: 'https://{target}/'}}"),
    ("web: {links: {alerts: 'https://[::1]:9093/#/alerts'}}", "web: {links: {alerts: 'https://me:secret@a.example/'}}"),
    ("web: {probe: {allow: {ports: [443], networks: [10.0.0.0/8]}}}", "web: {probe: {allow: {networks: [10.0.0.0/8]}}}"),
    ("web: {probe: {allow: {ports: [443], names: ['*.internal']}}}", "web: {probe: {allow: {ports: [443]}}}"),
    ("web: {probe: {allow: {ports: [443], names: ['*']}}}", "web: {probe: {allow: {ports: [443], names: ['a*']}}}"),
    ("web: {probe: {allow: {ports: [65535], names: []}}}", "web: {probe: {allow: {ports: [65536], names: []}}}"),
    ("metrics: {detail: full}", "metrics: {detail: all}"),
    ("discovery: [{file_sd: ['t/*.json'], module: m, labels: {a: b}}]", "discovery: [{module: m}]"),
    ("discovery: [{http_sd: 'https://x/'}]", "discovery: [{http_sd: 'ftp://x/'}]"),
    ("discovery: [{http_sd: {url: 'https://x/', trust: t}}]", "discovery: [{http_sd: {trust: t}}]"),
    ("discovery: [{dns: {names: [x], type: A, port: 443}}]", "discovery: [{dns: {names: [x], type: MX}}]"),
    ("discovery: [{sweep: {cidrs: [10.0.0.0/24], ports: [443], rate: 50}}]", "discovery: [{sweep: {cidrs: [10.0.0.0/24]}}]"),
    ("discovery: [{nginx: [a]}, {haproxy: [b]}]", "discovery: [{nginx: [a], haproxy: [b]}]"),
    ("{}", "discoverys: []"),
    ("files: [{name: a, paths: [b], passphrase_file: [c, d]}]", "files: [{name: a}]"),
    ("callers: [{name: a, syslog: 'udp:5140', keep: 30d}, {name: b, log_files: [c]}]", "callers: [{name: a, syslog: '/run/a'}]"),
    ("authorities: [{name: a, openssl_index: b}]", "authorities: [{name: a, openssl_index: b, issued: [c]}]"),
    ("authorities: [{name: a, vault_pki: {url: 'https://v:8200', mount: team/pki}}]", "authorities: [{name: a, vault_pki: {mount: pki}}]"),
    ("authorities: [{name: a, vault_pki: {url: 'https://v'}}]", "authorities: [{name: a, issued: [b], vault_pki: {url: 'https://v'}}]"),
    ("discovery: [{consul: {url: 'https://c:8501', services: [web], tags: [tls]}}]", "discovery: [{consul: {url: 'https://u:p@c', services: [web]}}]"),
]
for good, bad in RULES:
    if not validator.is_valid(yaml.safe_load(good)):
        failures.append(f"refused: {good}")
    if validator.is_valid(yaml.safe_load(bad)):
        failures.append(f"accepted: {bad}")

print("\n".join(failures) or f"{len(examples)} examples, {len(RULES)} rules")
sys.exit(bool(failures))
