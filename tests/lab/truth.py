"""Reads truth.tsv (what each cell must show) and doors.tsv (how each door is kept). `*` means: may vary; `-` means: none."""
import csv
from dataclasses import dataclass

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
    reason: str
    alert: str          # its number; "-": none came
    certificate: str    # "yes": the server's certificates must be seen
    requested: str      # "no", "handshake", "late" (renegotiation or post-handshake authentication)
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
