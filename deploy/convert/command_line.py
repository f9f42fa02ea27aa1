"""The command line of x509-certificate-exporter up to version 3, as it stands in a unit, a script or a file of its own."""

import argparse
import re
import shlex

import x509


def is_command(text):
    return re.search(r"^\s*(ExecStart=)?[^\s#]*x509-(certificate-)?exporter\s+-", text, re.M) is not None


def convert(text, made):
    text = re.sub(r"\\\n", " ", text)
    line = next(line for line in text.splitlines() if is_command(line))
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("-f", "--watch-file", action="append")
    parser.add_argument("-d", "--watch-dir", action="append")
    parser.add_argument("-k", "--watch-kubeconf", action="append")
    parser.add_argument("-b", "--listen-address")
    parser.add_argument("--web.config.file", dest="web")
    parser.add_argument("--watch-kube-secrets", action="store_true")
    options, others = parser.parse_known_args(shlex.split(line)[1:])
    x509.take_paths("files", {"watchFiles": options.watch_file, "watchDirectories": options.watch_dir,
                              "watchKubeconfFiles": options.watch_kubeconf}, made)
    x509.take_server({"listen": options.listen_address, "webConfigFile": options.web}, made)
    if options.watch_kube_secrets:
        made.note(f"--watch-kube-secrets: {x509.KUBERNETES}")
    for other in others:
        if other.startswith("-"):
            made.note(f"{other.split('=')[0]} has no counterpart here")
