#!/usr/bin/python3
"""python3 deploy/convert FILE [--prometheus PROMETHEUS.YML] [--as KIND]

Prints an mtls_exporter.yml that does what FILE did: the configuration of blackbox_exporter (blackbox.yml), ssl_exporter
(ssl_exporter.yaml) or x509-certificate-exporter (config.yaml of version 4, values of its Helm chart, or its command line in a file).
With --prometheus the targets of Prometheus's scrape jobs become targets here. What cannot be carried over is said at the top of
what is printed and on standard error: read it before you use the result, and then run `mtls_exporter check-config` on it.

docs/coming-from.md says how metrics and alerts correspond."""

import argparse
import pathlib
import sys

import yaml

import blackbox
import command_line
import prometheus
import ssl_exporter
import x509
from configuration import Configuration, quoted

KINDS = {"blackbox": blackbox, "ssl": ssl_exporter, "x509": x509, "command": command_line}


def kind_of(text, content):
    """Whose file this is, by what is in it; None where nobody would write such a file."""
    if command_line.is_command(text):
        return "command"
    if not isinstance(content, dict):
        return None
    if {"sources", "hostPathsExporter", "secretsExporter"} & content.keys():
        return "x509"
    modules = content.get("modules")
    if not isinstance(modules, dict):
        return None
    probers = {module.get("prober") for module in modules.values() if isinstance(module, dict)}
    if "default_module" in content or probers & {"https", "file", "http_file", "kubernetes", "kubeconfig"}:
        return "ssl"
    return "blackbox" if probers & {"http", "tcp", "grpc", "icmp", "dns", "unix"} else None


def read(path):
    text = pathlib.Path(path).read_text()
    if command_line.is_command(text):
        return text, None
    try:
        return text, yaml.safe_load(text)
    except yaml.YAMLError as error:
        sys.exit(f"convert: {path} is no YAML: {error}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", help="their configuration")
    parser.add_argument("--prometheus", metavar="FILE", help="prometheus.yml, whose scrape jobs have the targets")
    parser.add_argument("--as", dest="kind", choices=KINDS, help="whose configuration it is; left out: it shows")
    options = parser.parse_args()
    try:
        text, content = read(options.file)
        kind = options.kind or kind_of(text, content)
        if kind is None:
            sys.exit(f"convert: {options.file} is no configuration of blackbox_exporter, ssl_exporter or x509-certificate-exporter")
        made = Configuration()
        KINDS[kind].convert(text if kind == "command" else content, made)
        if options.prometheus:
            prometheus.convert(read(options.prometheus)[1], made)
    except OSError as error:
        sys.exit(f"convert: {error.filename}: {error.strerror}")
    except (AttributeError, TypeError, KeyError) as error:
        sys.exit(f"convert: {options.file} is not written as that exporter takes it: {quoted(error)}")
    made.forget_unused()
    print(made.text(options.file))
    for note in made.notes:
        print(f"convert: {note}", file=sys.stderr)


if __name__ == "__main__":
    main()
