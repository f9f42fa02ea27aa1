"""tls_config, as blackbox_exporter and ssl_exporter write it."""

VERSIONS = {"TLS10": "1.0", "TLS11": "1.1", "TLS12": "1.2", "TLS13": "1.3"}


def take_tls(tls, module, name, made):
    tls = tls or {}
    if tls.get("ca_file"):
        module["trust"] = made.trust_of(tls["ca_file"])
    if tls.get("cert_file") and tls.get("key_file"):
        module["identity"] = made.identity_of(tls["cert_file"], tls["key_file"])
    if tls.get("server_name"):
        made.server_names[name] = str(tls["server_name"])
    versions = {ours: VERSIONS[tls[theirs]] for theirs, ours in (("min_version", "min_version"), ("max_version", "max_version"))
                if tls.get(theirs) in VERSIONS}
    if versions:
        module["tls"] = versions
    if tls.get("insecure_skip_verify"):
        made.note(f"module {name}: insecure_skip_verify. Here dates and facts come whatever the chain is, and mtls_chain_valid says whether "
                  "it holds; name the CA in a trust store, or mtls_probe_success is 0")
    if tls.get("renegotiation") in ("once", "freely"):
        made.note(f"module {name}: renegotiation needs no key here: a server that asks for the certificate late gets it")
    for inline in ("ca", "cert", "key", "ca_ref", "cert_ref", "key_ref"):
        if inline in tls:
            made.note(f"module {name}: tls_config.{inline}: certificates and keys stand in files here")
