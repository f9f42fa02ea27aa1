"""The server kinds of the lab: one file each, one row here. A kind is a module with start(lab) -> list of Setup."""
from servers import apache, gnutls, go, haproxy, java, nginx, node, openssl_server, python_ssl, stunnel

KINDS = {
    "nginx": nginx,
    "haproxy": haproxy,
    "apache": apache,
    "stunnel": stunnel,
    "openssl_server": openssl_server,
    "gnutls": gnutls,
    "go": go,
    "node": node,
    "python_ssl": python_ssl,
    "java": java,
}
