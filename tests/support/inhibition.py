"""Alertmanager's inhibition, for simulated alerts: which of those that fire at one moment are muted by which others.
tests/deploy/alertmanager_test.py holds it against a real Alertmanager."""
import functools
import re


@functools.lru_cache(maxsize=None)
def _parsed(matcher):
    name, sign, value = re.fullmatch(r'\s*(\w+)\s*(=~|!~|!=|=)\s*"(.*)"\s*', matcher).groups()
    return name, sign, re.compile(value) if "~" in sign else value


def matches(matchers, labels):
    """Whether labels satisfy all matchers; a label that is not there is empty."""
    for name, sign, value in map(_parsed, matchers):
        have = labels.get(name, "")
        hit = bool(value.fullmatch(have)) if "~" in sign else have == value
        if hit == sign.startswith("!"):
            return False
    return True


def unmuted(alerts, rules):
    """Those of the label sets that no other one mutes, by the inhibit_rules of an Alertmanager configuration. Muted alerts mute
    others all the same; what matches both sides of a rule is not muted by its like."""
    alerts = list(alerts)
    muted = set()
    for rule in rules:
        equal = rule.get("equal", ())
        sources = [(one, matches(rule["target_matchers"], one)) for one in alerts if matches(rule["source_matchers"], one)]
        if not sources:
            continue
        by_equal = {}
        for one, both in sources:
            by_equal.setdefault(tuple(one.get(label, "") for label in equal), []).append(both)
        for index, one in enumerate(alerts):
            if not matches(rule["target_matchers"], one):
                continue
            both = matches(rule["source_matchers"], one)
            hits = by_equal.get(tuple(one.get(label, "") for label in equal), ())
            if any(not (both and source_both) for source_both in hits):
                muted.add(index)
    return [one for index, one in enumerate(alerts) if index not in muted]
