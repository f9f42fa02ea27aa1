"""Silence, trickles, resets and closes: rows 1 to 7, 34, 68."""
from dataclasses import replace

from case import Case, anonymous, failed, good, refused, unconfirmed
from peer import wire
from peer.exchange import X25519, Exchange


def silent(peer):
    pass


def trickled(peer):
    """ServerHello, a byte every 0.3 s: each read succeeds, the whole never does."""
    server = peer.tls13()
    server.read_hello()
    server.exchange = Exchange(X25519)
    for byte in server.record(wire.HANDSHAKE, server.server_hello_message()):
        server.send(bytes([byte]))
        peer.pause(0.3)


def half_a_record(peer):
    server = peer.bare()
    server.read_record()
    server.send(b"\x16\x03\x03\x00\x7a\x02\x00\x00")


def fin(peer):
    peer.close()


def fin_after_hello(peer):
    peer.tls13().read_hello()
    peer.close()


def reset(peer):
    peer.reset()


def reset_after_hello(peer):
    peer.tls13().read_hello()
    peer.reset()


def reset_after_server_hello(peer):
    server = peer.tls13()
    server.read_hello()
    server.server_hello()
    peer.reset()


def reset_after_certificate(peer):
    server = peer.tls13()
    server.read_hello()
    server.server_hello()
    server.handshake(server.encrypted_extensions_message() + server.certificate_message())
    peer.pause(0.05)
    peer.reset()


def reset_in_finished(peer):
    server = peer.tls13()
    server.read_hello()
    server.server_hello()
    flight = server.flight()
    server.handshake(flight[:-20])
    peer.pause(0.05)
    peer.reset()


def closed_in_certificate(peer):
    server = peer.tls13()
    server.read_hello()
    server.server_hello()
    server.handshake((server.encrypted_extensions_message() + server.certificate_message())[:200])
    peer.close()


def silent_after_certificate(peer):
    server = peer.tls13()
    server.read_hello()
    server.server_hello()
    server.handshake(server.encrypted_extensions_message() + server.certificate_message())


def silent_after_certificate_12(peer):
    server = peer.tls12()
    server.read_hello()
    server.handshake(server.note(server.server_hello_message()) + server.certificate_message())


def reset_after_certificate_12(peer):
    silent_after_certificate_12(peer)
    peer.pause(0.05)
    peer.reset()


def closed_without_notify(peer):
    peer.tls13().accept(request=False)
    peer.close()


def closed_with_notify(peer):
    server = peer.tls13()
    server.accept(request=False)
    server.close_notify()
    peer.close()


def silent_after_finished(peer):
    peer.tls13().accept()


def answered_and_closed(peer):
    server = peer.tls13()
    server.accept()
    server.ticket()
    server.read_application()
    server.application(b"HTTP/1.1 200 OK\r\n\r\nhello")
    peer.close()


def closed_after_certificate(peer):
    peer.tls13().accept()
    peer.close()


def reset_after_client_certificate(peer):
    peer.tls13().accept()
    peer.reset()


def reset_after_ticket(peer):
    server = peer.tls13()
    server.accept()
    server.ticket()
    peer.pause(0.02)  # within the settle time
    peer.reset()


def proxied(peer):
    """The PROXY protocol's header, version 2, before TLS; without it the connection is closed."""
    server = peer.tls13()
    if server.receive(12) != bytes.fromhex("0D0A0D0A000D0A515549540A"):
        peer.complain("no PROXY header came first")
        return peer.close()
    server.receive(int.from_bytes(server.receive(4)[2:], "big"))
    server.accept()
    server.ticket()
    return None


def cases(_world):
    timed_out = failed("handshake", "handshake_timeout")
    broken = failed("handshake", "connection_reset")
    closed = failed("handshake", "closed")
    certain = {"certificates": 1, "valid": True}
    return [
        Case("silent", "1", silent, timed_out),
        Case("blackhole", "2", silent, failed("connect", "connect_timeout"), listener="full"),
        Case("nothing_listens", "2+", silent, failed("connect", "refused", within=0.5), listener="none"),
        # The reset may be there before connect() is seen to have succeeded.
        Case("reset_on_accept", "3", reset, replace(failed("handshake", "connection_reset", within=0.5),
                                                    failure=("connect/connection_reset", "handshake/connection_reset"))),
        Case("fin_on_accept", "4", fin, failed("handshake", "closed", within=0.5)),
        Case("server_hello_trickled", "5", trickled, timed_out),
        Case("half_a_record", "6", half_a_record, timed_out),
        Case("silent_after_certificate", "6+", silent_after_certificate, failed("handshake", "handshake_timeout", **certain)),
        Case("silent_after_certificate_12", "6+", silent_after_certificate_12, failed("handshake", "handshake_timeout", **certain), "tls12"),
        Case("fin_after_hello", "4+", fin_after_hello, closed),
        Case("reset_after_hello", "34", reset_after_hello, broken),
        Case("reset_after_server_hello", "7", reset_after_server_hello, broken),
        Case("reset_after_certificate", "7", reset_after_certificate, failed("handshake", "connection_reset", **certain)),
        Case("reset_after_certificate_12", "7", reset_after_certificate_12, failed("handshake", "connection_reset", **certain), "tls12"),
        Case("reset_in_finished", "7", reset_in_finished, failed("handshake", "connection_reset", **certain)),
        Case("closed_in_certificate", "7+", closed_in_certificate, closed),
        Case("closed_without_notify", "68", closed_without_notify, anonymous(), "plain"),
        Case("closed_with_notify", "68+", closed_with_notify, anonymous(), "plain"),
        Case("answered_and_closed_without_notify", "68", answered_and_closed, good(), "https"),
        Case("silent_after_finished", "16", silent_after_finished, unconfirmed(client={"requested": True, "sent": True})),
        Case("closed_after_certificate", "17+", closed_after_certificate, refused("closed_after_certificate")),
        Case("reset_after_client_certificate", "17+", reset_after_client_certificate, refused("closed_after_certificate")),
        Case("proxied", "70", proxied, good(), "proxied"),
        Case("proxied_reset_on_accept", "70", reset, replace(failed("handshake", "connection_reset", within=0.5),
                                                             failure=("connect/connection_reset", "handshake/connection_reset")), "proxied"),
        Case("proxied_silent", "70", silent, timed_out, "proxied"),
        Case("reset_after_ticket", "17+", reset_after_ticket, refused("closed_after_certificate")),
    ]
