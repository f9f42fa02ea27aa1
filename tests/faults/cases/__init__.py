"""Every case there is, in the order of the rows in README.md."""
from cases import (alerts, bytes_before_tls, certificates, client_auth, costs, dates, floods, http, keys, names, negotiation, ways_to_end)

TABLES = (ways_to_end, bytes_before_tls, alerts, client_auth, negotiation, floods, certificates, dates, names, keys, costs, http)


def all_cases(world):
    found = [case for table in TABLES for case in table.cases(world)]
    assert len({case.name for case in found}) == len(found), "two cases of one name"
    return found
