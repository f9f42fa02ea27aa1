"""Node's https: requestCert with rejectUnauthorized true and false, by server.js."""
from lab import HERE, Setup


def start(lab):
    world = lab.world
    setups = [Setup("node_reject_unauthorized", lab.port()), Setup("node_accept_unauthorized", lab.port())]
    reject, accept = (setup.port for setup in setups)
    lab.run("node", ["/usr/bin/node", HERE / "servers" / "server.js", world.certificate, world.key, world.root, world.folder, reject, accept])
    lab.listening(reject, accept)
    return setups
