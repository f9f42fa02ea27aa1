#!/usr/bin/python3
"""remote_revocation_test.py EXPORTER: revocation asked over HTTP. Distribution points: one fetch for all targets, a revocation turns up within one refresh, a
server that is down takes nothing back, and what nobody wrote, or what stands in a certificate that is not trusted, is never connected to. Responders: the real
`openssl ocsp`. Both: slow, HTML, 10 MB, loops, redirects to the metadata service, and nobody there. Whatever goes wrong is never good."""
import http.server
import pathlib
import socket
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from revoking import Authority, Estate  # noqa: E402

TRY_LATER = b"\x30\x03\x0a\x01\x03"
UNAUTHORIZED = b"\x30\x03\x0a\x01\x06"


class Web:
    """A server of HTTP that answers by path and counts what it was asked."""

    def __init__(self):
        web = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.0"

            def do_GET(self):
                if "Content-Length" in self.headers:
                    self.rfile.read(int(self.headers["Content-Length"]))
                web.answer(self)

            do_POST = do_GET

            def log_message(self, *_):
                pass

        self.pages, self.asked, self.lock = {}, [], threading.Lock()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def count(self, path):
        with self.lock:
            return sum(1 for asked in self.asked if asked == path)

    def answer(self, request):
        page = next((path for path in self.pages if request.path == path or request.path.startswith(path + "/")), None)
        with self.lock:
            self.asked.append(page or request.path)
        found = self.pages.get(page)
        if callable(found):
            found = found()
        if found is None:
            request.send_error(404)
        elif isinstance(found, str):
            request.send_response(302)
            request.send_header("Location", found)
            request.end_headers()
        else:
            try:
                request.send_response(200)
                request.end_headers()
                request.wfile.write(found)
            except OSError:
                pass  # whoever asked has had enough


def listens(port):
    """Without a connection: one that says nothing is all that `openssl ocsp` would attend to."""
    tables = [pathlib.Path(f"/proc/net/{name}") for name in ("tcp", "tcp6")]
    return any(line.split()[1].endswith(f":{port:04X}") and line.split()[3] == "0A" for table in tables for line in table.read_text().splitlines()[1:])


def slow():
    time.sleep(20)
    return b""


# What a place says, and the reason that is counted for a distribution point and for a responder.
BAD = {
    "html": (b"<html>It works!</html>", "bad_crl", "bad_ocsp"),
    "empty": (b"", "bad_crl", "bad_ocsp"),
    "large": (b"x" * (10 << 20), "bad_crl", "too_large"),
    "loop": ("/loop", "redirect_refused", "redirect_refused"),
    "metadata": ("http://169.254.169.254/latest/meta-data/", "redirect_refused", "redirect_refused"),
    "file": ("file:///etc/passwd", "redirect_refused", "redirect_refused"),
    "slow": (slow, "timeout", "timeout"),
    "missing": (None, "http_status", "http_status"),
}


class Asked(Estate):
    def setUp(self):
        self.web, self.slow = Web(), Web()  # what a host is slow at holds up the others that ask it
        self.addCleanup(self.web.stop)
        self.addCleanup(self.slow.stop)
        self.ca = Authority(self.lab.room(self.id().rsplit(".", 1)[1][:40]))

    def target(self, name, leaf, **more):
        port = self.serve(f"{self.id()[-20:]}-{name}", self.ca.file(f"{leaf}.pem"), self.ca.file(f"{leaf}.key"), self.ca.file("int.pem"))
        return {"name": name, "address": f"127.0.0.1:{port}", "server_name": "localhost", "module": "m"} | more

    def observe(self, targets, revocation, **more):
        self.watch(more | {
            "trust": {"t": {"ca_files": [str(self.ca.file("root.pem"))]}},
            "modules": {"m": {"trust": "t", "interval": "1s", "timeout": "900ms", "revocation": revocation} if revocation else
                        {"trust": "t", "interval": "1s", "timeout": "900ms"}},
            "targets": targets,
        })

    def page(self, name, says):
        web = self.slow if name == "slow" else self.web
        web.pages[f"/{name}"] = says
        return web.url(f"/{name}")

    def list_now(self):
        return self.ca.file("int.crl").read_bytes()


