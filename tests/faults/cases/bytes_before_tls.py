"""What is no TLS: rows 8 to 10, 27."""
import os
import random

from case import Case, failed
from peer import wire

BANNERS = {
    "ssh": b"SSH-2.0-OpenSSH_9.2p1 secret-banner\r\n",
    "smtp": b"220 mail.example ESMTP secret-banner\r\n",
    "mysql": b"\x4a\x00\x00\x00\x0a5.5.5-10.11.6-MariaDB-secret-banner\x00" + bytes(40),
    "redis": b"-ERR unknown command secret-banner\r\n",
    "ftp": b"220 secret-banner FTP\r\n",
    "http": b"HTTP/1.1 400 Bad Request\r\nServer: secret-banner\r\nContent-Length: 5\r\nConnection: close\r\n\r\nplain",
}


def says(banner, first):
    def behave(peer):
        server = peer.bare()
        if not first:
            server.receive(100)
        server.send(banner)
        peer.pause(0.2)
        peer.close()
    return behave


def noise(first_bytes):
    block = first_bytes + random.Random(17).randbytes(1 << 20)

    def behave(peer):
        server = peer.bare()
        server.send(block)
        for _ in range(9):
            server.send(block[len(first_bytes):])
    return behave


def sslv2(peer):
    """SERVER-HELLO of SSL 2.0: what a server older than 1996 answers."""
    server = peer.bare()
    server.receive(100)
    body = b"\x04\x00\x01\x00\x02" + b"\x00\x04\x00\x03\x00\x10" + bytes(4) + b"\x07\x00\xc0" + os.urandom(16)
    server.send((0x8000 | len(body)).to_bytes(2, "big") + body)


def answering_version(version):
    def behave(peer):
        server = peer.tls12()
        server.read_hello()
        server.send(server.record(wire.HANDSHAKE, server.server_hello_message(extensions=b"", version=version, suite=0x002F), version=version))
    return behave


def alert_of_sslv3(peer):
    server = peer.bare()
    server.read_record()
    server.send(server.record(wire.ALERT, b"\x02\x28", version=0x0300))
    peer.close()


def cases(_world):
    said = [Case(f"{name}_first", "9", says(banner, True), failed("handshake", "not_tls")) for name, banner in BANNERS.items() if name != "http"]
    return [
        Case("http_answer", "8", says(BANNERS["http"], False), failed("handshake", "not_tls", within=1.2)), *said,
        Case("noise", "10", noise(b"\x9b\x07"), failed("handshake", "not_tls", within=1.0), heavy=True),
        # The header of a record, then noise: the read ends with the record.
        Case("noise_in_a_record", "10", noise(b"\x16\x03\x03\x3f\xff"), failed("handshake", "protocol_error", within=1.0), heavy=True),
        Case("noise_of_length_zero_alert", "10+", noise(b"\x15\x03\x03\x00\x00"), failed("handshake", ("protocol_error", "not_tls"), within=1.0), heavy=True),
        Case("record_beyond_its_limit", "10+", noise(b"\x16\x03\x03\xff\xff"), failed("handshake", ("protocol_error", "message_too_large"), within=1.0), heavy=True),
        Case("sslv2_hello", "27", sslv2, failed("handshake", ("not_tls", "protocol_error", "protocol_version"))),
        Case("sslv3_hello", "27", answering_version(0x0300), failed("handshake", "protocol_version")),
        Case("sslv3_alert", "27", alert_of_sslv3, failed("handshake", "alert", "handshake_failure")),
        Case("version_0x0305", "27+", answering_version(0x0305), failed("handshake", "protocol_version")),
        Case("tls10_only", "28", answering_version(0x0301), failed("handshake", "protocol_version")),
        Case("tls11_only", "28", answering_version(0x0302), failed("handshake", "protocol_version")),
    ]
