"""Being asked for a certificate, or not: rows 19 to 25."""
from case import Case, Right, anonymous, failed, good, refused
from peer import wire
from peer.certificates import name
from peer.tls13 import SCHEMES


def answer(server, status="200 OK"):
    server.read_application()
    server.application(f"HTTP/1.1 {status}\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok".encode())
    server.close_notify()


def not_asked(peer):
    server = peer.tls13()
    server.accept(request=False)
    server.ticket()
    answer(server)
    peer.close()


def anybody(peer):
    """Asks, and takes whatever comes (optional_no_ca)."""
    server = peer.tls13()
    server.accept()
    server.ticket()
    answer(server)
    peer.close()


def nobody_else(peer):
    """Takes exactly our certificate: how a door should be."""
    server = peer.tls13()
    certificate = server.accept()
    if peer.world.client.der in certificate:
        server.ticket()
        answer(server)
    else:
        server.alert(2, 116 if len(certificate) < 20 else 48)
    peer.close()


def any_certificate(peer):
    server = peer.tls13()
    if len(server.accept()) > 20:
        server.ticket()
        answer(server)
    else:
        server.alert(2, 116)
    peer.close()


def accepted(**request):
    """Asks with what is given and lets in who answers with a certificate."""
    def behave(peer):
        server = peer.tls13()
        server.read_hello()
        server.server_hello()
        server.handshake(server.flight(server.request_message(**request)))
        server.start_application()
        if len(server.read_finished()) > 20:
            server.ticket()
        else:
            server.alert(2, 116)
            peer.close()
    return behave


def accepted_12(authorities):
    def behave(peer):
        server = peer.tls12()
        server.read_hello()
        server.handshake(server.flight(server.request_message(authorities)))
        server.read_flight()
        server.finish()
    return behave


def list_that_lies(peer):
    """CertificateRequest whose list claims 200 KB, which its two bytes of length cannot say."""
    server = peer.tls12()
    server.read_hello()
    body = b"\x01\x40" + b"\x00\x02\x04\x03" + b"\xff\xff" + bytes(200_000)
    server.handshake(server.flight(wire.message(wire.CERTIFICATE_REQUEST, body)))
    server.read_flight()


