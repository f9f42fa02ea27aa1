"""xrdp: RDP after the X.224 negotiation; it never asks for a client certificate."""
from lab import Setup

CONFIGURATION = """[Globals]
port=tcp://127.0.0.1:{port}
security_layer=tls
certificate={world.certificate}
key_file={world.key}
ssl_protocols=TLSv1.2, TLSv1.3
fork=true

[Logging]
LogFile={room}/xrdp.log
LogLevel=INFO
EnableSyslog=false

[Xorg]
name=Xorg
lib=libxup.so
ip=127.0.0.1
port=-1
"""


def start(lab):
    setup, room = Setup("xrdp", lab.port(), protocol="rdp"), lab.room("xrdp")
    path = room / "xrdp.ini"
    path.write_text(CONFIGURATION.format(room=room, world=lab.world, port=setup.port))
    lab.run("xrdp", ["xrdp", "--nodaemon", "--config", path])
    lab.listening(setup.port)
    return [setup]
