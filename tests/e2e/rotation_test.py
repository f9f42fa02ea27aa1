#!/usr/bin/python3
"""rotation_test.py EXPORTER: a rotation from one CA to another, rehearsed from end to end with one nginx of twenty-four servers, six identities and thirty
callers. The four counters go to zero in their order and no call is refused on the way; each of the three wrong steps shows at once, and goes when it is mended."""
import concurrent.futures
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "lab"), str(HERE.parent / "explain")]
from lab import Lab  # noqa: E402
from pki import Pki  # noqa: E402

EXPORTER = sys.argv.pop(1)
LOG_FORMAT = re.sub(r"(?m)^\s*#.*$", "", (HERE.parent.parent / "deploy/callers/nginx-http.conf").read_text()).split("access_log")[0]
STEPS = ("trust_new", "servers", "clients", "trust_old")
SERVERS, IDENTITIES, CALLERS = 24, 6, 30


class ARotation(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        kept = tempfile.TemporaryDirectory(prefix="rotation-")
        cls.addClassCleanup(kept.cleanup)
        folder = pathlib.Path(kept.name)
        cls.lab = lab = Lab(folder, None, folder / "cache")
        cls.addClassCleanup(lab.stop)
        cls.pki = pki = Pki(folder / "pki")
        for name, common_name in (("old", "Estate CA 2020"), ("new", "Estate CA 2027")):
            pki.ca(name, common_name)
            pki.issue(f"server-{name}", "servers", name, names=["DNS:localhost", "IP:127.0.0.1"], usage="serverAuth")
            for at in range(IDENTITIES):
                pki.issue(f"identity-{at}-{name}", f"identity-{at}", name, usage="clientAuth")
            for at in range(CALLERS):
                pki.issue(f"caller-{at}-{name}", f"caller-{at}", name, usage="clientAuth")
        for early in ("caller-3", "identity-0"):  # a certificate that was refused at first counts for gone over a day later only
            pki.issue(f"{early}-early", early, "new", usage="clientAuth")
        cls.room = lab.room("nginx")
        cls.log = cls.room / "callers.log"
        cls.ports = [lab.port() for _ in range(SERVERS)]
        # What the operator changes, thing by thing: which CAs each door takes, what each server serves, what clients hold.
        cls.doors = [["old"] for _ in range(SERVERS)]
        cls.serves = ["old"] * SERVERS
        cls.identities = ["old"] * IDENTITIES
        cls.callers = ["old"] * CALLERS
        cls.store = ["old"]
        cls.write_everything()
        lab.run("nginx", ["nginx", "-p", cls.room, "-c", cls.room / "nginx.conf"])
        lab.listening(*cls.ports)
        cls.watch()

    @classmethod
    def bundle(cls, names):
        return "".join(cls.pki.by_name[name].text for name in names)

    @classmethod
    def write_everything(cls):
        room, servers = cls.room, []
        for at, port in enumerate(cls.ports):
            cls.put(room / f"takes-{at}.pem", cls.bundle(cls.doors[at]))
            served = cls.pki.by_name[f"server-{cls.serves[at]}"]
            servers.append(f"server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {served.pem}; ssl_certificate_key {served.key};"
                           f" ssl_client_certificate {room}/takes-{at}.pem; ssl_verify_client on; location / {{ return 200 ok; }} access_log {cls.log} mtls_callers; }}")
        (room / "nginx.conf").write_text(f"""
daemon off; pid {room}/nginx.pid; error_log {room}/error.log warn; worker_processes 1; {"user root;" if os.getuid() == 0 else ""}
events {{ worker_connections 512; }}
http {{
  access_log off; keepalive_timeout 0; ssl_session_cache off; ssl_session_tickets off;
  client_body_temp_path {room}/body; proxy_temp_path {room}/proxy; fastcgi_temp_path {room}/fastcgi; uwsgi_temp_path {room}/uwsgi; scgi_temp_path {room}/scgi;
  {LOG_FORMAT}
  {chr(10).join(servers)}
}}
""")
        for at, side in enumerate(cls.identities):
            mine = cls.pki.by_name[f"identity-{at}-{side}"]
            cls.put(room / f"identity-{at}.pem", mine.text + mine.key.read_text())
        cls.put(room / "trust.pem", cls.bundle(cls.store))

    @staticmethod
    def put(path, text):
        if path.exists() and path.read_text() == text:
            return
        fresh = path.with_suffix(".fresh")
        fresh.write_text(text)
        fresh.rename(path)

    @classmethod
    def deploy(cls):
        """What was changed is written, and nginx reads it, as an operator's reload has it."""
        cls.write_everything()
        os.kill(int((cls.room / "nginx.pid").read_text()), signal.SIGHUP)

    @classmethod
    def watch(cls):
        cls.web, settings = cls.lab.port(), cls.lab.folder / "mtls_exporter.yml"
        pki = cls.pki
        settings.write_text(json.dumps({
            "defaults": {"interval": "1s", "timeout": "1s"},
            "trust": {"internal": {"ca_files": [str(cls.room / "trust.pem")]},
                      # Whom the logs tell of is judged against both from the start: a stranger leaves no record.
                      "both": {"ca_files": [str(pki.by_name["old"].pem), str(pki.by_name["new"].pem)]}},
            "identities": {f"identity-{at}": {"certificate_file": str(cls.room / f"identity-{at}.pem")} for at in range(IDENTITIES)},
            "modules": {f"as-{at}": {"protocol": "https", "trust": "internal", "identity": f"identity-{at}"} for at in range(IDENTITIES)},
            "targets": [{"name": f"server-{at}", "address": f"127.0.0.1:{port}", "server_name": "localhost", "module": f"as-{at % IDENTITIES}"}
                        for at, port in enumerate(cls.ports)],
            "callers": [{"name": "gateway", "log_files": [str(cls.log)], "trust": "both"}],
            "rotations": [{"name": "estate-2027", "from": [str(pki.by_name["old"].pem)], "to": [str(pki.by_name["new"].pem)]}]}))
        checked = subprocess.run([EXPORTER, "check-config", settings], capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked
        cls.lab.run("exporter", [EXPORTER, f"--config.file={settings}", f"--web.listen-address=127.0.0.1:{cls.web}"])
        cls.lab.listening(cls.web)

    @classmethod
    def get(cls, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{cls.web}{path}", timeout=10) as answer:
            return answer.read().decode()

    @classmethod
    def counters(cls, family):
        found = re.findall(rf'(?m)^mtls_rotation_{family}{{rotation="estate-2027",step="(\w+)"}} (\d+)$', cls.get("/metrics"))
        return tuple(int(dict(found)[step]) for step in STEPS)

    @classmethod
    def eventually(cls, what, condition, seconds=40):
        deadline = time.monotonic() + seconds
        while not condition():
            cls.lab.alive()
            if time.monotonic() > deadline:
                raise AssertionError(f"not in {seconds} s: {what}: {[cls.counters(f) for f in ('pending', 'unknown', 'out_of_order')]}\n" + cls.rotation()[1][:3000])
            time.sleep(0.2)

    @classmethod
    def rotation(cls):
        done = subprocess.run([EXPORTER, "rotation", "estate-2027", f"--exporter=http://127.0.0.1:{cls.web}"], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    def call(self, at):
        mine = self.pki.by_name[f"caller-{at}-{self.callers[at]}"]
        port = self.ports[at % SERVERS]
        done = subprocess.run(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "10", "--cacert", self.room / "both.pem", "--cert", mine.pem, "--key", mine.key,
                               f"https://localhost:{port}/", "--connect-to", f"localhost:{port}:127.0.0.1:"], capture_output=True, text=True, check=False)
        return done.stdout == "200"

    def everybody_calls(self):
        (self.room / "both.pem").write_text(self.bundle(["old", "new"]))
        with concurrent.futures.ThreadPoolExecutor(4) as some:
            return list(some.map(self.call, range(CALLERS)))

    def settles(self, pending, what):
        self.eventually(what, lambda: self.counters("pending") == pending and self.counters("unknown") == (0, 0, 0, 0) and self.counters("out_of_order") == (0, 0, 0, 0))

    def goes_wrong(self, step, count, what):
        expected = tuple(count if name == step else 0 for name in STEPS)
        self.eventually(what, lambda: self.counters("out_of_order") == expected, seconds=15)
        code, text = self.rotation()
        self.assertEqual(code, 1)
        self.assertIn("gone ahead of the order", text)

    def test_goes_through_in_order_and_every_wrong_step_shows(self):
        clients = IDENTITIES + CALLERS
        self.eventually("the log is read", lambda: 'mtls_source_up{source="caller",name="gateway"} 1' in self.get("/metrics"))
        self.assertTrue(all(self.everybody_calls()))
        # Doors and the trust store that judges the servers; `both` takes the new CA already, and the old one to the end.
        self.settles((SERVERS + 1, SERVERS, clients, SERVERS + 2), "the beginning")
        code, text = self.rotation()
        self.assertEqual(code, 1)
        self.assertIn("Safe now: trust_new", text)
        self.assertIn("door server-7: takes the old CA and not yet the new one", text)

        # Wrong step 1: a client goes over before its doors do.
        self.identities[0] = "early"
        self.deploy()
        self.goes_wrong("clients", SERVERS // IDENTITIES, "an identity of the new CA at doors that do not take it")
        self.identities[0] = "old"
        self.callers[3] = "early"
        self.deploy()
        self.eventually("the identity is back", lambda: self.counters("out_of_order") == (0, 0, 0, 0))
        self.assertFalse(self.call(3))
        self.goes_wrong("clients", 1, "a caller of the new CA at a door that does not take it")
        self.callers[3] = "old"
        self.eventually("the caller is back", lambda: self.call(3) and self.counters("out_of_order") == (0, 0, 0, 0))
        self.settles((SERVERS + 1, SERVERS, clients, SERVERS + 2), "the client is back")

        # Wrong step 2: servers go over before the trust store does.
        self.serves[5] = "new"
        self.deploy()
        self.goes_wrong("servers", 1, "a server of the new CA that the store does not take")
        self.serves[5] = "old"
        self.deploy()
        self.settles((SERVERS + 1, SERVERS, clients, SERVERS + 2), "the server is back")

        # Step 1, in two halves.
        for half, left in ((range(SERVERS // 2), SERVERS // 2 + 1), (range(SERVERS // 2, SERVERS), 0)):
            for at in half:
                self.doors[at] = ["old", "new"]
            if left == 0:
                type(self).store = ["old", "new"]
            self.deploy()
            self.settles((left, SERVERS, clients, SERVERS + 2), "doors take the new CA")
            self.assertTrue(all(self.everybody_calls()))
        self.assertIn("Safe now: servers", self.rotation()[1])
        # Step 2.
        type(self).serves = ["new"] * SERVERS
        self.deploy()
        self.settles((0, 0, clients, SERVERS + 2), "servers serve the new CA")
        self.assertTrue(all(self.everybody_calls()))
        self.assertIn("Safe now: clients", self.rotation()[1])
        # Step 3, first some, then all.
        for count in (10, CALLERS):
            self.callers[:count] = ["new"] * count
            self.assertTrue(all(self.everybody_calls()))
            self.settles((0, 0, clients - count, SERVERS + 2), "callers come with new certificates")
        self.identities[1:] = ["new"] * (IDENTITIES - 1)
        self.deploy()
        self.settles((0, 0, 1, SERVERS + 2), "identities hold new certificates")
        self.assertIn("identity identity-0: its certificate is of the old CA", self.rotation()[1])

        # Wrong step 3: the old CA goes while one client still has its certificate.
        self.doors[0] = ["new"]
        self.deploy()
        self.goes_wrong("trust_old", 1, "the old CA is taken away too early")
        self.doors[0] = ["old", "new"]
        self.deploy()
        self.settles((0, 0, 1, SERVERS + 2), "the old CA is back")

        self.identities[0] = "new"
        self.deploy()
        self.settles((0, 0, 0, SERVERS + 2), "every client holds a new certificate")
        self.assertIn("Safe now: trust_old", self.rotation()[1])
        # Step 4. The store of the callers' door is the exporter's own: its file goes over, too.
        type(self).doors = [["new"] for _ in range(SERVERS)]
        type(self).store = ["new"]
        self.deploy()
        self.settles((0, 0, 0, 1), "doors take the new CA alone")
        self.assertTrue(all(self.everybody_calls()))
        self.assertIn("store trust store both: still takes the old CA", self.rotation()[1])
        self.dependents()

    def dependents(self):
        def ask(issuer):
            return subprocess.run([EXPORTER, "dependents", issuer, f"--exporter=http://127.0.0.1:{self.web}"], capture_output=True, text=True, check=False)
        found = ask("CN=Estate CA 2027")
        self.assertEqual(found.returncode, 0, found)
        self.assertIn(f"servers: {SERVERS};", found.stdout)
        self.assertIn(f"identities: {IDENTITIES};", found.stdout)
        self.assertIn(f"callers: {CALLERS + IDENTITIES + 2};", found.stdout)  # our own probes stand in the log, too, and those that came too early
        self.assertIn(f"doors: {SERVERS}, by the CA's name alone", found.stdout)
        unknown = ask("CN=Estate CA 2028")
        self.assertEqual(unknown.returncode, 2)
        self.assertIn("did you mean `CN=Estate CA 2020`, `CN=Estate CA 2027`?", unknown.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
