#!/usr/bin/python3
"""platform_apis_test.py EXPORTER: a Vault's PKI engine as an authority, and a Consul's catalog as a discovery, over mutual TLS. Both are scripted from
their published APIs (tests/support/scripted_vault.py, scripted_consul.py)."""
import datetime
import json
import pathlib
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from scripted_consul import Consul  # noqa: E402
from scripted_server import Ca, pem, write  # noqa: E402
from scripted_vault import Vault, serial  # noqa: E402

EXPORTER = str(pathlib.Path(sys.argv.pop()).resolve())
VAULT = {"source": "authority", "name": "vault"}
CONSUL = {"source": "discovery", "name": "consul"}


class TlsServer:
    """What is registered: takes handshakes and says nothing."""

    def __init__(self, certificate, key):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, args=(context,), daemon=True).start()

    def accept(self, context):
        while True:
            peer, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(context, peer), daemon=True).start()

    @staticmethod
    def serve(context, peer):
        peer.settimeout(5)
        try:
            with context.wrap_socket(peer, server_side=True) as secure:
                secure.recv(1)
        except OSError:
            pass


class Exporter:
    def __init__(self, folder, settings):
        self.folder, self.log = folder, folder / "exporter.log"
        (folder / "estate.yml").write_text(json.dumps(settings))
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.process = subprocess.Popen([EXPORTER, f"--config.file={folder}/estate.yml", f"--web.listen-address=127.0.0.1:{self.port}"], stderr=self.log.open("w"))

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def samples(self):
        text = urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=5).read().decode()
        for name, labels, value in re.findall(r"^(\w+)\{(.*)\} (\S+)$", text, re.M):
            yield name, dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels)), float(value)

    def all(self, wanted, **labels):
        try:
            return [(found, value) for name, found, value in self.samples() if name == wanted and labels.items() <= found.items()]
        except OSError:
            return []

    def one(self, wanted, **labels):
        found = self.all(wanted, **labels)
        return found[0][1] if found else None


