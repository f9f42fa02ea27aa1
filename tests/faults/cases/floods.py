"""What does not end: rows 11, 12, 15, 26, 73, and the second of the seven faults."""
import functools
import time

from case import Case, Right, failed, good
from peer import wire
from peer.tls13 import key_update

FOUR_MB = 4 << 20


def empty_in_handshake(kind):
    """Empty records while the client waits for our Certificate."""
    def behave(peer):
        server = peer.tls13()
        server.read_hello()
        server.server_hello()
        while True:
            server.send(b"".join(server.record(kind, b"") for _ in range(500)))
    return behave


def empty_in_the_clear(kind):
    def behave(peer):
        server = peer.tls12()
        server.read_hello()
        block = server.record(kind, b"") * 10_000
        while True:
            server.send(block)
    return behave


def empty_after_finished(version):
    def behave(peer):
        server = peer.tls13() if version == 13 else peer.tls12()
        server.accept()
        while True:
            server.send(b"".join(server.record(wire.APPLICATION, b"") for _ in range(500)))
    return behave


def padded_in_handshake(peer):
    """A message of one byte a record: 100,000 records for a certificate that never comes whole."""
    server = peer.tls13()
    server.read_hello()
    server.server_hello()
    server.send(server.record(wire.HANDSHAKE, server.encrypted_extensions_message()))
    server.send(server.record(wire.HANDSHAKE, b"\x0b\x03\x00\x00"))
    while True:
        server.send(b"".join(server.record(wire.HANDSHAKE, b"\x00") for _ in range(500)))


def hello_requests(peer):
    """TLS 1.2: HelloRequest while the handshake is under way means nothing, and may be repeated."""
    server = peer.tls12()
    server.read_hello()
    server.handshake(server.note(server.server_hello_message()))
    block = server.record(wire.HANDSHAKE, wire.message(wire.HELLO_REQUEST, b"")) * 5000
    while True:
        server.send(block)


def tickets(alpn=b"", pause=0.0):
    """NewSessionTickets for ever, from Finished on."""
    def behave(peer):
        server = peer.tls13()
        server.accept(alpn=alpn)
        peer.note("flood of tickets")
        ticket = server.ticket_message(size=1000)
        while True:
            server.send(b"".join(server.record(wire.HANDSHAKE, ticket * 12) for _ in range(20)))
            if pause:
                peer.pause(pause)
    return behave


def tickets_after_the_question(peer):
    server = peer.tls13()
    server.accept()
    server.ticket()
    server.read_application()
    ticket = server.ticket_message(size=1000)
    while True:
        server.send(b"".join(server.record(wire.HANDSHAKE, ticket * 12) for _ in range(20)))


def key_updates(requested, after=0.0, size=FOUR_MB, question=False):
    """KeyUpdates, each in a record of its own under its own key: made first, then sent at once, `after` seconds from Finished on."""
    def behave(peer):
        server = peer.tls13()
        server.accept()
        if question:
            server.read_application()
        due = time.monotonic() + after
        flood = server.key_updates(size, until=due if after else due + 0.7, requested=requested)
        peer.pause(max(0.0, due - time.monotonic()))
        peer.note(f"flood of {len(flood)} bytes")
        server.send(flood)
    return behave


def key_updates_in_one_record(peer):
    """Thousands of KeyUpdates in a record: RFC 8446 5.1 forbids them to span a change of keys."""
    server = peer.tls13()
    server.accept()
    block = server.records(wire.HANDSHAKE, key_update(1) * 3000)
    while True:
        server.send(block)


def renegotiations(peer):
    """HelloRequest, handshake, HelloRequest, for ever."""
    server = peer.tls12()
    server.accept()
    while True:
        server.renegotiate()


def data(ticket):
    """16 MB of application bytes that nobody asked for, then the end."""
    def behave(peer):
        server = peer.tls13()
        server.accept()
        if ticket:
            server.ticket()
            peer.pause(0.1)
        for _ in range(16):
            server.application(bytes(1 << 20))
        peer.close()
    return behave


def data_where_http_is_due(peer):
    server = peer.tls13()
    server.accept()
    server.ticket()
    while True:
        server.application(b"\x00\xff garbage " * 10_000)


def encrypted_garbage(peer):
    """Records that do not open, for ever."""
    server = peer.tls13()
    server.accept()
    block = (b"\x17\x03\x03\x40\x00" + bytes(0x4000)) * 20
    while True:
        server.send(block)


