#!/usr/bin/python3
"""Lets single calls of the exporter fail: memory, files, sockets, reads, writes, syncs, threads; in its commands and while it serves.

    tests/torture/run.py --exporter build/exporter/mtls_exporter --failing-calls build/tests/libfailing_calls.so [--each 40] [--seed N] [--all]

Of each command and kind of call `--each` calls are let fail, one in each run, spread from the first to the last (--all: every one, which
takes hours). Then a program that serves two servers, files, a log and a storage is asked, scraped, reloaded, probed and written to while
single calls, or a few in a row, fail. What is called before main() never fails. Wrong is: an end by a signal, a hang, a "valid" or a success of the server that is neither, a scrape
that cannot be parsed, a state that is not the old one again when nothing fails any more, a line of the log that was not counted.
"""
import argparse
import ctypes
import errno
import json
import mmap
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lab"))
from certificates import World  # noqa: E402
from lab import Lab, end_with_parent  # noqa: E402
from servers import nginx  # noqa: E402

PATIENCE = 30  # seconds that a run may take, or a state to come back
# The kinds of failing_calls.cc, in its order, and what each fails with.
KINDS = {"allocate": errno.ENOMEM, "open": errno.EMFILE, "connect": errno.ENOBUFS, "read": errno.EIO, "write": errno.ENOSPC, "sync": errno.EIO,
         "thread": errno.EAGAIN}


class Asked(ctypes.Structure):
    """`Asked` of failing_calls.cc."""
    _fields_ = [(name, ctypes.c_int64) for name in ("kind", "after", "times", "error", "failed")] + [("called", ctypes.c_int64 * len(KINDS))]


class FailingCalls:
    """What is to fail, shared with one program at a time."""

    def __init__(self, path, library):
        path.write_bytes(bytes(ctypes.sizeof(Asked)))
        self.file = open(path, "r+b")
        self.map = mmap.mmap(self.file.fileno(), ctypes.sizeof(Asked))
        self.asked = Asked.from_buffer(self.map)
        self.environment = dict(os.environ, LD_PRELOAD=str(library), FAILING_CALLS=str(path), LC_ALL="C")

    def ask(self, kind, after, times=1):
        self.asked.times = 0
        self.asked.kind, self.asked.error = list(KINDS).index(kind), KINDS[kind]
        self.asked.after, self.asked.failed = after, 0
        self.asked.times = times

    def rest(self):
        """Nothing fails from now on; how many have."""
        self.asked.times = 0
        return self.asked.failed

    def called(self):
        return dict(zip(KINDS, self.asked.called))

    def forget(self):
        self.rest()
        self.asked.called[:] = [0] * len(KINDS)


