"""Certificates for the troubles: authorities and leaves by common name, made with the openssl command line. What was issued is known
by name afterwards, as it is to whoever runs a PKI: that is all the hands (hands.py) may know besides the remedy's own words."""
import pathlib
import shutil
import subprocess
from datetime import datetime, timedelta, timezone

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
commonName = optional
"""


def openssl(*words, **more):
    return subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True, **more).stdout


def stamp(days):
    return (datetime.now(timezone.utc) + timedelta(days=days)).strftime("%Y%m%d%H%M%SZ")


class Certificate:
    def __init__(self, name, common_name, pem, key, issuer):
        self.name, self.common_name, self.pem, self.key, self.issuer = name, common_name, pem, key, issuer

    @property
    def text(self):
        return self.pem.read_text()

    @property
    def is_root(self):
        return self.issuer is None


class Pki:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.by_name = {}

    def copied_to(self, folder):
        """The same authorities and leaves in a folder of their own: making keys anew for each trouble takes longer than the probes."""
        shutil.copytree(self.folder, folder)
        copy = Pki(folder)
        for name, one in self.by_name.items():
            copy.by_name[name] = Certificate(name, one.common_name, copy.folder / one.pem.name, copy.folder / one.key.name, one.issuer)
            copy.by_name[name].how = one.how
        for database in copy.folder.glob("*.db"):
            (database / "cnf").write_text(CONFIG.format(folder=database))
        return copy

    def find(self, common_name):
        """The latest of that common name."""
        return [one for one in self.by_name.values() if one.common_name == common_name][-1]

    def issue(self, name, common_name, issuer=None, ca=False, names=(), usage=None, begins=-1, ends=90, key=None):
        made = self.folder / f"{name}.pem"
        key = key or self.folder / f"{name}.key"
        if not key.exists():
            openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key)
            key.chmod(0o600)
        request = self.folder / f"{name}.csr"
        openssl("req", "-new", "-key", key, "-subj", f"/CN={common_name}" if common_name else "/", "-out", request)
        extensions = ["subjectKeyIdentifier = hash"]
        if issuer is not None:
            extensions.append("authorityKeyIdentifier = keyid")
        if ca:
            extensions += ["basicConstraints = critical, CA:TRUE", "keyUsage = critical, keyCertSign, cRLSign"]
        else:
            extensions += ["basicConstraints = critical, CA:FALSE", "keyUsage = critical, digitalSignature"]
            if usage:
                extensions.append(f"extendedKeyUsage = {usage}")
            if names:
                extensions.append("subjectAltName = " + ", ".join(names))
        signer = self.by_name[issuer] if issuer else None
        database = self.database(issuer or name)
        (self.folder / f"{name}.ext").write_text("\n".join(extensions) + "\n")
        by = ["-cert", signer.pem, "-keyfile", signer.key] if signer else ["-selfsign", "-keyfile", key]
        openssl("ca", "-batch", "-notext", "-config", database / "cnf", *by, "-in", request, "-out", made, "-startdate",
                stamp(begins), "-enddate", stamp(ends), "-extfile", self.folder / f"{name}.ext")
        self.by_name.pop(name, None)
        self.by_name[name] = Certificate(name, common_name, made, key, issuer)
        self.by_name[name].how = dict(ca=ca, names=names, usage=usage)
        return self.by_name[name]

    def database(self, name):
        folder = self.folder / f"{name}.db"
        if not folder.exists():
            folder.mkdir()
            (folder / "index.txt").touch()
            (folder / "crlnumber").write_text("01\n")
            (folder / "cnf").write_text(CONFIG.format(folder=folder))
        return folder

    def ca(self, name, common_name, issuer=None, **more):
        return self.issue(name, common_name, issuer, ca=True, **{"ends": 3000, **more})

    def again(self, name, **changes):
        """The same certificate anew, with a term of its own and what was to change."""
        old = self.by_name[name]
        how = {**old.how, **changes}
        common_name = how.pop("common_name", old.common_name)
        return self.issue(name, common_name, old.issuer, key=old.key, **how)

    def crl(self, issuer, lapsed=False):
        """The text of a revocation list of that authority."""
        signer, database = self.by_name[issuer], self.database(issuer)
        term = ["-crl_lastupdate", stamp(-60), "-crl_nextupdate", stamp(-30)] if lapsed else ["-crldays", "30"]
        out = self.folder / f"{issuer}.crl"
        openssl("ca", "-gencrl", "-config", database / "cnf", "-cert", signer.pem, "-keyfile", signer.key, *term, "-out", out)
        return out.read_text()
