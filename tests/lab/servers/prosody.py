"""prosody: XMPP, clients and servers, after <starttls/>. It asks for certificates and lets everybody into the stream."""
from lab import Setup

CONFIGURATION = """
pidfile = "{room}/prosody.pid"
data_path = "{room}"
run_as_root = true
daemonize = false
modules_enabled = {{ "tls", "saslauth", "dialback" }}
c2s_ports = {{ {c2s} }}
s2s_ports = {{ {s2s} }}
c2s_interfaces = {{ "127.0.0.1" }}
s2s_interfaces = {{ "127.0.0.1" }}
c2s_require_encryption = true
s2s_require_encryption = true
s2s_secure_auth = true
ssl = {{ certificate = "{world.certificate}"; key = "{world.key}"; cafile = "{world.root_and_partner}"; protocol = "tlsv1_2+" }}
log = {{ info = "{room}/prosody.log" }}
VirtualHost "localhost"
"""


def start(lab):
    room = lab.room("prosody")
    setups = [Setup("prosody_clients", lab.port(), protocol="xmpp-client"), Setup("prosody_servers", lab.port(), protocol="xmpp-server")]
    path = room / "prosody.cfg.lua"
    path.write_text(CONFIGURATION.format(room=room, world=lab.world, c2s=setups[0].port, s2s=setups[1].port))
    lab.run("prosody", ["prosody", "-F", "--config", path])
    lab.listening(*(setup.port for setup in setups))
    return setups
