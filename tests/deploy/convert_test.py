#!/usr/bin/env python3
"""convert_test.py EXPORTER: what deploy/convert makes of the configurations in tests/deploy/convert is taken by check-config, watches
what they watched, and says what it left out."""

import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
THEIRS = pathlib.Path(__file__).parent / "convert"
sys.path.insert(0, str(ROOT / "deploy/convert"))


def convert(*arguments):
    return subprocess.run([sys.executable, "-B", ROOT / "deploy/convert", *arguments], cwd=THEIRS, capture_output=True, text=True, timeout=30, check=False)


class EveryConversion(unittest.TestCase):
    exporter = ""

    def made(self, *arguments):
        """The configuration that comes out, as values, and the notes."""
        result = convert(*arguments)
        self.assertEqual(result.returncode, 0, result.stderr)
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "mtls_exporter.yml"
            path.write_text(result.stdout)
            check = subprocess.run([self.exporter, "check-config", path], capture_output=True, text=True, timeout=30, check=False)
            # 1: the files it names are not on this machine.
            self.assertIn(check.returncode, (0, 1), result.stdout + check.stdout + check.stderr)
        for note in result.stderr.splitlines():
            self.assertIn(f"#  - {note.removeprefix('convert: ')}\n", result.stdout)
        return yaml.safe_load(result.stdout), result.stderr

    def test_of_blackbox_exporter(self):
        ours, notes = self.made("blackbox.yml", "--prometheus", "prometheus.yml")
        self.assertEqual({name: module["protocol"] for name, module in ours["modules"].items()},
                         {"page": "https", "partner": "https", "any_page": "https", "port_tls": "auto", "mail": "smtp", "imap": "imap", "rpc": "grpc",
                          "resolver": "tls"})
        page, partner = ours["modules"]["page"], ours["modules"]["partner"]
        self.assertEqual(page["http"], {"method": "HEAD", "headers": {"Accept-Language": "de", "Authorization": "Bearer secret"},
                                        "accepted_status": ["200", "204", "403"]})
        self.assertEqual((page["trust"], page["tls"], page["timeout"]), ("root", {"min_version": "1.2"}, "5s"))
        self.assertEqual((partner["trust"], partner["identity"], partner["timeout"], partner["interval"]), ("root", "prober", "90s", "90s"))
        self.assertEqual(ours["trust"]["root-2"], {"ca_files": ["/etc/pki/other/root.pem"]}, "another file of the same name")
        self.assertEqual(ours["modules"]["any_page"]["http"]["accepted_status"], ["2xx", "3xx"])
        for word in ("odd_starttls", "port:", "names", "ping", "basic_auth", "fail_if_body_not_matches_regexp", "insecure_skip_verify", "service"):
            self.assertIn(word, notes)

    def test_of_its_targets_in_prometheus(self):
        ours, notes = self.made("blackbox.yml", "--prometheus", "prometheus.yml")
        targets = {target.get("name", target["address"]): target for target in ours["targets"]}
        self.assertEqual(set(targets), {"https://shop.example", "https://shop.example/checkout?step=1", "bare.example", "https://partner.internal:8443/api",
                                        "https://shop.example partner", "db.internal:5433", "[2001:db8::1]:443", "mail.internal:25"})
        self.assertEqual(targets["https://shop.example"], {"address": "https://shop.example", "module": "page", "server_name": "shop.example",
                                                           "labels": {"team": "shop"}})
        self.assertEqual(targets["https://partner.internal:8443/api"]["server_name"], "partner.internal")
        self.assertEqual(ours["discovery"], [{"file_sd": ["/etc/prometheus/partners/*.json"], "module": "partner"},
                                             {"http_sd": "https://cmdb.internal/targets", "module": "partner"}])
        for word in ("http://old.example is asked in the clear", "http://bare.example", "kubernetes_sd_configs", "pings", "unheard_of", "`job`", "`owner`"):
            self.assertIn(word, notes)

    def test_of_ssl_exporter(self):
        ours, notes = self.made("ssl_exporter.yaml", "--prometheus", "ssl_prometheus.yml")
        self.assertEqual({name: module["protocol"] for name, module in ours["modules"].items()},
                         {"web": "https", "default": "https", "mtls": "auto", "one_server": "auto", "mail": "smtp"})
        self.assertEqual(ours["modules"]["web"]["timeout"], "90s")
        self.assertEqual((ours["modules"]["mtls"]["trust"], ours["modules"]["mtls"]["identity"]), ("ca", "tls"))
        self.assertEqual({target["address"]: target["module"] for target in ours["targets"]},
                         {"vault.internal:443": "one_server", "git.internal": "default", "https://wiki.internal:8443": "default", "mail.internal:587": "mail"})
        self.assertEqual({entry["name"]: entry["paths"] for entry in ours["files"]},
                         {"bundle": ["/etc/ssl/certs/ca-certificates.crt"], "admin": ["/etc/kubernetes/admin.conf"], "nodes": ["/etc/kubernetes/**/*.crt"]})
        for word in ("proxy_url", "renegotiation", "gopher", "secrets", "elsewhere"):
            self.assertIn(word, notes)

    def test_of_x509_certificate_exporter(self):
        ours, notes = self.made("x509.yaml")
        files = {entry["name"]: entry for entry in ours["files"]}
        self.assertEqual(files["host"], {"name": "host", "paths": ["/etc/ssl/certs/*.pem", "/srv/**/tls.crt"], "exclude": ["/srv/old/**"],
                                         "follow_symlinks": True, "interval": "60s"})
        self.assertEqual(files["stores"], {"name": "stores", "paths": ["/srv/app/store.p12"], "passphrase_file": "/srv/app/pass"})
        self.assertEqual(set(files), {"host", "stores", "inline", "admin"})
        for word in ("cluster", "inline: pkcs12.passphrase", "--web.listen-address=:9793", "--web.config.file=/etc/x509/web.yml"):
            self.assertIn(word, notes)
        self.assertNotIn("changeit", notes, "a passphrase is nobody's to read")

    def test_of_its_chart_and_of_its_command_line(self):
        ours, notes = self.made("x509_values.yaml")
        self.assertEqual({entry["name"]: entry["paths"] for entry in ours["files"]},
                         {"control-plane": ["/var/lib/kubelet/pki/kubelet-client-current.pem", "/etc/kubernetes/pki/*", "/etc/kubernetes/admin.conf"],
                          "workers": ["/etc/kubernetes/pki/ca.crt"]})
        self.assertIn("secretsExporter", notes)
        ours, notes = self.made("x509.service")
        self.assertEqual(ours["files"], [{"name": "files", "paths": ["/etc/pki/a.pem", "/etc/nginx/ssl/*", "/root/.kube/config"], "follow_symlinks": True}])
        for word in ("--watch-kube-secrets", "--expose-relative-metrics", "--web.listen-address=:9793"):
            self.assertIn(word, notes)

    def test_of_what_debian_ships(self):
        shipped = pathlib.Path("/etc/prometheus/blackbox.yml")
        if not shipped.exists():
            self.skipTest("prometheus-blackbox-exporter is not installed")
        self.assertIn("http_2xx", self.made(shipped)[0]["modules"])


