#!/usr/bin/python3 -B
"""alertmanager_test.py: who is told of what (amtool, by deploy/alertmanager/alertmanager.yml), and what mutes what (a running
Alertmanager that is handed alerts)."""
import datetime
import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
import inhibition  # noqa: E402

CONFIG = ROOT / "deploy/alertmanager/alertmanager.yml"
RULES = ROOT / "deploy/prometheus/rules"
INHIBIT_RULES = yaml.safe_load(CONFIG.read_text())["inhibit_rules"]

# The labels of an alert, and the receivers it reaches.
ROUTES = (
    ("alertname=MtlsCertificateExpiring severity=warning owner=payments", "payments"),
    ("alertname=MtlsCertificateExpiring severity=critical owner=payments", "payments-pager"),
    ("alertname=MtlsCertificateExpiring severity=critical owner=unknown", "pager"),
    ("alertname=MtlsCertificateExpiring severity=critical", "pager"),
    ("alertname=MtlsCertificateExpiring severity=warning", "tickets"),
    ("alertname=MtlsDoorNotEnforced severity=critical owner=payments", "security,payments-pager"),
    ("alertname=MtlsDoorNotEnforced severity=critical", "security,pager"),
    ("alertname=MtlsAcceptableCasChanged severity=warning owner=payments", "security,payments"),
    ("alertname=MtlsIntermediateExpiring severity=warning subject_cn=CA", "pki"),
    ("alertname=MtlsAuthorityExpired severity=critical subject_cn=CA", "pki-pager"),
    ("alertname=MtlsCrlLapsed severity=critical owner=payments", "pki-pager"),
    ("alertname=MtlsRevocationNotPublished severity=warning owner=network", "pki"),
    ("alertname=MtlsExporterDown severity=critical job=mtls", "monitoring-pager"),
    ("alertname=MtlsTargetsMissing severity=warning job=mtls", "monitoring"),
    ("alertname=MtlsProbeDataStale severity=warning owner=payments", "monitoring"),
)

LEAF = {"source": "server", "target": "payments", "subject_cn": "payments.internal", "owner": "payments"}
IDENTITY = {"identity": "service-a", "subject_cn": "service-a"}
# Pairs that fire together. The first mutes the second.
WARNING, CRITICAL = {"severity": "warning"}, {"severity": "critical"}


def alert(name, *labels):
    return {"alertname": name, **{key: value for some in labels for key, value in some.items()}}


