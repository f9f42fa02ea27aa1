"""slapd: LDAP after the StartTLS operation; TLSVerifyClient demand, and try, where SASL EXTERNAL tells."""
from lab import Setup

CONFIGURATION = """
include /etc/ldap/schema/core.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {room}/slapd.pid
TLSCACertificateFile {world.root_and_partner}
TLSCertificateFile {world.certificate}
TLSCertificateKeyFile {world.key}
TLSVerifyClient {verify}
TLSProtocolMin 3.3
database mdb
suffix "dc=lab"
directory {room}
"""


def start(lab):
    setups = []
    for verify in ("demand", "allow"):
        setup, room = Setup(f"slapd_{verify}", lab.port(), protocol="ldap"), lab.room(f"slapd_{verify}")
        path = room / "slapd.conf"
        path.write_text(CONFIGURATION.format(room=room, world=lab.world, verify=verify))
        lab.run(f"slapd_{verify}", ["slapd", "-d", "0", "-f", path, "-h", f"ldap://127.0.0.1:{setup.port}"])
        setups.append(setup)
    lab.listening(*(setup.port for setup in setups))
    return setups
