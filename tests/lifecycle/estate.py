"""Two years of an estate of certificates, as an exporter would have published them, and what was wrong with it when.

A slot is a place where a certificate is presented: a server, a client identity, a file. Most slots are renewed in time for ever; some
have one trouble: renewed late, never, renewed on disk and not reloaded, or refused by a server (revoked). Authorities are intermediates that
many servers present, and roots of the trust store. A Cause is one trouble with its beginning and end; certificates without one are healthy."""
import dataclasses
import random

HOUR = 3600
DAY = 24 * HOUR
START = 1704067200  # 2024-01-01, on every grid of this simulation
YEARS = 2 * 365 * DAY
EXPORTER = {"job": "mtls", "instance": "exporter:10219"}


@dataclasses.dataclass
class Cause:
    name: str
    kind: str  # late | never | not_reloaded | revoked | authority
    begin: float  # the earliest moment at which an alert is right
    end: float  # the moment at which it was mended
    expiry: float | None = None  # when what is presented ended, if it did before it was mended
    lifetime: float = 0


@dataclasses.dataclass
class Certificate:
    begin: float
    end: float
    presented: float  # from this moment until the next one's


@dataclasses.dataclass
class Slot:
    name: str
    source: str  # server | identity | file
    lifetime: float
    certificates: list[Certificate]
    authority: "Authority | None" = None
    cause: Cause | None = None
    on_disk_since: float | None = None  # not_reloaded: when the newer file came

    def at(self, time):
        current = self.certificates[0]
        for certificate in self.certificates:
            if certificate.presented > time:
                break
            current = certificate
        return current


@dataclasses.dataclass
class Authority:
    """An intermediate of the name of each generation, in its slots' chains until the moment given."""
    generations: list[tuple[str, Certificate]]
    cause: Cause | None = None

    def at(self, time):
        current = self.generations[0]
        for generation in self.generations:
            if generation[1].presented > time:
                break
            current = generation
        return current


def warning_left(lifetime):
    """What a certificate has left when it ought to warn, in seconds: the promise, written apart from the rules."""
    return min(30 * DAY, lifetime / 4)


def page_left(lifetime):
    return min(7 * DAY, lifetime / 10)


def slot(name, source, lifetime, trouble, dice, length):
    """A slot whose renewals are in time, but for the one in trouble."""
    early = lambda: min(lifetime * dice.uniform(0.34, 0.45), dice.uniform(40, 60) * DAY if lifetime > 200 * DAY else lifetime)
    # Those that outlive the simulation are old enough to end within it.
    first = START - lifetime * (dice.uniform(0, 0.5) if lifetime < length else dice.uniform(0.82, 0.95))
    made = [Certificate(first, first + lifetime, first)]
    found = Slot(name, source, lifetime, made)
    # The trouble comes with the first renewal after a moment that leaves room for it to end within the two years.
    ripe = START + max(0.2 * min(lifetime, length), dice.uniform(0, 0.6) * (length - 1.3 * lifetime)) if trouble else None
    while made[-1].presented < START + length:
        last = made[-1]
        due = last.end - early()
        renewed = due
        if trouble and not found.cause and due > ripe:
            warns, pages = warning_left(lifetime), page_left(lifetime)
            if trouble == "late":
                left = dice.choice((pages + (warns - pages) * dice.uniform(0.2, 0.8), pages * dice.uniform(0.2, 0.7)))
                found.cause = Cause(name, trouble, last.end - warns, last.end - left)
            elif trouble == "never":
                found.cause = Cause(name, trouble, last.end - warns, last.end + lifetime * dice.uniform(0.06, 0.2), last.end)
            elif trouble == "not_reloaded":
                found.on_disk_since = due
                found.cause = Cause(name, trouble, due, last.end - pages * dice.uniform(0.3, 0.8))
            elif trouble == "revoked":
                since = max(last.presented, START)
                begin = since + (due - since) * dice.uniform(0.1, 0.4)
                found.cause = Cause(name, trouble, begin, begin + (due - since) * dice.uniform(0.3, 0.5))
            found.cause.lifetime = lifetime
            renewed = found.cause.end
        made.append(Certificate(renewed, renewed + lifetime, renewed))
    return found


