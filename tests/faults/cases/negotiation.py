"""Versions, suites, groups, extensions: rows 28 to 35, 65 to 67."""
import os
import ssl
import struct

from case import Case, Right, anonymous, failed, good
from peer import keys, wire
from peer.exchange import P521, X25519
from peer.wire import extension, message, vector


def library(configure, folder):
    """OpenSSL as a server, for what is old but in order."""
    def behave(peer):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "server.pem", folder / "server.key")
        configure(context)
        peer.library(context).recv(1)
    return behave


def old(version):
    def configure(context):
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = version
    return configure


def ciphers(text):
    def configure(context):
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(text)
    return configure


def retried(groups):
    """HelloRetryRequest for each of the groups in turn."""
    def behave(peer):
        server = peer.tls13()
        server.read_hello()
        for group in groups:
            server.retry(group)
        server.server_hello(groups[-1])
        server.handshake(server.flight(server.request_message()))
        server.start_application()
        server.read_finished()
        server.ticket()
    return behave


def retry_for_what_was_sent(peer):
    """RFC 8446 4.2.8: a retry for the group whose share came already is illegal."""
    server = peer.tls13()
    server.read_hello()
    server.retry(X25519)


def greased(peer):
    """RFC 8701 4: where a server may write GREASE, it does: CertificateRequest, NewSessionTicket."""
    grease = extension(0x1A1A, b"\x01") + extension(0xFAFA, b"")
    server = peer.tls13()
    server.read_hello()
    server.server_hello()
    server.handshake(server.flight(server.request_message(schemes=(0x3A3A, 0x0403), extensions=grease)))
    server.start_application()
    server.read_finished()
    server.ticket(extensions=grease)


def bent_server_hello(**fields):
    def behave(peer):
        server = peer.tls13()
        server.read_hello()
        server.server_hello(**fields)
    return behave


def stripped_extensions(peer):
    """A middlebox took all extensions of TLS 1.2 away: no secure renegotiation, no extended master secret."""
    server = peer.tls12()
    server.read_hello()
    server.handshake(server.flight(extensions=b""))
    server.read_flight()
    server.finish()


def dummy_ccs(count):
    def behave(peer):
        server = peer.tls13()
        server.read_hello()
        server.server_hello()
        server.send(b"\x14\x03\x03\x00\x01\x01" * count)
        server.handshake(server.flight(server.request_message()))
        server.start_application()
        server.read_finished()
        server.ticket()
    return behave


def instead_of_certificate(made):
    """EncryptedExtensions and then what `made` gives instead of a Certificate message."""
    def behave(peer):
        server = peer.tls13()
        server.read_hello()
        server.server_hello()
        server.handshake(server.encrypted_extensions_message() + made(server))
    return behave


def raw_public_key(peer):
    """RFC 7250, not asked for: the key alone where the certificate should be."""
    server = peer.tls13()
    server.read_hello()
    server.server_hello()
    body = b"\0" + vector(3, vector(3, peer.world.key.info) + b"\0\0")
    server.handshake(server.encrypted_extensions_message(extensions=extension(20, b"\x02")) + message(wire.CERTIFICATE, body))


def compressed(server):
    import zlib
    body = server.certificate_message()[4:]
    return message(wire.COMPRESSED_CERTIFICATE, struct.pack("!H", 1) + len(body).to_bytes(3, "big") + vector(3, zlib.compress(body)))


def bomb(server):
    """16 MB of zeros in 16 KB."""
    import zlib
    return message(wire.COMPRESSED_CERTIFICATE, struct.pack("!H", 1) + b"\xff\xff\xff" + vector(3, zlib.compress(bytes((1 << 24) - 1), 9)))


def psk_only(peer):
    server = peer.tls13()
    server.read_hello()
    body = extension(43, b"\x03\x04") + extension(41, b"\x00\x00")
    server.send(server.record(wire.HANDSHAKE, server.server_hello_message(extensions=body, random=os.urandom(32))))


def picks_suite(suite):
    def behave(peer):
        server = peer.tls12()
        server.read_hello()
        server.send(server.record(wire.HANDSHAKE, server.server_hello_message(suite=suite)))
    return behave


def early_data_offered(peer):
    """A ticket that allows early data; nobody may come back with it."""
    server = peer.tls13()
    hello = server.read_hello()
    if 42 in hello.extensions or 41 in hello.extensions:
        peer.complain("the exporter tried to resume")
    server.server_hello()
    server.handshake(server.flight(server.request_message()))
    server.start_application()
    server.read_finished()
    server.ticket(extensions=extension(42, struct.pack("!I", 16384)))


def dhe(prime, generator, public):
    def behave(key, chain):
        def inner(peer):
            server = peer.tls12(chain, key, suite=0x009E, scheme=0x0804)
            server.read_hello()
            server.handshake(server.flight(exchange=lambda: server.dhe_message(prime, generator, public(prime, generator))))
            server.read_message()
        return inner
    return behave


def prime_of(bits):
    """RFC 3526: 2^n - 2^(n-64) - 1 + 2^64 * (floor(2^(n-130) pi) + k), for the sizes used here."""
    return (1 << bits) - (1 << (bits - 64)) - 1 + (1 << 64) * (pi(bits - 130) + {1024: 129093, 2048: 124476, 8192: 4743158}[bits])


