"""What a mutual TLS 1.3 probe costs, on one real nginx: a plain OpenSSL loop (plain_loop.cc), our probe alone (probe_loop.cc: verdict
and chain judgement included), the whole exporter at a steady schedule, and Debian's blackbox_exporter asked for /probe one after
the other. CPU is that of the client processes alone. Instructions are counted by callgrind, as the difference of two run lengths.
"""
import json
import os
import re
import statistics
import subprocess
import time
import urllib.request
from pathlib import Path

from certificates import SERVER_NAME
from exporter import Exporter

NGINX = """
daemon off; pid {room}/nginx.pid; error_log {room}/error.log crit; worker_processes 1; {user}
events {{ worker_connections 4096; }}
http {{
  access_log off;
  client_body_temp_path {room}/body; proxy_temp_path {room}/proxy; fastcgi_temp_path {room}/fastcgi;
  uwsgi_temp_path {room}/uwsgi; scgi_temp_path {room}/scgi;
  ssl_protocols TLSv1.3; ssl_client_certificate {world.root}; ssl_verify_client on; ssl_verify_depth 3;
  server {{ listen 127.0.0.1:{ec} ssl backlog=4096; ssl_certificate {world.certificate}; ssl_certificate_key {world.key}; location / {{ return 200 ok; }} }}
  server {{ listen 127.0.0.1:{rsa} ssl backlog=4096; ssl_certificate {room}/rsa.pem; ssl_certificate_key {room}/rsa.key; location / {{ return 200 ok; }} }}
}}
"""


def rsa_identity(room, world):
    """A server certificate with an RSA-2048 key from the lab's root, for the second listener; and one for the client."""
    def run(*command):
        subprocess.run(command, check=True, capture_output=True)
    for name, usage in (("rsa", "serverAuth"), ("rsa-client", "clientAuth")):
        extensions = room / f"{name}.ext"
        extensions.write_text(f"subjectAltName=DNS:{SERVER_NAME}\nextendedKeyUsage={usage}\nbasicConstraints=critical,CA:FALSE\n")
        run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-keyout", room / f"{name}.key", "-out", room / f"{name}.csr", "-subj", f"/CN={name}")
        run("openssl", "x509", "-req", "-in", room / f"{name}.csr", "-CA", world.root, "-CAkey", world.root.with_name("ca.key"), "-days", "30",
            "-extfile", extensions, "-out", room / f"{name}.pem")
    return room / "rsa-client.pem", room / "rsa-client.key"


def nginx(lab):
    room = lab.room("nginx")
    identity = rsa_identity(room, lab.world)
    ports = {"ec": lab.port(), "rsa": lab.port()}
    user = "user root;" if os.geteuid() == 0 else ""
    configuration = room / "nginx.conf"
    configuration.write_text(NGINX.format(room=room, world=lab.world, user=user, **ports))
    lab.run("nginx", ["/usr/sbin/nginx", "-c", str(configuration), "-p", str(room), "-e", str(room / "error.log")])
    for port in ports.values():
        lab.listening(port)
    return ports, identity


