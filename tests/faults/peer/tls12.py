"""A TLS 1.2 server by hand (RFC 5246, RFC 8422, RFC 5288): ECDHE, DHE and static RSA with AES-128-GCM and SHA-256, renegotiation
included (RFC 5746)."""
import hashlib
import hmac
import os
import struct

from peer import wire
from peer.exchange import P256, Exchange
from peer.wire import ClientHello, Sealed12, Wire, extension, message, vector

ECDHE_ECDSA, ECDHE_RSA, DHE_RSA, RSA = 0xC02B, 0xC02F, 0x009E, 0x009C
SCHEMES = (0x0403, 0x0503, 0x0603, 0x0804, 0x0401, 0x0501)


def expanded(secret, label, seed, size):
    seed, output = label.encode() + seed, b""
    step = seed
    while len(output) < size:
        step = hmac.new(secret, step, hashlib.sha256).digest()
        output += hmac.new(secret, step + seed, hashlib.sha256).digest()
    return output[:size]


class Tls12(Wire):
    def __init__(self, connection, chain, key, suite=ECDHE_ECDSA, scheme=None):
        super().__init__(connection)
        self.chain, self.key, self.suite, self.scheme = chain, key, suite, scheme or key.scheme
        self.transcript, self.requested, self.verify_data, self.pending = b"", False, b"", None

    def note(self, raw):
        self.transcript += raw
        return raw

    def read_hello(self):
        _, whole = self.read_message()
        self.transcript = b""
        self.hello = ClientHello(self.note(whole))
        return self.hello

    # messages
    def server_hello_message(self, extensions=None, version=0x0303, suite=None, alpn=b""):
        self.random = os.urandom(32)
        if extensions is None:
            # RFC 5746: empty in the first handshake; RFC 7627: the extended master secret.
            extensions = extension(0xFF01, vector(1, self.verify_data)) + extension(23, b"") + extension(11, b"\x01\x00")
            if alpn:
                extensions += extension(16, vector(2, vector(1, alpn)))
        self.extended = extension(23, b"") in extensions
        return message(wire.SERVER_HELLO, struct.pack("!H", version) + self.random + vector(1, b"") +
                       struct.pack("!HB", suite or self.suite, 0) + (vector(2, extensions) if extensions else b""))

    def certificate_message(self, chain=None):
        return message(wire.CERTIFICATE, vector(3, b"".join(vector(3, one.der) for one in (self.chain if chain is None else chain))))

    def signed(self, parameters):
        signature = self.key.tls_sign(self.scheme, self.hello.random + self.random + parameters)
        return message(wire.SERVER_KEY_EXCHANGE, parameters + struct.pack("!H", self.scheme) + vector(2, signature))

    def ecdhe_message(self, group=P256):
        self.exchange = Exchange(group)
        return self.signed(struct.pack("!BH", 3, group) + vector(1, self.exchange.share))

    def dhe_message(self, prime, generator, public):
        size = (prime.bit_length() + 7) // 8
        numbers = (prime.to_bytes(size, "big"), generator.to_bytes((generator.bit_length() + 7) // 8, "big"), public.to_bytes(size, "big"))
        return self.signed(b"".join(vector(2, number) for number in numbers))

    def request_message(self, authorities=(), schemes=SCHEMES):
        return message(wire.CERTIFICATE_REQUEST, vector(1, b"\x01\x40") + vector(2, b"".join(struct.pack("!H", one) for one in schemes)) +
                       vector(2, b"".join(vector(2, one) for one in authorities)))

    def flight(self, request=None, exchange=None, chain=None, **hello):
        messages = self.note(self.server_hello_message(**hello)) + self.note(self.certificate_message(chain))
        if self.suite != RSA:
            messages += self.note(exchange() if exchange else self.ecdhe_message())
        if request:
            self.requested = True
            messages += self.note(request)
        return messages + self.note(message(wire.SERVER_HELLO_DONE, b""))

    # keys
    def secret_of(self, key_exchange):
        """The premaster secret from a ClientKeyExchange."""
        if self.suite == RSA:
            from cryptography.hazmat.primitives.asymmetric import padding
            return self.key.key.decrypt(key_exchange[6:], padding.PKCS1v15())
        return self.exchange.secret(key_exchange[5:])

    def derive(self, premaster):
        if self.extended:
            self.master = expanded(premaster, "extended master secret", hashlib.sha256(self.transcript).digest(), 48)
        else:
            self.master = expanded(premaster, "master secret", self.hello.random + self.random, 48)
        block = expanded(self.master, "key expansion", self.random + self.hello.random, 40)
        self.pending = (Sealed12(block[:16], block[32:36]), Sealed12(block[16:32], block[36:40]))

    def changed_cipher(self):
        self.reading = self.pending[0]

    def read_flight(self):
        """ClientKeyExchange to Finished; the client's Certificate message if there was one."""
        certificate = b""
        while True:
            kind, whole = self.read_message()
            if kind == wire.FINISHED:
                theirs = whole[4:]
                self.note(whole)
                self.client_verify = theirs
                return certificate
            self.note(whole)
            if kind == wire.CERTIFICATE:
                certificate = whole
            if kind == wire.CLIENT_KEY_EXCHANGE:
                self.derive(self.secret_of(whole))

    def finish(self):
        """ChangeCipherSpec and Finished."""
        change = self.record(wire.CHANGE_CIPHER_SPEC, b"\x01")
        self.writing = self.pending[1]
        ours = expanded(self.master, "server finished", hashlib.sha256(self.transcript).digest(), 12)
        self.verify_data = self.client_verify + ours
        self.send(change + self.record(wire.HANDSHAKE, message(wire.FINISHED, ours)))

    def accept(self, request=True, **fields):
        self.read_hello()
        self.handshake(self.flight(self.request_message() if request is True else request, **fields))
        certificate = self.read_flight()
        self.finish()
        return certificate

    def renegotiate(self, request=True):
        """HelloRequest, and the whole handshake again under the keys of the last."""
        self.handshake(message(wire.HELLO_REQUEST, b""))
        return self.accept(request)

    def close_notify(self):
        self.alert(1, 0)
