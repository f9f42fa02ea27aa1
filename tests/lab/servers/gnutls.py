"""gnutls-serv: refuses by an alert or, in TLS 1.3, sometimes by a bare end of file. It does not check the clientAuth EKU."""
from lab import Setup


def start(lab):
    world, setup = lab.world, Setup("gnutls_required", lab.port())
    lab.run("gnutls", ["gnutls-serv", "--http", "--port", setup.port, "--x509certfile", world.certificate, "--x509keyfile", world.key,
                       "--x509cafile", world.root, "--x509crlfile", world.crls, "--require-client-cert", "--verify-client-cert",
                       "--quiet", "--priority", "NORMAL:-VERS-ALL:+VERS-TLS1.2:+VERS-TLS1.3"])
    lab.listening(setup.port)
    return [setup]