def asked_late(times=1, let_in=True):
    """TLS 1.3 post-handshake authentication, once the question is there."""
    def behave(peer):
        server = peer.tls13()
        server.accept(request=False)
        server.ticket()
        server.read_application()
        for number in range(times):
            base = server.transcript
            server.handshake(server.note(server.request_message(context=bytes([number + 1]))))
            certificate = read_late_answer(server)
            server.transcript = base
        if let_in and len(certificate) > 20:
            server.ticket()
            server.application(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        elif let_in:
            server.alert(2, 116)
        else:
            server.alert(2, 48)
        peer.close()
    return behave


def read_late_answer(server):
    certificate = b""
    while True:
        kind, whole = server.read_message()
        if kind == wire.CERTIFICATE:
            certificate = whole
        if kind == wire.FINISHED:
            return certificate


def asked_late_and_silent(peer):
    server = peer.tls13()
    server.accept(request=False)
    server.read_application()
    server.handshake(server.request_message(context=b"x"))
    read_late_answer(server)


def late_requests_flood(peer):
    """CertificateRequests for ever after Finished; each makes the client sign."""
    server = peer.tls13()
    server.accept()
    number = 0
    while True:
        block = b""
        for _ in range(50):
            number += 1
            block += server.record(wire.HANDSHAKE, server.request_message(context=number.to_bytes(4, "big")))
        server.send(block)


def renegotiated(let_in):
    """IIS: the handshake without, then HelloRequest when the path is known."""
    def behave(peer):
        server = peer.tls12()
        server.accept(request=False)
        server.read_application()
        server.handshake(wire.message(wire.HELLO_REQUEST, b""))
        server.read_hello()
        server.handshake(server.flight(server.request_message()))
        certificate = server.read_flight()
        if let_in and peer.world.client.der in certificate:
            server.finish()
            server.application(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        else:
            server.alert(2, 48)
        peer.close()
    return behave


def renegotiation_never_finished(peer):
    server = peer.tls12()
    server.accept(request=False)
    server.read_application()
    server.handshake(wire.message(wire.HELLO_REQUEST, b""))
    server.read_hello()


def mode(wanted, enforced):
    def judged(series):
        modes = [labels["mode"] for labels, value in series.get("mtls_client_auth_mode", []) if value == 1]
        values = [value for _, value in series.get("mtls_client_auth_enforced", [])]
        return [] if modes == [wanted] and values == [enforced] else [f"mode {modes} enforced {values}, wanted {wanted} {enforced}"]
    return judged


def cases(_world):
    strangers = [name(f"Stranger CA {number:04}") for number in range(3)]
    many = [name(f"Authority {number:05}") for number in range(2000)]
    late_good = good(client={"requested": True, "requested_late": True, "sent": True})
    return [
        Case("not_asked", "19", not_asked, anonymous(verdict=("not_requested",), client={"requested": False}), "https"),
        Case("not_asked_where_required", "19", not_asked,
             anonymous(success=0, verdict=("not_requested",), broken=("client_auth",), client={"requested": False}, metrics=(mode("none", 0.0),)), "required"),
        Case("open_door", "20", anybody, good(success=0, broken=("client_auth",), knocked=True, metrics=(mode("open", 0.0),)), "required"),
        Case("any_certificate", "20", any_certificate, good(success=0, broken=("client_auth",), knocked=True, metrics=(mode("any_certificate", 0.0),)), "required"),
        Case("kept_door", "20+", nobody_else, good(metrics=(mode("required", 1.0),)), "required"),
        Case("listed_are_others", "21", accepted(authorities=strangers), good(client={"sent": True, "issuer_listed": False})),
        Case("list_of_64_kb", "22", accepted(authorities=many), good(client={"sent": True, "issuer_listed": False})),
        Case("list_of_64_kb_12", "22", accepted_12(many), good(client={"sent": True, "issuer_listed": False}), "tls12"),
        Case("list_that_lies", "22+", list_that_lies,
             failed("handshake", ("protocol_error", "message_too_large"), certificates=1, valid=True), "tls12"),
        Case("only_other_algorithms", "23", accepted(schemes=(0x0804, 0x0805, 0x0807)),
             refused("no_suitable_signature", "certificate_required", client={"requested": True, "sent": False}, verdict=None)),
        Case("no_algorithms_at_all", "23+", accepted(schemes=()), failed("handshake", "protocol_error", certificates=(0, 1))),
        Case("unknown_algorithms_besides", "33+", accepted(schemes=(0x1A1A, 0xFAFA, *SCHEMES)), good()),
        Case("asked_late", "24", asked_late(), late_good, "https"),
        Case("asked_late_twice", "24", asked_late(times=2), late_good, "https"),
        Case("asked_late_and_refused", "24", asked_late(let_in=False), refused("unknown_ca", "unknown_ca"), "https"),
        Case("asked_late_and_silent", "24", asked_late_and_silent,
             failed("application", "application_timeout", certificates=1, valid=True, verdict=("unconfirmed",)), "https"),
        # Broken off, or bounded until the time is over: either way nothing is known of our certificate.
        Case("late_requests_flood", "24", late_requests_flood,
             Right(failure=("", "handshake/protocol_error", "handshake/message_too_large"), success=0, valid=True, verdict=("unconfirmed",)), heavy=True, solo=True),
        Case("renegotiation_asks", "25", renegotiated(True), late_good, "https12"),
        Case("renegotiation_refuses", "25", renegotiated(False), refused("unknown_ca", "unknown_ca"), "https12"),
        Case("renegotiation_never_finished", "25", renegotiation_never_finished,
             failed("application", "application_timeout", certificates=1, valid=True), "https12"),
    ]