LEAF_PATH = {"source": "server", "target": "payments", "subject_cn": "Issuing CA"}
ROOT_PATH = {"source": "server", "target": "payments"}
MUTES = (
    ("critical over warning", alert("MtlsCertificateExpiring", CRITICAL, LEAF), alert("MtlsCertificateExpiring", WARNING, LEAF)),
    ("critical over warning, of identities", alert("MtlsIdentityExpiring", CRITICAL, IDENTITY), alert("MtlsIdentityExpiring", WARNING, IDENTITY)),
    ("expired over expiring", alert("MtlsCertificateExpired", CRITICAL, LEAF), alert("MtlsCertificateExpiring", CRITICAL, LEAF)),
    ("expired over its chain", alert("MtlsCertificateExpired", CRITICAL, LEAF),
     alert("MtlsChainInvalid", CRITICAL, {"source": "server", "target": "payments"})),
    ("not yet valid over its chain", alert("MtlsCertificateNotYetValid", CRITICAL, LEAF),
     alert("MtlsChainInvalid", CRITICAL, {"source": "server", "target": "payments"})),
    ("revoked over its chain", alert("MtlsCertificateRevoked", CRITICAL, {"source": "server", "target": "payments"}),
     alert("MtlsChainInvalid", CRITICAL, {"source": "server", "target": "payments"})),
    ("expired identity over the refusals", alert("MtlsIdentityExpired", CRITICAL, IDENTITY),
     alert("MtlsClientRefused", CRITICAL, {"target": "payments", "identity": "service-a"})),
    ("unusable identity over the refusals", alert("MtlsIdentityUnusable", CRITICAL, {"identity": "service-a"}),
     alert("MtlsClientRefused", CRITICAL, {"target": "payments", "identity": "service-a"})),
    ("expired authority over expiring", alert("MtlsAuthorityExpired", CRITICAL, {"subject_cn": "CA"}),
     alert("MtlsIntermediateExpiring", CRITICAL, {"subject_cn": "CA"})),
    ("an expired authority without a name over expiring roots", alert("MtlsAuthorityExpired", CRITICAL),
     alert("MtlsRootExpiring", CRITICAL, {"subject_cn": "Root"})),
    ("expired over stale", alert("MtlsCertificateExpired", CRITICAL, LEAF), alert("MtlsServedCertificateStale", WARNING, {"target": "payments", "path": "/x"})),
    ("lapsed over lapsing", alert("MtlsCrlLapsed", CRITICAL, {"issuer": "CA", "name": "internal"}),
     alert("MtlsCrlLapsing", WARNING, {"issuer": "CA", "name": "internal"})),
    ("intermediate over the paths it ends", alert("MtlsIntermediateExpiring", WARNING, {"subject_cn": "Issuing CA"}),
     alert("MtlsPathEndsBeforeLeaf", WARNING, LEAF_PATH)),
    ("root over the paths it ends", alert("MtlsRootExpiring", WARNING, {"subject_cn": "Root"}), alert("MtlsPathEndsBeforeLeaf", WARNING, ROOT_PATH)),
    ("path over leaf", alert("MtlsPathEndsBeforeLeaf", WARNING, LEAF_PATH), alert("MtlsCertificateExpiring", WARNING, LEAF)),
    ("stale over leaf", alert("MtlsServedCertificateStale", WARNING, {"target": "payments", "path": "/x"}), alert("MtlsCertificateExpiring", WARNING, LEAF)),
    ("leaf's page over stale", alert("MtlsCertificateExpiring", CRITICAL, LEAF), alert("MtlsServedCertificateStale", WARNING, {"target": "payments", "path": "/x"})),
    ("refused over CA not listed", alert("MtlsClientRefused", CRITICAL, {"target": "payments", "identity": "service-a"}),
     alert("MtlsClientCaNotListed", WARNING, {"target": "payments", "identity": "service-a"})),
    ("failing over flapping", alert("MtlsHandshakeFailing", CRITICAL, {"target": "payments"}), alert("MtlsHandshakeFlapping", WARNING, {"target": "payments"})),
    ("one exporter down over its targets", alert("MtlsExporterDown", CRITICAL, {"job": "mtls", "instance": "a"}), alert("MtlsTargetsMissing", WARNING, {"job": "mtls"})),
    ("no exporter over an open door", alert("MtlsEstateUnwatched", CRITICAL), alert("MtlsDoorNotEnforced", CRITICAL, {"target": "payments"})),
    ("no exporter over each exporter", alert("MtlsEstateUnwatched", CRITICAL), alert("MtlsExporterDown", CRITICAL, {"job": "mtls", "instance": "a"})),
)
# The first does not mute the second.
MUTES_NOT = (
    ("another target", alert("MtlsCertificateExpired", CRITICAL, LEAF), alert("MtlsCertificateExpiring", CRITICAL, LEAF, {"target": "orders"})),
    ("another identity", alert("MtlsIdentityExpired", CRITICAL, IDENTITY), alert("MtlsClientRefused", CRITICAL, {"target": "payments", "identity": "service-b"})),
    ("another intermediate", alert("MtlsIntermediateExpiring", WARNING, {"subject_cn": "Other"}), alert("MtlsPathEndsBeforeLeaf", WARNING, LEAF_PATH)),
    ("a named path is no root's", alert("MtlsRootExpiring", WARNING, {"subject_cn": "Root"}), alert("MtlsPathEndsBeforeLeaf", WARNING, LEAF_PATH)),
    ("warning over critical", alert("MtlsCertificateExpiring", WARNING, LEAF), alert("MtlsCertificateExpired", CRITICAL, LEAF)),
    ("path over the leaf's page", alert("MtlsPathEndsBeforeLeaf", WARNING, LEAF_PATH), alert("MtlsCertificateExpiring", CRITICAL, LEAF)),
    ("one exporter down over an open door", alert("MtlsExporterDown", CRITICAL, {"job": "mtls", "instance": "a"}), alert("MtlsDoorNotEnforced", CRITICAL, {"target": "payments"})),
    ("other people's alerts", alert("MtlsEstateUnwatched", CRITICAL), alert("DiskFull", WARNING, {"instance": "a"})),
)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Routes(unittest.TestCase):
    def test_the_configuration_is_accepted(self):
        subprocess.run(["amtool", "check-config", str(CONFIG)], check=True, capture_output=True)

    def test_lead_by_severity_and_owner(self):
        for labels, receivers in ROUTES:
            with self.subTest(labels=labels):
                result = subprocess.run(["amtool", "config", "routes", "test", f"--config.file={CONFIG}", f"--verify.receivers={receivers}",
                                         *labels.split()], capture_output=True, text=True)
                self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_name_alerts_that_exist(self):
        written = {rule["alert"] for file in RULES.glob("*.yml") for group in yaml.safe_load(file.read_text())["groups"]
                   for rule in group["rules"] if "alert" in rule}
        named = {one["alertname"] for pair in (*MUTES, *MUTES_NOT) for one in pair[1:]} - {"DiskFull"}
        self.assertLessEqual(named | {labels.split()[0].split("=")[1] for labels, _ in ROUTES}, written)


