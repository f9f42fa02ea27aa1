#!/usr/bin/python3
"""callers_test.py EXPORTER: nginx (http, stream), haproxy (http, tcp) and Apache with the configuration of deploy/callers/, over TLS 1.2 and 1.3, called by
curl with certificates that are good, end in five days, have ended, were replaced or revoked, come from an impostor of the CA, have a hostile subject, and with
none. What /metrics says of each caller is what this test knows: who, in which state, how often accepted and refused."""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "lab"), str(HERE.parent / "explain")]
from lab import Lab  # noqa: E402
from pki import Pki, openssl  # noqa: E402

EXPORTER = sys.argv.pop(1)
DEPLOY = HERE.parent.parent / "deploy" / "callers"
HOSTILE = "\"} {\"verify\":\"NONE\"} <b>'"

# certificate -> (its common name, its state, whether a server that checks lets it in)
CALLERS = {
    "good": ("billing", "valid", True),
    "soon": ("shipping", "expiring", True),
    "ended": ("archive", "expired", False),
    "old": ("reports", "superseded", True),
    "revoked": ("laptop", "revoked", True),  # these servers have no list of it
    "hostile": (HOSTILE, "valid", True),
}


def configuration(name, **replaced):
    """The ready configuration without comments, its places replaced by ours."""
    text = "\n".join(line for line in (DEPLOY / name).read_text().splitlines() if not line.lstrip().startswith("#"))
    for old, new in replaced.values():
        assert old in text, (name, old)
        text = text.replace(old, str(new))
    return text


