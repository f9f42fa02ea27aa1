"""blackbox.yml: probers that speak TLS become modules; ping, DNS and plain TCP stay with blackbox_exporter."""

import re

from duration import take_timeout
from tls import take_tls

# What is sent before `starttls: true` says which protocol it is.
STARTTLS = [(r"(?i)\bEHLO\b|\bHELO\b", "smtp"), (r"(?i)\bLHLO\b", "lmtp"), (r"(?i)^STLS\b", "pop3"), (r"(?i)^\S+ STARTTLS\b", "imap"),
            (r"(?i)^AUTH TLS\b", "ftp"), (r"<starttls|jabber:client", "xmpp-client"), (r"jabber:server", "xmpp-server")]

# Of the HTTP prober: what has no counterpart, and why.
NOT_HERE = {"body": "a request has no body", "body_file": "a request has no body", "compression": "bodies are not read",
            "body_size_limit": "bodies are not read", "basic_auth": "no password is sent", "authorization": "no token is sent",
            "bearer_token": "no token is sent", "bearer_token_file": "no token is sent", "oauth2": "no token is sent",
            "proxy_url": "servers are reached directly", "fail_if_body_matches_regexp": "bodies are not read",
            "fail_if_body_not_matches_regexp": "bodies are not read", "fail_if_body_json_matches_cel": "bodies are not read",
            "fail_if_body_json_not_matches_cel": "bodies are not read", "fail_if_header_matches": "headers are not matched",
            "fail_if_header_not_matches": "headers are not matched", "valid_http_versions": "the version goes by ALPN",
            "fail_if_ssl": "there is always TLS here", "source_ip_address": "the system chooses the source address",
            "preferred_ip_protocol": "the address family is not chosen here", "ip_protocol_fallback": "as before",
            "service": "grpc.health.v1 is asked for the server as a whole"}


def drop(name, why, made):
    made.dropped.add(name)
    made.note(f"module {name}: {why}; keep blackbox_exporter for it")


def say_what_is_not_here(section, name, made):
    for key in section:
        if key in NOT_HERE and key != "ip_protocol_fallback":
            made.note(f"module {name}: {key}: {NOT_HERE[key]}")


def http(section, name, made):
    module, request = {"protocol": "https"}, {}
    if section.get("method"):
        request["method"] = section["method"]
    headers = {}
    for header, value in (section.get("headers") or {}).items():
        if header.lower() == "host":
            made.server_names[name] = str(value)
        elif header.lower() not in ("content-length", "transfer-encoding", "connection"):
            headers[header] = str(value)
    if headers:
        request["headers"] = headers
    accepted = [str(status) for status in section.get("valid_status_codes") or ["2xx"]]
    if section.get("follow_redirects", True) and not section.get("no_follow_redirects") and not section.get("valid_status_codes"):
        accepted.append("3xx")
        made.note(f"module {name}: redirects are not followed here: a 3xx is accepted as it is")
    request["accepted_status"] = accepted
    module["http"] = request
    take_tls(section.get("tls_config"), module, name, made)
    made.plain_http.add(name)
    return module


def tcp(section, name, made):
    dialogue = section.get("query_response") or []
    if any(step.get("starttls") for step in dialogue):
        said = [str(step["send"]) for step in dialogue if step.get("send")]
        found = [protocol for pattern, protocol in STARTTLS if any(re.search(pattern, text) for text in said)]
        if not found:
            return drop(name, "STARTTLS of a protocol that its query_response does not tell", made)
        module = {"protocol": found[0]}
    elif section.get("tls"):
        module = {"protocol": "auto"}
        if dialogue:
            made.note(f"module {name}: query_response is not said here; docs/protocols.md has the protocols that ask something of their own")
    else:
        return drop(name, "there is no TLS in it", made)
    take_tls(section.get("tls_config"), module, name, made)
    return module


def grpc(section, name, made):
    if not section.get("tls"):
        return drop(name, "there is no TLS in it", made)
    module = {"protocol": "grpc"}
    take_tls(section.get("tls_config"), module, name, made)
    return module


def dns(section, name, made):
    if not section.get("dns_over_tls"):
        return drop(name, "there is no TLS in it", made)
    made.note(f"module {name}: the handshake is watched, no name is asked for")
    module = {"protocol": "tls"}
    take_tls(section.get("tls_config"), module, name, made)
    return module


PROBERS = {"http": http, "tcp": tcp, "grpc": grpc, "dns": dns}


def convert(content, made):
    for name, theirs in content["modules"].items():
        theirs = theirs or {}
        prober = theirs.get("prober")
        if prober not in PROBERS:
            drop(name, f"prober {prober}: there is no TLS in it", made)
            continue
        section = theirs.get(prober) or {}
        if prober == "http" and section.get("fail_if_ssl"):
            drop(name, "it fails if there is TLS", made)
            continue
        module = PROBERS[prober](section, name, made)
        if module is None:
            continue
        say_what_is_not_here(section, name, made)
        take_timeout(theirs.get("timeout"), module, name, made)
        made.modules[name] = module