class Torture:
    def __init__(self, options, lab):
        self.options, self.lab, self.random = options, lab, random.Random(options.seed)
        self.calls = FailingCalls(lab.folder / "calls", Path(options.failing_calls).resolve())
        self.exporter = str(Path(options.exporter).resolve())
        self.troubles, self.runs, self.failed = [], 0, 0
        self.estate()

    def estate(self):
        lab, world = self.lab, self.lab.world
        good = next(one for one in nginx.start(lab) if one.name == "nginx_required").port
        bad, stranger = lab.port(), lab.folder / "stranger"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-days", "10", "-subj", "/CN=stranger",
                        "-keyout", f"{stranger}.key", "-out", f"{stranger}.pem"], check=True, capture_output=True)
        lab.run("stranger", ["openssl", "s_server", "-accept", f"127.0.0.1:{bad}", "-cert", f"{stranger}.pem", "-key", f"{stranger}.key", "-quiet", "-www"])
        lab.listening(good, bad)
        certificate, key = world.clients["good"]
        self.log, self.port = lab.folder / "callers.log", lab.port()
        self.log.touch()
        self.path = lab.folder / "torture.yml"
        self.path.write_text(json.dumps({
            "trust": {"lab": {"ca_files": [str(world.root)]}},
            "identities": {"good": {"certificate_file": str(certificate), "key_file": str(key)}},
            "defaults": {"interval": "1s", "timeout": "1s", "trust": "lab"},
            "targets": [{"name": "good", "address": f"127.0.0.1:{good}", "server_name": "lab.test", "protocol": "https", "identity": "good"},
                        {"name": "bad", "address": f"127.0.0.1:{bad}", "server_name": "lab.test", "protocol": "tls"}],
            "files": [{"name": "clients", "paths": [str(certificate)], "interval": "1s"}],
            "callers": [{"name": "gateway", "log_files": [str(self.log)]}],
            "storage": {"path": str(lab.folder / "state.sqlite")},
        }))

    def wrong(self, what, kind, after, detail=""):
        self.troubles.append(f"{what}: {kind} after {after}: {detail.strip()[-600:]}")
        print(self.troubles[-1], flush=True)

    # --- commands: a run for each call that fails ---------------------------------------------------------------------------------

    def run(self, arguments):
        self.runs += 1
        return subprocess.run([self.exporter, *arguments, f"--config.file={self.path}"], env=self.calls.environment, capture_output=True, text=True,
                              errors="replace", timeout=PATIENCE, preexec_fn=end_with_parent, check=False)

    def command(self, arguments, is_wrong):
        """`is_wrong(result)`: what a run must not say, or nothing."""
        name = " ".join(arguments)
        self.calls.forget()
        self.run(arguments)
        for kind, count in self.calls.called().items():
            chosen = range(count) if self.options.all else sorted({round(number * (count - 1) / max(1, self.options.each - 1)) for number in range(self.options.each)} if count else [])
            for after in chosen:
                self.calls.ask(kind, after)
                try:
                    result = self.run(arguments)
                except subprocess.TimeoutExpired:
                    self.wrong(name, kind, after, "hangs")
                    continue
                self.failed += self.calls.rest()
                if result.returncode < 0:
                    self.wrong(name, kind, after, f"ended by signal {-result.returncode}\n{result.stderr}")
                elif said := is_wrong(result):
                    self.wrong(name, kind, after, f"{said}: {result.stdout}\n{result.stderr}")

    def commands(self):
        def says_valid(result):
            return "success" if result.returncode == 0 else "valid" if re.search(r'"(chain_valid|valid|success)": *true', result.stdout) else ""

        def says_nothing(result):
            return "fails without a word" if result.returncode != 0 and not result.stdout.strip() + result.stderr.strip() else ""

        self.command(["probe", "bad", "--format=json"], says_valid)
        self.command(["probe", "good", "--format=json"], says_nothing)
        self.command(["check-config"], says_nothing)
        self.command(["inventory", "--format=csv"], says_nothing)

    # --- a program that serves ------------------------------------------------------------------------------------------------------

    def get(self, path, method="GET"):
        with urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", method=method), timeout=PATIENCE) as answer:
            return answer.read().decode()

    def series(self):
        """Of a scrape while nothing fails."""
        found = {}
        for line in self.get("/metrics").splitlines():
            if not line.startswith("#"):
                name, value = line.rsplit(" ", 1)
                found[name] = float(value)
        return found

    def value(self, found, family, **labels):
        return [value for name, value in found.items() if name.startswith(family + "{") and all(f'{label}="{is_}"' in name for label, is_ in labels.items())]

    def is_whole(self, found):
        """What is the case when nothing fails."""
        return (self.value(found, "mtls_probe_success", target="good") == [1] and self.value(found, "mtls_chain_valid", target="bad") == [0] and
                1 in self.value(found, "mtls_source_up", source="file") and sum(self.value(found, "mtls_caller_requests_total")) == self.lines)

    def wait_until_whole(self):
        deadline = time.monotonic() + PATIENCE
        while not self.is_whole(found := self.series()):
            if time.monotonic() > deadline:
                return found
            time.sleep(0.1)
        return None

    def write_line(self):
        with open(self.log, "a", encoding="utf-8") as log:
            log.write(json.dumps({"subject": "CN=caller", "issuer": "CN=Clients CA", "serial": "1", "not_after": "2099-01-01T00:00:00Z", "verify": "SUCCESS",
                                  "status": 200, "address": "192.0.2.1"}) + "\n")
        self.lines += 1

    def tried(self, path, method="GET"):
        """While calls fail a client may be hung up on, refused or told so."""
        try:
            return self.get(path, method)
        except (OSError, urllib.error.URLError, ValueError):
            return ""

    def serving(self):
        """Serves until `--each` rounds have passed; one that has ended is begun anew."""
        self.rounds = 0
        while self.rounds < self.options.each:
            self.calls.forget()
            for old in [self.log, *self.lab.folder.glob("state.sqlite*")]:
                old.unlink(missing_ok=True)
            self.log.touch()
            self.lines = 0
            process = subprocess.Popen([self.exporter, f"--config.file={self.path}", f"--web.listen-address=127.0.0.1:{self.port}", "--web.enable-lifecycle"],
                                       env=self.calls.environment, stdout=subprocess.DEVNULL, stderr=open(self.lab.folder / "serving.log", "w", encoding="utf-8"),
                                       preexec_fn=end_with_parent)
            try:
                self.begin()
                self.serve(process)
                self.end(process)
            finally:
                process.kill()
                process.wait()

    def begin(self):
        self.lab.listening(self.port)
        while not self.value(self.series(), "mtls_source_up", source="caller"):
            time.sleep(0.1)
        self.write_line()
        if (found := self.wait_until_whole()) is not None:
            raise RuntimeError(f"the estate is not whole before anything fails: {found}")

    def end(self, process):
        self.calls.rest()
        if process.poll() is not None:
            return
        process.terminate()
        try:
            if process.wait(PATIENCE) != 0:
                self.wrong("serving", "SIGTERM", 0, f"ended with {process.returncode}: " + self.said())
        except subprocess.TimeoutExpired:
            self.wrong("serving", "SIGTERM", 0, "hangs")

    def said(self):
        return (self.lab.folder / "serving.log").read_text(encoding="utf-8")[-800:]

    def serve(self, process):
        actions = {
            "a scrape": (lambda: self.tried("/metrics"), 0, 4000),
            "the page": (lambda: self.tried("/api/v1/estate"), 0, 4000),
            "a reload": (lambda: self.tried("/-/reload", "POST"), 0, 20000),
            "/probe": (lambda: self.tried("/probe?target=bad&module=tls"), 0, 3000),
            "what goes on": (self.write_line, 1.1, 8000),
        }
        while self.rounds < self.options.each:
            self.rounds += 1
            for name, (act, pause, most) in actions.items():
                kind = self.random.choice(list(KINDS)) if self.rounds % 2 else "allocate"
                after = self.random.randrange(most if kind == "allocate" else 40)
                if (trouble := self.let_fail(process, kind, after, act, pause)) is not None:
                    self.wrong(name, kind, after, trouble)
                if process.poll() is not None:
                    return

    def let_fail(self, process, kind, after, act, pause):
        """What was wrong while one call, or some, of an action failed, and when none did any more; nothing when all was right."""
        self.runs += 1
        # An allocation is tried again for a second; who has none for longer ends, and says so (docs/operations.md).
        self.calls.ask(kind, after, self.random.choice((1, 1, 3) if kind == "allocate" else (1, 1, 3, 50)))
        act()
        time.sleep(pause)
        self.failed += self.calls.rest()
        try:
            found = self.series()
            if 1 in self.value(found, "mtls_chain_valid", target="bad") + self.value(found, "mtls_probe_success", target="bad"):
                return "the bad server is good"
            if (found := self.wait_until_whole()) is None:
                return None
        except (OSError, urllib.error.URLError) as trouble:
            time.sleep(0.2)  # until it has ended
            return f"{trouble}; the exporter " + ("goes on" if process.poll() is None else f"ended with {process.returncode}: {self.said()}")
        families = ("mtls_probe_success", "mtls_chain_valid", "mtls_source_up", "mtls_caller_requests")
        return f"what was lost does not come back ({self.lines} lines): " + "\n".join(f"{key} {value}" for key, value in found.items() if key.startswith(families))


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--exporter", required=True)
    arguments.add_argument("--failing-calls", required=True, help="the library to be loaded before the others")
    arguments.add_argument("--each", type=int, default=40, help="calls of each command and kind, and rounds of what serves")
    arguments.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    arguments.add_argument("--all", action="store_true", help="every call of every command")
    arguments.add_argument("--only", choices=("commands", "serving"))
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="mtls-torture-", ignore_cleanup_errors=True) as folder:
        lab = Lab(folder, World(Path(folder) / "world"), folder)
        try:
            torture = Torture(options, lab)
            if options.only != "serving":
                torture.commands()
            if options.only != "commands":
                torture.serving()
        finally:
            lab.stop()
    print(f"{torture.runs} runs, {torture.failed} calls failed, {len(torture.troubles)} wrong, seed {options.seed}")
    return 1 if torture.troubles or torture.failed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