class PlatformApis(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory(prefix="platforms.")
        cls.folder = folder = pathlib.Path(cls.temporary.name)
        api = Ca("API CA")
        (folder / "ca.pem").write_text(pem(api.certificate))
        cls.server, cls.us = write(folder, "server", api.issue("localhost")), write(folder, "us", api.issue("us"))
        cls.stranger = write(folder, "stranger", Ca("Another CA").issue("localhost"))
        cls.vault = Vault(*cls.server, folder / "ca.pem", mount="team/pki", namespace="payments", token="first")
        hours = datetime.timedelta(hours=1)
        cls.old = cls.vault.issue("old")
        cls.before, cls.web = cls.vault.issue("web", ago=3 * hours), cls.vault.issue("web", days=60)
        cls.vault.publish()
        (folder / "vault.token").write_text("first\n")
        (folder / "consul.token").write_text("acl\n")
        (folder / "callers.log").write_text("")
        cls.consul = Consul(*cls.server, folder / "ca.pem")
        cls.listeners = [TlsServer(*cls.server) for _ in range(2)]
        cls.consul.register("web", "web-1", Port=cls.listeners[0].port, Tags=["tls"], Meta={"mtls_exporter_server_name": "localhost"})
        cls.consul.register("web", "web-plain", Port=1, Tags=["plain"])
        cls.consul.register("web", "web-out", Port=2, Tags=["tls"], Meta={"mtls_exporter_probe": "false"})
        shared = {"trust": "api", "identity": "us", "timeout": "2s"}
        cls.exporter = Exporter(folder, {
            "trust": {"api": {"ca_files": ["ca.pem"]}},
            "identities": {"us": {"certificate_file": str(cls.us[0]), "key_file": str(cls.us[1])}},
            "defaults": {"trust": "api", "interval": "1s", "timeout": "900ms"},
            "authorities": [{"name": "vault", "interval": "1s", "vault_pki": {"url": cls.vault.url(), "mount": "team/pki", "namespace": "payments", "token_file": "vault.token"} | shared}],
            "callers": [{"name": "door", "log_files": ["callers.log"], "authorities": ["vault"]}],
            "discovery": [{"consul": {"url": cls.consul.url(), "token_file": "consul.token", "tags": ["tls"]} | shared, "interval": "60s", "labels": {"owner": "us"}}]})

    @classmethod
    def tearDownClass(cls):
        cls.exporter.stop()
        cls.vault.stop()
        cls.consul.stop()
        print(cls.exporter.log.read_text()[-3000:])
        cls.temporary.cleanup()

    def wait(self, reached, what, seconds=20):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if reached():
                return
            time.sleep(0.05)
        self.fail(what)

    # Vault

    def states(self):
        found = {labels["state"]: int(value) for labels, value in self.exporter.all("mtls_authority_certificates", name="vault")}
        return {state: count for state, count in found.items() if count > 0}

    def up(self, source=VAULT):
        return self.exporter.one("mtls_source_up", **source)

    def errors(self, reason, source=VAULT):
        return self.exporter.one("mtls_source_errors_total", reason=reason, **source)

    def test_vault_1_what_it_has_issued_is_an_authority(self):
        # The engine's own CA is one of them.
        self.wait(lambda: self.states() == {"valid": 3, "superseded": 1}, "all certificates are known")
        self.assertEqual(self.up(), 1)
        shown = {labels["subject_cn"] for labels, _ in self.exporter.all("mtls_certificate_expiry_days", source="authority", target="vault")}
        self.assertEqual(shown, {"old", "web"})  # the CA ends in ten years, and publish_within is 90d
        self.assertEqual(self.exporter.one("mtls_crl_genuine", **VAULT), 1)
        self.assertEqual(self.exporter.one("mtls_crl_number", **VAULT), self.vault.ca.numbers)
        self.assertEqual(self.exporter.one("mtls_authority_revocations_unmatched", name="vault", only_in="index"), 0)

    def test_vault_2_a_revocation_is_seen_and_that_it_is_in_no_list(self):
        self.vault.revoke(self.old, publish=False)
        self.wait(lambda: self.states().get("revoked") == 1, "the revocation is seen")
        self.wait(lambda: self.exporter.one("mtls_authority_revocations_unmatched", name="vault", only_in="index") == 1, "it is in no list")
        self.assertFalse(self.exporter.all("mtls_certificate_expiry_days", source="authority", target="vault", subject_cn="old"))
        self.vault.publish()
        self.wait(lambda: self.exporter.one("mtls_authority_revocations_unmatched", name="vault", only_in="index") == 0, "the list has it")
        self.assertEqual(self.exporter.one("mtls_crl_number", **VAULT), self.vault.ca.numbers)

    def test_vault_3_each_certificate_is_fetched_once(self):
        fresh = self.vault.issue("fresh")
        self.wait(lambda: self.states().get("valid") == 3, "a new certificate is seen")
        time.sleep(2.5)  # two refreshes
        for certificate in (self.old, self.before, self.web, fresh):
            self.assertEqual(self.vault.count("/cert/" + serial(certificate)), 1)

    def call(self, certificate):
        with (self.folder / "callers.log").open("a") as log:
            log.write(json.dumps({"status": "200", "verify": "SUCCESS", "certificate": pem(certificate)}) + "\n")

    def test_vault_4_who_calls_is_looked_up_in_it(self):
        self.call(self.web)
        self.call(self.before)
        self.call(self.vault.ca.issue("made with a stolen key")[0])
        for state in ("valid", "superseded", "not_issued"):
            self.wait(lambda s=state: self.exporter.one("mtls_callers", name="door", state=s) == 1, f"one caller is {state}")

    def refused(self, what, reason):
        before = self.errors(reason)
        states = self.states()
        what()
        self.wait(lambda: self.up() == 0 and self.errors(reason) > before, f"{reason} is said")
        self.assertEqual(self.states(), states, "what was known stays")

    def recovered(self):
        self.wait(lambda: self.up() == 1, "it is read again")

    def test_vault_5_each_refusal_has_its_reason_and_loses_nothing(self):
        def say(**troubles):
            for name, value in troubles.items():
                setattr(self.vault, name, value)
        self.refused(lambda: say(token="second"), "permission_denied")
        (self.folder / "vault.token").write_text("second\n")
        self.recovered()
        self.refused(lambda: say(sealed=True), "http_status")
        say(sealed=False)
        self.recovered()
        self.refused(lambda: say(throttled=True), "http_status")
        say(throttled=False)
        self.recovered()
        self.refused(lambda: say(mount="elsewhere"), "not_found")
        say(mount="team/pki")
        self.recovered()
        self.refused(self.vault.stop, "unreachable")
        self.vault.start(*self.stranger)
        self.wait(lambda: self.errors("tls_failed") > 0, "a server that is not trusted is told nothing")
        self.vault.stop()
        self.vault.start()
        self.recovered()
        log = self.exporter.log.read_text()
        self.assertIn('capabilities = [', log)
        self.assertIn("team/pki/certs", log)
        self.assertIn("Vault is sealed", log)
        for secret in ("first", "second"):
            self.assertNotIn(f"X-Vault-Token: {secret}", log)

    def test_vault_6_one_that_does_not_list_what_is_revoked_is_asked_again(self):
        self.vault.lists_revoked = False
        self.vault.revoke(self.web)
        self.wait(lambda: self.states().get("revoked") == 2, "the second revocation is seen")
        self.assertEqual(self.up(), 1)

    # Consul

    def targets(self):
        return sorted(labels["target"] for labels, _ in self.exporter.all("mtls_target_info"))

    def address(self, index):
        return f"127.0.0.1:{self.listeners[index].port}"

    def test_consul_1_instances_with_the_tag_are_targets(self):
        self.wait(lambda: self.exporter.one("mtls_probe_success", target=self.address(0)) == 1, "the instance is probed")
        self.assertEqual(self.targets(), [self.address(0)])
        labels = self.exporter.all("mtls_target_info", target=self.address(0))[0][0]
        self.assertEqual((labels["service"], labels["datacenter"], labels["node"], labels["owner"]), ("web", "dc1", "n1", "us"))

    def test_consul_2_a_change_is_seen_before_the_interval(self):
        self.consul.register("ldap", "ldap-1", Port=self.listeners[1].port, Tags=["tls"])
        self.wait(lambda: self.targets() == sorted([self.address(0), self.address(1)]), "the new instance is a target", 10)
        self.consul.deregister("ldap", "ldap-1")
        self.wait(lambda: self.targets() == [self.address(0)], "it is gone", 10)

    def test_consul_3_a_token_that_is_refused_loses_nothing(self):
        self.consul.token = "another"
        self.consul.register("web", "web-1", Port=self.listeners[0].port, Tags=["tls"], Meta={"mtls_exporter_server_name": "localhost"})  # whoever waits asks again
        self.wait(lambda: self.up(CONSUL) == 0 and self.errors("permission_denied", CONSUL) > 0, "the refusal is said")
        self.assertEqual(self.targets(), [self.address(0)])
        self.assertIn("node_prefix", self.exporter.log.read_text())
        (self.folder / "consul.token").write_text("another\n")
        self.wait(lambda: self.up(CONSUL) == 1, "the new token is used")

    def test_consul_4_an_index_that_goes_backwards_begins_anew(self):
        self.wait(lambda: self.consul.waiting > 0, "it waits for a change")  # who asks later with the old index waits for all of its time
        self.consul.restore(7)
        self.wait(lambda: self.consul.count("index=7&") > 0, "it is waited from the new index", 30)
        self.consul.register("ldap", "ldap-1", Port=self.listeners[1].port, Tags=["tls"])
        self.wait(lambda: len(self.targets()) == 2, "a change after that is seen", 10)


if __name__ == "__main__":
    unittest.main(verbosity=2)
