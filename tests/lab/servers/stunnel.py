"""stunnel: verify = 2, before a silent backend and before an HTTP one."""
from lab import Setup

CONFIGURATION = """
foreground = yes
pid =
debug = 4
[silent]
accept = 127.0.0.1:{silent}
connect = 127.0.0.1:{lab.silent}
{tls}
[http]
accept = 127.0.0.1:{http}
connect = 127.0.0.1:{lab.http}
{tls}
"""

TLS = """cert = {world.certificate}
key = {world.key}
CAfile = {world.root}
CRLfile = {world.crls}
verify = 2
sslVersionMin = TLSv1.2"""


def start(lab):
    setups = [Setup("stunnel_silent", lab.port(), protocol="tls"), Setup("stunnel_http", lab.port())]
    silent, http = (setup.port for setup in setups)
    path = lab.room("stunnel") / "stunnel.conf"
    path.write_text(CONFIGURATION.format(lab=lab, tls=TLS.format(world=lab.world), silent=silent, http=http))
    lab.world.key.chmod(0o600)
    lab.run("stunnel", ["stunnel", path])
    lab.listening(silent, http)
    return setups