class Callers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.kept = tempfile.TemporaryDirectory(prefix="callers-")
        folder = pathlib.Path(cls.kept.name)
        cls.lab = Lab(folder, None, folder / "cache")
        cls.addClassCleanup(cls.kept.cleanup)
        cls.addClassCleanup(cls.lab.stop)
        cls.pki = pki = Pki(folder / "pki")
        pki.ca("ca", "Clients CA")
        pki.ca("other", "Clients CA")
        pki.issue("server", "server", "ca", names=["DNS:localhost", "IP:127.0.0.1"], usage="serverAuth")
        for name, term in (("good", {}), ("soon", {"begins": -360, "ends": 5}), ("ended", {"begins": -90, "ends": -1}), ("old", {}), ("revoked", {}),
                           ("hostile", {})):
            pki.issue(name, CALLERS[name][0], "ca", usage="clientAuth", **term)
        pki.issue("new", CALLERS["old"][0], "ca", usage="clientAuth", ends=100)
        pki.issue("stranger", "billing", "other", usage="clientAuth")
        database = pki.database("ca")
        openssl("ca", "-config", database / "cnf", "-cert", pki.by_name["ca"].pem, "-keyfile", pki.by_name["ca"].key, "-revoke", pki.by_name["revoked"].pem)
        cls.bundle = folder / "server-all.pem"
        cls.bundle.write_text(pki.by_name["server"].text + pki.by_name["server"].key.read_text())
        cls.doors = {}
        for start in (cls.nginx, cls.haproxy, cls.apache):
            start()
        cls.watch()

    @classmethod
    def file(cls, name):
        return cls.pki.by_name[name].pem

    @classmethod
    def nginx(cls):
        lab, room = cls.lab, cls.lab.room("nginx")
        http, careless, stream = lab.port(), lab.port(), lab.port()
        logs = {door: room / f"{door}.log" for door in ("nginx-http", "nginx-careless", "nginx-stream")}
        in_http, in_server = configuration("nginx-http.conf").split("access_log", 1)
        in_server = "access_log" + in_server
        in_stream, in_stream_server = configuration("nginx-stream.conf").split("access_log", 1)
        in_stream_server = "access_log" + in_stream_server
        tls = f"ssl_certificate {cls.file('server')}; ssl_certificate_key {cls.pki.by_name['server'].key}; ssl_client_certificate {cls.file('ca')}; ssl_protocols TLSv1.2 TLSv1.3;"
        def here(text, path, door):
            return text.replace(path, str(logs[door]))
        (room / "nginx.conf").write_text(f"""
daemon off; pid {room}/nginx.pid; error_log {room}/error.log warn; worker_processes 1; {"user root;" if os.getuid() == 0 else ""}
load_module /usr/lib/nginx/modules/ngx_stream_module.so;
events {{ }}
http {{
  access_log off;
  client_body_temp_path {room}/body; proxy_temp_path {room}/proxy; fastcgi_temp_path {room}/fastcgi; uwsgi_temp_path {room}/uwsgi; scgi_temp_path {room}/scgi;
  {tls}
  {in_http}
  server {{ listen 127.0.0.1:{http} ssl; ssl_verify_client on; location / {{ return 200 ok; }} {here(in_server, "/var/log/nginx/callers.log", "nginx-http")} }}
  server {{ listen 127.0.0.1:{careless} ssl; ssl_verify_client optional_no_ca; location / {{ return 200 ok; }} {here(in_server, "/var/log/nginx/callers.log", "nginx-careless")} }}
}}
stream {{
  {tls}
  {in_stream}
  server {{ listen 127.0.0.1:{stream} ssl; ssl_verify_client on; proxy_pass 127.0.0.1:{lab.http}; {here(in_stream_server, "/var/log/nginx/callers-stream.log", "nginx-stream")} }}
}}
""")
        lab.run("nginx", ["nginx", "-p", room, "-c", room / "nginx.conf"])
        for door, port in (("nginx-http", http), ("nginx-careless", careless), ("nginx-stream", stream)):
            cls.doors[door] = {"port": port, "log_files": [str(logs[door])]}
        lab.listening(http, careless, stream)

    @classmethod
    def haproxy(cls):
        lab, room = cls.lab, cls.lab.room("haproxy")
        ok = "http-request return status 200 content-type text/plain string ok"
        for door, mode, verify, answer in (("haproxy-http", "http", "required", ok), ("haproxy-tcp", "tcp", "required", f"server backend 127.0.0.1:{lab.http}"),
                                           ("haproxy-careless", "http", "optional crt-ignore-err all ca-ignore-err all", ok)):
            port, syslog = lab.port(), lab.port()
            text = configuration(f"haproxy-{mode}.cfg", log=("127.0.0.1:5140", f"127.0.0.1:{syslog}"))
            in_global, in_frontend = text.split("    log global", 1)
            path = room / f"{door}.cfg"
            path.write_text(f"""
global
  nbthread 1
{in_global}
defaults
  mode {mode}
  timeout client 30s
  timeout server 30s
  timeout connect 5s
listen door
  bind 127.0.0.1:{port} ssl crt {cls.bundle} ca-file {cls.file('ca')} verify {verify} ssl-min-ver TLSv1.2
    log global{in_frontend}
  {answer}
""")
            lab.run(door, ["haproxy", "-db", "-f", path])
            cls.doors[door] = {"port": port, "syslog": f"udp:{syslog}"}
            lab.listening(port)

    @classmethod
    def apache(cls):
        lab, room = cls.lab, cls.lab.room("apache")
        port, log = lab.port(), room / "callers.log"
        modules = "\n".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so" for name in ("mpm_event", "authz_core", "ssl"))
        (room / "ok").write_text("ok")
        (room / "httpd.conf").write_text(f"""
ServerName localhost
ServerRoot {room}
PidFile {room}/pid
ErrorLog {room}/error.log
{modules}
{"User www-data" if os.getuid() == 0 else ""}
Listen 127.0.0.1:{port}
DocumentRoot {room}
<VirtualHost *:{port}>
  SSLEngine on
  SSLCertificateFile {cls.file('server')}
  SSLCertificateKeyFile {cls.pki.by_name['server'].key}
  SSLCACertificateFile {cls.file('ca')}
  SSLVerifyClient require
{configuration("apache.conf", log=("/var/log/apache2/callers.log", log))}
</VirtualHost>
""")
        lab.run("apache", ["apache2", "-X", "-f", room / "httpd.conf"])
        cls.doors["apache"] = {"port": port, "log_files": [str(log)]}
        lab.listening(port)

    @classmethod
    def watch(cls):
        cls.web, settings = cls.lab.port(), cls.lab.folder / "mtls_exporter.yml"
        callers = [{"name": name, "trust": "clients", "authorities": ["ca"], **{key: door[key] for key in ("log_files", "syslog") if key in door}}
                   for name, door in cls.doors.items()]
        settings.write_text(json.dumps({"trust": {"clients": {"ca_files": [str(cls.file("ca"))]}}, "callers": callers,
                                        "authorities": [{"name": "ca", "openssl_index": str(cls.pki.database("ca") / "index.txt")}]}))
        checked = subprocess.run([EXPORTER, "check-config", settings], capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked
        cls.lab.run("exporter", [EXPORTER, f"--config.file={settings}", f"--web.listen-address=127.0.0.1:{cls.web}"])
        cls.lab.listening(cls.web)
        cls.eventually("every door is read", lambda: all(cls.series("mtls_source_up", source="caller", name=door) == [1] for door in cls.doors))

    @classmethod
    def metrics(cls):
        with urllib.request.urlopen(f"http://127.0.0.1:{cls.web}/metrics", timeout=10) as answer:
            return answer.read().decode()

    @classmethod
    def series(cls, family, **labels):
        found = []
        for line in cls.metrics().splitlines():
            match = re.fullmatch(re.escape(family) + r"\{(.*)\} (\S+)", line)
            if not match:
                continue
            has = {name: value.replace('\\"', '"').replace("\\\\", "\\") for name, value in re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', match[1])}
            if all(has.get(name) == value for name, value in labels.items()):
                found.append(float(match[2]))
        return found

    @classmethod
    def eventually(cls, what, condition, seconds=20):
        deadline = time.monotonic() + seconds
        while not condition():
            cls.lab.alive()
            if time.monotonic() > deadline:
                raise AssertionError(f"not in {seconds} s: {what}\n" + "\n".join(line for line in cls.metrics().splitlines() if "caller" in line))
            time.sleep(0.2)

    def call(self, door, certificate=None, tls="1.3"):
        identity = ["--cert", self.file(certificate), "--key", self.pki.by_name[certificate].key] if certificate else []
        done = subprocess.run(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "10", f"--tlsv{tls}", "--tls-max", tls, "--cacert", self.file("ca"),
                               *identity, f"https://localhost:{self.doors[door]['port']}/ok", "--connect-to", f"localhost:{self.doors[door]['port']}:127.0.0.1:"],
                              capture_output=True, text=True, check=False)
        return done.stdout == "200"

    def requests(self, door, name, result):
        return self.series("mtls_caller_requests_total", target=door, subject_cn=name, result=result)

    def check(self, door, writes_of_the_refused=True):
        let_in = {name: [self.call(door, name, tls) for tls in ("1.2", "1.3")] for name in (*CALLERS, "stranger")}
        self.assertEqual([self.call(door), self.call(door)], [False, False])
        for certificate, (name, state, good) in CALLERS.items():
            self.assertEqual(let_in[certificate], [good, good], certificate)
            if not good and not writes_of_the_refused:
                continue
            self.eventually(f"{door}: {name} is {state}", lambda n=name, s=state: self.series("mtls_caller_state", target=door, subject_cn=n, state=s) == [1])
            self.eventually(f"{door}: {name} called twice", lambda n=name, g=good: self.requests(door, n, "accepted" if g else "refused") == [2])
            self.assertEqual(self.requests(door, name, "refused" if good else "accepted"), [0])
            self.assertEqual(self.series("mtls_caller_calling", target=door, subject_cn=name), [1])
            self.assertEqual(len(self.series("mtls_certificate_expiry_days", source="caller", target=door, subject_cn=name)), 1)
        self.assertEqual(let_in["stranger"], [False, False])
        if writes_of_the_refused:
            self.eventually(f"{door}: the stranger counts", lambda: self.series("mtls_caller_strangers_total", name=door, state="unknown_issuer") == [2])
        self.assertEqual(self.series("mtls_caller_lines_total", name=door, result="unreadable"), [0])
        self.assertNotIn("127.0.0.1", self.metrics())

    def test_nginx_http(self):
        self.check("nginx-http")
        self.eventually("who has no certificate counts", lambda: self.series("mtls_caller_anonymous_total", name="nginx-http") == [2])

    def test_nginx_stream(self):
        self.check("nginx-stream")
        self.eventually("who has no certificate counts", lambda: self.series("mtls_caller_anonymous_total", name="nginx-stream") == [2])

    def test_haproxy_http(self):
        self.check("haproxy-http")

    def test_haproxy_tcp(self):
        self.check("haproxy-tcp")

    def test_apache_says_nothing_of_those_it_refuses(self):
        self.check("apache", writes_of_the_refused=False)

    def test_a_server_that_does_not_check_is_seen(self):
        for door in ("nginx-careless", "haproxy-careless"):
            self.assertTrue(self.call(door, "stranger"))
            self.eventually(f"{door}: the stranger is let in", lambda d=door: self.series("mtls_caller_state", target=d, state="unknown_issuer") == [1])
            self.assertEqual(self.series("mtls_caller_strangers_total", name=door, state="unknown_issuer"), [0])
        self.assertTrue(self.call("haproxy-careless", "ended"))
        self.eventually("so is the one that ended", lambda: self.requests("haproxy-careless", "archive", "accepted") == [1])
        self.assertEqual(self.series("mtls_caller_state", target="haproxy-careless", state="expired"), [1])


if __name__ == "__main__":
    unittest.main(verbosity=2)
