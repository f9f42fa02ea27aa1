"""Chains and certificates that are odd, too many or too large: rows 37, 39 to 45, 47, 59, 64."""
import os

from case import Case, anonymous, failed
from peer import keys
from peer.certificates import SERVER_NAME, dns, extension, issue, leaf_extensions, utc
from peer.der import integer, octets, oid, sequence, tagged, tagged_primitive


def serves(chain, key=None, version=13):
    """The whole handshake with this chain, no certificate asked for."""
    def behave(peer):
        server = peer.tls13(chain, key) if version == 13 else peer.tls12(chain, key)
        server.accept(request=False)
    return behave


def empty_certificate(version):
    def behave(peer):
        server = peer.tls13() if version == 13 else peer.tls12()
        server.read_hello()
        if version == 13:
            server.server_hello()
            server.handshake(server.encrypted_extensions_message() + server.certificate_message([]))
        else:
            server.handshake(server.flight(chain=[]))
    return behave


def changing(chains):
    def behave(peer):
        peer.tls13(chains[peer.number % len(chains)]).accept(request=False)
    return behave


def by_server_name(chains):
    def behave(peer):
        server = peer.tls13()
        server.read_hello()
        server.chain = chains.get(server.hello.server_name(), chains[""])
        server.server_hello()
        server.handshake(server.flight())
        server.start_application()
        server.read_finished()
    return behave


def certificate_bytes(der):
    """A Certificate message with bytes that are none."""
    class Bytes:
        pass
    made = Bytes()
    made.der = der

    def behave(peer):
        server = peer.tls13()
        server.read_hello()
        server.server_hello()
        server.handshake(server.encrypted_extensions_message() + server.certificate_message([made]))
    return behave


def one_series(family, **wanted):
    def judged(series):
        found = [labels for labels, _ in series.get(family, []) if all(labels.get(name) == value for name, value in wanted.items())]
        return [] if len(found) == 1 else [f"{len(found)} series of {family}"]
    return judged


def cross_signed(world, ended):
    """An intermediate certified twice: by the trusted root, and by `ended` long ago."""
    key = keys.Ec()
    good = issue("Crossed CA", key, world.root, authority=True)
    old = issue("Crossed CA", key, ended, authority=True, not_before=utc("200101000000Z"), not_after=utc("210101000000Z"))
    return good, old, world.server(issuer=good)


def tower(world, height):
    chain, above = [], world.root
    for level in range(height):
        above = issue(f"Level {level} CA", keys.Ec(), above, authority=True)
        chain.append(above)
    return [world.server(issuer=above), *reversed(chain)]


