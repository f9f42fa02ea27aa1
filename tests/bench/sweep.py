#!/usr/bin/python3
"""What a sweep costs where servers are found: 65,536 addresses x 2 ports of loopback, on 5,000 of which nginx speaks TLS, and half
of those ask for a client certificate. It ends when the exporter's log says that the pass has ended.

    tests/bench/sweep.py --exporter build/exporter/mtls_exporter [--servers 5000] [--protocols "TLSv1.2 TLSv1.3"]
"""
import argparse
import os
import re
import resource
import signal
import subprocess
import tempfile
import time

from discovery import Exporter, free_port

NGINX = """daemon off; master_process off; pid nginx.pid; error_log stderr crit; worker_rlimit_nofile 65536;
events { worker_connections 20000; }
http { access_log off; client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp; uwsgi_temp_path tmp; scgi_temp_path tmp;
ssl_certificate server.pem; ssl_certificate_key server.pem; ssl_protocols %s;
server { %s ssl_client_certificate server.pem; ssl_verify_client on; }
server { %s }
}
"""


def listens(numbers, port):
    return " ".join(f"listen 127.5.{number % 256}.{1 + number // 256}:{port} ssl backlog=16;" for number in numbers)


class Servers:
    def __init__(self, folder, count, port, protocols):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "key.pem", "-out",
                        "server.pem", "-subj", "/CN=bench", "-addext", "subjectAltName=DNS:bench.example", "-days", "90"],
                       cwd=folder, check=True, capture_output=True)
        with open(f"{folder}/server.pem", "a") as both, open(f"{folder}/key.pem") as key:
            both.write(key.read())
        with open(f"{folder}/nginx.conf", "w") as file:
            file.write(NGINX % (protocols, listens(range(0, count, 2), port), listens(range(1, count, 2), port)))
        os.chmod(folder, 0o755)
        self.process = subprocess.Popen(["nginx", "-e", "stderr", "-p", folder, "-c", f"{folder}/nginx.conf"])
        while listening(port) < count:
            if self.process.poll() is not None:
                raise SystemExit("nginx has ended")
            time.sleep(0.1)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def listening(port):
    with open("/proc/net/tcp") as file:
        return sum(1 for line in file if f":{port:04X} 00000000:0000 0A" in line)


def passed(path):
    """What the log says of the first pass that has ended; None before."""
    with open(path) as file:
        found = re.search(r'"a sweep has passed".* asking=(\d+) not_asking=(\d+) by_handshake=(\d+)', file.read())
    return found and [int(number) for number in found.groups()]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--exporter", required=True)
    parser.add_argument("--servers", type=int, default=5000)
    parser.add_argument("--protocols", default="TLSv1.2 TLSv1.3")
    parser.add_argument("--patience", type=float, default=300)
    arguments = parser.parse_args()
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    port, other = free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder:
        servers = Servers(folder, arguments.servers, port, arguments.protocols)
        log = f"{folder}/log"
        began = time.monotonic()
        with open(log, "w") as stderr:
            # What is found is not probed meanwhile: a first probe comes within the interval.
            exporter = Exporter(arguments.exporter, folder, "defaults: {interval: 24h}\ndiscovery: [{sweep: "
                                f"{{cidrs: [127.5.0.0/16], ports: [{port}, {other}], rate: 10000, in_flight: 4096}}}}]\n", "info", stderr)
        while passed(log) is None and time.monotonic() - began < arguments.patience:
            time.sleep(0.1)
        took, used, found = time.monotonic() - began, exporter.cpu(), passed(log)
        exporter.stop()
        servers.stop()
    if found is None:
        raise SystemExit(f"no pass has ended within {arguments.patience:.0f} s")
    asking, not_asking, by_handshake = found
    print(f"sweep of 65,536 addresses x 2 ports with {arguments.servers} servers ({arguments.protocols}): {took:.1f} s, {used:.1f} s of CPU; "
          f"{asking} ask, {not_asking} do not, {by_handshake} by a handshake")


if __name__ == "__main__":
    main()
