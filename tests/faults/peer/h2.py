"""HTTP/2 frames by hand (RFC 9113), as a server writes them."""
import struct

DATA, HEADERS, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = 0, 1, 3, 4, 5, 6, 7, 8, 9
END_STREAM, ACK, END_HEADERS = 1, 1, 4
STATUS_200 = b"\x88"  # RFC 7541: entry 8 of the static table
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def frame(kind, flags=0, stream=0, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + struct.pack("!I", stream) + payload


def settings(*pairs):
    return frame(SETTINGS, payload=b"".join(struct.pack("!HI", number, value) for number, value in pairs))


def literal(name, value):
    """A header field, never indexed."""
    def text(raw):
        size = len(raw)
        if size < 127:
            return bytes([size]) + raw
        size, digits = size - 127, b""
        while size > 127:
            digits, size = digits + bytes([0x80 | size & 0x7F]), size >> 7
        return b"\x7f" + digits + bytes([size]) + raw
    return b"\x10" + text(name) + text(value)