class Bench:
    def __init__(self, lab, build, options):
        self.lab, self.build, self.options = lab, Path(build).resolve(), options
        self.ports, rsa = nginx(lab)
        self.identities = {"ec": lab.world.clients["good"], "rsa": rsa}

    def loop(self, program, kind, count, *more, prefix=()):
        certificate, key = self.identities[kind]
        command = [*prefix, str(self.build / "tests/bench" / program), "127.0.0.1", str(self.ports[kind]), str(certificate), str(key), str(count), *more]
        return subprocess.run(command, check=True, capture_output=True, text=True)

    def plain(self, kind, count, prefix=()):
        return self.loop("plain_loop", kind, count, prefix=prefix)

    def probes(self, kind, count, protocol="tls", prefix=()):
        return self.loop("probe_loop", kind, count, str(self.lab.world.root), SERVER_NAME, protocol, prefix=prefix)

    def instructions(self, run, kind):
        """Instructions of one probe: what the longer run adds, divided by the number of probes it adds."""
        totals = []
        for count in (50, 150):
            out = self.lab.folder / f"callgrind.{count}"
            done = run(kind, count, prefix=("valgrind", "--tool=callgrind", f"--callgrind-out-file={out}"))
            totals.append(int(re.search(r"Collected : (\d+)", done.stderr).group(1)))
        return (totals[1] - totals[0]) / 100

    def started_exporter(self, kind, protocol, targets, interval, detail="standard"):
        certificate, key = self.identities[kind]
        configuration = json.dumps({
            "trust": {"lab": {"ca_files": [str(self.lab.world.root)]}},
            "identities": {"good": {"certificate_file": str(certificate), "key_file": str(key)}},
            "modules": {"m": {"protocol": protocol, **({"tls": {"alpn": []}} if protocol == "tls" else {}), "trust": "lab", "identity": "good", "interval": f"{interval}s", "timeout": f"{interval}s"}},
            "targets": [{"name": f"t{n}", "address": f"127.0.0.1:{self.ports[kind]}", "module": "m", "server_name": SERVER_NAME} for n in range(targets)],
            "metrics": {"detail": detail}})
        return Exporter(self.lab, str(self.build / "exporter/mtls_exporter"), configuration)

    def exporter(self, kind, protocol, targets=800, interval=2):
        """CPU milliseconds of the whole exporter for each probe, at a steady schedule."""
        exporter = self.started_exporter(kind, protocol, targets, interval)
        time.sleep(interval + 1)
        before = exporter.scrape()
        time.sleep(self.options.seconds)
        after = exporter.scrape()
        self.lab.end(self.lab.processes[-1][1])

        def grown(family):
            return total(after, family) - total(before, family)
        return 1000 * grown("process_cpu_seconds_total") / grown("mtls_exporter_schedule_lag_seconds_count")

    def started_blackbox(self, kind):
        certificate, key = self.identities[kind]
        configuration = self.lab.room("blackbox") / "blackbox.yml"
        tls = {"ca_file": str(self.lab.world.root), "cert_file": str(certificate), "key_file": str(key), "server_name": SERVER_NAME}
        configuration.write_text(json.dumps({"modules": {"m": {"prober": "tcp", "timeout": "5s", "tcp": {"tls": True, "tls_config": tls}}}}))
        port = self.lab.port()
        process = self.lab.run("blackbox", ["/usr/bin/prometheus-blackbox-exporter", f"--config.file={configuration}",
                                            f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"])
        self.lab.listening(port)
        return process, port

    def blackbox(self, kind):
        """CPU milliseconds of blackbox_exporter for each /probe, asked one after the other."""
        process, port = self.started_blackbox(kind)
        url = f"http://127.0.0.1:{port}/probe?module=m&target=127.0.0.1:{self.ports[kind]}"
        assert "probe_success 1" in urllib.request.urlopen(url).read().decode()
        before = cpu_of(process.pid)
        for _ in range(self.options.count):
            urllib.request.urlopen(url).read()
        spent = cpu_of(process.pid) - before
        self.lab.end(process)
        return spent / self.options.count


def cpu_of(pid):
    """Milliseconds of user and system time so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def total(text, family):
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith((family + "{", family + " ")))


def cost(run, *arguments):
    return json.loads(run(*arguments).stdout)["cpu_milliseconds"]


def measure(bench, options):
    rows = []
    for kind, name in (("ec", "ECDSA P-256"), ("rsa", "RSA 2048")):
        figures = {"plain loop": [], "probe": [], "probe, https": []}
        for _ in range(options.rounds):  # in turns: whatever else the machine does meets all of them
            figures["plain loop"].append(cost(bench.plain, kind, options.count))
            figures["probe"].append(cost(bench.probes, kind, options.count))
            figures["probe, https"].append(cost(bench.probes, kind, options.count, "https"))
        row = {"keys": name, **{what: statistics.median(values) for what, values in figures.items()}}
        row["exporter"] = bench.exporter(kind, "tls")
        row["exporter, https"] = bench.exporter(kind, "https")
        row["blackbox_exporter"] = bench.blackbox(kind)
        if options.instructions:
            row["plain loop, instructions"] = bench.instructions(bench.plain, kind)
            row["probe, instructions"] = bench.instructions(bench.probes, kind)
        rows.append(row)
    return rows
