"""The certificate world of the lab, made fresh for every run with the openssl command line.

    Lab Root CA ─┬─ Lab Servers CA ── the servers' certificate
                 └─ Lab Clients CA ─┬─ good, wrong_eku, expired, revoked
                                    └─ Lab Teams CA ── deep (all sent), gap (Lab Clients CA not sent)
    Lab Partner CA ── unlisted: trusted by the servers that can, named in no server's list
    "Lab Root CA" (an impostor) ── rogue, rogue_without_aki
"""
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path

SERVER_NAME = "lab.test"

# Every identity a client of the lab can have, with what is special about it.
IDENTITIES = {
    "good": "issued by Lab Clients CA, everything in order",
    "none": "no certificate at all",
    "rogue": "the subject of good, from an unknown CA that bears the root's name; with AKI",
    "rogue_without_aki": "the same without an authority key identifier",
    "wrong_eku": "extendedKeyUsage serverAuth only",
    "expired": "ended yesterday",
    "deep": "through two intermediates, both sent",
    "gap": "through two intermediates, the upper one not sent",
    "unlisted": "its CA is trusted, but not in the list the server sends",
    "revoked": "on the CRL of Lab Clients CA",
}

CONFIG = """
[ca]
default_ca = this
[this]
database = {folder}/index.txt
new_certs_dir = {folder}
rand_serial = yes
default_md = sha256
default_days = 30
default_crl_days = 30
unique_subject = no
policy = any
crlnumber = {folder}/crlnumber
[any]
commonName = supplied
organizationName = optional
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:{server_name}, DNS:localhost, IP:127.0.0.1
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[client]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = clientAuth
subjectAltName = DNS:client.{server_name}
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[wrong_eku]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:client.{server_name}
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[without_aki]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = clientAuth
subjectAltName = DNS:client.{server_name}
subjectKeyIdentifier = hash
authorityKeyIdentifier = none
"""


def openssl(*arguments):
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"openssl {' '.join(map(str, arguments))}\n{done.stderr}")


class Authority:
    """One CA: a key, a certificate and an index of what it issued. Root when it has no issuer."""

    def __init__(self, folder, common_name, issuer=None):
        self.folder = folder
        folder.mkdir(parents=True)
        (folder / "index.txt").touch()
        (folder / "crlnumber").write_text("01\n")
        self.config = folder / "openssl.cnf"
        self.config.write_text(CONFIG.format(folder=folder, server_name=SERVER_NAME))
        self.key, self.certificate, self.crl = folder / "ca.key", folder / "ca.pem", folder / "ca.crl"
        if issuer:
            issuer.issue(folder / "ca", common_name, "authority", days=3650)
        else:
            openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-sha256",
                    "-subj", f"/O=Lab/CN={common_name}", "-days", 3650, "-keyout", self.key, "-out", self.certificate,
                    "-config", self.request_config(), "-extensions", "root")

    def request_config(self):
        path = self.folder / "request.cnf"
        path.write_text("[req]\ndistinguished_name = name\n[name]\n" + self.config.read_text())
        return path

    def issue(self, stem, common_name, profile, days=30, ended=False):
        """Makes stem.key and stem.pem (the leaf alone)."""
        key, request, certificate = (stem.with_suffix(end) for end in (".key", ".csr", ".pem"))
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-sha256",
                "-subj", f"/O=Lab/CN={common_name}", "-keyout", key, "-out", request, "-config", self.request_config())
        now = datetime.now(timezone.utc)
        start = now - timedelta(days=30 if ended else 1)
        end = now - timedelta(days=1) if ended else now + timedelta(days=days)
        stamp = "%Y%m%d%H%M%SZ"
        openssl("ca", "-batch", "-notext", "-config", self.config, "-keyfile", self.key, "-cert", self.certificate,
                "-extensions", profile, "-startdate", start.strftime(stamp), "-enddate", end.strftime(stamp),
                "-in", request, "-out", certificate)

    def revoke(self, certificate):
        openssl("ca", "-config", self.config, "-keyfile", self.key, "-cert", self.certificate, "-revoke", certificate)

    def write_crl(self):
        openssl("ca", "-gencrl", "-config", self.config, "-keyfile", self.key, "-cert", self.certificate, "-out", self.crl)


class World:
    """Paths of everything; all of it lies in `folder`."""

    def __init__(self, folder):
        self.folder = folder = Path(folder)
        self.clients = {}  # identity -> (certificate file with what is sent, key file); "none" is not in it
        root = Authority(folder / "root", "Lab Root CA")
        servers = Authority(folder / "servers", "Lab Servers CA", root)
        clients = Authority(folder / "clients", "Lab Clients CA", root)
        teams = Authority(folder / "teams", "Lab Teams CA", clients)
        partner = Authority(folder / "partner", "Lab Partner CA")
        impostor = Authority(folder / "impostor", "Lab Root CA")

        self._client("good", clients, "client", sent=[clients])
        self._client("wrong_eku", clients, "wrong_eku", sent=[clients])
        self._client("expired", clients, "client", sent=[clients], ended=True)
        self._client("revoked", clients, "client", sent=[clients])
        self._client("deep", teams, "client", sent=[teams, clients])
        self._client("gap", teams, "client", sent=[teams])
        self._client("unlisted", partner, "client", sent=[])
        self._client("rogue", impostor, "client", sent=[])
        self._client("rogue_without_aki", impostor, "without_aki", sent=[])

        servers.issue(folder / "server", SERVER_NAME, "server")
        clients.revoke(self.clients["revoked"][0])
        self.servers = servers
        self.key = folder / "server.key"
        self.certificate = self._joined("server-chain.pem", folder / "server.pem", servers.certificate)
        self.certificate_and_key = self._joined("server-all.pem", self.certificate, self.key)
        self.root = root.certificate
        self.root_and_partner = self._joined("trusted.pem", root.certificate, partner.certificate)
        for authority in (root, clients, teams, partner):
            authority.write_crl()
        self.crls = self._joined("all.crl", root.crl, clients.crl, teams.crl, partner.crl)
        self.root_and_partner_and_crls = self._joined("trusted-and.crl", self.root_and_partner, self.crls)
        self.root_and_crls = self._joined("root-and.crl", root.certificate, self.crls)

    def _client(self, identity, issuer, profile, sent, ended=False):
        issuer.issue(self.folder / identity, "client of the lab", profile, ended=ended)
        certificate = self._joined(f"{identity}-sent.pem", self.folder / f"{identity}.pem",
                                   *(authority.certificate for authority in sent))
        self.clients[identity] = (certificate, self.folder / f"{identity}.key")

    def _joined(self, name, *parts):
        path = self.folder / name
        path.write_text("".join(Path(part).read_text() for part in parts))
        return path
