"""What is said after a good handshake: lengths that lie, answers without end, HTTP/2 frames: the fourth and second of the seven faults."""
from case import Case, Right, failed, good
from peer import h2

HEAD = b"HTTP/1.1 200 OK\r\n"


def says(*pieces, again=b"", close=True):
    """HTTP/1.1 after the question: the pieces, then `again` for ever."""
    def behave(peer):
        server = peer.tls13()
        server.accept()
        server.ticket()
        server.read_application()
        for piece in pieces:
            server.application(piece)
        while again:
            server.application(again)
        if close:
            peer.close()
    return behave


def frames(*pieces, again=None, close=False):
    """HTTP/2 after the client's preface; `again` may be bytes or make them from a number."""
    def behave(peer):
        server = peer.tls13()
        server.accept(alpn=b"h2")
        server.ticket()
        server.read_application()
        for piece in (h2.settings(), *pieces):
            server.application(piece)
        number = 0
        while again:
            number += 1
            server.application(again(number) if callable(again) else again)
        if close:
            peer.close()
    return behave


def cases(_world):
    bounded = {"sent": 16 << 20}
    # The head came: what follows it changes neither the verdict nor the facts.
    answered = good(**bounded)
    soon = good(within=1.2, **bounded)
    no_http = failed("application", "application_protocol", certificates=1, valid=True, verdict=None, **bounded)
    nothing = Right(failure=("application/application_timeout", "application/application_protocol", "handshake/message_too_large"), success=0, valid=True, **bounded)
    ok = h2.frame(h2.HEADERS, h2.END_HEADERS, 1, h2.STATUS_200)
    kept = h2.literal(b"x-filler", b"y" * 4000)
    return [
        Case("content_length_40_gb", "f4", says(HEAD + b"Content-Length: 40000000000\r\n\r\nok"), soon, "https"),
        Case("content_length_40_gb_and_silence", "f4", says(HEAD + b"Content-Length: 40000000000\r\n\r\nok", close=False), answered, "https"),
        Case("content_length_12_gb", "f4", says(HEAD + b"Content-Length: 12000000000\r\n\r\nok"), soon, "https"),
        Case("content_length_18446744073709551615", "f4", says(HEAD + b"Content-Length: 18446744073709551615\r\n\r\nok"), good(failure=("", "application/application_protocol"), success=None, verdict=None), "https"),
        Case("content_length_beyond_64_bits", "f4", says(HEAD + b"Content-Length: 99999999999999999999999\r\n\r\nok"), good(failure=("", "application/application_protocol"), success=None, verdict=None), "https"),
        Case("content_length_negative", "f4", says(HEAD + b"Content-Length: -1\r\n\r\nok"), good(failure=("", "application/application_protocol"), success=None, verdict=None), "https"),
        Case("body_without_end", "62+", says(HEAD + b"\r\n", again=b"x" * 65536), soon, "https", heavy=True),
        Case("chunk_of_16_eb", "f4", says(HEAD + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffff0\r\nabc"), good(failure=("", "application/application_protocol"), success=None, verdict=None), "https"),
        Case("chunk_of_40_gb", "f4", says(HEAD + b"Transfer-Encoding: chunked\r\n\r\n9502f9000\r\nabc"), soon, "https"),
        Case("chunk_extensions_without_end", "f2", says(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5;", again=b"a=b;" * 4096), answered, "https", heavy=True),
        Case("chunks_of_one_byte", "f2", says(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", again=b"1\r\nx\r\n" * 4096), soon, "https", heavy=True),
        Case("trailers_without_end", "f2", says(HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", again=b"X-Trailer: y\r\n" * 1000), answered, "https", heavy=True),
        Case("headers_without_end", "f2", says(HEAD, again=b"X-Header: y\r\n" * 1000), no_http, "https", heavy=True),
        Case("a_header_without_end", "f2", says(HEAD + b"X-Header: ", again=b"y" * 16384), no_http, "https", heavy=True),
        Case("status_line_without_end", "f2", says(b"HTTP/1.1 200 ", again=b"K" * 16384), no_http, "https", heavy=True),
        Case("interim_answers_without_end", "f2", says(again=b"HTTP/1.1 100 Continue\r\n\r\n" * 600), nothing, "https", heavy=True),
        Case("no_http", "73+", says(b"220 mail.example ESMTP secret-banner\r\n"), no_http, "https"),
        Case("closed_without_answer", "4+", says(), failed("client_certificate", "closed_after_certificate", certificates=1, valid=True), "https"),
        Case("status_500", "16+", says(HEAD.replace(b"200 OK", b"500 Broken") + b"\r\n"), good(), "https"),
        Case("h2_answer", "f2", frames(ok + h2.frame(h2.DATA, h2.END_STREAM, 1, b"ok")), soon, "h2"),
        Case("h2_continuation_flood", "f2", frames(h2.frame(h2.HEADERS, 0, 1, h2.STATUS_200), again=h2.frame(h2.CONTINUATION, 0, 1, kept) * 4), nothing, "h2", heavy=True),
        Case("h2_empty_continuations", "f2", frames(h2.frame(h2.HEADERS, 0, 1, h2.STATUS_200), again=h2.frame(h2.CONTINUATION, 0, 1) * 1000), nothing, "h2", heavy=True),
        Case("h2_settings_storm", "f2", frames(again=h2.settings((4, 65535)) * 1000), nothing, "h2", heavy=True),
        Case("h2_settings_acknowledged_storm", "f2", frames(again=h2.frame(h2.SETTINGS, h2.ACK) * 1000), nothing, "h2", heavy=True),
        Case("h2_ping_storm", "f2", frames(again=h2.frame(h2.PING, payload=b"12345678") * 1000), nothing, "h2", heavy=True),
        Case("h2_window_updates", "f2", frames(again=h2.frame(h2.WINDOW_UPDATE, payload=b"\0\0\0\x01") * 1000), nothing, "h2", heavy=True),
        Case("h2_empty_data", "f2", frames(ok, again=h2.frame(h2.DATA, 0, 1) * 1000), answered, "h2", heavy=True),
        Case("h2_rapid_resets", "f2", frames(again=lambda number: b"".join(h2.frame(h2.RST_STREAM, 0, 2 * (number * 500 + one), b"\0\0\0\x08") for one in range(500))),
             nothing, "h2", heavy=True),
        Case("h2_promises", "f2", frames(again=lambda number: b"".join(
            h2.frame(h2.PUSH_PROMISE, h2.END_HEADERS, 1, (2 * (number * 200 + one)).to_bytes(4, "big") + h2.STATUS_200) for one in range(200))), nothing, "h2", heavy=True),
        Case("h2_unknown_frames", "f2", frames(again=h2.frame(0x99, 0, 0, b"x" * 100) * 300), nothing, "h2", heavy=True),
        Case("h2_table_of_4_gb", "f4", frames(h2.settings((1, 0xFFFFFFFF), (6, 0xFFFFFFFF)), ok + h2.frame(h2.DATA, h2.END_STREAM, 1)), soon, "h2"),
        Case("h2_header_bomb", "f2", frames(h2.frame(h2.HEADERS, h2.END_HEADERS, 1, h2.STATUS_200 + b"\x40\x01x" + b"\x7f\x81\x1e" + b"y" * 4000 + b"\xbe" * 12000)),
             Right(failure=("", "application/application_protocol", "application/application_timeout"), success=None, valid=True), "h2"),
        Case("h2_frame_of_16_mb", "f4", frames(b"\xff\xff\xff\x00\x00\x00\x00\x00\x01", again=b"x" * 16384), nothing, "h2", heavy=True),
        Case("h2_goaway", "4+", frames(h2.frame(h2.GOAWAY, payload=b"\0\0\0\0\0\0\0\x0b")), failed("application", ("application_protocol", "application_timeout"), certificates=1, valid=True, verdict=None), "h2"),
        Case("h2_picked_http1_spoken", "73+", frames(again=None, close=True), Right(failure=("application/application_protocol", "client_certificate/closed_after_certificate"), success=0, valid=True), "h2"),
    ]
