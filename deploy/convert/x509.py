"""x509-certificate-exporter: config.yaml of version 4, or the values of its Helm chart. Files and kubeconfigs become `files`."""

from duration import milliseconds, written

KUBERNETES = "write it as `discovery: [{kubernetes: {...}}]`, which is not converted: docs/kubernetes.md"


def convert(content, made):
    if "sources" in content:
        for source in content["sources"]:
            take_source(source, made)
        take_server(content.get("server") or {}, made)
    else:
        take_values(content, made)


def take_source(source, made):
    name, kind = source["name"], source["kind"]
    if kind not in ("file", "kubeconfig"):
        made.note(f"source {name}: kind {kind}: {KUBERNETES}")
        return
    entry = {"name": name, "paths": list(source["paths"])}
    if source.get("excludePaths"):
        entry["exclude"] = list(source["excludePaths"])
    if (pkcs12 := source.get("pkcs12") or {}).get("passphraseFile"):
        entry["passphrase_file"] = pkcs12["passphraseFile"]
    for key in pkcs12.keys() - {"passphraseFile", "tryEmptyPassphrase"}:
        made.note(f"source {name}: pkcs12.{key}: passphrases stand in files here: passphrase_file")
    if source.get("followSymlinks", True):
        entry["follow_symlinks"] = True
    if (interval := milliseconds(source.get("refreshInterval"))) is not None:
        entry["interval"] = written(interval)
    if source.get("pathMappings"):
        made.note(f"source {name}: pathMappings: write where the other machine's / is mounted as `root`")
    made.files.append(entry)


def take_server(server, made):
    if server.get("listen"):
        made.note(f"server.listen is a flag here: --web.listen-address={server['listen']}")
    if server.get("webConfigFile"):
        made.note(f"server.webConfigFile is a flag here: --web.config.file={server['webConfigFile']}")
    if server.get("probeListen"):
        made.note(f"server.probeListen is a flag here: --web.probe-listen-address={server['probeListen']}")


def take_values(values, made):
    if (values.get("secretsExporter") or {}).get("enabled", True):
        made.note(f"secretsExporter: {KUBERNETES}")
    hosts = values.get("hostPathsExporter") or {}
    sets = hosts.get("daemonSets") or {}
    if sets:
        made.note("hostPathsExporter: mount the node's / into the pod and write where as `root` of each entry of `files`")
    for name, own in sets.items():
        take_paths(name, {**hosts, **(own or {})}, made)


def take_paths(name, values, made):
    paths = list(values.get("watchFiles") or []) + [f"{folder.rstrip('/')}/*" for folder in values.get("watchDirectories") or []] \
        + list(values.get("watchKubeconfFiles") or [])
    if paths:
        made.files.append({"name": name, "paths": paths, "follow_symlinks": True})
