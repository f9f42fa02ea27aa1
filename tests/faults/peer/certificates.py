"""Certificates by hand, every field replaceable, and the small world they belong to."""
import datetime
import os

from cryptography.hazmat.primitives import serialization

from peer import keys
from peer.der import (GENERALIZED_TIME, UTC_TIME, UTF8, bits, boolean, integer, octets, oid, sequence, set_of, string, tagged,
                      tagged_primitive)

SERVER_NAME = "www.faults.test"
COMMON_NAME = "2.5.4.3"


def name(common_name, tag=UTF8, attribute=COMMON_NAME):
    """An X.501 name of one attribute; `common_name` is text or the string's content octets."""
    return sequence(set_of(sequence(oid(attribute), string(common_name, tag))))


def utc(text):
    return string(text, UTC_TIME)


def generalized(text):
    return string(text, GENERALIZED_TIME)


def from_now(**delta):
    """A moment as a certificate of today writes it."""
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(**delta)
    return utc(at.strftime("%y%m%d%H%M%SZ")) if at.year < 2050 else generalized(at.strftime("%Y%m%d%H%M%SZ"))


def extension(dotted, value, critical=False):
    return sequence(oid(dotted), *([boolean(True)] if critical else []), octets(value))


def dns(text):
    return tagged_primitive(2, text.encode() if isinstance(text, str) else text)


def alternative_names(*general_names):
    return extension("2.5.29.17", sequence(*general_names))


def basic_constraints(authority, path_length=None):
    content = [boolean(True)] if authority else []
    return extension("2.5.29.19", sequence(*content, *([integer(path_length)] if path_length is not None else [])), critical=True)


def key_identifier(info):
    import hashlib
    return hashlib.sha1(info).digest()


def authority_extensions(info, *others):
    return [basic_constraints(True), extension("2.5.29.15", bits(b"\x06", 1), critical=True),
            extension("2.5.29.14", octets(key_identifier(info))), *others]


def leaf_extensions(info, issuer_info, names=None, usage="1.3.6.1.5.5.7.3.1"):
    return [extension("2.5.29.15", bits(b"\x80", 7), critical=True), extension("2.5.29.37", sequence(oid(usage))),
            alternative_names(*(names if names is not None else [dns(SERVER_NAME)])),
            extension("2.5.29.14", octets(key_identifier(info))),
            extension("2.5.29.35", sequence(tagged_primitive(0, key_identifier(issuer_info))))]


class Certificate:
    """`der`, and the key that belongs to it."""

    def __init__(self, der, key, subject):
        self.der, self.key, self.subject = der, key, subject

    def pem(self):
        import base64
        body = base64.encodebytes(self.der).decode()
        return f"-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----\n"


def issue(subject, key, issuer=None, *, authority=False, serial=None, not_before=None, not_after=None, extensions=None, more=(),
          names=None, version=2, signer=None, usage="1.3.6.1.5.5.7.3.1"):
    """A certificate for `key`, signed by `issuer` (its own key where None). `extensions` replaces the usual ones, `more` adds to them;
    `version` None leaves the field out (v1)."""
    subject = name(subject) if isinstance(subject, (str, bytes)) and not subject[:1] == b"0" else subject
    signing = signer or (issuer.key if issuer else key)
    if extensions is None:
        extensions = authority_extensions(key.info) if authority else leaf_extensions(key.info, (issuer.key if issuer else key).info, names, usage)
    parts = [tagged(0, integer(version))] if version is not None else []
    parts += [integer(serial if serial is not None else int.from_bytes(os.urandom(15), "big") | 1 << 118), signing.algorithm,
              issuer.subject if issuer else subject,
              sequence(not_before or from_now(days=-1), not_after or from_now(days=3650 if authority else 30)), subject, key.info]
    if extensions or more:
        parts.append(tagged(3, sequence(*extensions, *more)))
    signed = sequence(*parts)
    return Certificate(sequence(signed, signing.algorithm, bits(signing.sign(signed))), key, subject)


class World:
    """The root that targets trust, an intermediate, the ordinary server certificate, and the client identity."""

    def __init__(self):
        self.root = issue("Faults Root CA", keys.Ec(), authority=True)
        self.issuing = issue("Faults Servers CA", keys.Ec(), self.root, authority=True)
        self.key = keys.Ec()
        self.leaf = self.server()
        self.client = issue("client of the faults", keys.Ec(), self.root, usage="1.3.6.1.5.5.7.3.2", names=[dns("client.faults.test")])

    def server(self, subject=SERVER_NAME, key=None, issuer=None, **fields):
        """A leaf for the server's ordinary key and name, by the root, but for what is given."""
        return issue(subject, key or self.key, issuer or self.root, **fields)

    def write(self, folder):
        (folder / "root.pem").write_text(self.root.pem())
        (folder / "client.pem").write_text(self.client.pem())
        (folder / "client.key").write_bytes(self.client.key.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        (folder / "server.pem").write_text(self.leaf.pem())
        (folder / "server.key").write_bytes(self.key.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
