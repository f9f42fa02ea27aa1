"""One scrape of the exporter as values, and its comparison with the truth. Pure functions: scrape_test.py shows that they can fail."""
import re
from collections import defaultdict

LINE = re.compile(r"^(mtls_\w+)\{(.*)\} (\S+)$")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')

# IANA TLS alerts a server may answer a client certificate with, as the label `alert` writes them
ALERTS = {10: "unexpected_message", 40: "handshake_failure", 42: "bad_certificate", 43: "unsupported_certificate", 44: "certificate_revoked",
          45: "certificate_expired", 46: "certificate_unknown", 48: "unknown_ca", 49: "access_denied", 50: "decode_error",
          51: "decrypt_error", 80: "internal_error", 116: "certificate_required"}

WANTED = {
    "mtls_probes_total", "mtls_client_certificate_verdict", "mtls_client_certificate_requested", "mtls_client_certificate_accepted",
    "mtls_client_ca_listed", "mtls_handshake_failure", "mtls_handshake_failure_info", "mtls_target_reachable",
    "mtls_certificate_expiry_days", "mtls_chain_valid", "mtls_client_auth_mode", "mtls_client_auth_enforced", "mtls_client_auth_knock",
}


def read(text):
    """target -> family -> list of (labels, value), for the families the lab looks at."""
    targets = defaultdict(lambda: defaultdict(list))
    for line in text.splitlines():
        found = LINE.match(line)
        if found and found[1] in WANTED:
            labels = dict(LABEL.findall(found[2]))
            if labels.get("source", "server") == "server" and "target" in labels:
                targets[labels["target"]][found[1]].append((labels, float(found[3])))
    return targets


def value(families, name):
    """The value of the family's only series; None where it is absent."""
    series = families.get(name, [])
    return series[0][1] if len(series) == 1 else None if not series else f"{len(series)} series"


def words(families, name, label):
    return sorted(labels[label] for labels, one in families.get(name, []) if one == 1)


def differences_of_any(cells, families):
    """Those of the cell that comes closest."""
    return min((differences(cell, families) for cell in cells), key=len)


def differences(cell, families):
    """What the exporter says of a cell and the truth does not, one sentence each."""
    def differs(what, expected, seen):
        return [f"{what}: expected {expected}, saw {seen}"] if expected != seen else []

    found = differs("verdict", [cell.verdict], words(families, "mtls_client_certificate_verdict", "verdict"))
    found += differs("requested", None if cell.requested == "unsettled" else float(cell.requested != "no"), value(families, "mtls_client_certificate_requested"))
    accepted = value(families, "mtls_client_certificate_accepted")
    if cell.identity == "none":
        found += differs("accepted", None, accepted)  # nothing was presented: there is nothing that could have been accepted
    else:
        found += differs("accepted", {"accepted": 1.0, "rejected": 0.0}.get(cell.verdict), accepted)
        if cell.listed in ("yes", "no"):
            found += differs("listed", float(cell.listed == "yes"), value(families, "mtls_client_ca_listed"))
    found += differs("reachable", 1.0, value(families, "mtls_target_reachable"))
    found += differs("handshake_failure", float(fails(cell)), value(families, "mtls_handshake_failure"))
    found += failure_differences(cell, families.get("mtls_handshake_failure_info", []))
    if cell.certificate == "yes":
        leaf = [one for labels, one in families.get("mtls_certificate_expiry_days", []) if labels.get("position") == "0"]
        if len(leaf) != 1 or not 25 < leaf[0] < 31:
            found.append(f"expiry: expected the server leaf's 30 days, saw {leaf}")
        found += differs("chain_valid", 1.0, value(families, "mtls_chain_valid"))
    return found


def fails(cell):
    """Without an identity, being turned away for want of a certificate is what such a server is there for: no failure."""
    return cell.stage != "-" and cell.identity != "none"


def failure_differences(cell, series):
    if not fails(cell):
        return [f"failure: expected none, saw {labels}" for labels, _ in series]
    if len(series) != 1:
        return [f"failure: expected one, saw {len(series)}"]
    labels = series[0][0]
    seen = (labels["stage"], labels["reason"], labels["alert"])
    allowed = [(cell.stage, reason, alert_word(alert)) for reason, alert in zip(cell.reason.split("|"), cell.alert.split("|"))]
    same = any(all(want in ("*", have) for want, have in zip(expected, seen)) for expected in allowed)
    return [] if same else [f"failure: expected {' or '.join('/'.join(one) for one in allowed)}, saw {'/'.join(seen)}"]


def alert_word(number):
    return number if number == "*" else "" if number == "-" else ALERTS.get(int(number))


def outage_differences(families, door=False):
    """The same once nothing listens any more: the last certificates stay, and neither an acceptance nor an enforced door is claimed."""
    seen = {
        "reachable": (0.0, value(families, "mtls_target_reachable")),
        "handshake_failure": (1.0, value(families, "mtls_handshake_failure")),
        "failure": ([("connect", "refused", "")], [(labels["stage"], labels["reason"], labels["alert"])
                                                   for labels, _ in families.get("mtls_handshake_failure_info", [])]),
        "verdict": ([], words(families, "mtls_client_certificate_verdict", "verdict")),
        "accepted": (None, value(families, "mtls_client_certificate_accepted")),
        "server leaf": (1, len([1 for labels, _ in families.get("mtls_certificate_expiry_days", []) if labels.get("position") == "0"])),
    }
    if door:
        seen["mode"] = ([], [mode for mode in words(families, "mtls_client_auth_mode", "mode") if mode != "undetermined"])
        seen["enforced"] = (None, value(families, "mtls_client_auth_enforced"))
    return [f"{what} in an outage: expected {expected}, saw {have}" for what, (expected, have) in seen.items() if expected != have]


def settled(allowed, families):
    """Whether the knocks have been answered, so that the door can be judged."""
    modes = words(families, "mtls_client_auth_mode", "mode")
    if "undetermined" not in allowed:
        return bool(modes) and modes != ["undetermined"]
    return (value(families, "mtls_probes_total") or 0) >= (1 if allowed == ["undetermined"] else 3)


def door_differences(allowed, families):
    """What is said of a door and is none of the modes that are allowed, or does not go with it."""
    modes, enforced = words(families, "mtls_client_auth_mode", "mode"), value(families, "mtls_client_auth_enforced")
    mode = modes[0] if len(modes) == 1 else "undetermined" if not modes else "several"
    # A stranger who was let in is enough to know that nothing is enforced, whatever else is open.
    stranger = any(labels["knock"] == "rogue" and labels["answer"] == "admitted" for labels, one in families.get("mtls_client_auth_knock", []) if one == 1)
    expected = float(mode == "required") if mode != "undetermined" else 0.0 if stranger else None
    if mode in allowed and enforced == expected:
        return []
    knocks = [f"{labels['knock']} {labels['answer']}" for labels, one in families.get("mtls_client_auth_knock", []) if one == 1]
    return [f"mode: expected {' or '.join(allowed)}, saw {modes} with enforced {enforced} ({', '.join(knocks)})"]
