#!/usr/bin/python3
"""revocation_test.py EXPORTER: CAs kept with the real `openssl ca` and easy-rsa revoke certificates that a server sends, that an identity presents and that
lie in a file. Metrics, the API and `probe` follow within one refresh, and an unreadable list changes nothing. OpenSSL's server, nginx and haproxy staple answers of
`openssl ocsp`: of the issuer, of a responder it authorised, of others, expired, about another certificate."""
import json
import os
import pathlib
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from revoking import Authority, Estate  # noqa: E402


def easyrsa(pki, *arguments):
    environment = dict(os.environ, EASYRSA_PKI=str(pki), EASYRSA_BATCH="1", EASYRSA_SILENT="1")
    subprocess.run(["/usr/share/easy-rsa/easyrsa", *arguments], check=True, capture_output=True, env=environment, cwd=pki.parent)


class Lists(Estate):
    def test_what_openssl_ca_revokes_turns_up_wherever_it_is(self):
        room = self.lab.room("authority")
        ca = Authority(room)
        for name in ("server", "client"):
            ca.leaf(name)
        port = self.serve("server", ca.file("server.pem"), ca.file("server.key"), ca.file("int.pem"))
        self.watch({
            "trust": {"t": {"ca_files": [str(ca.file("root.pem"))], "crl_files": [str(ca.file("int.crl"))]}},
            "identities": {"i": {"certificate_file": str(ca.file("client-chain.pem")), "key_file": str(ca.file("client.key")), "trust": "t"}},
            "modules": {"m": {"trust": "t", "identity": "i", "interval": "1s", "timeout": "900ms"}},
            "targets": [{"name": "s", "address": f"127.0.0.1:{port}", "server_name": "localhost", "module": "m"}],
            "files": [{"name": "f", "paths": [str(ca.file("server-chain.pem"))], "trust": "t"}],
        })
        for source in ("server", "identity", "file"):
            self.eventually(f"{source} good", lambda s=source: self.status("crl", "good", source=s))
            self.becomes([1], "mtls_chain_valid", source=source)
        self.assertEqual(self.series("mtls_revocation_source_up", source="trust"), [1])
        self.assertEqual(self.series("mtls_crl_number"), [1])

        ca.revoke("server", "keyCompromise")
        for source in ("server", "file"):
            self.eventually(f"{source} revoked", lambda s=source: self.status("crl", "revoked", source=s))
            self.becomes([0], "mtls_chain_valid", source=source)
            self.assertEqual(self.series("mtls_chain_problem", source=source, problem="revoked", severity="critical"), [1])
        self.assertTrue(self.status("crl", "good", source="identity"))
        self.assertEqual(self.series("mtls_crl_number"), [2])
        self.becomes([1], "mtls_probe_expectation_failed", expectation="revocation")
        told = self.probe("s")
        self.assertEqual(told.returncode, 1)
        for words in ("revoked", "key_compromise", "int.crl", "until"):
            self.assertIn(words, told.stdout)
        answers = json.loads(self.get("/api/v1/targets/s"))
        self.assertIn('"status": "revoked"'.replace(" ", ""), json.dumps(answers).replace(" ", ""))

        ca.revoke("client", "superseded")
        self.eventually("the identity is revoked", lambda: self.status("crl", "revoked", source="identity"))
        self.assertEqual(self.series("mtls_identity_problem", identity="i", problem="revoked"), [1])

        whole = ca.file("int.crl").read_text()
        ca.file("int.crl").write_text(whole[:len(whole) // 2])
        self.eventually("the broken list is an error", lambda: self.series("mtls_source_up", source="trust") == [0])
        time.sleep(2)  # two probes later nothing has become good
        self.assertTrue(self.status("crl", "revoked", source="server"))
        self.assertEqual(self.series("mtls_crl_number"), [3])

    def test_what_easyrsa_revokes_turns_up(self):
        pki = self.lab.room("easyrsa") / "pki"
        easyrsa(pki, "init-pki")
        easyrsa(pki, "build-ca", "nopass")
        easyrsa(pki, "--subject-alt-name=DNS:localhost", "build-server-full", "web", "nopass")
        easyrsa(pki, "gen-crl")
        port = self.serve("web", pki / "issued/web.crt", pki / "private/web.key")
        self.watch({
            "trust": {"t": {"ca_files": [str(pki / "ca.crt")], "crl_files": [str(pki / "crl.pem")]}},
            "modules": {"m": {"trust": "t", "interval": "1s", "timeout": "900ms"}},
            "targets": [{"name": "s", "address": f"127.0.0.1:{port}", "server_name": "localhost", "module": "m"}],
        })
        self.eventually("good", lambda: self.status("crl", "good"))
        easyrsa(pki, "revoke", "web", "keyCompromise")
        time.sleep(2)
        self.assertTrue(self.status("crl", "good"), "revoked in the database, and no list says so yet")
        easyrsa(pki, "gen-crl")
        self.eventually("revoked", lambda: self.status("crl", "revoked"))
        self.assertEqual(self.series("mtls_chain_valid"), [0])


class Databases(Estate):
    def unmatched(self, name, only_in):
        return self.series("mtls_authority_revocations_unmatched", name=name, only_in=only_in)

    def test_what_is_revoked_and_not_published_is_counted(self):
        ca = Authority(self.lab.room("databases"))
        ca.leaf("lost")
        pki = self.lab.room("easyrsa-pair") / "pki"
        easyrsa(pki, "init-pki")
        easyrsa(pki, "build-ca", "nopass")
        easyrsa(pki, "build-client-full", "lost", "nopass")
        easyrsa(pki, "gen-crl")
        self.watch({
            "trust": {"openssl": {"ca_files": [str(ca.file("root.pem"))], "crl_files": [str(ca.file("int.crl"))]},
                      "easyrsa": {"ca_files": [str(pki / "ca.crt")], "crl_files": [str(pki / "crl.pem")]}},
            "authorities": [{"name": "openssl", "openssl_index": str(ca.file("index.txt"))}, {"name": "easyrsa", "openssl_index": str(pki / "index.txt")}],
            "targets": [{"address": "127.0.0.1:1"}],
        })
        for name in ("openssl", "easyrsa"):
            self.eventually(f"{name} agrees", lambda n=name: self.unmatched(n, "index") == [0] and self.unmatched(n, "list") == [0])
        ca.by_issuing("-revoke", ca.file("lost.pem"))
        easyrsa(pki, "revoke", "lost")
        for name in ("openssl", "easyrsa"):
            self.eventually(f"{name} is not published", lambda n=name: self.unmatched(n, "index") == [1])
        ca.publish()
        easyrsa(pki, "gen-crl")
        for name in ("openssl", "easyrsa"):
            self.eventually(f"{name} is published", lambda n=name: self.unmatched(n, "index") == [0] and self.unmatched(n, "list") == [0])
        restored = ca.file("index.txt.restored")
        restored.write_text(ca.file("index.txt.old").read_text())  # from before the revocation
        restored.rename(ca.file("index.txt"))
        self.eventually("the database has forgotten it", lambda: self.unmatched("openssl", "list") == [1])


class Staples(Estate):
    def answer(self, ca, name, certificate, signer="int", index="index.txt", ages=()):
        """An answer of `openssl ocsp` about a certificate, in a file."""
        path = ca.file(f"{name}.der")
        command = ["openssl", "ocsp", "-index", ca.file(index), "-CA", ca.file("int.pem"), "-issuer", ca.file("int.pem"), "-cert", ca.file(f"{certificate}.pem"),
                   "-rsigner", ca.file(f"{signer}.pem"), "-rkey", ca.file(f"{signer}.key"), "-ndays", 1, "-no_nonce", "-noverify", "-respout", path]
        subprocess.run([*ages, *map(str, command)], check=True, capture_output=True)
        return path

    def nginx(self, name, ca, answer):
        room = self.lab.room(name)
        port = self.lab.port()
        (room / "nginx.conf").write_text(f"""
daemon off; pid {room}/pid; error_log {room}/error.log; worker_processes 1;
events {{}}
http {{
  access_log off; client_body_temp_path {room}/b; proxy_temp_path {room}/p; fastcgi_temp_path {room}/f; uwsgi_temp_path {room}/u; scgi_temp_path {room}/s;
  server {{
    listen 127.0.0.1:{port} ssl; ssl_certificate {ca.file("server-chain.pem")}; ssl_certificate_key {ca.file("server.key")};
    ssl_stapling on; ssl_stapling_file {answer};
    location / {{ return 200; }}
  }}
}}
""")
        self.lab.run(name, ["nginx", "-p", room, "-c", room / "nginx.conf", "-e", room / "error.log"])
        self.lab.listening(port)
        return port

    def haproxy(self, name, ca, answer):
        room = self.lab.room(name)
        port = self.lab.port()
        (room / "server.pem").write_text("".join(ca.file(part).read_text() for part in ("server-chain.pem", "server.key")))
        (room / "server.pem.ocsp").write_bytes(answer.read_bytes())
        (room / "haproxy.cfg").write_text(f"""
defaults
  mode http
  timeout connect 5s
  timeout client 5s
  timeout server 5s
frontend f
  bind 127.0.0.1:{port} ssl crt {room}/server.pem
  http-request return status 200
""")
        self.lab.run(name, ["haproxy", "-db", "-f", room / "haproxy.cfg"])
        self.lab.listening(port)
        return port

    def test_what_servers_staple_is_believed_where_it_is_signed_right_and_holds(self):
        ca = Authority(self.lab.room("staples"))
        ca.config.write_text(ca.config.read_text() + "[responder]\nkeyUsage = critical, digitalSignature\nextendedKeyUsage = OCSPSigning\n"
                             "subjectKeyIdentifier = hash\nauthorityKeyIdentifier = keyid\n")
        for name in ("server", "other"):
            ca.leaf(name)
        ca.request("responder", "Responder")
        ca.sign("responder", "int", "responder")
        ca.file("empty.txt").write_text("")
        answers = {
            "direct": ("good", self.answer(ca, "direct", "server")),
            "delegated": ("good", self.answer(ca, "delegated", "server", signer="responder")),
            "forged": ("unavailable", self.answer(ca, "forged", "server", signer="other")),
            "expired": ("unavailable", self.answer(ca, "expired", "server", ages=["faketime", "3 days ago"])),
            "elsewhere": ("unknown", self.answer(ca, "elsewhere", "other")),
            "unheard": ("unknown", self.answer(ca, "unheard", "server", index="empty.txt")),
        }
        ca.by_issuing("-revoke", ca.file("server.pem"), "-crl_reason", "keyCompromise")
        answers["revoked"] = ("revoked", self.answer(ca, "revoked", "server"))
        ca.file("busy.der").write_bytes(b"\x30\x03\x0a\x01\x03")  # tryLater
        answers["busy"] = ("unavailable", ca.file("busy.der"))

        targets = []
        for name, (_, path) in answers.items():
            port = self.serve(name, ca.file("server.pem"), ca.file("server.key"), ca.file("int.pem"), ["-status_file", path])
            targets.append({"name": name, "address": f"127.0.0.1:{port}", "server_name": "localhost", "module": "m"})
        for name in ("direct", "revoked", "busy"):
            port = self.nginx(f"nginx-{name}", ca, answers[name][1])
            answers[f"nginx-{name}"] = answers[name]
            targets.append({"name": f"nginx-{name}", "address": f"127.0.0.1:{port}", "server_name": "localhost", "module": "m"})
        answers["haproxy"] = answers["direct"]
        targets.append({"name": "haproxy", "address": f"127.0.0.1:{self.haproxy('haproxy', ca, answers['direct'][1])}", "server_name": "localhost", "module": "m"})
        bare = self.serve("bare", ca.file("server.pem"), ca.file("server.key"), ca.file("int.pem"))
        for name in ("bare", "wanting"):
            targets.append({"name": name, "address": f"127.0.0.1:{bare}", "server_name": "localhost", "module": "m"})
        targets[-1]["revocation"] = {"staple": "require"}
        self.watch({"trust": {"t": {"ca_files": [str(ca.file("root.pem"))]}}, "modules": {"m": {"trust": "t", "interval": "1s", "timeout": "900ms"}}, "targets": targets})

        for name, (status, _) in answers.items():
            self.eventually(f"{name} is {status}", lambda n=name, s=status: self.status("staple", s, target=n))
            self.becomes([0 if status == "revoked" else 1], "mtls_chain_valid", target=name)
            self.becomes([0 if status == "revoked" else 1], "mtls_probe_success", target=name)
        self.assertEqual(self.series("mtls_revocation_status", target="bare"), [])
        self.becomes([1], "mtls_probe_success", target="bare")
        self.becomes([1], "mtls_probe_expectation_failed", target="wanting", expectation="revocation")
        self.assertIn("key_compromise", self.probe("revoked").stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
