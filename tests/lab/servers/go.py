"""Go crypto/tls under net/http: its five ClientAuth modes, by server.go (standard library only, built offline)."""
import os
import subprocess

from lab import HERE, Setup

MODES = {
    "go_no_client_cert": "NoClientCert",
    "go_request": "RequestClientCert",
    "go_require_any": "RequireAnyClientCert",
    "go_verify_if_given": "VerifyClientCertIfGiven",
    "go_require_and_verify": "RequireAndVerifyClientCert",
    "go_require_and_verify_h2": "RequireAndVerifyClientCert",
}


def build(lab):
    """The program, kept in the cache folder together with Go's own cache."""
    program = lab.cache / "go_server"
    environment = os.environ | {"GO111MODULE": "off", "GOFLAGS": "", "GOCACHE": str(lab.cache / "go"), "CGO_ENABLED": "0",
                                "GOPATH": str(lab.cache / "gopath")}
    subprocess.run(["/usr/bin/go", "build", "-o", program, HERE / "servers" / "server.go"], check=True, env=environment)
    return program


def start(lab):
    program, world = build(lab), lab.world
    setups = [Setup(name, lab.port(), alpn="h2" if name.endswith("_h2") else "") for name in MODES]
    lab.run("go", [program, world.certificate, world.key, world.root,
                   *(f"{MODES[setup.name]}=127.0.0.1:{setup.port}" for setup in setups)])
    lab.listening(*(setup.port for setup in setups))
    return setups