def slots(prefix, count, lifetime, dice, length=YEARS):
    """Slots of one lifetime: four of five healthy, the others in every kind of trouble."""
    troubles = ("late", "never", "not_reloaded", "revoked")
    made = []
    for number in range(count):
        trouble = troubles[number // 5 % 4] if number % 5 == 0 else None
        source = {"not_reloaded": "server", "revoked": "identity"}.get(trouble) or ("server", "server", "server", "identity", "file")[number // 3 % 5]
        made.append(slot(f"{prefix}-{number:04}", source, lifetime, trouble, dice, length))
    return made


def authorities(targets):
    """Intermediates of five years over these server slots: in order, replaced in time, late, and never."""
    life = 5 * 365 * DAY

    def authority(name, left, replaced_at=None):
        end = START + left * DAY
        first = Certificate(end - life, end, START - life)
        generations = [(name, first)]
        if replaced_at:
            at = START + replaced_at * DAY
            generations.append((name + " G2", Certificate(at, at + life, at)))
        return Authority(generations)

    healthy, in_time, late, never = authority("Issuing CA A", 1500), authority("Issuing CA B", 800, 400), authority("Issuing CA C", 500, 220), \
        authority("Issuing CA D", 520, 526)
    late.cause = Cause("Issuing CA C", "authority", START + (500 - 365) * DAY, START + 220 * DAY, lifetime=life)
    never.cause = Cause("Issuing CA D", "authority", START + (520 - 365) * DAY, START + 526 * DAY, START + 520 * DAY, life)
    made = [healthy, in_time, late, never]
    for number, target in enumerate(targets):
        target.authority = made[number % 4]
    return made


class Series:
    """What an exporter published: {family: {labels: [(time, value)]}}; labels are written as Prometheus does."""

    def __init__(self):
        self.families = {}

    def add(self, family, labels, samples):
        text = ",".join(f'{name}="{value}"' for name, value in (EXPORTER | labels).items())
        self.families.setdefault(family, {}).setdefault(text, []).extend(samples)


def probe_labels(one):
    return {"target": f"user-of-{one.name}" if one.source == "identity" else one.name,
            "identity": one.name if one.source == "identity" else "" if one.source == "file" else "watcher", "address": ""}


def chain_labels(one):
    return {"source": one.source, **(probe_labels(one) | {"target": one.name})}


def publish(series, one, times):
    """One slot at every moment of the grid."""
    leaf = chain_labels(one) | {"position": "0", "subject_cn": f"{one.name}.internal"}
    chain, probe = chain_labels(one), probe_labels(one)
    expiry, ratio, path, valid, expired, stale, accepted, failing = ([] for _ in range(8))
    above = {}
    for time in times:
        current = one.at(time)
        left = current.end - time
        expiry.append((time, left / DAY))
        ratio.append((time, left / one.lifetime))
        ended = left <= 0
        if one.authority:
            name, certificate = one.authority.at(time)
            above.setdefault(name, []).append((time, certificate))
            ended = ended or certificate.end <= time
            path.append((time, min(current.end, certificate.end) / DAY - time / DAY))
        if one.cause or one.authority:
            valid.append((time, 0 if ended else 1))
            if ended:
                expired.append((time, 1))
        if one.cause and one.source == "server":
            stale.append((time, 1 if one.on_disk_since and one.on_disk_since <= time < one.cause.end else 0))
        if one.cause and one.source == "identity":
            refused = ended or one.cause.kind == "revoked" and one.cause.begin <= time < one.cause.end
            accepted.append((time, 0 if refused else 1))
            failing.append((time, 1 if refused else 0))
    series.add("mtls_certificate_expiry_days", leaf, expiry)
    series.add("mtls_certificate_lifetime_remaining_ratio", leaf, ratio)
    for name, samples in above.items():
        labels = chain | {"position": "1", "subject_cn": name}
        series.add("mtls_certificate_expiry_days", labels, [(time, (one_.end - time) / DAY) for time, one_ in samples])
        series.add("mtls_certificate_lifetime_remaining_ratio", labels, [(time, (one_.end - time) / (one_.end - one_.begin)) for time, one_ in samples])
    for family, labels, samples in (
            ("mtls_chain_expiry_days", chain, path), ("mtls_chain_valid", chain, valid),
            ("mtls_chain_problem", chain | {"problem": "expired", "severity": "critical"}, expired),
            ("mtls_served_certificate_stale", probe | {"path": f"/etc/{one.name}.pem"}, stale),
            ("mtls_client_certificate_accepted", probe, accepted), ("mtls_handshake_failure", probe, failing)):
        if samples:
            series.add(family, labels, samples)


def publish_issuer(series, name, role, key, samples):
    """A CA of trusted paths, once for the estate: (time, certificate) while a path through it holds."""
    labels = {"issuer": f"CN=parent of {name}", "issuer_key": key, "issuer_role": role, "subject_cn": name}
    held = [(time, one) for time, one in samples if one.end > time]
    if held:
        series.add("mtls_issuer_expiry_days", labels, [(time, (one.end - time) / DAY) for time, one in held])
        series.add("mtls_issuer_lifetime_remaining_ratio", labels, [(time, (one.end - time) / (one.end - one.begin)) for time, one in held])


def publish_intermediates(series, slots, times):
    for authority in {id(one.authority): one.authority for one in slots if one.authority}.values():
        for key, generation in enumerate(authority.generations):
            publish_issuer(series, generation[0], "intermediate", str(key), [(time, generation[1]) for time in times if authority.at(time) == generation])


def publish_exporter(series, times):
    series.add("up", {}, [(time, 1) for time in times])
    series.add("mtls_exporter_build_info", {"version": "1", "revision": "1", "openssl": "3", "compiler": "g++"}, [(time, 1) for time in times])


def publish_roots(series, times):
    """Ten-year roots: one in order, one that presented chains lead to and that gets a successor of its name late, and one that is
    about to end and that nothing leads to."""
    life = 3650 * DAY
    causes = []
    for number, (name, left, successor) in enumerate((("Root A", 3000, None), ("Root B", 700, 500), ("Root C", 200, None))):
        labels = {"source": "trust", "target": "internal", "identity": "", "address": "", "subject_cn": name}
        end = START + left * DAY
        lives = [(str(2 * number), end, START - life)]
        if successor:
            lives.append((str(2 * number + 1), START + successor * DAY + life, START + successor * DAY))
            causes.append(Cause(name, "authority", end - 365 * DAY, START + successor * DAY, lifetime=life))
        for position, ends, since in lives:
            seen = [time for time in times if time >= since]
            series.add("mtls_certificate_expiry_days", labels | {"position": position}, [(time, (ends - time) / DAY) for time in seen])
            series.add("mtls_certificate_lifetime_remaining_ratio", labels | {"position": position}, [(time, (ends - time) / life) for time in seen])
            series.add("mtls_certificate_info", labels | {"position": position, "issuer": f"CN={name}"}, [(time, 1) for time in seen])
        if name != "Root C":
            # A successor has the key of the root it follows, and a path counts to its longest-lived end.
            longest = [(time, max((ends, since) for _, ends, since in lives if since <= time)) for time in times]
            publish_issuer(series, name, "root", str(number), [(time, Certificate(ends - life, ends, since)) for time, (ends, since) in longest])
            series.add("mtls_certificate_info", {"source": "server", "target": "any", "identity": "watcher", "address": "", "position": "1",
                                                 "subject_cn": "Issuing CA A", "issuer": f"CN={name}"}, [(time, 1) for time in times])
    return causes


def dice(seed):
    return random.Random(seed)