def pi(shift):
    """floor(2^shift * pi), by Machin."""
    unity = 1 << (shift + 64)

    def arctan(inverse):
        total = term = unity // inverse
        square, sign, divisor = inverse * inverse, -1, 3
        while term:
            term //= square
            total += sign * (term // divisor)
            sign, divisor = -sign, divisor + 2
        return total
    return 4 * (4 * arctan(5) - arctan(239)) >> 64


def of(exponent):
    return lambda prime, generator: pow(generator, exponent, prime)


def cases(world):
    rsa = keys.Rsa()
    chain = [world.server(key=rsa)]
    folder = world.folder
    broken = failed("handshake", "protocol_error")
    unseen = failed("handshake", ("protocol_error", "no_certificate"))
    small = failed("handshake", "key_too_small", certificates=1, valid=True)
    v = ssl.TLSVersion
    return [
        Case("tls10_where_allowed", "28", library(old(v.TLSv1), folder), anonymous(), "old"),
        Case("tls11_where_allowed", "28", library(old(v.TLSv1_1), folder), anonymous(), "old"),
        Case("tls10_by_a_library", "28", library(old(v.TLSv1), folder), failed("handshake", "protocol_version", "protocol_version"), "plain"),
        Case("null_ciphers_only", "29", library(ciphers("eNULL:@SECLEVEL=0"), folder), failed("handshake", "alert", "handshake_failure"), "plain"),
        Case("cbc_sha_only", "29+", library(ciphers("ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0"), folder), anonymous(), "plain"),
        Case("picks_rc4", "29", picks_suite(0x0005), broken),
        Case("picks_triple_des", "29", picks_suite(0x000A), broken),
        Case("picks_export", "29", picks_suite(0x0003), broken),
        Case("picks_anonymous_ecdh", "66", picks_suite(0xC018), unseen),
        Case("dh_512", "30", dhe((1 << 512) - 569, 2, of(77))(rsa, chain), small, "tls12"),
        Case("dh_1024", "30", dhe(prime_of(1024), 2, of(2**200 + 1))(rsa, chain), small, "tls12"),
        Case("dh_2048", "30+", dhe(prime_of(2048), 2, of(2**200 + 1))(rsa, chain), failed("handshake", "handshake_timeout", certificates=1, valid=True), "tls12"),
        Case("dh_public_key_of_one", "30", dhe(prime_of(2048), 2, lambda *_: 1)(rsa, chain), failed("handshake", "protocol_error", certificates=1, valid=True), "tls12"),
        Case("dh_public_key_of_order_two", "30", dhe(prime_of(2048), 2, lambda prime, _: prime - 1)(rsa, chain),
             failed("handshake", "protocol_error", certificates=1, valid=True), "tls12"),
        Case("dh_composite", "30", dhe((1 << 2048) - 2**1000 - 1, 2, of(2**200 + 1))(rsa, chain),
             failed("handshake", ("protocol_error", "handshake_timeout"), certificates=1, valid=True), "tls12"),
        # Too dear to be done between two of the lane's steps: refused, or done elsewhere.
        Case("dh_8192", "f2", dhe(prime_of(8192), 2, of(2**200 + 1))(rsa, chain), failed("handshake", ("handshake_timeout", "protocol_error", "key_too_small", "message_too_large", "key_too_large"), certificates=1, valid=True), "tls12", solo=True),
        Case("retry_for_p521", "31", retried([P521]), good(), "p256"),
        Case("two_retries", "32", retried([P521, P521]), broken, "p256"),
        Case("retry_for_what_was_sent", "32+", retry_for_what_was_sent, broken),
        Case("greased", "33", greased, good()),
        Case("stripped_extensions", "35", stripped_extensions, anonymous(), "plain"),
        Case("no_key_share", "35", bent_server_hello(extensions=extension(43, b"\x03\x04")), broken),
        Case("other_session_id", "35", bent_server_hello(session=os.urandom(32)), broken),
        Case("group_not_offered", "35", bent_server_hello(extensions=extension(43, b"\x03\x04") + extension(51, struct.pack("!H", 0x9999) + vector(2, bytes(32)))), broken),
        Case("key_share_of_zeros", "35", bent_server_hello(extensions=extension(43, b"\x03\x04") + extension(51, struct.pack("!H", X25519) + vector(2, bytes(32)))), broken),
        Case("version_1_2_by_extension", "35", bent_server_hello(extensions=extension(43, b"\x03\x03")), failed("handshake", ("protocol_error", "protocol_version"))),
        Case("extension_not_offered", "35", bent_server_hello(tail=extension(0x7777, b"")), failed("handshake", ("protocol_error", "handshake_timeout"))),
        Case("dummy_ccs", "35", dummy_ccs(3), good()),
        Case("dummy_ccs_10000", "35+", dummy_ccs(10_000), Right(failure=("", "handshake/protocol_error"), certificates=(0, 1), success=None)),
        Case("compressed_certificate", "65", instead_of_certificate(compressed), broken),
        Case("compressed_bomb", "65", instead_of_certificate(bomb), failed("handshake", ("protocol_error", "message_too_large"))),
        Case("raw_public_key", "66", raw_public_key, failed("handshake", ("protocol_error", "certificate_unparsable"))),
        Case("psk_only", "66", psk_only, unseen),
        Case("early_data_in_ticket", "67", early_data_offered, good()),
    ]