class Inhibition(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.url = f"http://127.0.0.1:{(port := free_port())}"
        cls.process = subprocess.Popen(
            ["prometheus-alertmanager", f"--config.file={CONFIG}", f"--storage.path={cls.folder.name}", f"--web.listen-address=127.0.0.1:{port}",
             "--cluster.listen-address="], stderr=subprocess.PIPE, text=True)
        # It says so in its log; reading that is no polling.
        for line in cls.process.stderr:
            if "Listening on" in line:
                break

    @classmethod
    def tearDownClass(cls):
        cls.process.terminate()
        cls.process.wait()
        cls.process.stderr.close()
        cls.folder.cleanup()

    def fire(self, alerts, case):
        """Hands alerts over, each marked with its case, and returns what has become of those of the case."""
        ends = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)).isoformat()
        body = json.dumps([{"labels": one, "endsAt": ends} for one in alerts]).encode()
        request = urllib.request.Request(f"{self.url}/api/v2/alerts", body, {"Content-Type": "application/json"})
        urllib.request.urlopen(request, timeout=10).close()
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with urllib.request.urlopen(f"{self.url}/api/v2/alerts", timeout=10) as answer:
                seen = {json.dumps(one["labels"], sort_keys=True): one["status"]["state"] for one in json.load(answer)}
            wanted = [seen.get(json.dumps(one, sort_keys=True)) for one in alerts]
            if None not in wanted:
                return wanted
        self.fail(f"{case}: Alertmanager does not know the alerts")

    def end(self, alerts):
        past = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=1)).isoformat()
        start = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1)).isoformat()
        body = json.dumps([{"labels": one, "startsAt": start, "endsAt": past} for one in alerts]).encode()
        request = urllib.request.Request(f"{self.url}/api/v2/alerts", body, {"Content-Type": "application/json"})
        urllib.request.urlopen(request, timeout=10).close()

    def states(self, case, source, target):
        # The inhibitor learns of an alert a moment after the API: the muted one is asked for until it is, or cannot be.
        for _ in range(50):
            states = self.fire([source, target], case)
            if states[1] == "suppressed":
                break
            time.sleep(0.02)
        self.end([source, target])
        return states

    def test_mutes_what_another_alert_already_says(self):
        for case, source, target in MUTES:
            with self.subTest(case):
                self.assertEqual(self.states(case, source, target)[1], "suppressed")

    def test_mutes_nothing_else(self):
        for case, source, target in MUTES_NOT:
            with self.subTest(case):
                self.assertNotEqual(self.states(case, source, target)[1], "suppressed")

    def test_every_inhibition_has_a_case(self):
        for rule in INHIBIT_RULES:
            with self.subTest(rule=rule):
                self.assertTrue(any(inhibition.matches(rule["source_matchers"], source) and inhibition.matches(rule["target_matchers"], target)
                                    for _, source, target in MUTES))

    def test_is_what_the_simulation_takes_it_for(self):
        for case, source, target in MUTES:
            self.assertEqual(inhibition.unmuted([source, target], INHIBIT_RULES), [source], case)
        for case, source, target in MUTES_NOT:
            self.assertIn(target, inhibition.unmuted([source, target], INHIBIT_RULES), case)


if __name__ == "__main__":
    unittest.main(verbosity=2)
