"""An mtls_exporter.yml that is being made, and what could not be carried over into it."""

import os
import re

import yaml

# What our own metrics are labelled with, and what Prometheus sets: labels of targets cannot be called so.
RESERVED = re.compile(r"__.*|job|instance|le|result|user|unit|process|table|target|identity|address|source|position|name|module|endpoint|server_name|issuer.*|"
                      r"subject.*|serial|fingerprint_sha256|key|signature|sans|stage|reason|alert|verdict|mode|knock|answer|method|status|"
                      r"problem|severity|state|path|version|cipher|group|alpn|digest|expectation|phase|cause|only_in|revision|compiler|openssl|kind|step|rotation|fingerprint_key")


def quoted(value):
    """In a comment of one line, whatever it is."""
    return re.sub(r"\s+", " ", str(value))[:200]


class Configuration:
    def __init__(self):
        self.trust, self.identities, self.modules = {}, {}, {}
        self.targets, self.discovery, self.files = [], [], []
        self.server_names = {}   # by module: theirs say the name to verify on the module, ours on the target
        self.file_modules = {}   # modules that read files: what a target of such a module becomes beside its paths
        self.dropped = set()     # modules that have no counterpart here
        self.notes = []
        self.plain_http = set()  # modules whose targets without a scheme are asked in the clear there

    def note(self, text):
        if (text := quoted(text)) not in self.notes:
            self.notes.append(text)

    def trust_of(self, ca_file):
        """The name of the trust store with this file; made where there is none."""
        return self._named(self.trust, {"ca_files": [ca_file]}, ca_file)

    def identity_of(self, certificate_file, key_file):
        return self._named(self.identities, {"certificate_file": certificate_file, "key_file": key_file}, certificate_file)

    @staticmethod
    def _named(table, entry, path):
        for name, known in table.items():
            if known == entry:
                return name
        stem = re.sub(r"[^A-Za-z0-9_-]+", "-", os.path.splitext(os.path.basename(path))[0]).strip("-") or "one"
        name, number = stem, 2
        while name in table or name in ("anonymous", "rogue"):
            name, number = f"{stem}-{number}", number + 1
        table[name] = entry
        return name

    def add_target(self, address, module, labels=None):
        target = {"address": address}
        if any(known.get("name", known["address"]) == address for known in self.targets):
            target = {"name": f"{address} {module}", **target}
            if any(known.get("name") == target["name"] for known in self.targets):
                return self.note(f"{address} with module {module} stands there twice: once is enough")
        target["module"] = module
        if module in self.server_names:
            target["server_name"] = self.server_names[module]
        if labels := self.labels(labels):
            target["labels"] = labels
        return self.targets.append(target)

    def labels(self, labels):
        kept = {}
        for name, value in (labels or {}).items():
            if RESERVED.fullmatch(name):
                self.note(f"the label `{name}` is one of mtls_exporter's own or Prometheus's: write it by another name")
            else:
                kept[name] = str(value)
        return kept

    def forget_unused(self):
        for module in self.server_names:
            if not any(target.get("module") == module for target in self.targets):
                self.note(f"module {module} says server_name {self.server_names[module]}: write it on its targets")

    def text(self, source):
        """The file, with what was not carried over before it."""
        lines = [f"# Made from {quoted(source)} by deploy/convert. Check it: mtls_exporter check-config FILE"]
        if self.notes:
            lines += ["#", "# Not carried over, or not as it was:"] + [f"#  - {note}" for note in self.notes]
        sections = {key: value for key in ("trust", "identities", "modules", "targets", "discovery", "files") if (value := getattr(self, key))}
        sections.setdefault("targets", [])
        return "\n".join(lines) + "\n" + yaml.safe_dump(sections, sort_keys=False, width=150).rstrip()
