"""One old estate with everything at once that such estates have: what is past its end and in use nowhere, what was renewed and kept,
what was cross-signed once, folders with a README. A few certificates do need somebody; the rest must be quiet."""
import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "explain"))
from pki import Pki, openssl  # noqa: E402
from servers import SServer, Server, free_port  # noqa: E402

STORED = ("root", "oldroot", "newroot", "lapsing")
README = "This directory contains certificates. Do not edit them by hand.\n"


def fingerprints(*files):
    """Of every certificate of these files, in order."""
    found = []
    for file in files:
        for block in pathlib.Path(file).read_text().split("-----BEGIN CERTIFICATE-----")[1:]:
            pem = "-----BEGIN CERTIFICATE-----" + block
            text = openssl("x509", "-noout", "-fingerprint", "-sha256", input=pem.encode()).decode()
            found.append(text.split("=")[1].strip().replace(":", "").lower())
    return found


class Configured(Server):
    """A server with a configuration file of its own making."""

    def __init__(self, folder, words, port):
        self.folder, self.words, self.port, self.process = folder, words, port, None

    def files(self):
        return None

    def command(self, leaf):
        return self.words


class OldEstate:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.servers = []
        self.served = {}  # the fingerprint of a served leaf, by what it is
        self.make_authorities()
        self.haproxy()
        self.nginx()
        self.cross_signed()
        self.locked()
        self.truststore()
        self.certbot()
        self.easy_rsa()
        self.mesh()
        self.lists()

    def place(self, *names):
        folder = self.folder.joinpath(*names)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "README").write_text(README)
        return folder

    def make_authorities(self):
        pki = self.pki = Pki(self.folder / "pki")
        pki.ca("root", "Estate Root")
        pki.ca("issuing", "Estate Issuing", "root", ends=1500)
        pki.ca("oldroot", "Old Root", begins=-4000, ends=-1885)
        pki.ca("newroot", "New Root")
        pki.ca("cross", "New Root", "oldroot", begins=-3000, ends=-1885, key=pki.by_name["newroot"].key)
        pki.ca("r3", "R3", "newroot", ends=1500)
        pki.ca("lapsing", "Lapsing Root", begins=-3600, ends=20)  # stands in stores, and nothing in use ends at it
        pki.issue("watcher", "watcher", "issuing", usage="clientAuth", ends=300)
        store = self.place("trust")
        (store / "estate.pem").write_text("".join(pki.by_name[name].text for name in ("root", "newroot", "oldroot")))
        (store / "watcher.pem").write_text(pki.by_name["watcher"].text + pki.by_name["issuing"].text)

    def leaf(self, name, host, issuer="issuing", **term):
        made = self.pki.issue(name, host, issuer, names=(f"DNS:{host}",), usage="serverAuth", **term)
        self.served[name] = fingerprints(made.pem)[0]
        return made

    def bundle(self, leaf, issuer="issuing"):
        return leaf.text + self.pki.by_name[issuer].text + leaf.key.read_text()

    # A folder of certificates, one of which ends in five days, and a list of certificates.
    def haproxy(self):
        folder = self.place("haproxy")
        certs = folder / "certs"
        certs.mkdir()
        (certs / "a.pem").write_text(self.bundle(self.leaf("soon", "a.estate.test", begins=-85, ends=5)))
        (certs / "b.pem").write_text(self.bundle(self.leaf("b", "b.estate.test", ends=300)))
        listed = self.place("haproxy", "listed")
        (listed / "c.pem").write_text(self.bundle(self.leaf("c", "c.estate.test", ends=300)))
        (folder / "list").write_text(f"{listed}/c.pem c.estate.test\n")
        one, other = free_port(), free_port()
        (folder / "haproxy.cfg").write_text(
            "defaults\n  mode http\n  timeout client 5s\n  timeout server 5s\n  timeout connect 2s\n"
            f"frontend folder\n  bind 127.0.0.1:{one} ssl crt {certs}\n  http-request return status 200\n"
            f"frontend list\n  bind 127.0.0.1:{other} ssl crt-list {folder}/list\n  http-request return status 200\n")
        self.servers.append(Configured(folder, ["haproxy", "-f", str(folder / "haproxy.cfg")], one))
        self.haproxy_configuration = folder / "haproxy.cfg"

    def nginx(self):
        folder = self.place("nginx")
        leaf = self.leaf("wild", "*.wild.estate.test", ends=300)
        (folder / "wild.pem").write_text(leaf.text + self.pki.by_name["issuing"].text)
        any_name = self.leaf("regular", "a.regular.estate.test", ends=300)
        (folder / "regular.pem").write_text(any_name.text + self.pki.by_name["issuing"].text)
        port, regular = free_port(), free_port()
        (folder / "nginx.conf").write_text(
            f"pid {folder}/pid; error_log {folder}/log; daemon off;\nevents {{}}\nhttp {{\n  access_log off;\n"
            f"  server {{ listen 127.0.0.1:{port} ssl; server_name *.wild.estate.test;\n"
            f"    ssl_certificate {folder}/wild.pem; ssl_certificate_key {leaf.key}; return 200; }}\n"
            f"  server {{ listen 127.0.0.1:{regular} ssl; server_name ~^.+\\.regular\\.estate\\.test$ _;\n"
            f"    ssl_certificate {folder}/regular.pem; ssl_certificate_key {any_name.key}; return 200; }}\n}}\n")
        self.servers.append(Configured(folder, ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")], port))
        self.nginx_configuration = folder / "nginx.conf"

    # The old way to the root is still sent, and has ended.
    def cross_signed(self):
        self.leaf("web", "web.estate.test", "r3", ends=300)
        self.web = SServer(self.place("web"), self.pki, "web", ("r3", "cross"))
        self.servers.append(self.web)

    # A server that we have no identity for.
    def locked(self):
        self.leaf("partner", "partner.estate.test", ends=300)
        self.partner = SServer(self.place("partner"), self.pki, "partner", ("issuing",), client_cas=["newroot"])
        self.servers.append(self.partner)

    # A JDK's, with roots that have ended.
    def truststore(self):
        folder = self.place("jdk")
        (folder / "pass").write_text("changeit\n")
        for alias in STORED:
            subprocess.run(["keytool", "-importcert", "-noprompt", "-alias", alias, "-file", self.pki.by_name[alias].pem, "-keystore",
                            folder / "cacerts", "-storetype", "JKS", "-storepass", "changeit"], check=True, capture_output=True)
        (folder / "bundle.pem").write_text("".join(self.pki.by_name[name].text for name in STORED))

    def certbot(self):
        live, archive = self.place("letsencrypt", "live", "site"), self.place("letsencrypt", "archive", "site")
        (self.folder / "letsencrypt/live/README").write_text(README)
        for number, term in ((1, (-150, -60)), (2, (-86, 4)), (3, (-5, 85))):
            leaf = self.pki.issue(f"site{number}", "site.estate.test", "issuing", names=("DNS:site.estate.test",), usage="serverAuth",
                                  begins=term[0], ends=term[1])
            (archive / f"cert{number}.pem").write_text(leaf.text)
            (archive / f"chain{number}.pem").write_text(self.pki.by_name["issuing"].text)
            (archive / f"fullchain{number}.pem").write_text(leaf.text + self.pki.by_name["issuing"].text)
        for name in ("cert", "chain", "fullchain"):
            (live / f"{name}.pem").symlink_to(archive / f"{name}3.pem")
        self.letsencrypt = self.folder / "letsencrypt"

    # Each laptop was renewed; what was replaced runs out one of these days.
    def easy_rsa(self):
        folder = self.place("easy-rsa", "pki")
        from pki import stamp
        lines = []
        for number in range(1, 4):
            lines.append(f"V\t{stamp(3)[2:]}\t\t{number:02X}\tunknown\t/CN=laptop{number}\n")
            lines.append(f"V\t{stamp(700)[2:]}\t\t{number + 16:02X}\tunknown\t/CN=laptop{number}\n")
        (folder / "index.txt").write_text("".join(lines))
        self.index = folder / "index.txt"

    # SPIFFE: no common name, and an end that nobody has seen to.
    def mesh(self):
        self.issued = self.place("mesh")
        for name in ("web", "api", "batch"):
            made = self.pki.issue(f"mesh-{name}", "", "issuing", names=(f"URI:spiffe://estate.test/{name}",), usage="clientAuth",
                                  begins=-35, ends=5)
            (self.issued / f"{name}.pem").write_text(made.text)

    def lists(self):
        for name in ("root", "issuing"):
            (self.folder / "trust" / f"{name}.crl").write_text(self.pki.crl(name))

    def load(self):
        for server in self.servers:
            server.load()

    def stop(self):
        for server in self.servers:
            server.stop()

    def configuration(self):
        trust = self.folder / "trust"
        watch = {"trust": "estate", "interval": "1s", "timeout": "900ms"}
        return json.dumps({
            "trust": {"estate": {"ca_files": [f"{trust}/estate.pem"], "crl_files": [f"{trust}/*.crl"]}},
            "identities": {"watcher": {"certificate_file": f"{trust}/watcher.pem", "key_file": str(self.pki.by_name["watcher"].key),
                                       "trust": "estate"}},
            "modules": {"us": {**watch, "identity": "watcher"}, "nobody": watch},
            "targets": [{"name": "web", "address": f"127.0.0.1:{self.web.port}", "server_name": "web.estate.test", "module": "us"},
                        {"name": "partner", "address": f"127.0.0.1:{self.partner.port}", "server_name": "partner.estate.test",
                         "module": "nobody"}],
            "discovery": [{"haproxy": [str(self.haproxy_configuration)], "module": "us"},
                          {"nginx": [str(self.nginx_configuration)], "module": "us"}],
            "files": [{"name": "certbot", "paths": [f"{self.letsencrypt}/live/**", f"{self.letsencrypt}/archive/**"],
                       "follow_symlinks": True},  # certbot's live leads to its archive
                      {"name": "jdk", "paths": [f"{self.folder}/jdk/cacerts"], "passphrase_file": f"{self.folder}/jdk/pass"},
                      {"name": "bundle", "paths": [f"{self.folder}/jdk/*.pem"]}],
            "authorities": [{"name": "vpn", "openssl_index": str(self.index)}, {"name": "mesh", "issued": [str(self.issued)]}]})
