"""Python's ssl module with CERT_REQUIRED, under a threaded HTTP server."""
import sys

from lab import HERE, Setup


def start(lab):
    world, setup = lab.world, Setup("python_required", lab.port())
    lab.run("python_ssl", [sys.executable, HERE / "servers" / "https_server.py", world.certificate, world.key, world.root_and_crls, setup.port])
    lab.listening(setup.port)
    return [setup]
