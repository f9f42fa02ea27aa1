"""One run: the peers' processes, the exporter, the waves of cases, and what is measured meanwhile."""
import fnmatch
import json
import socket
import ssl
import subprocess
import threading
import time
from pathlib import Path

import judge
from case import INTERVAL, LONG_TIMEOUT, Case, Right, timeout_of
from cases import all_cases
from exporter import BEAT, Exporter, ExporterEnded, Threads, configuration
from peer.certificates import World
from peer.host import Host
from scenarios import SCENARIOS, NotHere, Scene
from verdicts import EXPORTER, Verdicts

NEIGHBOURS = 10
WAVE = 80  # cases probed together while they are judged; what is judged of all at once is the lag, the end and what is left


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
    """A good server, OpenSSL's own: TLS 1.3, a certificate demanded, tickets."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    context.load_verify_locations(folder / "root.pem")
    context.verify_mode = ssl.CERT_REQUIRED

    def behave(peer):
        peer.library(context).recv(1)
    return behave


class Suite:
    def __init__(self, options, folder):
        self.options, self.folder, self.verdicts = options, folder, Verdicts(options.strict)
        self.world = World()
        self.world.folder = folder
        self.world.write(folder)
        self.unfetched = socket.create_server(("127.0.0.1", 0))
        self.unfetched.setblocking(False)
        there = "127.0.0.1:%d" % self.unfetched.getsockname()[1]
        self.world.unfetched = [f"http://{there}/ca.der", f"https://{there}/", f"ldap://{there}/cn=x", "file:///etc/passwd", "http://169.254.169.254/",
                                *(f"http://{there}/{number}" for number in range(1000))]
        self.cases = [case for case in all_cases(self.world) if self._wanted(case.name)]
        self.scenarios = [name for name in SCENARIOS if self._wanted(name)]
        self.neighbours, self.beside = ([Case(f"{name}_{number}", "", neighbour(folder), Right(), "neighbour") for number in range(NEIGHBOURS)]
                                        for name in ("neighbour", "beside"))
        self.clocked = Case("clocked", "", neighbour(folder), Right(), "neighbour")
        self.sockets = Sockets([*self.cases, *self.neighbours, *self.beside, self.clocked])
        self.sanitized = b"__asan_init" in Path(options.exporter).read_bytes()
        self.expected = expected_failures()
        self.trusted = [case for case in self.cases if case.name not in self.expected]
        self.visits = {case.name: [] for case in (*self.cases, *self.neighbours, *self.beside)}
        self.not_here, self.descriptors, self.resident, self.alone = {}, [], [], {}

    def _wanted(self, name):
        return any(fnmatch.fnmatch(name, one) for one in self.options.only.split(",")) and \
            not any(fnmatch.fnmatch(name, one) for one in self.options.skip.split(","))

    # peers
    def start(self):
        """The peers and, beside good neighbours alone, the exporter."""
        light = [case for case in self.cases if not case.heavy]
        updates = [case for case in self.cases if case.heavy and case.name.startswith("key_updates")]
        floods = [case for case in self.cases if case.heavy and case not in updates]
        self.hosts = [Host(group, self.sockets.of, self.world, nice=0 if group is light else 5)
                      for group in (light, floods[0::2], floods[1::2], updates[0::2], updates[1::2]) if group]
        self.hosts.append(Host([*self.neighbours, *self.beside], self.sockets.of, self.world))
        for host in self.hosts:
            host.start()
        self.began = time.monotonic()
        self.exporter = Exporter(self.options.exporter, self.folder, self.configured([]))
        self.threads = Threads(self.exporter.process.pid)
        self.threads.start()
        self.exporter.until(lambda: min(self.exporter.probes(NEIGHBOURS)) >= 1, 20, "the neighbours' first probes")

    def stop(self):
        self.exporter.stop()
        for host in self.hosts:
            host.stop()

    def collect(self):
        for host in self.hosts:
            for visit in host.visits():
                self.visits[visit.case].append(visit)

    def configured(self, cases, settle=None):
        return configuration(self.folder, cases, self.neighbours, self.sockets, settle)

    # the run
    def run(self):
        try:
            self.start()
            self.descriptors.append(self.exporter.descriptors())
            self.virtual = self.exporter.memory("VmPeak")
            for wave in waves(self.trusted):
                self.play(wave, last_time=False)
            self.probe_command(self.trusted, last_time=False)
            again = [case for case in self.trusted if case.name in self.verdicts.again and case.name not in self.verdicts.wrong]
            for wave in waves(again):
                self.play(wave, last_time=True)
                self.probe_command(wave, last_time=True)
            self.quiet()
            self.exporter.reload(self.configured(self.trusted), self.trusted)
            self.exporter.until(lambda: min(self.exporter.probes(len(self.trusted) + NEIGHBOURS)) >= 1, INTERVAL + LONG_TIMEOUT + 10, "one round of all at once")
            self.judge_exporter()
            self.quiet()
            self.judge_memory()
            self.end()
            self.late = self.lateness(self.neighbours, self.threads)
            self.play_scenarios()
        except ExporterEnded:
            visits = [visit for host in self.hosts for visit in (*host.visits(), *host.under_way())]
            self.under_way = sorted({visit.case for visit in visits if time.monotonic() - visit.came < 3} - {one.name for one in self.neighbours})
            raise
        finally:
            self.stop()

    def play(self, wave, last_time, rounds=None):
        self.exporter.reload(self.configured(wave), wave)
        count = rounds or self.options.rounds
        self.exporter.until(lambda: min(self.exporter.probes(len(wave) + NEIGHBOURS)) >= count, (count + 1) * (INTERVAL + 1) + LONG_TIMEOUT + 5, f"{count} rounds")
        text = self.exporter.get("/metrics")
        series = judge.by_target(text)
        for case in wave:
            self.verdicts.account(case, self.exporter.account(case.name), series.get(case.name, {}), last_time)
        if "secret-banner" in text:
            self.verdicts.complain(EXPORTER, ["a peer's banner stands in /metrics"])
        for one in self.neighbours:
            told = [labels["reason"] for labels, _ in series.get(one.name, {}).get("mtls_handshake_failure_info", [])]
            if told and wave[0] in self.trusted and (self.options.strict or told != ["handshake_timeout"]):
                self.verdicts.complain(EXPORTER, [f"{one.name} is innocent and fails by {told}"])
        self.collect()

    def quiet(self):
        """With the peers gone, everything that was opened for them is closed again."""
        self.exporter.reload(self.configured([]), [])
        before = self.descriptors[0]
        # A neighbour's probe under way has a socket.
        if not self.exporter.until(lambda: self.exporter.descriptors() <= before, LONG_TIMEOUT + 5, "descriptors to be closed"):
            self.verdicts.complain(EXPORTER, [f"{self.exporter.descriptors()} descriptors are open, {before} were before the peers came"])
        self.descriptors.append(self.exporter.descriptors())
        self.resident.append(self.exporter.memory("VmRSS"))

    def probe_command(self, cases, last_time):
        """`probe --all --format=json` says the same."""
        path = self.folder / "probe.yml"
        path.write_text(configuration(self.folder, cases, [], self.sockets))
        done = subprocess.run([self.options.exporter, "probe", f"--config.file={path}", "--all", "--format=json"],
                              capture_output=True, text=True, timeout=120, check=False)
        if done.returncode not in (0, 1):
            self.verdicts.complain(EXPORTER, [f"probe --all ended with {done.returncode}: {done.stderr[-2000:]}"])
            return
        accounts = {account["target"]: account for account in json.loads(done.stdout)["probes"]}
        for case in cases:
            self.verdicts.report(case, accounts.get(case.name), last_time)

    def judge_exporter(self):
        """While all are there: the scrape is readable, nothing began late, no step was long."""
        exporter, strict, own = self.exporter, self.options.strict, self.exporter.series()[""]
        try:
            from prometheus_client.openmetrics.parser import text_string_to_metric_families
            list(text_string_to_metric_families(exporter.get("/metrics", "application/openmetrics-text; version=1.0.0")))
        except ValueError as error:
            self.verdicts.complain(EXPORTER, [f"the scrape cannot be parsed: {error}"])
        late = judge.buckets_above(own, "mtls_exporter_schedule_lag_seconds", 0.05)
        if late and strict:
            self.verdicts.complain(EXPORTER, [f"{late:.0f} probes began more than 50 ms late"])
        bound = 0.02 if strict else 0.1
        long = judge.buckets_above(own, "mtls_exporter_lane_step_seconds", bound)
        if long and not self.sanitized:
            self.verdicts.complain(EXPORTER, [f"{long:.0f} steps of a lane took more than {bound * 1000:.0f} ms of its thread"])

    def judge_memory(self):
        exporter = self.exporter
        first, last = self.resident
        self.peak = exporter.memory("VmHWM")
        if self.sanitized:
            return
        if last > first + 16:
            self.verdicts.complain(EXPORTER, [f"resident memory grew from {first:.0f} to {last:.0f} MB"])
        if self.peak > 512:
            self.verdicts.complain(EXPORTER, [f"resident memory was {self.peak:.0f} MB once"])
        if exporter.memory("VmPeak") > self.virtual + 2048:
            self.verdicts.complain(EXPORTER, [f"virtual memory grew from {self.virtual:.0f} to {exporter.memory('VmPeak'):.0f} MB"])

    def end(self):
        """SIGTERM while every peer is at it, if possible in the middle of a flood of KeyUpdates."""
        self.collect()
        self.exporter.reload(self.configured(self.trusted), self.trusted)
        deadline = time.monotonic() + INTERVAL + 1
        flooding = [case.name for case in self.trusted if case.name.startswith("key_updates_requested_after")]
        while flooding and time.monotonic() < deadline:
            under_way = [visit for host in self.hosts for visit in host.under_way() if visit.case in flooding]
            if any("flood" in note for visit in under_way for note in visit.notes):
                break
            time.sleep(0.01)
        began = time.monotonic()
        self.took, code = self.exporter.terminate()
        self.threads.stop()
        computed = self.threads.busiest(began, began + self.took)
        if self.took > 1.0 and (self.options.strict or computed > 0.5 or self.took > 3.0) and not self.sanitized:
            self.verdicts.complain(EXPORTER, [f"took {self.took:.2f} s to end on SIGTERM, {computed:.2f} s of them computing"])
        if code != 0:
            self.verdicts.complain(EXPORTER, [f"ended with {code} on SIGTERM"])
        self.verdicts.complain(EXPORTER, [line for line in self.exporter.said().splitlines() if "runtime error" in line or "Sanitizer" in line])
        time.sleep(0.2)
        self.collect()

    def play_alone(self):
        """With an exporter and neighbours of their own: first what is known to be wrong, which would be laid at the door of others, then one by
        one what was made to hold a lane."""
        known, soloists = [case for case in self.cases if case.name in self.expected], [case for case in self.cases if case.solo]
        if not known and not soloists:
            return
        self.neighbours, self.exporter = self.beside, Exporter(self.options.exporter, self.folder, configuration(self.folder, [], self.beside, self.sockets), "alone")
        threads = Threads(self.exporter.process.pid)
        threads.start()
        try:
            self.exporter.until(lambda: min(self.exporter.probes(NEIGHBOURS)) >= 1, 20, "the neighbours' first probes")
            if known:
                self.play(known, last_time=True, rounds=1)
                self.probe_command(known, last_time=True)
            for case in soloists:
                self.play_solo(case, threads)
        finally:
            self.exporter.stop()
            threads.stop()

    def play_solo(self, case, threads):
        began = time.monotonic()
        self.exporter.reload(self.configured([case], settle=60), [case])
        self.exporter.until(lambda: self.exporter.account(case.name)["last"], timeout_of(case) + 8, f"a probe of {case.name}")
        came = min([visit.came for host in self.hosts for visit in host.under_way() if visit.case == case.name and visit.came > began] or [time.monotonic()])
        time.sleep(BEAT / 2)
        self.collect()
        came = min([visit.came for visit in self.visits[case.name] if visit.came > began] + [came])
        held = max([how for at, how in self.lateness(self.beside, threads) if at > came] or [0.0])
        self.alone[case.name] = held
        if held > (0.05 if self.options.strict else 0.2) and not self.sanitized:
            self.verdicts.complain(case.name, [f"alone with its neighbours it made them {held * 1000:.0f} ms late"])

    def play_scenarios(self):
        """All at once, each with an exporter of its own, and what is to be played alone."""
        scene = Scene(self.options.exporter, self.folder, self.world, self.neighbours, self.clocked, self.sockets, self.options.strict, self.sanitized)

        def play(name):
            try:
                self.verdicts.complain(name, SCENARIOS[name](scene))
            except NotHere as reason:
                self.not_here[name] = str(reason)
            except Exception as error:  # a scenario that breaks has not shown anything
                self.verdicts.complain(name, [f"{type(error).__name__}: {error}"])
        threads = [threading.Thread(target=play, args=(name,)) for name in self.scenarios] + [threading.Thread(target=self.play_alone)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def one_by_one(self):
        """Each case alone with the neighbours: whose doing a lag is, and what a probe of it costs. Minutes; for the record."""
        try:
            self.start()
            for case in self.cases:
                self.exporter.reload(self.configured([case], settle=60), [case])
                before = self.exporter.cpu()
                self.exporter.until(lambda: self.exporter.account(case.name)["last"], timeout_of(case) + 8, f"a probe of {case.name}")
                used, said = self.exporter.cpu() - before, self.exporter.account(case.name)["last"] or {}
                time.sleep(0.3)
                self.collect()
                visits = [visit for visit in self.visits[case.name] if visit.left > 0]
                lag = judge.lag_beside(visits, self.lateness(self.neighbours, self.threads))
                print(f"{case.row:4} {case.name:46} {judge.failure_words(said.get('failure'))[0] or '-':42} "
                      f"{max([visit.left - visit.came for visit in visits] or [0]):5.2f} s  lag {lag * 1000:4.0f} ms  CPU {used * 1000:5.0f} ms", flush=True)
        finally:
            self.stop()

    def lateness(self, neighbours, threads):
        """(arrival of a neighbour, how late). Unless strict, only what the exporter's busiest thread computed meanwhile counts: what is left
        had other programs on the cores for a cause."""
        late = [pair for one in neighbours for pair in judge.lateness(sorted(visit.came for visit in self.visits[one.name]), BEAT)]
        if self.options.strict:
            return late
        return [(at, min(how, threads.busiest(at - how, at)) if how > judge.JITTER else how) for at, how in late]

    def fetched(self):
        """Whether somebody came to an address that stands in a certificate."""
        try:
            self.unfetched.accept()[0].close()
            return True
        except BlockingIOError:
            return False


def expected_failures():
    """name -> why; a list to be emptied."""
    path = Path(__file__).resolve().parent / "expected_failures.txt"
    lines = path.read_text().splitlines() if path.exists() else []
    return dict(line.split(": ", 1) for line in lines if line and not line.startswith("#"))


def waves(cases):
    """Groups of at most WAVE cases; neighbours of a table go to different ones, so that no wave has all the floods."""
    count = -(-len(cases) // WAVE)
    return [cases[number::count] for number in range(count)]
