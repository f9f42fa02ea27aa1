"""The server kinds of the lab: one file each, one row here. A kind is a module with start(lab) -> list of Setup."""
from servers import (apache, dovecot, gnutls, go, haproxy, inspircd, java, mariadb, mosquitto, nginx, node, openssl_server, postfix, postgres, proftpd,
                     prosody, python_ssl, rabbitmq, redis, slapd, stunnel, xrdp)

WEB = {
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

# ... that speak something else than HTTP or plain TLS.
PROTOCOLS = {
    "postfix": postfix,
    "dovecot": dovecot,
    "proftpd": proftpd,
    "slapd": slapd,
    "postgres": postgres,
    "mariadb": mariadb,
    "prosody": prosody,
    "inspircd": inspircd,
    "mosquitto": mosquitto,
    "redis": redis,
    "rabbitmq": rabbitmq,
    "xrdp": xrdp,
}

KINDS = WEB | PROTOCOLS
GROUPS = {"web": WEB, "protocols": PROTOCOLS}
