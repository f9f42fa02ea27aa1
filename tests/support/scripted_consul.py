"""A scripted Consul for tests: catalog/services and health/service/NAME of the published API, with blocking queries and ACL tokens. It is no Consul: it
was written from the documentation of the API. https://developer.hashicorp.com/consul/api-docs/catalog"""
import threading
import urllib.parse

from scripted_server import Server


class Consul(Server):
    def __init__(self, certificate, key, client_ca, token="acl"):
        self.token, self.index, self.waiting = token, 1000, 0
        self.changed = threading.Condition()
        self.services = {"consul": [{"ID": "consul", "Port": 8300, "Tags": []}]}
        super().__init__(certificate, key, client_ca)

    def register(self, service, ident, **what):
        """Meta, Tags, Address, Port."""
        with self.changed:
            rest = [one for one in self.services.get(service, []) if one["ID"] != ident]
            self.services[service] = rest + [{"ID": ident, "Tags": [], "Meta": {}, "Address": "", "Port": 0} | what]
            self.index += 1
            self.changed.notify_all()

    def deregister(self, service, ident):
        with self.changed:
            self.services[service] = [one for one in self.services[service] if one["ID"] != ident]
            if not self.services[service]:
                del self.services[service]
            self.index += 1
            self.changed.notify_all()

    def restore(self, index):
        """As from a snapshot: the index begins again, and whoever waits is cut off."""
        self.stop()
        with self.changed:
            self.index = index
            self.changed.notify_all()
        self.start()

    def answer(self, request):
        parts = urllib.parse.urlsplit(request.path)
        query = dict(urllib.parse.parse_qsl(parts.query))
        if request.headers.get("X-Consul-Token") != self.token:
            return 403, {}, "Permission denied: token with AccessorID '00000000-0000-0000-0000-000000000002' lacks permission 'service:read'"
        with self.changed:
            if int(query.get("index", 0)) > 0:
                wait = float(query.get("wait", "300s").removesuffix("s"))
                self.waiting += 1
                self.changed.wait_for(lambda: self.index > int(query["index"]), wait)
                self.waiting -= 1
            headers = {"X-Consul-Index": str(self.index), "X-Consul-Knownleader": "true", "X-Consul-Lastcontact": "0"}
            if parts.path == "/v1/catalog/services":
                return 200, headers, {name: sorted({tag for one in all_of for tag in one["Tags"]}) for name, all_of in self.services.items()}
            name = urllib.parse.unquote(parts.path.removeprefix("/v1/health/service/"))
            node = {"ID": "40e4a748", "Node": "n1", "Address": "127.0.0.1", "Datacenter": "dc1"}
            return 200, headers, [{"Node": node, "Service": {"Service": name} | one, "Checks": [{"Status": "critical"}]} for one in self.services.get(name, [])]
