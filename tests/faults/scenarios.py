"""What takes more than a peer: each scenario has an exporter of its own. A scenario is a function (scene) -> complaints; what cannot be done on
this machine raises NotHere with the reason."""
import os
import resource
import shutil
import socket
import threading
import time
from pathlib import Path

import judge
from case import TIMEOUT
from exporter import BEAT, Exporter, configuration, written
from peer.host import Host
from peer.name_server import NameServer


class NotHere(Exception):
    pass


class Scene:
    """What a scenario is given: the program, the neighbours and their sockets; `clocked` is one more that nobody plays yet."""

    def __init__(self, program, folder, world, neighbours, clocked, sockets, strict, sanitized):
        self.program, self.folder, self.world, self.neighbours, self.clocked, self.sockets = program, folder, world, neighbours, clocked, sockets
        self.strict, self.sanitized = strict, sanitized

    def exporter(self, name, settings, **options):
        return Exporter(self.program, self.folder, settings, name, **options)

    def target(self, number=0):
        return f"127.0.0.1:{self.sockets.port(self.neighbours[number].name)}"


def few_descriptors(scene):
    """A limit of 64 descriptors and 80 idle web clients: the scrape and the probes go on (f7)."""
    def limit():
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    exporter = scene.exporter("few_descriptors", configuration(scene.folder, [], scene.neighbours, scene.sockets), preexec_fn=limit)
    idle = []
    try:
        exporter.until(lambda: min(exporter.probes(len(scene.neighbours))) >= 1, 20, "the first probes")
        for _ in range(80):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(("127.0.0.1", exporter.port))
            idle.append(client)
        time.sleep(0.5)
        began = time.monotonic()
        try:
            first = min(exporter.probes(len(scene.neighbours)))
        except OSError as error:
            return [f"no scrape within 20 s: {error}"]
        took = time.monotonic() - began
        time.sleep(3)
        more = min(exporter.probes(len(scene.neighbours))) - first
        bound = 2.0 if scene.strict else 5.0
        return ([f"a scrape took {took:.1f} s beside 80 idle clients"] if took > bound else []) + \
               ([f"a target was probed {more:.0f} times in 3 s"] if more < 2 else [])
    finally:
        for client in idle:
            client.close()
        exporter.stop()


def one_host_of_many(scene):
    """300 targets that hang on one host: no more connections at once than promised, and nobody else waits (72)."""
    most, open_now = 0, []
    listener = socket.create_server(("127.0.77.1", 0), backlog=1024)
    listener.settimeout(0.2)
    over = threading.Event()

    def hold():
        nonlocal most
        while not over.is_set():
            try:
                open_now.append(listener.accept()[0])
            except OSError:
                pass
            for connection in list(open_now):
                try:
                    if not connection.recv(65536, socket.MSG_DONTWAIT):
                        raise OSError
                except BlockingIOError:
                    continue
                except OSError:
                    connection.close()
                    open_now.remove(connection)
            most = max(most, len(open_now))
    thread = threading.Thread(target=hold)
    thread.start()
    targets = [{"name": f"many_{number}", "address": "127.0.77.1:%d" % listener.getsockname()[1], "module": "mtls", "server_name": f"n{number}.test"}
               for number in range(300)]
    targets += [{"name": one.name, "address": scene.target(number), "module": "neighbour", "server_name": one.server_name}
                for number, one in enumerate(scene.neighbours)]
    exporter = scene.exporter("one_host_of_many", written(scene.folder, targets, settle=4))
    try:
        exporter.until(lambda: min(exporter.probes(len(targets))) >= 1, 20, "the first round")
        series = exporter.series()
        failed = [one.name for one in scene.neighbours if judge.value(series[one.name], "mtls_probe_success") != 1]
        return ([f"{most} connections at once to one host"] if most > 257 else []) + [f"{name} suffered" for name in failed]
    finally:
        exporter.stop()
        over.set()
        thread.join()
        listener.close()


