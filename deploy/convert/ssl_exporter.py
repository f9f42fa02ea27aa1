"""ssl_exporter.yaml: https and tcp become modules, file and kubeconfig become files."""

from duration import take_timeout
from tls import take_tls

STARTTLS = ("smtp", "ftp", "imap", "pop3", "postgres", "mysql", "ldap")
AT_REST = ("file", "kubeconfig")

# What ssl_exporter has where no file is written, or no module of the name.
BUILT_IN = {"tcp": {"prober": "tcp"}, "http": {"prober": "https"}, "https": {"prober": "https"}, "file": {"prober": "file"},
            "kubernetes": {"prober": "kubernetes"}, "kubeconfig": {"prober": "kubeconfig"}}


def served(theirs, name, made):
    """A module of https or tcp; None where it speaks what we do not."""
    starttls = (theirs.get("tcp") or {}).get("starttls")
    if theirs["prober"] == "https":
        module = {"protocol": "https"}
    elif not starttls:
        module = {"protocol": "auto"}
    elif starttls in STARTTLS:
        module = {"protocol": starttls}
    else:
        made.dropped.add(name)
        made.note(f"module {name}: STARTTLS of {starttls} is not spoken here")
        return None
    if (theirs.get("https") or {}).get("proxy_url"):
        made.note(f"module {name}: proxy_url: servers are reached directly")
    take_tls(theirs.get("tls_config"), module, name, made)
    take_timeout(theirs.get("timeout"), module, name, made)
    return module


def convert(content, made):
    modules = content.get("modules") or BUILT_IN
    for name, theirs in modules.items():
        prober = theirs.get("prober")
        if prober in AT_REST:
            made.file_modules[name] = {}
            if theirs.get("target"):
                made.files.append({"name": name, "paths": [theirs["target"]], "follow_symlinks": True})
        elif prober in ("https", "tcp"):
            module = served(theirs, name, made)
            if module is None:
                continue
            made.modules[name] = module
            if theirs.get("target"):
                made.add_target(address(theirs["target"], module), name)
        else:
            made.dropped.add(name)
            why = "certificates are read from files and servers, not over HTTP" if prober == "http_file" else \
                "write it as `discovery: [{kubernetes: {...}}]`, which is not converted: docs/kubernetes.md"
            made.note(f"module {name}: prober {prober}: {why}")
    default = content.get("default_module")
    if default in made.modules and "default" not in made.modules:
        made.modules["default"] = dict(made.modules[default])


def address(target, module):
    """A URL says its protocol, which must be the module's."""
    if "://" not in target or module["protocol"] == "https":
        return target
    host = target.split("://", 1)[1].split("/", 1)[0]
    return host if ":" in host.rsplit("]", 1)[-1] else host + ":443"
