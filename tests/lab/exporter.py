"""The exporter under test: its configuration made from the cells and doors, its process, its scrapes."""
import json
import sys
import time
import urllib.request

from lab import HERE, Setup



class DelayedPath:
    """One delaying listener per server port. Each set-up has a loopback address of its own, so that limits per host stay what they are."""

    def __init__(self, lab, delay):
        self.lab, self.delay, self.listeners = lab, delay, {}  # upstream port -> (address, port)
        self.hosts = {}

    def to(self, setup, tls, identity):
        """The address a target uses for a set-up."""
        host = self.hosts.setdefault(setup.name, f"127.0.10.{len(self.hosts) + 1}")
        listener = self.listeners.setdefault(setup.port_of(tls, identity), (host, self.lab.port()))
        return "{}:{}".format(*listener)

    def open(self):
        routes = self.lab.folder / "routes.json"
        routes.write_text(json.dumps([[*listener, upstream] for upstream, listener in self.listeners.items()]))
        self.process = self.lab.run("proxy", [sys.executable, HERE / "proxy.py", routes, self.delay])
        for address, port in self.listeners.values():
            self.lab.listening(port, address=address)

    def close(self):
        """An outage: from now on nothing listens at any target's address."""
        self.lab.end(self.process)


def module(setup, tls, identity, protocol):
    """(name, settings) of the module for one combination; equal combinations share it. `protocol`: "own", or the one that all are asked under."""
    if protocol != "own":
        setup = Setup(setup.name, protocol=protocol)
    settings = {"protocol": setup.protocol, "trust": "lab", "tls": {"min_version": tls, "max_version": tls}}
    if identity != "none":
        settings["identity"] = "lab_" + identity  # "rogue" alone is the exporter's own word
    if setup.protocol == "https":
        settings["http"] = {"path": setup.path}
        if setup.refused_status:
            settings["http"]["refused_status"] = [setup.refused_status]
    if setup.user:
        settings["user"] = setup.user
    if setup.alpn:
        settings["tls"]["alpn"] = [setup.alpn]
    parts = (setup.protocol, tls, identity, setup.path.strip("/").replace("/", "_"), setup.alpn, setup.refused_status, setup.user)
    return "_".join(part for part in parts if part), settings


def configuration(lab, path, setups, cells, doors, protocol, interval):
    """The exporter's configuration as JSON, which is YAML."""
    world, modules, targets = lab.world, {}, []

    def add(name, address, module_name, settings):
        modules[module_name] = settings
        targets.append({"name": name, "address": address, "server_name": "localhost", "module": module_name})

    for cell in cells:
        setup = setups[cell.setup]
        add(cell.name, path.to(setup, cell.tls, cell.identity), *module(setup, cell.tls, cell.identity, protocol))
    for door in doors:
        setup = setups.get(door.setup, Setup(door.setup, lab.port()))
        name, settings = module(setup, door.tls, "good", protocol)
        settings["client_auth"] = {"expect": "required", "every": f"{interval}s"}
        address = path.to(setup, door.tls, "door") if door.setup in setups else f"127.0.0.1:{setup.port}"
        add(door.name, address, name + "_door", settings)
    return json.dumps({
        "defaults": {"interval": f"{interval}s", "timeout": f"{interval - 1}s"},
        "trust": {"lab": {"ca_files": [str(world.root)]}},
        "identities": {f"lab_{name}": {"certificate_file": str(certificate), "key_file": str(key)}
                       for name, (certificate, key) in world.clients.items()},
        "modules": modules,
        "targets": targets,
    }, indent=1)


class Exporter:
    def __init__(self, lab, program, settings):
        self.port = lab.port()
        path = lab.folder / "mtls_exporter.yml"
        path.write_text(settings)
        lab.run("exporter", [program, f"--config.file={path}", f"--web.listen-address=127.0.0.1:{self.port}"])
        lab.listening(self.port)

    def scrape(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=30) as answer:
            return answer.read().decode()


def pause(interval):
    """Between two scrapes: many per interval, so that no probe is missed."""
    time.sleep(interval / 10)
