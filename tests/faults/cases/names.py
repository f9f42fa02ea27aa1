"""Names that are no names, and text made to break what shows it: rows 51 and 52."""
from case import Case, anonymous, failed
from cases.certificates import no_label_with, serves
from peer.certificates import SERVER_NAME, dns, name
from peer.der import BMP, IA5, PRINTABLE, T61, UTF8, tagged_primitive

NUL = SERVER_NAME.encode() + b"\0.evil.example"

# alternative names -> does www.faults.test match
MATCHES = {
    "wildcard": ([dns("*.faults.test")], True),
    "upper_case": ([dns("WWW.Faults.TEST")], True),
    "partial_wildcard": ([dns("w*.faults.test")], False),
    "wildcard_of_two_labels": ([dns("*.*.test")], False),
    "wildcard_alone": ([dns("*")], False),
    "wildcard_dot": ([dns("*.")], False),
    "wildcard_in_the_middle": ([dns("www.*.test")], False),
    "trailing_dot": ([dns("www.faults.test.")], False),
    "leading_dot": ([dns(".faults.test")], False),
    "nul_in_name": ([dns(NUL)], False),
    "punycode": ([dns("xn--bcher-kva.faults.test")], False),
    "raw_utf8": ([dns("bücher.faults.test")], False),
    "as_uri": ([tagged_primitive(6, b"https://www.faults.test")], False),
    "as_email": ([tagged_primitive(1, b"www.faults.test")], False),
    "empty_name": ([dns("")], False),
    "name_of_64_kb": ([dns("a" * 65000), dns(SERVER_NAME)], True),
}

TEXTS = {
    "utf8": ("Zürich Straße 東京", UTF8), "emoji": ("🔥 everything is fine 🔥", UTF8), "right_to_left": ("\u202egpj.txt", UTF8),
    "bmp_string": ("Ünïcode".encode("utf-16-be"), BMP), "bmp_odd": (b"\x00a\x00", BMP), "t61": (b"caf\xe9", T61), "invalid_utf8": (b"\xff\xfe\xc0\x80 name", UTF8),
    "line_feed": ('one\ntwo} 1\nmtls_probe_success{target="forged"} 1\n', UTF8), "quote": ('a"b",evil="c', UTF8), "backslash": ("a\\", UTF8),
    "nul_in_cn": (NUL, UTF8), "controls": (bytes(range(1, 32)), UTF8), "carriage_return": ("a\r\nb", PRINTABLE), "html": ("<script>alert(1)</script>", UTF8),
    "of_64_kb": ("x" * 65000, UTF8), "empty": ("", UTF8), "surrogates": (b"\xed\xa0\x80", UTF8), "ia5": (b"\x80\x81", IA5), "template": ("{{ $labels.x }} ${HOME} %s", UTF8),
}
# What OpenSSL does not take for a string of its type: no certificate, then.
NO_STRINGS = ("bmp_odd", "invalid_utf8", "surrogates")


def labels_are_tame(series):
    found = []
    for family, samples in series.items():
        for labels, _ in samples:
            for label, value in labels.items():
                if len(value.encode()) > 256 or any(ord(letter) < 32 or ord(letter) == 127 for letter in value):
                    found.append(f"{family}: label {label} is {value[:60]!r}")
    return found[:3]


def cases(world):
    table = [Case(f"san_{kind}", "51", serves([world.server("other", names=names)]),
                  anonymous(success=int(matches), hostname_match=matches, broken=None if matches else ("hostname",), metrics=(labels_are_tame,)), "plain")
             for kind, (names, matches) in MATCHES.items()]
    table.append(Case("cn_with_nul_and_no_san", "51", serves([world.server(name(NUL), names=[dns("other.example")])]),
                      anonymous(success=0, hostname_match=False), "plain"))
    table.append(Case("address_in_cn", "51", serves([world.server("127.0.0.1", names=[dns("other.example")])]),
                      anonymous(success=0, hostname_match=False), "plain", server_name="127.0.0.1"))
    table.append(Case("address_in_san", "51", serves([world.server("x", names=[tagged_primitive(7, bytes([127, 0, 0, 1]))])]),
                      anonymous(hostname_match=True), "plain", server_name="127.0.0.1"))
    table.append(Case("address_as_dns", "51", serves([world.server("x", names=[dns("127.0.0.1")])]),
                      anonymous(success=0, hostname_match=False), "plain", server_name="127.0.0.1"))
    for kind, (text, tag) in TEXTS.items():
        right = anonymous(hostname_match=True, metrics=(labels_are_tame, no_label_with("\n")))
        if kind in NO_STRINGS:
            right = failed("handshake", "certificate_unparsable")
        table.append(Case(f"cn_{kind}", "52", serves([world.server(name(text, tag))]), right, "plain"))
    return table
