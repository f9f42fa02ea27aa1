"""One trouble: a folder with a configuration, a PKI, an identity `w`, a trust store `t` in root.pem, and a server `s`."""
import json
import pathlib
import subprocess

from pki import Pki

NAME = "srv.estate.test"


def usual_pki(folder):
    pki = Pki(folder)
    pki.ca("root", "Estate Root")
    pki.ca("issuing", "Estate Issuing", "root", ends=1000)
    pki.issue("srv", NAME, "issuing", names=(f"DNS:{NAME}",), usage="serverAuth")
    pki.issue("cli", "watcher", "issuing", usage="clientAuth")
    return pki


class World:
    def __init__(self, exporter, folder, pki):
        self.exporter, self.folder = exporter, pathlib.Path(folder)
        self.pki = pki.copied_to(self.folder / "pki")
        self.identity_leaf, self.identity_chain = "cli", ["issuing"]
        self.listed_issuers = ("root", "issuing")
        self.stores = {"root.pem": ["root"]}
        self.trust = {"t": {"ca_files": ["root.pem"]}}
        self.module = {"protocol": "https", "trust": "t", "timeout": "3s"}
        self.target = {"name": "s", "server_name": NAME, "module": "m"}
        self.servers = []
        self.server = None
        self.arguments = []

    # Setting up.
    def serve(self, kind, leaf="srv", chain=("issuing",), **more):
        self.server = kind(self.folder / f"server{len(self.servers)}", self.pki, leaf, chain, **more)
        self.servers.append(self.server)
        self.server.load()
        self.target.setdefault("address", f"127.0.0.1:{self.server.port}")
        return self.server

    def behind(self, proxy, **login):
        """The server is reached through `proxy` only."""
        self.servers.append(proxy.load())
        self.proxy = proxy
        self.module["proxy"] = {"url": f"http://127.0.0.1:{proxy.port}", **login}

    def write_stores(self):
        for file, names in self.stores.items():
            (self.folder / file).write_text("".join(self.pki.by_name[name].text for name in names))

    def write_identity(self):
        names = [self.identity_leaf, *self.identity_chain]
        (self.folder / "w.pem").write_text("".join(self.pki.by_name[name].text for name in names))
        (self.folder / "w.key").write_text(self.pki.by_name[self.identity_leaf].key.read_text())
        (self.folder / "w.key").chmod(0o600)

    def with_identity(self, **identity):
        self.module["identity"] = "w"
        self.write_identity()

    # What hands do with files.
    def append(self, file, text):
        path = self.folder / file
        path.write_text((path.read_text() if path.exists() else "") + text)

    def remove(self, file, certificates):
        text = (self.folder / file).read_text()
        for one in certificates:
            text = text.replace(one.text, "")
        (self.folder / file).write_text(text)

    def mend(self, file):
        path = self.folder / file
        if path.exists():
            path.unlink()
        self.append(file, self.pki.by_name["root"].text)

    def ended(self, certificate):
        return subprocess.run(["openssl", "x509", "-in", certificate.pem, "-noout", "-checkend", "0"], capture_output=True).returncode != 0

    def tls_port(self):
        """Where TLS begins at once: the last server."""
        return self.servers[-1].port

    # Asking the exporter.
    def probe(self):
        config = {"trust": self.trust, "modules": {"m": self.module}, "targets": [self.target],
                  "identities": {"w": {"certificate_file": "w.pem", "key_file": "w.key", "trust": "t"}}}
        (self.folder / "c.yml").write_text(json.dumps(config))  # JSON is YAML
        run = subprocess.run([self.exporter, "--config.file=c.yml", "probe", "s", "--format=json", *self.arguments], cwd=self.folder,
                             capture_output=True, text=True, timeout=60)
        if run.returncode > 1:
            raise AssertionError(f"probe: {run.stderr}")
        report = json.loads(run.stdout)["probes"][0]
        text = subprocess.run([self.exporter, "--config.file=c.yml", "probe", "s", *self.arguments], cwd=self.folder,
                              capture_output=True, text=True, timeout=60)
        for remedy in report["remedies"]:
            flat, page = remedy.split(), text.stdout.split()
            assert any(page[i:i + len(flat)] == flat for i in range(len(page))), f"the page does not say `{remedy}`:\n{text.stdout}"
        return report

    def close(self):
        for server in self.servers:
            server.stop()
