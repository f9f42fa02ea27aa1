#!/usr/bin/env python3
"""Lets the exporter probe every misbehaving peer of cases/ at once, beside good neighbours, and judges what it says, how long it takes and
what it keeps. One line per case, and a closing line; exits 1 when something is wrong. README.md says what is judged how."""
import argparse
import fnmatch
import json
import resource
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path

import judge
from case import INTERVAL, LONG_TIMEOUT, Case, Right, timeout_of
from cases import all_cases
from exporter import BEAT, Exporter, configuration
from peer.certificates import World
from peer.host import Host
from scenarios import SCENARIOS, NotHere, Scene

HERE = Path(__file__).resolve().parent
NEIGHBOURS = 10


class Sockets:
    """A listener for every case, made before the processes that play them."""

    def __init__(self, cases):
        self.fillers, self.of = [], {}
        for case in cases:
            listener = socket.socket()
            listener.bind(("127.0.0.1", 0))
            if case.listener == "tcp":
                listener.listen(128)
            elif case.listener == "full":
                listener.listen(0)
                self._fill(listener)
            self.of[case.name] = listener

    def _fill(self, listener):
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
            self.fillers.append(filler)

    def port(self, name):
        return self.of[name].getsockname()[1]


def neighbour(folder):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    context.load_verify_locations(folder / "root.pem")
    context.verify_mode = ssl.CERT_REQUIRED

    def behave(peer):
        peer.library(context).recv(1)
    return behave