def unknown_messages(peer):
    """Handshake messages of a kind that nobody knows."""
    server = peer.tls13()
    server.accept()
    while True:
        server.send(server.records(wire.HANDSHAKE, wire.message(99, b"x") * 1000))


def cases(_world):
    over = functools.partial(failed, "handshake", ("protocol_error", "message_too_large"))
    seen = {"certificates": 1, "valid": True, "verdict": ("unconfirmed",), "within": 1.2}
    # Bytes in socket buffers are not bytes read: what is bounded is a probe's appetite, some MB.
    bounded = {"sent": 16 << 20}
    # Broken off, or bounded until the time is over: either way nothing is known of our certificate.
    spent = Right(failure=("", "handshake/protocol_error", "handshake/message_too_large"), success=0, valid=True, verdict=("unconfirmed",), **bounded)
    # What TLS accepted by a ticket before the flood stays accepted; without one nothing is proven.
    endured = Right(failure=("", "handshake/protocol_error", "handshake/message_too_large"), success=None, valid=True, **bounded)
    unanswered = Right(failure=("application/application_timeout", "application/application_protocol", "handshake/message_too_large",
                                "handshake/protocol_error"), success=0, valid=True, **bounded)
    return [
        Case("empty_application_records", "11", empty_in_handshake(wire.APPLICATION), over(within=1.2, **bounded), heavy=True),
        Case("empty_application_records_in_the_clear", "11", empty_in_the_clear(wire.APPLICATION), over(within=1.2, **bounded), "tls12", heavy=True),
        Case("empty_records_after_finished", "11", empty_after_finished(13), over(**seen, **bounded), heavy=True),
        # TLS 1.2: our certificate was taken before the flood.
        Case("empty_records_after_finished_12", "11", empty_after_finished(12),
             Right(failure=("", "handshake/protocol_error", "handshake/message_too_large"), success=None, valid=True, **bounded), "tls12", heavy=True),
        Case("empty_handshake_fragments", "12", empty_in_handshake(wire.HANDSHAKE), over(within=1.2, **bounded), heavy=True),
        Case("empty_handshake_fragments_in_the_clear", "12", empty_in_the_clear(wire.HANDSHAKE), over(within=1.2, **bounded), "tls12", heavy=True),
        Case("a_byte_a_record", "12", padded_in_handshake, failed("handshake", ("protocol_error", "message_too_large", "handshake_timeout"), **bounded), heavy=True),
        Case("hello_requests", "26", hello_requests, failed("handshake", ("protocol_error", "message_too_large", "handshake_timeout"), **bounded), "tls12", heavy=True, solo=True),
        Case("tickets_for_ever", "15", tickets(), good(**bounded), heavy=True, solo=True),
        Case("tickets_slowly_for_ever", "15", tickets(pause=0.01), good(**bounded)),
        Case("tickets_before_the_answer", "f6", tickets(), unanswered, "https", heavy=True),
        Case("tickets_slowly_before_the_answer", "f6", tickets(pause=0.01), unanswered, "https"),
        Case("tickets_after_the_question", "f6", tickets_after_the_question, unanswered, "https", heavy=True),
        Case("key_updates_requested_after_2s", "f2", key_updates(1, 2.0), spent, "mtls_long", heavy=True, solo=True),
        Case("key_updates_requested_in_question_after_2s", "f2", key_updates(1, 2.0, question=True),
             unanswered, "https_long", heavy=True, solo=True),
        Case("key_updates_after_finished", "26", key_updates(0, size=1 << 20), spent, heavy=True, solo=True),
        Case("key_updates_requested", "26", key_updates(1, size=1 << 20), spent, heavy=True, solo=True),
        Case("key_updates_in_one_record", "26", key_updates_in_one_record, over(**seen, **bounded), heavy=True),
        Case("renegotiation_for_ever", "26", renegotiations, Right(failure=("", "handshake/protocol_error", "handshake/message_too_large"),
             success=None, valid=True, **bounded), "tls12"),
        Case("unknown_messages", "26+", unknown_messages, over(**seen, **bounded), heavy=True),
        Case("records_that_do_not_open", "10+", encrypted_garbage, over(**seen, **bounded), heavy=True),
        Case("16_mb_after_ticket", "73", data(True), endured, heavy=True),
        Case("16_mb_after_finished", "73", data(False), endured, heavy=True),
        Case("16_mb_where_http_is_due", "73", data_where_http_is_due,
             Right(failure=("application/application_protocol",), success=0, valid=True, **bounded), "https", heavy=True),
    ]
