"""redis: tls-auth-clients yes, and optional."""
from lab import Setup


def start(lab):
    setups = []
    for name, mode in (("redis_required", "yes"), ("redis_optional", "optional")):
        setup, room = Setup(name, lab.port(), protocol="redis"), lab.room(name)
        settings = {"port": 0, "tls-port": setup.port, "bind": "127.0.0.1", "tls-cert-file": lab.world.certificate, "tls-key-file": lab.world.key,
                    "tls-ca-cert-file": lab.world.root_and_partner, "tls-auth-clients": mode, "tls-protocols": "TLSv1.2 TLSv1.3", "requirepass": "secret",
                    "save": "", "dir": room}
        lab.run(name, ["redis-server", *(word for key, value in settings.items() for word in (f"--{key}", value))])
        setups.append(setup)
    lab.listening(*(setup.port for setup in setups))
    return setups
