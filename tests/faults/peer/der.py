"""DER by hand: what a library would refuse to write (two dates the wrong way round, a name with a NUL, version 4) is written just so."""


def length(size):
    if size < 0x80:
        return bytes([size])
    digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(digits)]) + digits


def tlv(tag, *content):
    joined = b"".join(content)
    return bytes([tag]) + length(len(joined)) + joined


def sequence(*content):
    return tlv(0x30, *content)


def set_of(*content):
    return tlv(0x31, *content)


def integer(value):
    """An int, or the content octets as they are."""
    if isinstance(value, int):
        value = value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True)
    return tlv(0x02, value)


def oid(dotted):
    first, second, *others = (int(part) for part in dotted.split("."))
    content = b""
    for arc in (first * 40 + second, *others):
        digits = [arc & 0x7F]
        while arc := arc >> 7:
            digits.append(0x80 | arc & 0x7F)
        content += bytes(reversed(digits))
    return tlv(0x06, content)


def boolean(value):
    return tlv(0x01, b"\xff" if value else b"\x00")


def null():
    return tlv(0x05)


def octets(content):
    return tlv(0x04, content)


def bits(content, unused=0):
    return tlv(0x03, bytes([unused]) + content)


def tagged(number, *content):
    """Constructed, context-specific."""
    return tlv(0xA0 | number, *content)


def tagged_primitive(number, content):
    return tlv(0x80 | number, content)


UTF8, PRINTABLE, T61, IA5, BMP = 0x0C, 0x13, 0x14, 0x16, 0x1E
UTC_TIME, GENERALIZED_TIME = 0x17, 0x18


def string(text, tag=UTF8):
    return tlv(tag, text.encode() if isinstance(text, str) else text)
