"""Alerts at any time: rows 13, 14, 17, 18, 36, 38."""
from case import Case, anonymous, failed, refused
from peer import wire
from peer.certificates import dns

# number -> the reason our certificate was refused for
REFUSALS = {40: ("bad_certificate", "handshake_failure"), 42: ("bad_certificate", "bad_certificate"), 43: ("unsupported_certificate", "unsupported_certificate"),
            44: ("certificate_revoked", "certificate_revoked"), 45: ("certificate_expired", "certificate_expired"),
            46: ("bad_certificate", "certificate_unknown"), 48: ("unknown_ca", "unknown_ca"), 49: ("access_denied", "access_denied"),
            51: ("bad_certificate", "decrypt_error"), 116: ("certificate_required", "certificate_required")}
# number -> what it means before there was anything to refuse
AT_HELLO = {40: ("alert", "handshake_failure"), 70: ("protocol_version", "protocol_version"), 71: ("no_shared_cipher", "insufficient_security"),
            80: ("alert", "internal_error"), 112: ("unrecognized_name", "unrecognized_name"), 116: ("alert", "certificate_required"),
            120: ("no_application_protocol", "no_application_protocol"), 200: ("alert", "alert_200")}


def at_hello(number):
    def behave(peer):
        server = peer.bare()
        server.read_record()
        server.alert(2, number)
        peer.close()
    return behave


def late(number, level=2):
    """TLS 1.3: the client has long finished when it hears of it."""
    def behave(peer):
        server = peer.tls13()
        server.accept()
        server.alert(level, number)
        peer.close()
    return behave


def late_after_ticket(peer):
    """Rejection beats acceptance: a ticket, and the alert within the settle time."""
    server = peer.tls13()
    server.accept()
    server.ticket()
    server.alert(2, 48)
    peer.close()


def in_handshake_12(number):
    def behave(peer):
        server = peer.tls12()
        server.read_hello()
        server.handshake(server.flight(server.request_message()))
        server.read_flight()
        server.alert(2, number)
        peer.close()
    return behave


def warnings(version, number=90):
    """The same warning for ever; the client's patience ends before the probe's time does."""
    def behave(peer):
        server = peer.tls13() if version == 13 else peer.tls12()
        server.read_hello()
        if version == 13:
            server.server_hello()
        block = b"".join(server.record(wire.ALERT, bytes([1, number])) for _ in range(100))
        for _ in range(1000):
            server.send(block if version == 12 else b"".join(server.record(wire.ALERT, bytes([1, number])) for _ in range(100)))
    return behave


def warnings_after_finished(peer):
    server = peer.tls13()
    server.accept()
    for _ in range(1000):
        server.send(b"".join(server.record(wire.ALERT, b"\x01\x5a") for _ in range(100)))


def one_warning_then_on(peer):
    """RFC 6066 3: an unknown name may be a warning; the handshake goes on with the default certificate."""
    server = peer.tls12()
    server.read_hello()
    server.alert(1, 112)
    server.handshake(server.flight())
    server.read_flight()
    server.finish()


def default_certificate(chain):
    def behave(peer):
        peer.tls13(chain).accept(request=False)
    return behave


def alert_of_one_byte(peer):
    server = peer.tls13()
    server.read_hello()
    server.send(server.record(wire.ALERT, b"\x02"))


def cases(world):
    other = world.server("default.faults.test", names=[dns("default.faults.test")])
    found = [Case(f"alert_{number}_at_hello", "38" if number == 120 else "36" if number == 112 else "14", at_hello(number),
                  failed("handshake", reason, word, within=1.0), "h2" if number == 120 else "mtls")
             for number, (reason, word) in AT_HELLO.items()]
    found += [Case(f"alert_{number}_late", "17", late(number), refused(reason, word)) for number, (reason, word) in REFUSALS.items()]
    found += [Case(f"alert_{number}_tls12", "18", in_handshake_12(number), refused(reason, word), "tls12")
              for number, (reason, word) in REFUSALS.items()]
    return found + [
        # RFC 8446 6: every alert but close_notify and user_canceled is an error alert, whatever its level says.
        Case("alert_48_late_as_warning", "17+", late(48, level=1), refused("unknown_ca", "unknown_ca")),
        Case("alert_48_after_ticket", "17+", late_after_ticket, refused("unknown_ca", "unknown_ca")),
        Case("warning_storm_12", "13", warnings(12), failed("handshake", "protocol_error", within=1.0), "tls12"),
        Case("warning_storm_13", "13", warnings(13), failed("handshake", "protocol_error", within=1.0)),
        Case("warning_storm_after_finished", "13", warnings_after_finished,
             failed("handshake", "protocol_error", certificates=1, valid=True, verdict=("unconfirmed",), within=1.0)),
        Case("alert_of_one_byte", "13+", alert_of_one_byte, failed("handshake", "protocol_error", within=1.0)),
        Case("unknown_name_is_a_warning", "36", one_warning_then_on, anonymous(), "plain"),
        Case("default_certificate", "36", default_certificate([other]), anonymous(success=0, hostname_match=False, broken=("hostname",)), "plain"),
    ]
