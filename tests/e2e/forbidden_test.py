#!/usr/bin/python3
"""forbidden_test.py EXPORTER CONNECT_LOG_LIBRARY: whatever a stranger writes into /probe, the exporter connects to nothing it must not.

Every connect(2) of the real program is recorded (tests/support/connect_log.cc). Each form of each forbidden address is asked for as `target` and as
`address`, of an exporter that opens nothing and of one whose web.probe.allow opens every network, name and the ports in question.
"""
import os
import pathlib
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lab"))
from lab import Lab  # noqa: E402

EXPORTER, RECORDER = sys.argv[1:]
NAME_SERVER_PORT = 53


def fullwidth(text):
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def enclosed(text):
    return "".join(chr(0x2460 + int(c) - 1) if c in "123456789" else "\u24ea" if c == "0" else c for c in text)


def octal(quad):
    return ".".join("0" + oct(int(byte))[2:].rjust(3, "0") for byte in quad.split("."))


def notations(quad):
    """The ways to write one IPv4 address that some program somewhere understands."""
    a, b, c, d = (int(byte) for byte in quad.split("."))
    number = (a << 24) | (b << 16) | (c << 8) | d
    high, low = f"{a:02x}{b:02x}", f"{c:02x}{d:02x}"
    return [
        quad, quad + ".", f"{number}", f"{number:#x}", f"0X{number:X}", f"0{number:o}", octal(quad),
        ".".join(hex(byte) for byte in (a, b, c, d)), f"{a:#x}.{(b << 16) | (c << 8) | d}", f"{a}.{(b << 16) | (c << 8) | d}", f"{a}.{b}.{(c << 8) | d}",
        f"{a:#x}.{b}.0{c:o}.{d:#x}", f"{a}.{b}.{c}.00{d:o}", f"{a + 256}.{b}.{c}.{d}", fullwidth(quad), enclosed(quad), quad.replace(".", "\u3002"),
        f" {quad}", f"{quad}\u00a0", f"{quad}\0", f"{quad}%00", f"user@{quad}", f"//{quad}", f"http://{quad}", f"{quad}/", f"{quad}?", f"{quad}#", f"\\{quad}",
        urllib.parse.quote(quad.replace(".", "%2e"), safe="%"), "".join(f"%{ord(digit):02x}" for digit in quad),
        f"[{quad}]", f"[::ffff:{quad}]", f"[::ffff:{high}:{low}]", f"[0:0:0:0:0:ffff:{high}:{low}]", f"[::FFFF:{quad}%lo]", f"[::{quad}]", f"[::{high}:{low}]",
        f"[::ffff:0:{quad}]", f"[64:ff9b::{quad}]", f"[64:ff9b::{high}:{low}]", f"[64:ff9b:1::{quad}]", f"[2002:{high}:{low}::]", f"[2002:{high}:{low}::1]",
        f"[2001:0:{high}:{low}::1]", f"[2001::{255 - a:02x}{255 - b:02x}:{255 - c:02x}{255 - d:02x}]", f"[fd00::5efe:{quad}]", f"[fe80::5efe:{quad}]",
        f"::ffff:{quad}", f"[::ffff:{quad}", f"::ffff:{quad}]",
    ]


FORMS = [form for quad in ("169.254.169.254", "127.0.0.2") for form in notations(quad)] + [
    "0", "0.0.0.0", "00.0.0.0", "[::]", "[::1]", "[0:0:0:0:0:0:0:1]", "[::1%lo]", "[::ffff:0.0.0.0]", "127.1", "127.0.1", "0x7f.1", "0177.1", "localhost", "LocalHost", "localhost.",
    "255.255.255.255", "224.0.0.1", "239.255.255.250", "240.0.0.1", "169.254.170.2", "100.100.100.200", "168.63.129.16", "192.0.0.192", "[fd00:ec2::254]", "[fd20:ce::254]",
    "[fe80::1]", "[fe80::1%lo]", "[fe80::1%25lo]", "[febf::1]", "[fec0::1]", "[ff02::1]", "[ff05::1]", "[::ffff:224.0.0.1]", "[64:ff9b::255.255.255.255]",
    "", " ", ".", "..", "[]", "[:]", "%", "*", "*.internal", "a\r\nHost: b", "\u0130nternal",
]


class Exporter:
    def __init__(self, lab, name, configuration):
        self.port, self.log = lab.port(), lab.folder / f"{name}.connects"
        path = lab.folder / f"{name}.yml"
        path.write_text(configuration)
        self.log.touch()
        lab.run(name, [EXPORTER, f"--config.file={path}", f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=error"],
                env=os.environ | {"LD_PRELOAD": RECORDER, "CONNECT_LOG": str(self.log), "ASAN_OPTIONS": "verify_asan_link_order=0"})
        lab.listening(self.port)
        while self.probe(target="configured")[0] == 503:  # still starting
            lab.alive()
            time.sleep(0.02)

    def probe(self, **parameters):
        """(status, body)"""
        url = f"http://127.0.0.1:{self.port}/probe?" + urllib.parse.urlencode(parameters)
        try:
            with urllib.request.urlopen(url, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read().decode()

    def connects(self):
        """Where it has gone, besides the machine's name servers. A datagram socket connected to port 0 asks the kernel for a route (c-ares, RFC 6724)
        and sends nothing."""
        tried = [line.split() for line in self.log.read_text().splitlines()]
        return [(address, int(port)) for kind, address, port in tried if int(port) != NAME_SERVER_PORT and (kind, port) != ("datagram", "0")]


def run(lab):
    server, decoy = lab.talking, lab.silent
    target = f"targets: [{{name: configured, address: '127.0.0.1:{server}', interval: 1h}}]\n"
    everything = f"web: {{probe: {{allow: {{networks: ['0.0.0.0/0', '::/0'], names: ['*'], ports: [80, {server}, {decoy}]}}}}}}\n"
    failures = []

    def check(holds, what):
        if not holds:
            failures.append(what)

    exporters = {"closed": Exporter(lab, "closed", target), "open": Exporter(lab, "open", target + everything)}
    for name, exporter in exporters.items():
        check(exporter.probe(target="configured")[0] == 200, f"{name}: the target itself is refused")
        check(("127.0.0.1", server) in exporter.connects(), f"{name}: the recorder does not see the target itself")
        for form in FORMS:
            for asked in ({"target": f"{form}:{decoy}"}, {"target": f"{form}:80"}, {"target": form}, {"target": "configured", "address": form}):
                status, body = exporter.probe(**asked)
                check(status in (400, 403), f"{name}: {asked!r} is answered {status}: {body.splitlines()[:1]}")
        others = {where for where in exporter.connects() if where != ("127.0.0.1", server)}
        check(not others, f"{name}: connected to {sorted(others)}")
    # An address and a port that are open are reached: the refusals above are not a door that is nailed shut.
    opened = Exporter(lab, "opened", target + f"web: {{probe: {{allow: {{networks: [127.0.0.2], ports: [{decoy}]}}}}}}\n")
    check(opened.probe(target=f"127.0.0.2:{decoy}")[0] == 200, "an open address is refused")
    check(("127.0.0.2", decoy) in opened.connects(), "an open address is not connected to")
    print("\n".join(failures) or f"{len(FORMS)} forms, each as target and as address: none connected to")
    return 1 if failures else 0


def main():
    assert len(FORMS) >= 60, len(FORMS)
    with tempfile.TemporaryDirectory() as folder:
        lab = Lab(folder, None, pathlib.Path(folder) / "cache")
        try:
            return run(lab)
        finally:
            lab.stop()


sys.exit(main())
