"""mosquitto: MQTT, require_certificate."""
from lab import Setup

CONFIGURATION = """
listener {port} 127.0.0.1
cafile {world.root_and_partner}
crlfile {world.crls}
certfile {world.certificate}
keyfile {world.key}
require_certificate true
use_identity_as_username true
allow_anonymous false
user root
"""


def start(lab):
    setup, path = Setup("mosquitto_required", lab.port(), protocol="mqtt"), lab.room("mosquitto") / "mosquitto.conf"
    path.write_text(CONFIGURATION.format(world=lab.world, port=setup.port))
    lab.run("mosquitto", ["mosquitto", "-c", path])
    lab.listening(setup.port)
    return [setup]
