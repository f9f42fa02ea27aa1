"""A TLS 1.3 server by hand (RFC 8446): every flight can be left out, bent, repeated or cut. AES-128-GCM with SHA-256, no resumption."""
import hashlib
import hmac
import os
import struct
import time
from hashlib import sha256

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from peer import wire
from peer.exchange import P256, X25519, Exchange
from peer.wire import ClientHello, Sealed13, Wire, extension, message, vector

SUITE = 0x1301
HELLO_RETRY = bytes.fromhex("CF21AD74E59A6111BE1D8C021E65B891C2A211167ABB8C5E079E09E2C8A8339C")
SCHEMES = (0x0403, 0x0503, 0x0603, 0x0807, 0x0804, 0x0805, 0x0401)


def label_info(label, size):
    """The info of HKDF-Expand-Label without context, and the counter of the first block."""
    return struct.pack("!H", size) + vector(1, b"tls13 " + label.encode()) + b"\0\x01"


UPDATE, KEY, IV = label_info("traffic upd", 32), label_info("key", 16), label_info("iv", 12)


def extract(salt, secret):
    return hmac.new(salt, secret, hashlib.sha256).digest()


def expand_label(secret, label, context, size):
    info = struct.pack("!H", size) + vector(1, b"tls13 " + label.encode()) + vector(1, context)
    block = output = b""
    while len(output) < size:
        block = hmac.new(secret, block + info + bytes([len(output) // 32 + 1]), hashlib.sha256).digest()
        output += block
    return output[:size]


# A KeyUpdate is cheap to send and dear to make; HMAC-SHA-256 of short messages, unrolled, makes 4 MB of them in 2 s.
INNER, OUTER = bytes(byte ^ 0x36 for byte in range(256)), bytes(byte ^ 0x5C for byte in range(256))


def keyed(secret):
    block = secret + bytes(32)
    return sha256(block.translate(INNER)), sha256(block.translate(OUTER))


def once(inner, outer, info):
    inner, outer = inner.copy(), outer.copy()
    inner.update(info)
    outer.update(inner.digest())
    return outer.digest()


def sealed(secret):
    return Sealed13(expand_label(secret, "key", b"", 16), expand_label(secret, "iv", b"", 12))


def key_update(requested):
    return message(wire.KEY_UPDATE, bytes([requested]))


class Tls13(Wire):
    """`chain` is what is sent, leaf first; `key` signs."""

    def __init__(self, connection, chain, key):
        super().__init__(connection)
        self.chain, self.key, self.transcript = chain, key, b""
        self.requested = False
        self.traffic = {}

    def note(self, raw):
        self.transcript += raw
        return raw

    def digest(self):
        return hashlib.sha256(self.transcript).digest()

    def read_hello(self):
        _, whole = self.read_message()
        self.hello = ClientHello(self.note(whole))
        return self.hello

    # flights
    def server_hello_message(self, group=X25519, extensions=None, version=0x0303, suite=SUITE, random=None, session=None,
                             tail=b""):
        if extensions is None:
            extensions = extension(43, b"\x03\x04") + extension(51, struct.pack("!H", group) + vector(2, self.exchange.share))
        session = self.hello.session if session is None else session
        return message(wire.SERVER_HELLO, struct.pack("!H", version) + (random or os.urandom(32)) + vector(1, session) +
                       struct.pack("!HB", suite, 0) + vector(2, extensions + tail))

    def server_hello(self, group=None, **fields):
        """Sends ServerHello and a dummy ChangeCipherSpec, and seals what follows. The group is the first the client sent a share for."""
        shares = self.hello.shares()
        group = group or next(one for one in shares if one in (X25519, P256, 24, 25))
        self.exchange = Exchange(group)
        self.send(self.record(wire.HANDSHAKE, self.note(self.server_hello_message(group, **fields))))
        self.send(self.record(wire.CHANGE_CIPHER_SPEC, b"\x01"))
        self.begin_sealing(self.exchange.secret(shares[group]))

    def begin_sealing(self, shared):
        early = extract(bytes(32), bytes(32))
        derived = expand_label(early, "derived", hashlib.sha256(b"").digest(), 32)
        self.handshake_secret = extract(derived, shared)
        self.client_secret = expand_label(self.handshake_secret, "c hs traffic", self.digest(), 32)
        self.server_secret = expand_label(self.handshake_secret, "s hs traffic", self.digest(), 32)
        self.writing, self.reading = sealed(self.server_secret), sealed(self.client_secret)

    def retry(self, group):
        """HelloRetryRequest for `group`, and the second ClientHello."""
        body = extension(43, b"\x03\x04") + extension(51, struct.pack("!H", group))
        request = self.server_hello_message(extensions=body, random=HELLO_RETRY)
        # RFC 8446 4.4.1: the first ClientHello becomes a message of its hash.
        self.transcript = message(wire.MESSAGE_HASH, hashlib.sha256(self.transcript).digest()) + request
        self.send(self.record(wire.HANDSHAKE, request))
        return self.read_hello()

    def encrypted_extensions_message(self, alpn=b"", extensions=b""):
        if alpn:
            extensions += extension(16, vector(2, vector(1, alpn)))
        return message(wire.ENCRYPTED_EXTENSIONS, vector(2, extensions))

    def request_message(self, authorities=(), schemes=SCHEMES, context=b"", extensions=b""):
        body = extension(13, vector(2, b"".join(struct.pack("!H", scheme) for scheme in schemes)))
        if authorities:
            body += extension(47, vector(2, b"".join(vector(2, one) for one in authorities)))
        return message(wire.CERTIFICATE_REQUEST, vector(1, context) + vector(2, body + extensions))

    def certificate_message(self, chain=None, context=b""):
        entries = b"".join(vector(3, one.der) + b"\0\0" for one in (self.chain if chain is None else chain))
        return message(wire.CERTIFICATE, vector(1, context) + vector(3, entries))

    def verify_message(self, scheme=None, signature=None):
        signed = b" " * 64 + b"TLS 1.3, server CertificateVerify\0" + self.digest()
        scheme = scheme or self.key.scheme
        return message(wire.CERTIFICATE_VERIFY,
                       struct.pack("!H", scheme) + vector(2, signature or self.key.tls_sign(scheme, signed)))

    def finished_message(self):
        return message(wire.FINISHED, hmac.new(expand_label(self.server_secret, "finished", b"", 32), self.digest(), hashlib.sha256).digest())

    def flight(self, request=None, alpn=b"", chain=None, **verify):
        """EncryptedExtensions to Finished as bytes; `request` is a CertificateRequest message, or nothing."""
        messages = self.note(self.encrypted_extensions_message(alpn))
        if request:
            self.requested = True
            messages += self.note(request)
        messages += self.note(self.certificate_message(chain))
        messages += self.note(self.verify_message(**verify))
        return messages + self.note(self.finished_message())

    def start_application(self):
        """After our Finished: what we send is sealed with the application's keys."""
        derived = expand_label(self.handshake_secret, "derived", hashlib.sha256(b"").digest(), 32)
        master = extract(derived, bytes(32))
        self.traffic = {label: expand_label(master, label, self.digest(), 32) for label in ("c ap traffic", "s ap traffic")}
        self.writing = sealed(self.traffic["s ap traffic"])

    def read_finished(self):
        """The client's flight: its Certificate message if there was one, as bytes."""
        certificate = b""
        while True:
            kind, whole = self.read_message()
            self.note(whole)
            if kind == wire.CERTIFICATE:
                certificate = whole
            if kind == wire.FINISHED:
                self.reading = sealed(self.traffic["c ap traffic"])
                return certificate

    def accept(self, request=True, alpn=b"", **fields):
        """The whole handshake. `request`: True for an ordinary CertificateRequest, False for none, or the message itself."""
        self.read_hello()
        self.server_hello()
        self.handshake(self.flight(self.request_message() if request is True else request, alpn, **fields))
        self.start_application()
        return self.read_finished()

    # afterwards
    def ticket_message(self, extensions=b"", size=100):
        return message(wire.TICKET, struct.pack("!II", 7200, 1) + vector(1, os.urandom(8)) + vector(2, os.urandom(size)) + vector(2, extensions))

    def ticket(self, **fields):
        self.handshake(self.ticket_message(**fields))

    def next_write_key(self):
        self.traffic["s ap traffic"] = expand_label(self.traffic["s ap traffic"], "traffic upd", b"", 32)
        self.writing = sealed(self.traffic["s ap traffic"])

    def key_updates(self, size, until, requested=1):
        """KeyUpdates as bytes, each in a record of its own under its own key: `size` bytes, or what is made by `until` (monotonic)."""
        plain, header, nonce = key_update(requested) + bytes([wire.HANDSHAKE]), b"\x17\x03\x03\x00\x16", self.writing.nonce()
        secret, cipher, made = self.traffic["s ap traffic"], self.writing.cipher, []
        while len(made) * 27 < size and (len(made) % 1000 or time.monotonic() < until):
            made.append(header + cipher.encrypt(nonce, plain, header))
            secret = once(*keyed(secret), UPDATE)
            inner, outer = keyed(secret)
            cipher, nonce = AESGCM(once(inner, outer, KEY)[:16]), once(inner, outer, IV)[:12]
        self.traffic["s ap traffic"], self.writing = secret, sealed(secret)
        return b"".join(made)

    def close_notify(self):
        self.alert(1, 0)