def cases(world):
    leaf, root, issuing = world.leaf, world.root, world.issuing
    below = world.server(issuer=issuing)
    ended_root = issue("Ended Root CA", keys.Ec(), authority=True, not_before=utc("100101000000Z"), not_after=utc("220101000000Z"))
    crossed, crossed_old, crossed_leaf = cross_signed(world, ended_root)
    a_key, b_key = keys.Ec(), keys.Ec()
    a_self, b_self = issue("Cycle A", a_key, authority=True), issue("Cycle B", b_key, authority=True)
    a_by_b, b_by_a = issue("Cycle A", a_key, b_self, authority=True), issue("Cycle B", b_key, a_self, authority=True)
    in_cycle = world.server(issuer=a_self)
    self_signed = issue(SERVER_NAME, world.key)
    many_names = world.server(names=[dns(SERVER_NAME)] + [dns(f"san-{number:05}.example.com") for number in range(10_000)])
    huge = world.server(more=[extension("1.3.6.1.4.1.99999.1", octets(os.urandom(1_200_000)))])
    nearly = world.server(more=[extension("1.3.6.1.4.1.99999.1", octets(os.urandom(900_000)))])
    aia = world.unfetched  # http://127.0.0.1:PORT/: whoever comes there is counted
    fetching = world.server(issuer=issuing, more=[
        extension("1.3.6.1.5.5.7.1.1", sequence(*(sequence(oid("1.3.6.1.5.5.7.48.2"), tagged_primitive(6, uri.encode())) for uri in aia),
                                                sequence(oid("1.3.6.1.5.5.7.48.1"), tagged_primitive(6, aia[0].encode())))),
        extension("2.5.29.31", sequence(*(sequence(tagged(0, tagged(0, tagged_primitive(6, uri.encode())))) for uri in aia)))])
    critical = world.server(more=[extension("1.3.6.1.4.1.99999.2", octets(b"x"), critical=True)])
    usual = leaf_extensions(world.key.info, root.key.info)
    doubled = world.server(extensions=[*usual, usual[2]])
    must_staple = world.server(more=[extension("1.3.6.1.5.5.7.1.24", sequence(integer(5)))])
    changing_leaves = [[world.server()] for _ in range(4)]
    named = {"": [world.server("default.faults.test", names=[dns("default.faults.test")])], SERVER_NAME: [leaf]}
    off = anonymous(success=0, valid=False)
    return [
        Case("one_certificate", "37+", serves([leaf]), anonymous(hostname_match=True, verify_code=0), "plain"),
        Case("other_certificate_each_time", "37", changing(changing_leaves),
             anonymous(metrics=(one_series("mtls_certificate_expiry_days", position="0"), one_series("mtls_chain_valid"))), "plain"),
        Case("certificate_by_name", "37", by_server_name(named), anonymous(hostname_match=True), "plain"),
        Case("chain_of_100", "39", serves(tower(world, 99)), anonymous(valid=None, success=None, certificates=100), "plain"),
        Case("chain_of_300", "39", serves([leaf] + [root] * 300), anonymous(valid=None, success=None, certificates=(1, 301)), "plain"),
        Case("10000_names", "40", serves([many_names]), anonymous(hostname_match=True, metrics=(no_label_with("san-09999"),)), "plain"),
        Case("certificate_of_900_kb", "40", serves([nearly]), anonymous(), "plain"),
        Case("certificate_of_1200_kb", "40", serves([huge]), failed("handshake", "message_too_large"), "plain"),
        Case("empty_certificate_message", "41", empty_certificate(13), failed("handshake", ("protocol_error", "no_certificate")), "plain"),
        Case("empty_certificate_message_12", "41", empty_certificate(12), failed("handshake", ("protocol_error", "no_certificate")), "tls12"),
        Case("certificate_of_noise", "41+", certificate_bytes(os.urandom(600)), failed("handshake", "certificate_unparsable"), "plain"),
        Case("certificate_cut_short", "41+", certificate_bytes(leaf.der[:-40]), failed("handshake", "certificate_unparsable"), "plain"),
        Case("certificate_of_nothing", "41+", certificate_bytes(b""), failed("handshake", ("certificate_unparsable", "protocol_error")), "plain"),
        Case("leaf_not_first", "42", serves([issuing, below]), failed("handshake", ("protocol_error", "certificate_unparsable"), certificates=2, valid=None), "plain"),
        Case("shuffled", "42", serves([below, root, issuing]), anonymous(certificates=3, findings=("misordered", "root_served")), "plain"),
        Case("duplicates", "42", serves([below, issuing, issuing, below]), anonymous(certificates=4, findings=("duplicate",)), "plain"),
        Case("root_served", "42", serves([below, issuing, root]), anonymous(certificates=3, findings=("root_served",)), "plain"),
        Case("superfluous", "42", serves([leaf, self_signed, issuing]), anonymous(certificates=3, findings=("superfluous",)), "plain"),
        Case("missing_intermediate", "43", serves([below]), anonymous(success=0, valid=False, broken=("chain",), findings=("missing_intermediate",)), "plain"),
        Case("missing_intermediate_with_aia", "43", serves([fetching]), anonymous(success=0, valid=False, findings=("missing_intermediate",)), "plain"),
        Case("addresses_nobody_fetches", "64", serves([fetching, issuing]), anonymous(certificates=2), "plain"),
        Case("cross_signed_old_path_sent", "44", serves([crossed_leaf, crossed_old, crossed]), anonymous(certificates=3), "plain"),
        Case("cross_signed_old_path_and_root_sent", "44", serves([crossed_leaf, crossed_old, ended_root, crossed]), anonymous(certificates=4), "plain"),
        Case("cyclic_issuers", "45", serves([in_cycle, a_by_b, b_by_a]), anonymous(success=0, valid=False, certificates=3), "plain"),
        Case("self_signed", "42+", serves([self_signed]), anonymous(success=0, valid=False, findings=("self_signed",)), "plain"),
        Case("serial_negative", "47", serves([world.server(serial=-5)]), anonymous(leaf={"serial": "-05"}, findings=("bad_serial",)), "plain"),
        Case("serial_zero", "47", serves([world.server(serial=0)]), anonymous(leaf={"serial": "00"}, findings=("bad_serial",)), "plain"),
        Case("serial_of_40_bytes", "47", serves([world.server(serial=int("7f" * 40, 16))]), anonymous(leaf={"serial": "7f" * 40}, findings=("bad_serial",)), "plain"),
        Case("unknown_critical_extension", "59", serves([critical]), anonymous(success=0, valid=False, verify_code=34, findings=("unknown_critical_extension",)), "plain"),
        Case("extension_twice", "59", serves([doubled]), anonymous(success=None, valid=None), "plain"),
        Case("version_1", "59", serves([world.server(version=None, extensions=[])]), anonymous(success=None, valid=None, leaf={"version": 1}, findings=("not_version_3",)), "plain"),
        Case("version_4", "59", serves([world.server(version=3)]), anonymous(success=None, valid=None, leaf={"version": 4}, findings=("not_version_3",)), "plain"),
        Case("must_staple_without_staple", "61+", serves([must_staple]), anonymous(), "plain"),
        Case("chain_invalid_is_still_told", "7+", serves([world.server(issuer=a_self)]), off, "plain"),
    ]


def no_label_with(text):
    def judged(series):
        hit = [family for family, samples in series.items() for labels, _ in samples if any(text in value for value in labels.values())]
        return [f"a label of {hit[0]} holds {text}"] if hit else []
    return judged
