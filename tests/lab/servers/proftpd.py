"""proftpd: FTP after AUTH TLS, a client certificate required."""
from lab import Setup

CONFIGURATION = """
LoadModule mod_tls.c
ServerType standalone
DefaultAddress 127.0.0.1
Port {port}
User nobody
Group nogroup
PidFile {room}/proftpd.pid
ScoreboardFile {room}/scoreboard
DelayEngine off
WtmpLog off
UseReverseDNS off
TLSEngine on
TLSRequired on
TLSLog {room}/tls.log
TLSProtocol TLSv1.2 TLSv1.3
TLSECCertificateFile {world.certificate}
TLSECCertificateKeyFile {world.key}
TLSCertificateChainFile {world.certificate}
TLSCACertificateFile {world.root_and_partner}
TLSVerifyClient on
TLSVerifyDepth 5
TLSOptions NoSessionReuseRequired
"""


def start(lab):
    setup, room = Setup("proftpd_required", lab.port(), protocol="ftp"), lab.room("proftpd")
    path = room / "proftpd.conf"
    path.write_text(CONFIGURATION.format(room=room, world=lab.world, port=setup.port))
    lab.run("proftpd", ["proftpd", "-n", "-q", "-c", path])
    lab.listening(setup.port)
    return [setup]
