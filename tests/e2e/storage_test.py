#!/usr/bin/python3
"""storage_test.py EXPORTER: the real exporter, killed with -9 twenty times while it reads logs and writes its storage, and stopped and started; meanwhile lines
come in, and logs are rotated by rename and by copy-and-truncate, whether it runs or not. In the end each caller was counted exactly as often as this test wrote a
line of it. And a caller that was forgotten stays forgotten, and a storage that is broken is set aside."""
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request

EXPORTER = sys.argv.pop(1)
CALLERS = [f"caller-{number}" for number in range(40)]


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Writer(threading.Thread):
    """A server that writes its log: a line of one caller after another, some in two pieces, and opens the log anew when it is told."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.path, self.written, self.lock, self.stopping = path, dict.fromkeys(CALLERS, 0), threading.Lock(), False
        self.file = open(path, "a", encoding="utf-8")
        self.reopen = False

    def run(self):
        while not self.stopping:
            with self.lock:
                if self.reopen:
                    self.file.close()
                    self.file, self.reopen = open(self.path, "a", encoding="utf-8"), False
                for name in random.choices(CALLERS, k=20):
                    line = json.dumps({"subject": f"CN={name}", "issuer": "CN=Clients CA", "serial": f"{CALLERS.index(name) + 1:x}", "not_after": "2099-01-01T00:00:00Z",
                                       "verify": "SUCCESS", "status": 200, "address": "192.0.2.1"}) + "\n"
                    cut = random.randrange(len(line)) if random.random() < 0.1 else 0
                    self.file.write(line[:cut])
                    if cut:
                        self.file.flush()
                    self.file.write(line[cut:])
                    self.written[name] += 1
                self.file.flush()
            time.sleep(0.02)

    def rename(self):
        """As logrotate does: the old ones move on, and the writer is told afterwards."""
        for number in range(20, 0, -1):
            if os.path.exists(f"{self.path}.{number}"):
                os.rename(f"{self.path}.{number}", f"{self.path}.{number + 1}")
        os.rename(self.path, f"{self.path}.1")
        time.sleep(random.random() / 10)
        with self.lock:
            self.reopen = True
        while self.reopen and self.is_alive():
            time.sleep(0.01)


class Storage(unittest.TestCase):
    def setUp(self):
        kept = tempfile.TemporaryDirectory(prefix="storage-")
        self.addCleanup(kept.cleanup)
        self.folder = pathlib.Path(kept.name)
        self.state, self.log, self.port, self.running = self.folder / "state.sqlite", self.folder / "callers.log", free_port(), None
        self.settings = self.folder / "mtls_exporter.yml"
        self.settings.write_text(json.dumps({"callers": [{"name": "gateway", "log_files": [str(self.log)]}], "storage": {"path": str(self.state)}}))
        self.addCleanup(lambda: self.running and self.end(signal.SIGKILL))

    def start(self):
        said = open(self.folder / "log", "a", encoding="utf-8")
        self.running = subprocess.Popen([EXPORTER, f"--config.file={self.settings}", f"--web.listen-address=127.0.0.1:{self.port}", "--web.enable-lifecycle"],
                                        stderr=said, stdout=said)
        said.close()

    def end(self, how):
        self.running.send_signal(how)
        code, self.running = self.running.wait(20), None
        return code

    def metrics(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=5) as answer:
                return answer.read().decode()
        except OSError:
            return ""

    def value(self, series):
        found = re.search("^" + re.escape(series) + " (.+)$", self.metrics(), re.MULTILINE)
        return float(found[1]) if found else None

    def counted(self):
        return {name: int(float(value)) for name, value in re.findall(r'^mtls_caller_requests_total\{.*subject_cn="(caller-\d+)".*result="accepted"\} (\S+)$', self.metrics(),
                                                                        re.MULTILINE)}

    def eventually(self, what, condition, seconds=30):
        deadline = time.monotonic() + seconds
        while not condition():
            self.assertIsNone(self.running.poll(), (self.folder / "log").read_text()[-2000:])
            self.assertLess(time.monotonic(), deadline, f"not in {seconds} s: {what}\n{(self.folder / 'log').read_text()[-2000:]}")
            time.sleep(0.1)

    def exact(self, writer, seconds=30):
        """Each caller was counted as often as it was written, and no more a moment later."""
        deadline, wrong = time.monotonic() + seconds, {}
        while time.monotonic() < deadline:
            counted = self.counted()
            wrong = {name: counted.get(name, 0) - times for name, times in writer.written.items() if counted.get(name, 0) != times}
            if not wrong:
                return
            time.sleep(0.1)
        self.fail(f"counted too often, or (below zero) too seldom: {wrong} of {sum(writer.written.values())}\n{(self.folder / 'log').read_text()[-2000:]}")

    def kill_while_it_writes(self):
        """At a random moment of its ten seconds; every other time, as its journal grows."""
        journal = pathlib.Path(f"{self.state}-wal")
        def seen():
            try:
                status = journal.stat()
                return status.st_size, status.st_mtime_ns
            except OSError:
                return None
        before, deadline = seen(), time.monotonic() + random.uniform(0.3, 3)
        if random.random() < 0.5:
            deadline = time.monotonic() + 12
            while seen() == before and time.monotonic() < deadline:
                time.sleep(0.0005)
        else:
            time.sleep(deadline - time.monotonic())
        self.assertEqual(self.end(signal.SIGKILL), -signal.SIGKILL)

    def test_every_line_counts_once(self):
        self.start()
        self.eventually("how far the log is read is stored", lambda: (self.value('mtls_exporter_storage_rows{table="log_position"}') or 0) >= 1)
        writer = Writer(str(self.log))
        writer.start()
        self.eventually("the log is seen: one that comes and is renamed between two looks is not", self.counted)
        for round_ in range(20):
            if round_ % 3 == 0:
                writer.rename()
            self.kill_while_it_writes()
            if round_ % 4 == 1:
                writer.rename()
                if round_ % 8 == 1:
                    time.sleep(0.2)
                    writer.rename()
            if round_ % 5 == 2:
                self.copy_and_truncate(writer)
            self.start()
            self.eventually("it is there", lambda: self.value("mtls_exporter_storage_up") == 1)
            if round_ % 6 == 3:  # copied and cut while it reads: what was in the log at the last look is not lost
                with writer.lock:
                    self.exact(writer)
                    self.copy_and_truncate(writer, locked=True)
        self.assertEqual(self.end(signal.SIGTERM), 0)
        self.start()
        writer.stopping = True
        writer.join()
        self.exact(writer, 60)
        for how in (signal.SIGTERM, signal.SIGKILL):
            self.end(how)
            self.start()
            self.exact(writer)
        time.sleep(1.5)
        self.exact(writer, 1)
        self.assertEqual(self.value('mtls_caller_lines_total{name="gateway",result="unreadable"}'), 0)
        self.assertGreater(self.value("mtls_exporter_storage_size_bytes"), 0)
        self.assertNotIn("set aside", (self.folder / "log").read_text())
        print("lines written, killed 20 times:", sum(writer.written.values()))

    def copy_and_truncate(self, writer, locked=False):
        """As logrotate's copytruncate, with a writer that rests for the moment in which lines would be lost by anybody."""
        with writer.lock if not locked else threading.Lock():
            shutil.copyfile(self.log, f"{self.log}-{time.time_ns()}")
            os.truncate(self.log, 0)

    def test_who_is_forgotten_stays_forgotten(self):
        self.start()
        self.eventually("how far the log is read is stored", lambda: (self.value('mtls_exporter_storage_rows{table="log_position"}') or 0) >= 1)
        fingerprint = "ab" * 32
        self.log.write_text(json.dumps({"subject": "CN=caller-1", "fingerprint": fingerprint, "verify": "SUCCESS", "status": 200}) + "\n")
        self.eventually("it is known", lambda: self.counted() == {"caller-1": 1})
        self.eventually("it is stored", lambda: self.value('mtls_exporter_storage_rows{table="caller"}') == 1)
        command = [EXPORTER, "callers", f"--exporter=http://127.0.0.1:{self.port}"]
        self.assertIn("caller-1", subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        unknown = subprocess.run([*command, "--forget=00"], capture_output=True, text=True, check=False)
        self.assertEqual(unknown.returncode, 2, unknown)
        spelt = ":".join(fingerprint[at:at + 2] for at in range(0, 64, 2)).upper()
        subprocess.run([*command, f"--forget={spelt}"], check=True)
        self.eventually("it is gone", lambda: self.counted() == {})
        self.eventually("from the storage, too", lambda: self.value('mtls_exporter_storage_rows{table="caller"}') == 0, 3)
        self.end(signal.SIGKILL)
        self.start()
        self.eventually("it is there", lambda: self.value("mtls_exporter_storage_up") == 1)
        time.sleep(1.5)
        self.assertEqual(self.counted(), {})

    def test_a_storage_that_is_broken_is_set_aside(self):
        self.state.write_bytes(b"SQLite format 3\0" + b"\xff" * 8000)
        self.start()
        self.eventually("it is begun anew", lambda: self.value("mtls_exporter_storage_up") == 1)
        self.assertEqual([path.stat().st_size for path in self.folder.glob("state.sqlite.corrupt-*")], [8016])
        self.assertIn("set aside", (self.folder / "log").read_text())
        self.assertEqual(self.end(signal.SIGTERM), 0)

    def test_a_storage_that_cannot_be_written_stops_nothing(self):
        self.settings.write_text(json.dumps({"callers": [{"name": "gateway", "log_files": [str(self.log)]}], "storage": {"path": str(self.folder / "none" / "state")}}))
        self.start()
        self.eventually("it serves", lambda: self.value("mtls_exporter_storage_up") == 0 and self.value('mtls_source_up{source="caller",name="gateway"}') == 0)
        self.log.write_text(json.dumps({"subject": "CN=caller-1", "issuer": "CN=CA", "serial": "1", "verify": "SUCCESS", "status": 200}) + "\n")
        self.eventually("it reads", lambda: self.counted() == {"caller-1": 1})
        self.assertEqual(self.end(signal.SIGTERM), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
