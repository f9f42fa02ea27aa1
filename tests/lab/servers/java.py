"""Java (JSSE) under the JDK's HttpsServer: client authentication needed and wanted, by Server.java run from source."""
from certificates import openssl
from lab import HERE, Setup


def start(lab):
    room, world = lab.room("java"), lab.world
    keys = room / "server.p12"
    openssl("pkcs12", "-export", "-in", world.certificate, "-inkey", world.key, "-name", "server", "-passout", "pass:lab-only", "-out", keys)
    setups = [Setup("java_need", lab.port()), Setup("java_want", lab.port())]
    need, want = (setup.port for setup in setups)
    lab.run("java", ["/usr/bin/java", "-Xmx128m", "-XX:TieredStopAtLevel=1", HERE / "servers" / "Server.java", keys, world.root, need, want])
    lab.listening(need, want)
    return setups