class Suite:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.world = World()
        self.world.folder = folder
        self.world.write(folder)
        self.unfetched = socket.create_server(("127.0.0.1", 0))
        self.unfetched.setblocking(False)
        there = "127.0.0.1:%d" % self.unfetched.getsockname()[1]
        self.world.unfetched = [f"http://{there}/ca.der", f"https://{there}/", f"ldap://{there}/cn=x", "file:///etc/passwd", "http://169.254.169.254/",
                                *(f"http://{there}/{number}" for number in range(1000))]
        def among(case, patterns):
            return any(fnmatch.fnmatch(case.name, one) for one in patterns.split(","))
        self.cases = [case for case in all_cases(self.world) if among(case, options.only) and not among(case, options.skip)]
        self.scenarios = {name: play for name, play in SCENARIOS.items() if any(fnmatch.fnmatch(name, one) for one in options.only.split(","))
                          and not any(fnmatch.fnmatch(name, one) for one in options.skip.split(","))}
        self.neighbours = [Case(f"neighbour_{number}", "", neighbour(folder), Right(), "neighbour") for number in range(NEIGHBOURS)]
        self.clocked = Case("clocked", "", neighbour(folder), Right(), "neighbour")
        self.sockets = Sockets([*self.cases, *self.neighbours, self.clocked])
        self.alone = configuration(folder, [], self.neighbours, self.sockets)
        self.all = configuration(folder, self.cases, self.neighbours, self.sockets)
        self.sanitized = b"__asan_init" in Path(options.exporter).read_bytes()
        self.visits = {case.name: [] for case in (*self.cases, *self.neighbours)}
        self.wrong = {}    # case, or "the exporter" -> sentences
        self.measured = {}

    def complain(self, name, sentences):
        if sentences:
            known = self.wrong.setdefault(name, [])
            known += [one for one in sentences if one not in known]

    # peers
    def start_hosts(self):
        light = [case for case in self.cases if not case.heavy]
        updates = [case for case in self.cases if case.heavy and case.name.startswith("key_updates")]
        heavy = [case for case in self.cases if case.heavy and case not in updates]
        groups = [light, heavy[0::2], heavy[1::2], updates[0::2], updates[1::2]]
        self.hosts = [Host(group, self.sockets.of, self.world) for group in groups if group] + [Host(self.neighbours, self.sockets.of, self.world)]
        for host in self.hosts:
            host.start()

    def stop_hosts(self):
        for host in self.hosts:
            host.stop()

    def collect(self):
        for host in self.hosts:
            for visit in host.visits():
                self.visits[visit.case].append(visit)

    # the run
    def run(self):
        self.start_hosts()
        self.exporter = Exporter(self.options.exporter, self.folder, self.alone)
        try:
            self.measure_alone()
            for _ in range(2):
                self.exporter.reload(self.all, len(self.cases) + NEIGHBOURS)
                self.rounds(self.options.rounds if not self.measured.get("rss") else 1)
                self.judge_now()
                self.measured.setdefault("rss", []).append(self.exporter.memory("VmRSS"))
                if len(self.measured["rss"]) == 1:
                    self.quiet()
            self.probe_command()
            self.judge_exporter()
            self.end()
            self.late = self.lateness()
            self.play_scenarios()
        finally:
            self.exporter.stop()
            self.stop_hosts()
        return self.report()

    def measure_alone(self):
        exporter = self.exporter
        exporter.until(lambda: min(self.exporter.probes(NEIGHBOURS)) >= 1, 20, "the neighbours' first probes")
        self.measured["descriptors"] = [exporter.descriptors()]
        self.measured["virtual"] = exporter.memory("VmPeak")

    def rounds(self, count):
        exporter = self.exporter
        time.sleep(max(0.0, count * INTERVAL - 1))
        exporter.until(lambda: min(self.exporter.probes(len(self.cases) + NEIGHBOURS)) >= count, INTERVAL + LONG_TIMEOUT + 10, f"{count} rounds")

    def quiet(self):
        """With the peers gone, everything that was opened for them is closed again."""
        self.exporter.reload(self.alone, NEIGHBOURS)
        before = self.measured["descriptors"][0]
        # A neighbour's probe under way has a socket.
        if not self.exporter.until(lambda: self.exporter.descriptors() <= before, LONG_TIMEOUT + 5, "descriptors to be closed"):
            self.complain("the exporter", [f"{self.exporter.descriptors()} descriptors are open, {before} were before the peers came"])
        self.measured["descriptors"].append(self.exporter.descriptors())

    def judge_now(self):
        text = self.exporter.get("/metrics")
        series = judge.by_target(text)
        for case in self.cases:
            account = self.exporter.account(case.name)
            if not account["last"]:
                self.complain(case.name, ["was never probed"])
                continue
            self.complain(case.name, judge.observation_differences(case.right, account["last"], account["expectation_failed"]))
            self.complain(case.name, judge.series_differences(case.right, series.get(case.name, {}), account["last"]))
            self.complain(case.name, judge.history_differences(case.right, account["history"]))
            self.said = getattr(self, "said", {}) | {case.name: account["last"]}
        if "secret-banner" in text:
            self.complain("the exporter", ["a peer's banner stands in /metrics"])
        for one in self.neighbours:
            if judge.value(series.get(one.name, {}), "mtls_probe_success") != 1:
                self.complain("the exporter", [f"{one.name} is innocent and not a success"])
        self.own = series[""]

    def probe_command(self):
        """`probe --all --format=json` says the same."""
        path = self.folder / "probe.yml"
        path.write_text(configuration(self.folder, self.cases, [], self.sockets))
        done = subprocess.run([self.options.exporter, "probe", f"--config.file={path}", "--all", "--format=json"],
                              capture_output=True, text=True, timeout=90, check=False)
        if done.returncode not in (0, 1):
            self.complain("the exporter", [f"probe --all ended with {done.returncode}: {done.stderr[-2000:]}"])
            return
        accounts = {account["target"]: account for account in json.loads(done.stdout)["probes"]}
        for case in self.cases:
            account = accounts.get(case.name)
            right = replace(case.right, success=None, broken=None) if case.right.knocked else case.right
            differences = judge.observation_differences(right, account, account["broken"]) if account else ["is not told"]
            self.complain(case.name, ["probe: " + one for one in differences])

    def judge_exporter(self):
        exporter, strict = self.exporter, self.options.strict
        try:
            from prometheus_client.openmetrics.parser import text_string_to_metric_families
            list(text_string_to_metric_families(exporter.get("/metrics", "application/openmetrics-text; version=1.0.0")))
        except ImportError:
            print("python3-prometheus-client is not there: the scrape is not parsed")
        except ValueError as error:
            self.complain("the exporter", [f"the scrape cannot be parsed: {error}"])
        first, last = self.measured["rss"]
        self.measured["peak"] = exporter.memory("VmHWM")
        if not self.sanitized:
            if last > first + 16:
                self.complain("the exporter", [f"resident memory grew from {first:.0f} to {last:.0f} MB"])
            if self.measured["peak"] > 512:
                self.complain("the exporter", [f"resident memory was {self.measured['peak']:.0f} MB once"])
            if exporter.memory("VmPeak") > self.measured["virtual"] + 2048:
                self.complain("the exporter", [f"virtual memory grew from {self.measured['virtual']:.0f} to {exporter.memory('VmPeak'):.0f} MB"])
        bound = 0.05 if strict else 0.5
        late = judge.buckets_above(self.own, "mtls_exporter_schedule_lag_seconds", bound)
        self.measured["late"] = late
        if late:
            self.complain("the exporter", [f"{late:.0f} probes began more than {bound * 1000:.0f} ms late"])
        bound = 0.02 if strict else 0.1
        long = judge.buckets_above(self.own, "mtls_exporter_lane_step_seconds", bound)
        if long and not self.sanitized:
            self.complain("the exporter", [f"{long:.0f} steps of a lane took more than {bound * 1000:.0f} ms of its thread"])

    def end(self):
        """SIGTERM while every peer is at it, if possible in the middle of a flood of KeyUpdates."""
        self.collect()
        deadline = time.monotonic() + INTERVAL + 1
        flooding = [case.name for case in self.cases if case.name.startswith("key_updates_requested_after")]
        while flooding and time.monotonic() < deadline:
            open_now = [visit for host in self.hosts for visit in host.under_way() if visit.case in flooding]
            if any("flood" in note for visit in open_now for note in visit.notes):
                break
            time.sleep(0.01)
        took, code = self.exporter.terminate()
        self.measured["end"] = took
        if took > (1.0 if not self.sanitized else 3.0):
            self.complain("the exporter", [f"took {took:.2f} s to end on SIGTERM"])
        if code != 0:
            self.complain("the exporter", [f"ended with {code} on SIGTERM"])
        self.complain("the exporter", [line for line in self.exporter.said().splitlines() if "runtime error" in line or "Sanitizer" in line])
        time.sleep(0.2)
        self.collect()

    def one_by_one(self):
        """Each case alone with the neighbours: whose doing a lag is, and what a probe of it costs. Minutes; for the record."""
        self.start_hosts()
        self.exporter = Exporter(self.options.exporter, self.folder, self.alone)
        try:
            self.exporter.until(lambda: min(self.exporter.probes(NEIGHBOURS)) >= 1, 20, "the neighbours' first probes")
            for case in self.cases:
                self.exporter.reload(configuration(self.folder, [case], self.neighbours, self.sockets, settle=60), NEIGHBOURS + 1)
                before = self.exporter.cpu()
                self.exporter.until(lambda: self.exporter.account(case.name)["last"], timeout_of(case) + 8, f"a probe of {case.name}")
                used, said = self.exporter.cpu() - before, self.exporter.account(case.name)["last"] or {}
                time.sleep(0.3)
                self.collect()
                visits = [visit for visit in self.visits[case.name] if visit.left > 0]
                lag = judge.lag_beside(visits, self.lateness())
                failure = judge.failure_words(said.get("failure"))[0]
                print(f"{case.row:4} {case.name:46} {failure or '-':42} {max([visit.left - visit.came for visit in visits] or [0]):5.2f} s  "
                      f"lag {lag * 1000:4.0f} ms  CPU {used * 1000:5.0f} ms", flush=True)
        finally:
            self.exporter.stop()
            self.stop_hosts()
        return True

    def play_scenarios(self):
        """All at once, each with an exporter of its own."""
        scene = Scene(self.options.exporter, self.folder, self.world, self.neighbours, self.sockets, self.options.strict, self.sanitized)
        scene.clocked = self.clocked
        self.not_here = {}

        def play(name):
            try:
                self.complain(name, self.scenarios[name](scene))
            except NotHere as reason:
                self.not_here[name] = str(reason)
            except Exception as error:
                self.complain(name, [f"{type(error).__name__}: {error}"])
        threads = [threading.Thread(target=play, args=(name,)) for name in self.scenarios]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    # what came out
    def lateness(self):
        return [pair for one in self.neighbours for pair in judge.lateness(sorted(visit.came for visit in self.visits[one.name]), BEAT)]

    def report(self):
        strict, late = self.options.strict, self.late
        expected = expected_failures()
        counts = {"right": 0, "wrong": 0, "expected": 0}
        for case in self.cases:
            visits = [visit for visit in self.visits[case.name] if visit.left > 0]
            lasted = [visit.left - visit.came for visit in visits]
            bound = min(case.right.within or 99, timeout_of(case) + 0.25) * (4 if self.sanitized and case.right.within else 1)
            self.complain(case.name, judge.time_differences(lasted, bound, strict))
            self.complain(case.name, [note for visit in self.visits[case.name] for note in visit.notes if note.startswith("!")])
            sent = max([visit.sent for visit in visits] or [0])
            if case.right.sent and sent > case.right.sent:
                self.complain(case.name, [f"{sent} bytes were taken from the peer, right is at most {case.right.sent}"])
            lag = judge.lag_beside(visits, late)
            word = "right" if case.name not in self.wrong else "expected" if case.name in expected else "wrong"
            counts[word] += 1
            said = judge.failure_words(getattr(self, "said", {}).get(case.name, {}).get("failure"))
            print(f"{word:8} {case.row:4} {case.name:46} {said[0] or '-':42} {max(lasted or [0]):5.2f} s  lag {lag * 1000:4.0f} ms  {sent / 1048576:5.1f} MB")
            if word != "right":
                for sentence in self.wrong[case.name][:6]:
                    print(f"           {sentence}")
                if word == "expected":
                    print(f"           expected: {expected[case.name]}")
            elif case.name in expected:
                print("           stands in expected_failures.txt and is right now: take it out")
        for name in self.scenarios:
            word = "not here" if name in self.not_here else "right" if name not in self.wrong else "expected" if name in expected else "wrong"
            counts[word] = counts.get(word, 0) + 1
            print(f"{word:8}      {name:46} {self.not_here.get(name, '')}")
            for sentence in self.wrong.get(name, []):
                print(f"           {sentence}")
            if name in expected and word != "wrong":
                print(f"           expected: {expected[name]}" if word == "expected" else "           stands in expected_failures.txt and is right now: take it out")
        own = self.wrong.get("the exporter", [])
        worst = max([how for _, how in late] or [0.0])
        if worst > (0.05 if strict else 0.5):
            own.append(f"a neighbour was probed {worst * 1000:.0f} ms late")
        if self.fetched():
            own.append("something came to an address that stands in a certificate")
        excused = "the exporter" in expected
        for sentence in own:
            print(f"{'expected' if excused else 'wrong':8}      the exporter: {sentence}")
        rss = " -> ".join(f"{one:.0f}" for one in self.measured["rss"])
        print(f"{len(self.cases)} cases, {len(self.scenarios)} scenarios: {counts['right']} right, {counts['expected']} expected to fail, {counts['wrong']} wrong; neighbours at most "
              f"{worst * 1000:.0f} ms late; descriptors {' -> '.join(map(str, self.measured['descriptors']))}; RSS {rss} MB, at most {self.measured['peak']:.0f}; "
              f"SIGTERM {self.measured['end']:.2f} s")
        return counts["wrong"] == 0 and (not own or excused)

    def fetched(self):
        try:
            self.unfetched.accept()[0].close()
            return True
        except BlockingIOError:
            return False


