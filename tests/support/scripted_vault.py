"""A scripted Vault for tests: the paths of the PKI engine's published API that are read (certs, certs/revoked, cert/SERIAL, issuers, issuer/ID/json,
issuer/ID/crl/pem, roles), with its answers for what is empty, missing, denied, sealed and asked too often. It is no Vault: it was written from the
documentation of the API. https://developer.hashicorp.com/vault/api-docs/secret/pki"""
import time
import urllib.parse

from scripted_server import Ca, Server, pem

ISSUER = "7545992c-1910-0898-9e64-d575549fbe9c"
DENIED = {"errors": ["1 error occurred:\n\t* permission denied\n\n"]}


def serial(certificate):
    digits = f"{certificate.serial_number:x}"
    digits = "0" * (len(digits) % 2) + digits
    return ":".join(digits[at:at + 2] for at in range(0, len(digits), 2))


class Vault(Server):
    """`troubles` may change while it runs: sealed, throttled; denied: paths below the mount; lists_revoked: False is a Vault before 1.13."""

    def __init__(self, certificate, key, client_ca, mount="pki", namespace="", token="root"):
        self.mount, self.namespace, self.token = mount, namespace, token
        self.ca = Ca("Vault CA")
        self.certificates, self.revoked, self.roles = {}, {}, {"server": False}
        self.sealed = self.throttled = False
        self.denied, self.lists_revoked = set(), True
        self.keep(self.ca.certificate)
        self.publish()
        super().__init__(certificate, key, client_ca)

    def keep(self, certificate):
        self.certificates[serial(certificate)] = certificate
        return certificate

    def issue(self, name, **wanted):
        return self.keep(self.ca.issue(name, **wanted)[0])

    def revoke(self, certificate, publish=True):
        self.revoked[serial(certificate)] = int(time.time())
        if publish:
            self.publish()

    def publish(self):
        self.crl = self.ca.crl([self.certificates[one].serial_number for one in self.revoked if one in self.certificates])

    def answer(self, request):
        parts = urllib.parse.urlsplit(request.path)
        listing = request.command == "LIST" or urllib.parse.parse_qs(parts.query).get("list") == ["true"]
        if self.sealed:
            return 503, {}, {"errors": ["Vault is sealed"]}
        if self.throttled:
            return 429, {"Retry-After": "1"}, {"errors": ["request path \"pki/certs\": rate limit quota exceeded"]}
        prefix = f"/v1/{self.mount}/"
        if not parts.path.startswith(prefix) or request.headers.get("X-Vault-Namespace", "") != self.namespace:
            return 404, {}, {"errors": [f"no handler for route \"{parts.path[4:]}\". route entry not found."]}
        path = parts.path[len(prefix):]
        open_to_all = path.startswith(("cert/", "issuer/", "issuers", "crl"))
        if not open_to_all and (request.headers.get("X-Vault-Token") != self.token or path in self.denied):
            return 403, {}, DENIED
        return self.list(path) if listing else self.read(path)

    def list(self, path):
        keys = {"certs": self.certificates, "issuers": [ISSUER], "roles": self.roles}.get(path)
        if path == "certs/revoked" and self.lists_revoked:
            keys = self.revoked
        if keys is None:
            return 404, {}, {"errors": ["1 error occurred:\n\t* unsupported path\n\n"]}
        if not keys:
            return 404, {}, {"errors": []}
        return 200, {}, {"request_id": "0", "lease_id": "", "renewable": False, "lease_duration": 0, "data": {"keys": list(keys)}, "warnings": None}

    def read(self, path):
        if path.startswith("cert/") and path[5:] in self.certificates:
            return 200, {}, {"data": {"certificate": pem(self.certificates[path[5:]]).strip(), "revocation_time": self.revoked.get(path[5:], 0)}}
        if path == f"issuer/{ISSUER}/json":
            return 200, {}, {"data": {"certificate": pem(self.ca.certificate), "ca_chain": [pem(self.ca.certificate)]}}
        if path == f"issuer/{ISSUER}/crl/pem":
            return 200, {"Content-Type": "application/x-pem-file"}, self.crl
        if path == f"issuer/{ISSUER}/crl/delta/pem":
            return 204, {}, ""
        if path.startswith("roles/") and path[6:] in self.roles:
            return 200, {}, {"data": {"no_store": self.roles[path[6:]], "allow_any_name": True}}
        return 404, {}, {"errors": []}
