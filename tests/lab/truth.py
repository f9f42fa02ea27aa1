"""Reads truth.tsv (what each cell must show) and doors.tsv (how each door is kept). `*` means: may vary; `-` means: none."""
import csv
from dataclasses import dataclass, replace

from certificates import IDENTITIES
from lab import HERE, TLS_VERSIONS

VERDICTS = ("accepted", "rejected", "unconfirmed", "not_requested")
MODES = ("none", "optional", "required", "any_certificate", "open", "undetermined")


@dataclass(frozen=True)
class Cell:
    setup: str
    tls: str            # "1.2" or "1.3"
    identity: str
    verdict: str
    stage: str          # "-": no failure
    reason: str         # "|" between those of several versions of the server, and likewise of the alert
    alert: str          # its number; "-": none came
    certificate: str    # "yes": the server's certificates must be seen
    requested: str      # "no", "handshake", "late" (renegotiation or post-handshake authentication), "unsettled" (see answers())
    listed: str         # "yes", "no": is our issuer in the list; "-": not judged
    directive: str
    documentation: str

    @property
    def name(self):
        return f"{self.setup}/{self.tls}/{self.identity}"


@dataclass(frozen=True)
class Door:
    setup: str
    tls: str
    mode: str
    why: str

    @property
    def name(self):
        return f"door/{self.setup}/{self.tls}"


def answers(cell, setup, protocol):
    """The cells of which one must be shown where `setup` is asked under `protocol` ("own": as the set-up wants to be asked).

    `auto` finds out by itself what the protocol would have told; where the server names no protocol, a refusal of TLS 1.3 that comes
    after our patience may be missed. What only a path or a status of one's own settles, and under `tls` what only HTTP settles (whether a
    certificate is asked for later, too), may stay unsettled; nothing may be turned into its opposite.
    """
    unsettled = replace(cell, verdict="unconfirmed", stage="-", reason="-", alert="-")
    if protocol == "own":
        return [cell]
    if cell.verdict == "not_requested":
        return [cell, replace(unsettled, requested="unsettled")] if protocol == "tls" else [cell]
    if cell.requested == "late":  # on another path, which is not asked for
        unasked = replace(unsettled, verdict="not_requested", requested="no", listed="-")
        return answers(unasked, setup, protocol)
    if setup.refused_status:
        return [cell, unsettled, replace(unsettled, verdict="accepted")]
    if protocol == "auto":
        return [cell, unsettled] if cell.tls == "1.3" and cell.alert != "-" else [cell]
    return [unsettled] if cell.reason == "refused_by_application" else [cell, unsettled]


def modes(door, setup, protocol):
    """The modes of which one must be shown of a door, likewise."""
    if protocol != "own" and setup.path != "/":
        return ["none", "undetermined"]
    return [door.mode, "undetermined"] if protocol == "tls" else [door.mode]


def rows(file, kind):
    with (HERE / file).open(newline="") as lines:
        return [kind(**row) for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)]


def cells():
    read = rows("truth.tsv", Cell)
    assert len({cell.name for cell in read}) == len(read), "a cell stands twice in truth.tsv"
    for cell in read:
        assert cell.tls in TLS_VERSIONS and cell.identity in IDENTITIES and cell.verdict in VERDICTS, cell.name
        assert (cell.verdict == "not_requested") == (cell.requested == "no"), cell.name
        assert (cell.verdict == "rejected") == (cell.stage == "client_certificate"), cell.name
        assert cell.directive and cell.documentation, f"{cell.name}: no source"
    return read


def doors():
    read = rows("doors.tsv", Door)
    assert all(door.mode in MODES and door.tls in TLS_VERSIONS for door in read)
    return read


def identities_of(setup, tls):
    return [cell.identity for cell in cells() if (cell.setup, cell.tls) == (setup, tls)]
