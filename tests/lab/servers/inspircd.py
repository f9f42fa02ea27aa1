"""InspIRCd: IRC after STARTTLS; it asks for a certificate and lets everybody in."""
from lab import Setup

CONFIGURATION = """
<server name="irc.lab" description="lab" network="lab">
<admin name="a" nick="a" email="a@lab">
<bind address="127.0.0.1" port="{port}" type="clients">
<path configdir="{room}" datadir="{room}" logdir="{room}" moduledir="/usr/lib/inspircd/modules" runtimedir="{room}">
<security runasuser="" runasgroup="">
<module name="ssl_gnutls">
<module name="starttls">
<sslprofile name="lab" provider="gnutls" certfile="{world.certificate}" keyfile="{world.key}" cafile="{world.root}" requestclientcert="yes">
<starttls sslprofile="lab">
<connect name="main" allow="*" timeout="60" resolvehostnames="no">
<log method="file" type="*" level="default" target="{room}/ircd.log">
"""


def start(lab):
    setup, room = Setup("inspircd", lab.port(), protocol="irc"), lab.room("inspircd")
    path = room / "inspircd.conf"
    path.write_text(CONFIGURATION.format(room=room, world=lab.world, port=setup.port))
    lab.run("inspircd", ["inspircd", "--config", path, "--nofork", "--runasroot"])
    lab.listening(setup.port)
    return [setup]
