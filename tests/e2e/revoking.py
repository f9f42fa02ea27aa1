"""What the tests of revocation share: an authority kept with the real `openssl ca`, and an exporter that watches. The program to test is the command
line's last argument."""
import json
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lab"))
from lab import Lab  # noqa: E402

EXPORTER = sys.argv.pop()

CONFIG = """
[ca]
default_ca = this
[this]
database = {folder}/index.txt
new_certs_dir = {folder}
rand_serial = yes
crlnumber = {folder}/crlnumber
default_md = sha256
default_days = 30
default_crl_days = 30
policy = any
[any]
commonName = supplied
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[leaf]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth, clientAuth
subjectAltName = DNS:localhost, IP:127.0.0.1
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
"""


def openssl(*arguments):
    return subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, text=True).stdout


class Authority:
    """A root and an issuing CA, kept with `openssl ca`; the list of the issuing CA in int.crl."""

    def __init__(self, folder):
        self.folder = folder
        self.config = folder / "ca.cnf"
        self.config.write_text(CONFIG.format(folder=folder))
        (folder / "index.txt").write_text("")
        (folder / "crlnumber").write_text("01\n")
        self.request("root", "Estate Root")
        openssl("ca", "-batch", "-notext", "-config", self.config, "-selfsign", "-keyfile", self.file("root.key"), "-extensions", "authority",
                "-in", self.file("root.csr"), "-out", self.file("root.pem"))
        self.request("int", "Estate Issuing")
        self.sign("int", "root", "authority")
        self.publish()

    def file(self, name):
        return self.folder / name

    def request(self, name, common_name):
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-subj", f"/CN={common_name}",
                "-keyout", self.file(f"{name}.key"), "-out", self.file(f"{name}.csr"))

    def sign(self, name, issuer, extensions):
        openssl("ca", "-batch", "-notext", "-config", self.config, "-cert", self.file(f"{issuer}.pem"), "-keyfile", self.file(f"{issuer}.key"),
                "-extensions", extensions, "-in", self.file(f"{name}.csr"), "-out", self.file(f"{name}.pem"))

    def leaf(self, name, more=()):
        """A leaf with these lines of extensions besides the usual ones."""
        section = f"leaf-{name}" if more else "leaf"
        if more:
            usual = CONFIG[CONFIG.index("[leaf]") + len("[leaf]"):]
            with self.config.open("a") as config:
                config.write(f"[{section}]" + usual + "\n".join(more) + "\n")
        self.request(name, name)
        self.sign(name, "int", section)
        self.file(f"{name}-chain.pem").write_text(self.file(f"{name}.pem").read_text() + self.file("int.pem").read_text())

    def by_issuing(self, *arguments):
        openssl("ca", "-config", self.config, "-cert", self.file("int.pem"), "-keyfile", self.file("int.key"), *arguments)

    def publish(self):
        self.by_issuing("-gencrl", "-out", self.file("int.crl.new"))
        self.file("int.crl.new").rename(self.file("int.crl"))

    def revoke(self, name, reason):
        self.by_issuing("-revoke", self.file(f"{name}.pem"), "-crl_reason", reason)
        self.publish()


class Estate(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = pathlib.Path(temporary.name)
        cls.lab = Lab(cls.folder, None, cls.folder / "cache")
        cls.addClassCleanup(cls.lab.stop)

    def serve(self, name, certificate, key, chain=None, more=()):
        port = self.lab.port()
        chained = ["-cert_chain", chain] if chain else []
        self.lab.run(name, ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", certificate, "-key", key, *chained, "-www", "-quiet", *more])
        self.lab.listening(port)
        return port

    def watch(self, settings):
        self.config = self.folder / f"{self.id()}.yml"
        self.config.write_text(json.dumps(settings))
        self.port = self.lab.port()
        self.lab.run("exporter", [EXPORTER, f"--config.file={self.config}", f"--web.listen-address=127.0.0.1:{self.port}"])
        self.lab.listening(self.port)

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
            return answer.read().decode()

    def series(self, family, **labels):
        """The values of every series of a family that has these labels."""
        found = []
        for line in self.get("/metrics").splitlines():
            if line.startswith(family + "{") and all(f'{name}="{value}"' in line for name, value in labels.items()):
                found.append(float(line.rsplit(" ", 1)[1]))
        return found

    def eventually(self, sentence, holds, seconds=20):
        deadline = time.monotonic() + seconds
        while not holds():
            self.lab.alive()
            if time.monotonic() > deadline:
                shown = [line for line in self.get("/metrics").splitlines() if "revo" in line or "crl" in line or "chain_" in line]
                self.fail(sentence + "\n" + "\n".join(shown))
            time.sleep(0.1)

    def becomes(self, values, family, **labels):
        """On a busy machine a probe may end without an answer in between."""
        self.eventually(f"{family} {labels} becomes {values}", lambda: self.series(family, **labels) == values)

    def status(self, method, status, **labels):
        return self.series("mtls_revocation_status", method=method, status=status, **labels) == [1]

    def probe(self, target):
        return subprocess.run([EXPORTER, f"--config.file={self.config}", "probe", target], capture_output=True, text=True, timeout=60)