class EverythingElse(unittest.TestCase):
    def test_is_refused_with_a_sentence(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "a.yml"
            for text in ("targets: []", "- a", "modules: [a]", "modules: {a: {prober: carrier_pigeon}}", "a: [", "sources: [{name: x}]", "sources: 5",
                         "modules: {a: {prober: http, http: [1]}}"):
                path.write_text(text)
                result = convert(path)
                self.assertEqual((result.returncode, result.stdout), (1, ""), text)
                self.assertRegex(result.stderr, r"^convert: .*\n", text)
                self.assertNotIn("Traceback", result.stderr)
        self.assertIn("No such file", convert("/nowhere.yml").stderr)

    def test_a_label_of_ours_is_known_as_one(self):
        from configuration import RESERVED
        table = re.search(r"<!-- metrics:begin -->(.*)<!-- metrics:end -->", (ROOT / "docs/metrics.md").read_text(), re.S).group(1)
        labels = {label for row in re.findall(r"^\| `\w+` \| \w+ \| ([^|]*) \|", table, re.M) for label in re.findall(r"`(\w+)`", row)}
        self.assertGreater(len(labels), 40)
        self.assertEqual([label for label in labels if not RESERVED.fullmatch(label)], [])


if __name__ == "__main__":
    EveryConversion.exporter = sys.argv.pop()
    unittest.main(verbosity=2)