class DistributionPoints(Asked):
    def test_a_list_is_fetched_once_for_all_and_decides(self):
        for name in ("one", "two"):
            self.ca.leaf(name, [f"crlDistributionPoints = URI:{self.web.url('/int.crl')}"])
        self.web.pages["/int.crl"] = self.list_now
        targets = [self.target(f"one-{i}", "one") for i in range(6)] + [self.target("two", "two")]
        self.observe(targets, {"crl": "check", "refresh": "2s"})
        for target in targets:
            self.eventually(f"{target['name']} good", lambda t=target: self.status("crl", "good", target=t["name"]))
        began, before = time.monotonic(), self.web.count("/int.crl")
        time.sleep(6)
        self.assertLessEqual(self.web.count("/int.crl") - before, (time.monotonic() - began) / 1.5 + 1, "seven targets a second, one fetch in two")
        url = self.web.url("/int.crl")
        self.assertEqual(self.series("mtls_revocation_source_up", source="distribution_point", name=url), [1])
        self.assertEqual(self.series("mtls_crl_number", source="distribution_point", name=url), [1])

        self.ca.revoke("two", "keyCompromise")
        self.eventually("two is revoked", lambda: self.status("crl", "revoked", target="two"))
        self.becomes([0], "mtls_chain_valid", target="two")
        self.becomes([1], "mtls_probe_expectation_failed", target="two", expectation="revocation")
        self.assertTrue(self.status("crl", "good", target="one-0"))
        told = self.probe("two")
        self.assertEqual(told.returncode, 1)
        for words in ("revoked", "key_compromise", url, "until"):
            self.assertIn(words, told.stdout)

        del self.web.pages["/int.crl"]
        self.eventually("the place is down", lambda: self.series("mtls_source_up", source="distribution_point", name=url) == [0])
        time.sleep(2)
        self.assertTrue(self.status("crl", "revoked", target="two"), "what was had holds")
        self.assertTrue(self.status("crl", "good", target="one-0"))
        self.assertEqual(self.series("mtls_revocation_source_up", source="distribution_point", name=url), [1])

    def test_a_list_outlives_a_restart(self):
        for name in ("three", "four"):
            self.ca.leaf(name, [f"crlDistributionPoints = URI:{self.web.url('/int.crl')}"])
        self.ca.revoke("four", "keyCompromise")
        self.web.pages["/int.crl"] = self.list_now
        targets = [self.target("three", "three"), self.target("four", "four")]
        settings = {"storage": {"path": str(self.ca.file("state.sqlite"))}}
        self.observe(targets, {"crl": "check"}, **settings)
        self.eventually("four is revoked", lambda: self.status("crl", "revoked", target="four"))
        self.lab.end(self.lab.processes[-1][1])

        del self.web.pages["/int.crl"]
        self.observe(targets, {"crl": "check"}, **settings)
        self.eventually("four is still revoked", lambda: self.status("crl", "revoked", target="four"))
        self.eventually("three is good", lambda: self.status("crl", "good", target="three"))
        self.assertEqual(self.series("mtls_source_up", source="distribution_point", name=self.web.url("/int.crl")), [0])
        self.lab.end(self.lab.processes[-1][1])

        self.observe(targets, {"crl": "check"})
        self.eventually("without storage nothing is known", lambda: self.status("crl", "unavailable", target="four"))
        self.becomes([1], "mtls_chain_valid", target="four")

    def test_nobody_is_asked_who_was_not_meant(self):
        for name in ("unwritten", "staples"):
            self.ca.leaf(name, [f"crlDistributionPoints = URI:{self.web.url('/' + name)}", f"authorityInfoAccess = OCSP;URI:{self.web.url('/o' + name)}"])
        stranger = Authority(self.lab.room("stranger"))
        stranger.leaf("evil", [f"crlDistributionPoints = URI:{self.web.url('/evil')}", f"authorityInfoAccess = OCSP;URI:{self.web.url('/oevil')}"])
        port = self.serve("evil", stranger.file("evil.pem"), stranger.file("evil.key"), stranger.file("int.pem"))
        asking = {"crl": "check", "ocsp": "check"}
        self.observe([self.target("unwritten", "unwritten"), self.target("staples", "staples", revocation={"staple": "check"}),
                      {"name": "evil", "address": f"127.0.0.1:{port}", "server_name": "localhost", "module": "m", "revocation": asking}], None)
        for name in ("unwritten", "staples", "evil"):
            self.eventually(f"{name} is probed", lambda n=name: self.series("mtls_chain_valid", target=n) == [0 if n == "evil" else 1])
        time.sleep(3)
        self.assertEqual(self.web.asked, [])

    def test_what_cannot_be_had_is_never_good_and_changes_nothing(self):
        for name, (page, *_) in BAD.items():
            self.ca.leaf(name, [f"crlDistributionPoints = URI:{self.page(name, page)}"])
        self.ca.leaf("nobody", [f"crlDistributionPoints = URI:http://127.0.0.1:{self.lab.port()}/"])
        self.ca.leaf("link-local", ["crlDistributionPoints = URI:http://169.254.169.254/a.crl"])
        reasons = {name: reason for name, (_, reason, _) in BAD.items()} | {"nobody": "unreachable", "link-local": "address_refused"}
        targets = [self.target(name, name) for name in reasons]
        targets.append(self.target("required", "html", revocation={"crl": "require"}))
        self.observe(targets, {"crl": "check", "refresh": "2s"})
        for name in reasons:
            self.eventually(f"{name} is unavailable", lambda n=name: self.status("crl", "unavailable", target=n))
        self.eventually("every trouble is counted", lambda: all(
            any(value > 0 for value in self.series("mtls_source_errors_total", source="distribution_point", reason=reason)) for reason in reasons.values()), 40)
        for name in reasons:
            self.becomes([1], "mtls_chain_valid", target=name)
            self.becomes([1], "mtls_probe_success", target=name)
        self.becomes([0], "mtls_probe_success", target="required")
        self.becomes([1], "mtls_probe_expectation_failed", target="required", expectation="revocation")


