"""What the exporter says of a target, compared with what is right. Pure functions: parts_test.py shows that each can fail."""
import re

LINE = re.compile(r'^(\w+)(?:\{(.*)\})? (\S+)(?: # .*)?$')
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
ESCAPE = re.compile(r'\\(.)')


def samples(text):
    """(family, labels, value) of every sample of a scrape."""
    for line in text.splitlines():
        found = LINE.match(line)
        if found and not line.startswith("#"):
            labels = {name: ESCAPE.sub(lambda one: {"n": "\n"}.get(one[1], one[1]), value) for name, value in LABEL.findall(found[2] or "")}
            yield found[1], labels, float(found[3])


def by_target(text):
    """target -> family -> [(labels, value)], and what belongs to no target under ""."""
    targets = {}
    for family, labels, value in samples(text):
        targets.setdefault(labels.get("target", ""), {}).setdefault(family, []).append((labels, value))
    return targets


def value(series, family):
    found = series.get(family, [])
    return found[0][1] if len(found) == 1 else None if not found else f"{len(found)} series"


def allowed(right):
    return right if isinstance(right, tuple) else (right,)


def between(right, seen):
    low, high = right if isinstance(right, tuple) else (right, right)
    return low <= seen <= high


def failure_words(failure):
    """("stage/reason", alert) of a failure as the API writes it; ("", "") of none."""
    return (f"{failure['stage']}/{failure['reason']}", failure.get("alert") or "") if failure and failure.get("stage") else ("", "")


def observation_differences(right, seen, broken):
    """`seen`: one probe as the API and `probe --format=json` write it; `broken`: the words of its broken expectations."""
    found = []

    def wants(what, wanted, have):
        if wanted is not None and have not in allowed(wanted):
            found.append(f"{what} is {have!r}, right is {' or '.join(repr(one) for one in allowed(wanted))}")

    words, alert = failure_words(seen["failure"])
    wants("failure", right.failure, words)
    if words:
        wants("alert", right.alert, alert)
    count = len(seen["certificates"])
    if not between(right.certificates, count):
        found.append(f"{count} certificates are told, right is {right.certificates}")
    chain, client = seen["chain"] or {}, seen["client"] or {}
    wants("verdict", right.verdict, client.get("verdict"))
    wants("chain valid", right.valid, chain.get("valid"))
    wants("verify code", right.verify_code, chain.get("verify_code"))
    wants("hostname_match", right.hostname_match, seen["hostname_match"])
    for fact, wanted in right.client.items():
        wants(fact, wanted, client.get(fact))
    for fact, wanted in right.leaf.items():
        wants(f"leaf's {fact}", wanted, seen["certificates"][0].get(fact) if seen["certificates"] else None)
    words = {one["finding"] for one in chain.get("problems", [])}
    found += [f"finding {one} is missing among {sorted(words)}" for one in right.findings if one not in words]
    if right.success is not None and bool(right.success) == bool(broken):
        found.append(f"success is {int(not broken)}, broken are {broken}")
    found += [f"expectation {one} is not broken, but {broken}" for one in right.broken or () if one not in broken]
    return found


def series_differences(right, series, seen):
    """The same from /metrics: the words, and that what came is published. `seen` is the API's last probe."""
    found = []
    if not between(right.success if right.success is not None else (0, 1), value(series, "mtls_probe_success") or 0):
        found.append(f"mtls_probe_success is {value(series, 'mtls_probe_success')}")
    told = [(f"{labels['stage']}/{labels['reason']}", labels["alert"]) for labels, _ in series.get("mtls_handshake_failure_info", [])]
    if not told:
        told = [("", "")]
    if len(told) != 1 or told[0][0] not in right.failure:
        found.append(f"mtls_handshake_failure_info is {told}, right is {right.failure}")
    elif told[0][0] and right.alert is not None and told[0][1] not in right.alert:
        found.append(f"mtls_handshake_failure_info's alert is {told[0][1]!r}, right is {right.alert}")
    positions = {labels["position"] for labels, _ in series.get("mtls_certificate_info", []) if labels["source"] == "server"}
    if not between(right.certificates, len(positions)):
        found.append(f"{len(positions)} certificates are published, right is {right.certificates}")
    if seen["certificates"] and not series.get("mtls_chain_valid"):
        found.append("certificates came and mtls_chain_valid is absent")
    for judge in right.metrics:
        found += judge(series)
    return found


