"""Certificates whose verification is dear: row 46, and the second of the seven faults."""
from case import Case, Right
from cases.certificates import serves
from peer import keys
from peer.certificates import authority_extensions, dns, extension, issue
from peer.der import oid, sequence, tagged, tagged_primitive

POLICY = "1.3.6.1.4.1.99999.7."


def policies(count, names):
    return extension("2.5.29.32", sequence(*(sequence(oid(POLICY + str(name))) for name in names(count))))


def mappings(width):
    """Every policy of this level is each policy of the next: the tree that grows by its width at every level (CVE-2023-0464)."""
    return extension("2.5.29.33", sequence(*(sequence(oid(POLICY + str(left)), oid(POLICY + str(right))) for left in range(1, width + 1)
                                             for right in range(1, width + 1))), critical=False)


def policy_tower(world, depth, width):
    chain, above = [], world.root
    for level in range(depth):
        key = keys.Ec()
        extensions = authority_extensions(key.info, policies(width, lambda count: range(1, count + 1)), mappings(width),
                                          extension("2.5.29.36", sequence(tagged_primitive(0, b"\x00")), critical=True))
        above = issue(f"Policy {level} CA", key, above, extensions=extensions)
        chain.append(above)
    leaf = world.server(issuer=above, more=[policies(width, lambda count: range(1, count + 1))])
    return [leaf, *reversed(chain)]


def constrained(world, constraints, names, levels=1):
    """Each name of the leaf against each constraint of each authority."""
    chain, above = [], world.root
    for level in range(levels):
        key = keys.Ec()
        excluded = sequence(*(sequence(dns(f"x{number:05}.excluded.example")) for number in range(constraints)))
        permitted = sequence(*(sequence(dns(f"x{number:05}.permitted.example")) for number in range(constraints - 1)), sequence(dns("test")), sequence(dns("example")))
        body = sequence(tagged(0, permitted[_head(permitted):]), tagged(1, excluded[_head(excluded):]))
        above = issue(f"Narrow {level} CA", key, above, extensions=authority_extensions(key.info, extension("2.5.29.30", body, critical=True)))
        chain.append(above)
    leaf = world.server(issuer=above, names=[dns("www.faults.test")] + [dns(f"h{number:05}.example") for number in range(names)])
    return [leaf, *reversed(chain)]


def _head(der):
    return 2 if der[1] < 0x80 else 2 + (der[1] & 0x7F)


def namesakes(world, count):
    """Authorities of one name without key identifiers: each may have issued each."""
    made = []
    for _ in range(count):
        key = keys.Ec()
        made.append(issue("Namesake CA", key, extensions=authority_extensions(key.info)[:2]))
    stranger = issue("Namesake CA", keys.Ec(), extensions=authority_extensions(b"x")[:2])
    leaf = world.server(issuer=stranger)
    return [leaf, *made]


def crossed_layers(world, layers):
    """Each layer's two authorities certified by both of the layer above: 2^layers paths."""
    above, chain = [world.root], []
    for layer in range(layers):
        keys_here = [keys.Ec(), keys.Ec()]
        made = [[issue(f"Layer {layer} {side} CA", key, upper, authority=True) for upper in above] for side, key in zip("ab", keys_here)]
        chain = [one for side in made for one in side] + chain
        above = [side[0] for side in made]
    return [world.server(issuer=above[0]), *chain]


def large_issuer(world, key):
    authority = issue("Large CA", key, world.root, authority=True)
    return [world.server(issuer=authority), authority]


def slow_signatures(world, key, count):
    """Authorities of one name and one large key, each signed by it."""
    made = [issue("Slow CA", key, authority=True) for _ in range(count)]
    return [world.server(issuer=made[0]), *made]


def cases(world):
    told = Right(success=None, certificates=(1, 400))
    large, wide = keys.ManyPrimes(16384), keys.ManyPrimes(3072, 2**63 + 29)
    row = [
        ("policy_tree", "46", policy_tower(world, 30, 2)), ("policy_tree_wide", "46", policy_tower(world, 6, 20)),
        ("names_by_constraints", "46", constrained(world, 1000, 1000)), ("names_by_constraints_large", "46", constrained(world, 4000, 4000)),
        ("names_by_constraints_on_ten_levels", "46", constrained(world, 900, 1000, levels=10)),
        ("hundred_namesakes", "45", namesakes(world, 100)), ("paths_without_number", "45", crossed_layers(world, 20)),
        ("issuer_rsa_16384", "f2", large_issuer(world, large)), ("issuer_rsa_wide_exponent", "f2", large_issuer(world, wide)),
        ("signatures_of_16384_bits", "f2", slow_signatures(world, large, 8)),
    ]
    return [Case(name, place, serves(chain), told, "plain") for name, place, chain in row]
