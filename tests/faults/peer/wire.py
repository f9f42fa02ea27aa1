"""One accepted connection: TLS records and handshake messages by hand, in the clear or sealed. RFC 8446 5, RFC 5246 6, RFC 5288."""
import struct

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, APPLICATION = 20, 21, 22, 23
HELLO_REQUEST, CLIENT_HELLO, SERVER_HELLO, TICKET, ENCRYPTED_EXTENSIONS = 0, 1, 2, 4, 8
CERTIFICATE, SERVER_KEY_EXCHANGE, CERTIFICATE_REQUEST, SERVER_HELLO_DONE = 11, 12, 13, 14
CERTIFICATE_VERIFY, CLIENT_KEY_EXCHANGE, FINISHED, KEY_UPDATE, COMPRESSED_CERTIFICATE, MESSAGE_HASH = 15, 16, 20, 24, 25, 254


class Gone(Exception):
    """The client has closed the connection, or has sent an alert: what a hostile peer expects at some point."""


def vector(size, content):
    """content with its length in `size` bytes before it."""
    return len(content).to_bytes(size, "big") + content


def message(kind, body):
    return bytes([kind]) + vector(3, body)


def extension(number, body):
    return struct.pack("!H", number) + vector(2, body)


class Sealed13:
    """TLS 1.3: the type is inside, the nonce is the sequence number on the IV."""

    def __init__(self, key, iv):
        self.cipher, self.iv, self.sequence = AESGCM(key), int.from_bytes(iv, "big"), 0

    def nonce(self):
        self.sequence += 1
        return (self.iv ^ (self.sequence - 1)).to_bytes(12, "big")

    def seal(self, kind, payload, padding=0):
        inner = payload + bytes([kind]) + bytes(padding)
        header = struct.pack("!BHH", APPLICATION, 0x0303, len(inner) + 16)
        return header + self.cipher.encrypt(self.nonce(), inner, header)

    def open(self, kind, payload):
        if kind != APPLICATION:  # a dummy ChangeCipherSpec, or the alert of a client that has no keys yet
            return kind, payload
        header = struct.pack("!BHH", kind, 0x0303, len(payload))
        inner = self.cipher.decrypt(self.nonce(), payload, header).rstrip(b"\0")
        return inner[-1], inner[:-1]


class Sealed12:
    """TLS 1.2 AES-GCM: four bytes of the nonce are fixed, eight travel."""

    def __init__(self, key, salt):
        self.cipher, self.salt, self.sequence = AESGCM(key), salt, 0

    def counted(self):
        self.sequence += 1
        return struct.pack("!Q", self.sequence - 1)

    def seal(self, kind, payload, padding=0):
        number = self.counted()
        sealed = self.cipher.encrypt(self.salt + number, payload, number + struct.pack("!BHH", kind, 0x0303, len(payload)))
        return struct.pack("!BHH", kind, 0x0303, len(sealed) + 8) + number + sealed

    def open(self, kind, payload):
        number = self.counted()
        size = len(payload) - 24
        return kind, self.cipher.decrypt(self.salt + payload[:8], payload[8:], number + struct.pack("!BHH", kind, 0x0303, size))


class Wire:
    """`connection` is a connected socket. Raises Gone when the client has gone."""

    def __init__(self, connection):
        self.connection = connection
        self.writing = self.reading = None  # Sealed13 or Sealed12
        self.unread = b""                   # bytes behind the record read last
        self.messages = b""                 # handshake bytes behind the message read last

    # out
    def send(self, data):
        try:
            self.connection.sendall(data)
        except OSError as error:
            raise Gone(str(error)) from None

    def record(self, kind, payload, version=0x0303):
        """One record as bytes, sealed if that is where we are; not sent."""
        if self.writing:
            return self.writing.seal(kind, payload)
        return struct.pack("!BHH", kind, version, len(payload)) + payload

    def records(self, kind, payload):
        """As many records as the payload needs."""
        return b"".join(self.record(kind, payload[at:at + 16384]) for at in range(0, len(payload), 16384))

    def handshake(self, data):
        self.send(self.records(HANDSHAKE, data))

    def alert(self, level, number):
        self.send(self.record(ALERT, bytes([level, number])))

    def application(self, data):
        self.send(self.records(APPLICATION, data))

    # in
    def receive(self, size):
        while len(self.unread) < size:
            try:
                chunk = self.connection.recv(65536)
            except OSError as error:
                raise Gone(str(error)) from None
            if not chunk:
                raise Gone("end of stream")
            self.unread += chunk
        taken, self.unread = self.unread[:size], self.unread[size:]
        return taken

    def read_record(self):
        kind, _, size = struct.unpack("!BHH", self.receive(5))
        payload = self.receive(size)
        return self.reading.open(kind, payload) if self.reading else (kind, payload)

    def read_message(self):
        """The next handshake message as (kind, whole message); an alert of the client is Gone."""
        while len(self.messages) < 4 or len(self.messages) < 4 + int.from_bytes(self.messages[1:4], "big"):
            kind, payload = self.read_record()
            if kind == ALERT:
                raise Gone(f"alert {payload[-1]}")
            if kind == HANDSHAKE:
                self.messages += payload
            elif kind == CHANGE_CIPHER_SPEC:
                self.changed_cipher()
        size = 4 + int.from_bytes(self.messages[1:4], "big")
        whole, self.messages = self.messages[:size], self.messages[size:]
        return whole[0], whole

    def changed_cipher(self):
        """TLS 1.2 begins to read sealed records here."""

    def read_application(self):
        while True:
            kind, payload = self.read_record()
            if kind == ALERT:
                raise Gone(f"alert {payload[-1]}")
            if kind == APPLICATION:
                return payload


class ClientHello:
    """What the client offered: `extensions` by number, and the few that a server has to look into."""

    def __init__(self, whole):
        self.raw = whole
        body = whole[4:]
        self.random = body[2:34]
        at = 35 + body[34]
        self.session = body[35:at]
        size = int.from_bytes(body[at:at + 2], "big")
        self.suites = [int.from_bytes(body[i:i + 2], "big") for i in range(at + 2, at + 2 + size, 2)]
        at += 2 + size
        at += 1 + body[at]
        self.extensions = {}
        end = at + 2 + int.from_bytes(body[at:at + 2], "big")
        at += 2
        while at < end:
            number, size = struct.unpack("!HH", body[at:at + 4])
            self.extensions[number] = body[at + 4:at + 4 + size]
            at += 4 + size

    def shares(self):
        """group -> the client's key share"""
        body, at, found = self.extensions.get(51, b"\0\0"), 2, {}
        while at < len(body):
            group, size = struct.unpack("!HH", body[at:at + 4])
            found[group] = body[at + 4:at + 4 + size]
            at += 4 + size
        return found

    def server_name(self):
        return self.extensions[0][5:].decode() if 0 in self.extensions else ""
