"""haproxy: refuses by a TLS alert, inside the handshake (TLS 1.2) or right after it (TLS 1.3)."""
from lab import Setup

CONFIGURATION = """
global
  maxconn 2000
  nbthread 1
defaults
  mode http
  timeout client 30s
  timeout server 30s
  timeout connect 5s
frontend required
  bind 127.0.0.1:{required} ssl crt {world.certificate_and_key} ca-file {world.root} ca-verify-file {world.root_and_partner} verify required crl-file {world.crls} ssl-min-ver TLSv1.2
  http-request return status 200 content-type text/plain string ok
frontend optional
  bind 127.0.0.1:{optional} ssl crt {world.certificate_and_key} ca-file {world.root} ca-verify-file {world.root_and_partner} verify optional crl-file {world.crls} ssl-min-ver TLSv1.2
  http-request return status 200 content-type text/plain string ok
frontend required_tcp
  mode tcp
  bind 127.0.0.1:{tcp} ssl crt {world.certificate_and_key} ca-file {world.root} ca-verify-file {world.root_and_partner} verify required crl-file {world.crls} ssl-min-ver TLSv1.2
  default_backend silent
backend silent
  mode tcp
  server silent 127.0.0.1:{lab.silent}
"""


def start(lab):
    setups = [Setup("haproxy_required", lab.port()), Setup("haproxy_optional", lab.port()),
              Setup("haproxy_required_silent", lab.port(), protocol="tls")]
    required, optional, tcp = (setup.port for setup in setups)
    path = lab.room("haproxy") / "haproxy.cfg"
    path.write_text(CONFIGURATION.format(lab=lab, world=lab.world, required=required, optional=optional, tcp=tcp))
    lab.run("haproxy", ["haproxy", "-db", "-f", path])
    lab.listening(required, optional, tcp)
    return setups
