"""What the server kinds share: free ports, processes that are stopped by pid, and the description of a set-up."""
import ctypes
import os
import random
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

PR_SET_PDEATHSIG = 1  # prctl(2)
LIBC = ctypes.CDLL(None)
HERE = Path(__file__).resolve().parent
TLS_VERSIONS = ("1.2", "1.3")


@dataclass
class Setup:
    """One server configuration. The cells of truth.tsv name it; how to ask it stands here."""
    name: str
    port: int = 0
    protocol: str = "https"  # the exporter's protocol: "https" where the server speaks HTTP, else "tls"
    path: str = "/"
    alpn: str = ""
    refused_status: str = ""
    user: str = ""           # who the exporter says it is
    ports: dict = field(default_factory=dict)  # (tls, identity) -> port, for servers that serve one client at a time

    def port_of(self, tls, identity):
        return self.ports.get((tls, identity), self.port)


def end_with_parent():
    """Runs in the child: a lab that is killed (by a test's timeout) leaves nothing behind."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class Lab:
    """A running lab: the folder, the certificates and every process started for it. Leave with stop()."""

    def __init__(self, folder, world, cache):
        self.folder, self.world, self.cache = Path(folder), world, Path(cache)
        self.cache.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o755)  # some servers give up root before they read their files
        self.processes = []  # (name, Popen, path of its output, may end by itself)
        self.given = set()
        self.silent, self.talking, self.http = (self.port() for _ in range(3))
        self.run("backends", [sys.executable, HERE / "backends.py", self.silent, self.talking, self.http])
        self.listening(self.silent, self.talking, self.http)

    def port(self):
        """A free loopback port below the ephemeral range, so that no outgoing connection can take it meanwhile."""
        low = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
        for port in random.sample(range(max(1024, low - 20000), low), 2000):
            if port in self.given:
                continue
            with socket.socket() as probe:
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    continue
            self.given.add(port)
            return port
        raise RuntimeError("no free port")

    def room(self, name):
        path = self.folder / name
        path.mkdir(exist_ok=True)
        return path

    def run(self, name, argv, ends=False, **options):
        """Starts a process; its output goes to NAME.log. A missing program is an error, never a skip. `ends`: it may end by itself."""
        program = shutil.which(str(argv[0]), path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/bin")
        if not program:
            raise FileNotFoundError(f"{name} needs {argv[0]}, which is not installed (deploy/packages.txt, sections lab and lab-more)")
        log = self.folder / f"{name}.log"
        with log.open("ab") as output:
            process = subprocess.Popen([program, *map(str, argv[1:])], stdout=output, stderr=output, start_new_session=True,
                                       preexec_fn=end_with_parent, **{"stdin": subprocess.DEVNULL} | options)
        self.processes.append((name, process, log, ends))
        return process

    def listening(self, *ports, address="127.0.0.1", seconds=60):
        """Waits until every port accepts connections, and fails as soon as one of our processes has died."""
        deadline = time.monotonic() + seconds
        for port in ports:
            while True:
                try:
                    socket.create_connection((address, port), timeout=1).close()
                    break
                except OSError:
                    self.alive()
                    if time.monotonic() > deadline:
                        raise TimeoutError(f"nothing listens on {address}:{port}") from None
                    time.sleep(0.02)

    def alive(self):
        for name, process, log, ends in self.processes:
            if process.poll() is not None and not ends:
                raise RuntimeError(f"{name} ended with {process.returncode}:\n{log.read_text(errors='replace')[-2000:]}")

    def end(self, process):
        """Ends one process whose end is part of the test."""
        self.processes = [one for one in self.processes if one[1] is not process]
        process.terminate()
        process.wait()

    def stop(self):
        for _, process, _, _ in self.processes:
            if process.poll() is None:
                process.terminate()
        for _, process, _, _ in self.processes:
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
