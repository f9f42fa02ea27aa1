"""openssl s_server: one client at a time, hence one process per cell. It says nothing after the handshake."""
import subprocess

from lab import TLS_VERSIONS, Setup
from truth import identities_of

# set-up -> its flags beside -Verify
SETUPS = {
    "openssl_required": ["-verify_return_error"],
    "openssl_continues": [],
    "openssl_no_tickets": ["-verify_return_error", "-num_tickets", "0"],
}


def start(lab):
    world, setups = lab.world, []
    for name, flags in SETUPS.items():
        setup = Setup(name, protocol="tls")
        for tls in TLS_VERSIONS:
            for identity in [*identities_of(name, tls), "door"]:
                port = setup.ports[tls, identity] = lab.port()
                # The partner's CA is trusted, but only the root's name is sent.
                lab.run(name, ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", world.certificate, "-key", world.key,
                               "-cert_chain", world.certificate, "-CAfile", world.root, "-verifyCAfile", world.root_and_partner_and_crls,
                               "-crl_check", "-Verify", 3, "-verify_quiet",
                               *flags, "-quiet", "-naccept", 1000000], stdin=subprocess.PIPE)
        setups.append(setup)
    lab.listening(*(port for setup in setups for port in setup.ports.values()))
    return setups
