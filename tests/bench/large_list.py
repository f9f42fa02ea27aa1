"""A revocation list of many entries, written by hand in seconds: libraries keep each entry as an object, and copy them all for each more."""
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

sys.path.append(str(Path(__file__).resolve().parents[1] / "faults"))
from peer.der import UTC_TIME, bits, integer, length, octets, oid, sequence, tagged, tlv  # noqa: E402

ECDSA_WITH_SHA256, CRL_NUMBER = "1.2.840.10045.4.3.2", "2.5.29.20"


def utc_time(moment):
    return tlv(UTC_TIME, moment.strftime("%y%m%d%H%M%SZ").encode())


def revoked(entries, when):
    """Serials of 16 octets that nobody has: 0x40, then a counter."""
    ended = utc_time(when)
    head = b"\x30" + length(18 + len(ended)) + b"\x02\x10\x40"
    joined = b"".join(head + number.to_bytes(15, "big") + ended for number in range(entries))
    return b"\x30" + length(len(joined)) + joined


def write(path, authority, entries, number):
    """`authority`: its `certificate` and `key` (ECDSA) are paths. The list holds for a day."""
    key = serialization.load_pem_private_key(Path(authority.key).read_bytes(), None)
    issuer = x509.load_pem_x509_certificate(Path(authority.certificate).read_bytes()).subject.public_bytes()
    now = datetime.now(timezone.utc)
    algorithm = sequence(oid(ECDSA_WITH_SHA256))
    begins, ends = (utc_time(moment) for moment in (now - timedelta(minutes=1), now + timedelta(days=1)))
    extensions = tagged(0, sequence(sequence(oid(CRL_NUMBER), octets(integer(number)))))
    body = sequence(integer(1), algorithm, issuer, begins, ends, revoked(entries, now), extensions)
    whole = sequence(body, algorithm, bits(key.sign(body, ec.ECDSA(hashes.SHA256()))))
    fresh = Path(path).with_suffix(".new")
    fresh.write_bytes(whole)
    fresh.rename(path)