def jumping_clock(scene):
    """The wall clock goes back an hour and ahead ten years: probes keep their pace, gauges follow the clock (74)."""
    library = next(iter(Path("/usr/lib").glob("*/faketime/libfaketime.so.1")), None)
    if not library:
        raise NotHere("faketime is not installed")
    if scene.sanitized:
        raise NotHere("faketime and the sanitizers do not go together")
    clock = scene.folder / "clock"
    clock.write_text("+0")
    host = Host([scene.clocked], scene.sockets.of, scene.world)
    host.start()
    settings = configuration(scene.folder, [], [scene.clocked], scene.sockets)
    exporter = scene.exporter("jumping_clock", settings, env=os.environ | {
        "LD_PRELOAD": str(library), "FAKETIME_TIMESTAMP_FILE": str(clock), "FAKETIME_NO_CACHE": "1", "DONT_FAKE_MONOTONIC": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"})
    name, found = scene.clocked.name, []

    def days():
        return next((value for labels, value in exporter.series().get(name, {}).get("mtls_certificate_expiry_days", []) if labels["position"] == "0"), None)
    try:
        exporter.until(lambda: days() is not None, 20, "the first probe")
        for offset, low, high in (("-1h", 29.9, 30.1), ("+3650d", -3620.1, -3619.9), ("+0", 29.9, 30.1)):
            clock.write_text(offset)
            time.sleep(2.2)
            if not low < days() < high:
                found.append(f"at {offset} the certificate ends in {days():.2f} days")
        visits = sorted(visit.came for visit in host.visits())
        gaps = [after - before for before, after in zip(visits, visits[1:])]
        if not gaps or max(gaps) > BEAT + 0.9:
            found.append(f"probes came {max(gaps or [99]):.2f} s apart")
        return found
    finally:
        exporter.stop()
        host.stop()


def confined(resolv):
    """Sees our resolv.conf and no hosts of the machine's own."""
    if not shutil.which("bwrap"):
        raise NotHere("bubblewrap is not installed")
    return ("bwrap", "--dev-bind", "/", "/", "--ro-bind", str(resolv), "/etc/resolv.conf", "--die-with-parent")


def names(scene):
    """Names that do not resolve, resolve to much, change; and a name server that stops for three seconds and comes back (71, f1)."""
    resolv = scene.folder / "resolv.conf"
    resolv.write_text("nameserver 127.0.53.17\n")
    before = confined(resolv)
    try:
        server = NameServer("127.0.53.17")
    except OSError as error:
        raise NotHere(f"port 53 cannot be had: {error}") from None
    port = scene.sockets.port(scene.neighbours[0].name)
    wanted = {"nxdomain.faults.test": "resolve/name_not_found", "silent.faults.test": "resolve/resolve_timeout", "servfail.faults.test": "resolve/resolve_failed",
              "refused.faults.test": "resolve/resolve_failed", "garbage.faults.test": ("resolve/resolve_failed", "resolve/resolve_timeout"),
              "thousand.faults.test": ("connect/refused", "connect/unreachable"), "one.faults.test": "", "broken-aaaa.faults.test": "", "changing.faults.test": ""}
    steady = [f"steady-{number}.faults.test" for number in range(30)]
    targets = [{"name": name, "address": f"{name}:{port}", "module": "mtls" if name not in steady else "neighbour", "server_name": "www.faults.test"}
               for name in (*wanted, *steady)]
    exporter = scene.exporter("names", written(scene.folder, targets, settle=4), before=before)
    found = []
    try:
        exporter.until(lambda: min(exporter.probes(len(targets))) >= 2, 30, "two rounds of names")
        def odd():
            said = {name: exporter.account(name)["last"] for name in wanted}
            words = {name: judge.failure_words(last["failure"])[0] for name, last in said.items()}
            return [f"{name} is {words[name] or 'a success'}, right is {right or 'success'}" for name, right in wanted.items()
                    if words[name] not in judge.allowed(right)] + \
                   [f"{name} took {last['duration_seconds']:.2f} s" for name, last in said.items() if last["duration_seconds"] > TIMEOUT + 0.25]
        exporter.until(lambda: not odd(), 10, "every name's right words")
        found += odd()
        server.stop()
        time.sleep(3)
        server.start()
        if not server.answers():
            return [*found, "the scenario itself failed: its name server does not answer"]
        if not exporter.until(lambda: all(judge.value(exporter.series()[name], "mtls_probe_success") == 1 for name in steady), 8, "names after the name server's return"):
            series = exporter.series()
            lost = [name for name in steady if judge.value(series[name], "mtls_probe_success") != 1]
            found.append(f"{len(lost)} of 30 names are not resolved 8 s after the name server's return")
        return found
    finally:
        exporter.process.terminate()
        exporter.process.wait(10)
        server.stop()


SCENARIOS = {"few_descriptors": few_descriptors, "one_host_of_many": one_host_of_many, "jumping_clock": jumping_clock, "names": names}
