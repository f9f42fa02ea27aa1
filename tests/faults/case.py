"""One row of the tables in cases/: what a peer does, and what is right to say of it. Plain values."""
from dataclasses import dataclass, field, replace
from typing import Callable

TIMEOUT, INTERVAL = 2.0, 3.0   # seconds, of every module but those in MODULES that say otherwise
LONG_TIMEOUT = 3.5


@dataclass(frozen=True)
class Right:
    """What must be said of a target. None: not judged. A tuple: any of these."""
    failure: tuple = ("",)              # "stage/reason"; "" for none
    alert: tuple = ("",)
    certificates: object = 1            # how many are published; a tuple: at least, at most
    success: object = 1
    verdict: object = None
    broken: object = None               # expectations that must be among the broken ones
    valid: object = None                # mtls_chain_valid
    verify_code: object = None          # OpenSSL's X509_V_ERR_*
    hostname_match: object = None
    findings: tuple = ()                # must be among the findings of chain or leaf
    leaf: dict = field(default_factory=dict)    # facts of the leaf, as the API writes them
    client: dict = field(default_factory=dict)  # requested, requested_late, sent, issuer_listed
    metrics: tuple = ()                 # functions (series of the target) -> complaints
    within: object = None               # seconds from the connection to its end, if less than the timeout is right
    knocked: bool = False               # the knocks decide: `probe` does not knock, and success is not judged there
    sent: object = None                 # bytes that the peer may get rid of at most

    def without_knocks(self):
        """The same of a single probe."""
        return replace(self, success=None, broken=None) if self.knocked else self


@dataclass(frozen=True)
class Case:
    name: str
    row: str                            # of the table in README.md; "1+" where a case stands beside a row, "f2" for one of the seven faults
    behave: Callable                    # (peer): in a thread of its own, once per connection; see peer/host.py
    right: Right
    module: str = "mtls"
    server_name: str = "www.faults.test"
    heavy: bool = False                 # costs the peer's process time: kept apart from the others
    solo: bool = False                  # made to hold a lane: also probed alone with neighbours, and their lag is its own
    listener: str = "tcp"               # "full": its queue is full, nobody is let in; "none": nothing listens


def good(**more):
    return Right(**{"verdict": ("accepted",), "valid": True} | more)


def anonymous(**more):
    """Success without an identity."""
    return Right(**{"verdict": None, "valid": True} | more)


def failed(stage, reason, alert="", **more):
    reasons = reason if isinstance(reason, tuple) else (reason,)
    alerts = alert if alert is None or isinstance(alert, tuple) else (alert,)
    return Right(**{"failure": tuple(f"{stage}/{one}" for one in reasons), "alert": alerts, "certificates": 0, "success": 0} | more)


def refused(reason, alert="", **more):
    return failed("client_certificate", reason, alert, **{"certificates": 1, "verdict": ("rejected",), "valid": True} | more)


def unconfirmed(**more):
    return Right(**{"verdict": ("unconfirmed",), "success": 0, "valid": True} | more)


# name -> settings, completed by run.py with timeout, interval and trust
MODULES = {
    "mtls": {"protocol": "tls", "identity": "client"},
    "mtls_long": {"protocol": "tls", "identity": "client", "timeout": LONG_TIMEOUT, "interval": LONG_TIMEOUT + 0.5},
    "plain": {"protocol": "tls"},
    "https": {"protocol": "https", "identity": "client"},
    "https_long": {"protocol": "https", "identity": "client", "timeout": LONG_TIMEOUT, "interval": LONG_TIMEOUT + 0.5},
    "plain_https": {"protocol": "https"},
    "h2": {"protocol": "https", "identity": "client", "tls": {"alpn": ["h2"]}},
    "required": {"protocol": "https", "identity": "client", "client_auth": {"expect": "required", "every": "2s"}},
    "tls12": {"protocol": "tls", "identity": "client", "tls": {"max_version": "1.2"}},
    "https12": {"protocol": "https", "identity": "client", "tls": {"max_version": "1.2"}},
    "old": {"protocol": "tls", "tls": {"min_version": "1.0", "security_level": 0}},
    "old_mtls": {"protocol": "tls", "identity": "client", "tls": {"min_version": "1.0", "security_level": 0}},
    "proxied": {"protocol": "tls", "identity": "client", "proxy_protocol": "v2"},
    "p256": {"protocol": "tls", "identity": "client", "tls": {"groups": "P-256:P-521"}},
    "at_level_0": {"protocol": "tls", "identity": "client", "tls": {"security_level": 0}},
}


def timeout_of(case):
    return MODULES[case.module].get("timeout", TIMEOUT)