def out_of_time(seconds, timeout):
    """A probe that used up its time: on a busy machine that happens to any. Where it is not what is right, once is the machine's doing and
    twice a fault."""
    return seconds >= timeout - 0.1


def history_differences(right, history, timeout, strict):
    """Every probe so far ended in a right way, not only the last; but one that was out of time is forgiven, unless `strict`."""
    odd = [(f"{one['stage']}/{one['reason']}" if one["stage"] else "", out_of_time(one["duration_seconds"], timeout)) for one in history]
    odd = [(words, late) for words, late in odd if words not in right.failure]
    if not strict and len(odd) == 1 and odd[0][1]:
        return []
    return [f"an earlier probe ended in {words or 'success'}" for words in sorted({words for words, _ in odd})]


def time_differences(lasted, bound, strict):
    """`lasted`: (seconds that a connection lasted, seconds that the exporter's busiest thread computed meanwhile); `bound`: what is right.
    A machine that is busy with other things makes some of them late, a fault all: unless `strict`, the quickest must be in time, and none
    late because the exporter computed."""
    if not lasted:
        return []
    longest, quickest = max(lasted)[0], min(lasted)[0]
    if (strict and longest > bound) or quickest > bound:
        return [f"a connection lasted {longest if strict else quickest:.2f} s, right is at most {bound:.2f} s"]
    return [f"a connection lasted {seconds:.2f} s, of which the exporter computed {computed:.2f} s; right is at most {bound:.2f} s"
            for seconds, computed in lasted if seconds > bound and computed > max(1.0, seconds - bound)][:1]


JITTER = 0.03  # seconds: what arrives so little before its place is on time


def lateness(arrivals, interval):
    """(arrival, how late) for connections that should come every `interval` seconds. Their place in the interval is where most of them
    come; one that is left out makes the next a whole interval late."""
    if len(arrivals) < 3:
        return []
    places = [at % interval for at in arrivals]

    def apart(left, right):
        return min((left - right) % interval, (right - left) % interval)
    base = max(places, key=lambda place: sum(apart(place, other) < JITTER for other in places))
    found, before = [], None
    for at in arrivals:
        slot, place = divmod(at - base + JITTER, interval)
        left_out = 0 if before is None else max(0, slot - before - 1)
        found.append((at, max(0.0, place - JITTER) + left_out * interval))
        before = slot
    return found


def lag_beside(visits, late):
    """The worst lateness of a neighbour that fell into every visit of a case, in seconds: what hits only some visits is another's doing."""
    worst = [max([how for at, how in late if visit.came < at and at - how < visit.left + 0.05] or [0.0]) for visit in visits if visit.left > 0]
    return min(worst) if worst else 0.0


def episodes(late, visits, most=3):
    """The worst times a neighbour was late, and which cases had come shortly before: who may have held the lane."""
    found = []
    for at, how in sorted(late, key=lambda one: -one[1]):
        if all(abs(at - other) > max(how, 0.5) for other, _, _ in found) and len(found) < most:
            began = at - how
            near = {visit.case: abs(visit.came - began) for visit in visits if visit.came < at and (visit.left > began or visit.left <= 0) and visit.came > began - 3}
            found.append((at, how, sorted(near, key=near.get)[:8]))
    return found


def buckets_above(series, family, bound):
    """How many observations of a histogram of the exporter lie above the bucket of `bound` seconds; None where it is not there."""
    counts = {float(labels["le"]): count for labels, count in series.get(family + "_bucket", [])}
    if not counts:
        return None
    return counts[float("inf")] - counts[min(edge for edge in counts if edge >= bound)]