class Responders(Asked):
    def responder(self, name, port, *more):
        """The real `openssl ocsp`, with the index of the authority as it is."""
        self.lab.run(name, ["openssl", "ocsp", "-port", port, "-index", self.ca.file("index.txt"), "-CA", self.ca.file("int.pem"),
                            "-rsigner", self.ca.file("int.pem"), "-rkey", self.ca.file("int.key"), "-ignore_err", *more])
        self.eventually("the responder listens", lambda: listens(port))

    def test_openssl_says_good_revoked_and_unknown(self):
        ports = [self.lab.port() for _ in range(2)]
        url, newest = (f"http://127.0.0.1:{port}/" for port in ports)
        named = [f"authorityInfoAccess = OCSP;URI:{url}"]
        for name in ("good", "revoked"):
            self.ca.leaf(name, named)
        self.ca.leaf("later", [f"authorityInfoAccess = OCSP;URI:{newest}"])
        self.ca.leaf("bare")
        self.ca.revoke("revoked", "keyCompromise")
        self.responder("with-end", ports[0], "-ndays", 1)
        self.responder("without-end", ports[1])
        targets = [self.target(name, name) for name in ("good", "revoked", "later", "bare")]
        targets.append(self.target("configured", "bare", revocation={"ocsp": "require", "responder": url, "nonce": True}))
        targets.append(self.target("wanting", "bare", revocation={"ocsp": "require"}))
        self.observe(targets, {"ocsp": "check", "refresh": "2s"})
        for name, status in {"good": "good", "revoked": "revoked", "later": "good", "bare": "unknown", "configured": "good", "wanting": "unknown"}.items():
            self.eventually(f"{name} is {status}", lambda n=name, s=status: self.status("ocsp", s, target=n))
        self.becomes([0], "mtls_chain_valid", target="revoked")
        self.becomes([1], "mtls_probe_success", target="configured")
        self.becomes([1], "mtls_probe_success", target="bare")
        self.becomes([0], "mtls_probe_success", target="wanting")
        self.assertEqual(self.series("mtls_revocation_source_up", source="responder", name=url), [1])
        self.assertEqual(len(self.series("mtls_ocsp_next_update_timestamp_seconds", target="good")), 1)
        told = self.probe("revoked").stdout
        for words in ("revoked", "key_compromise", url):
            self.assertIn(words, told)
        self.ca.revoke("later", "superseded")
        self.eventually("what does not say how long it holds is asked again", lambda: self.status("ocsp", "revoked", target="later"))

    def test_what_cannot_be_had_is_never_good_and_changes_nothing(self):
        pages = BAD | {"try-later": (TRY_LATER, "", "bad_ocsp"), "unauthorized": (UNAUTHORIZED, "", "bad_ocsp")}
        for name, (page, *_) in pages.items():
            self.ca.leaf(name, [f"authorityInfoAccess = OCSP;URI:{self.page(name, page)}"])
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            self.ca.leaf("nobody", [f"authorityInfoAccess = OCSP;URI:http://127.0.0.1:{closed.getsockname()[1]}/"])
        reasons = {name: reason for name, (_, _, reason) in pages.items()} | {"nobody": "unreachable"}
        self.observe([self.target(name, name) for name in reasons], {"ocsp": "check", "refresh": "2s"})
        for name in reasons:
            self.eventually(f"{name} is unavailable", lambda n=name: self.status("ocsp", "unavailable", target=n))
        for name in reasons:
            self.becomes([1], "mtls_chain_valid", target=name)
            self.becomes([1], "mtls_probe_success", target=name)
        self.eventually("every trouble is counted", lambda: all(
            any(value > 0 for value in self.series("mtls_source_errors_total", source="responder", reason=reason)) for reason in reasons.values()), 60)


if __name__ == "__main__":
    unittest.main(verbosity=2)