def expected_failures():
    """name -> why; a list to be emptied."""
    lines = (HERE / "expected_failures.txt").read_text().splitlines() if (HERE / "expected_failures.txt").exists() else []
    return dict(line.split(": ", 1) for line in lines if line and not line.startswith("#"))


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--exporter", required=True, help="the program, sanitized or not")
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--only", default="*", help="names of cases, with * and ?, joined by commas")
    arguments.add_argument("--skip", default="", help="those not to run")
    arguments.add_argument("--strict", action="store_true", help="the bounds of an idle machine: 50 ms of lag, every round in time, 20 ms a step")
    arguments.add_argument("--one-by-one", action="store_true", help="each case alone with the neighbours: whose doing a lag is")
    arguments.add_argument("--keep", help="the folder to work in; it is left as it is")
    arguments.add_argument("--list", action="store_true", help="print the cases and end")
    options = arguments.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, most), most))
    with tempfile.TemporaryDirectory(prefix="mtls-faults-", ignore_cleanup_errors=True) as made:
        folder = Path(options.keep or made)
        folder.mkdir(exist_ok=True)
        began = time.monotonic()
        suite = Suite(options, folder)
        print(f"{len(suite.cases)} cases made in {time.monotonic() - began:.1f} s")
        if options.list:
            return 0
        good = suite.one_by_one() if options.one_by_one else suite.run()
        print(f"{time.monotonic() - began:.0f} s")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
