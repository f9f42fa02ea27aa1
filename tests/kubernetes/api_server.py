"""A scripted API server of Kubernetes for tests: a versioned store behind the published REST API (list with limit and continue, watch
with resourceVersion, bookmarks and 410, create, replace, delete), over mutual TLS or bearer tokens, and the troubles it is told to make.
What it cannot do is listed in docs/kubernetes.md. kubectl works against it: kubernetes_test.py asks it to."""
import base64
import collections
import http.server
import json
import re
import ssl
import threading
import time
import urllib.parse

# resource -> (group and version, kind, whether it has a namespace)
RESOURCES = {
    "namespaces": ("v1", "Namespace", False),
    "secrets": ("v1", "Secret", True),
    "configmaps": ("v1", "ConfigMap", True),
    "services": ("v1", "Service", True),
    "ingresses": ("networking.k8s.io/v1", "Ingress", True),
    "endpointslices": ("discovery.k8s.io/v1", "EndpointSlice", True),
    "validatingwebhookconfigurations": ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", False),
    "mutatingwebhookconfigurations": ("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", False),
    "apiservices": ("apiregistration.k8s.io/v1", "APIService", False),
    "customresourcedefinitions": ("apiextensions.k8s.io/v1", "CustomResourceDefinition", False),
}
PATH = re.compile(r"^/(?:api|apis/(?P<group>[^/]+))/(?P<version>v\d\w*)(?:/namespaces/(?P<space>[^/]+)(?=/))?/(?P<resource>[a-z]+)(?:/(?P<name>[^/]+))?$")


class Refusal(Exception):
    def __init__(self, code, reason, message, headers=None):
        super().__init__(message)
        self.code, self.reason, self.message, self.headers = code, reason, message, headers or {}

    def status(self):
        return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": self.message, "reason": self.reason, "code": self.code}


class Store:
    """Objects by (resource, namespace, name), and what happened, by version. `forget` makes watches from older versions answer 410."""

    def __init__(self):
        self.changed = threading.Condition()
        self.version = 1000
        self.objects = {}
        self.events = collections.deque()  # (version, type, resource, object)
        self.forgotten = 1000
        self.snapshots = {}  # of lists in pages, by their version

    def put(self, resource, thing, only_new=False):
        with self.changed:
            metadata = thing.setdefault("metadata", {})
            key = (resource, metadata.get("namespace", ""), metadata["name"])
            if only_new and key in self.objects:
                raise Refusal(409, "AlreadyExists", f'{resource} "{key[2]}" already exists')
            self.version += 1
            metadata |= {"resourceVersion": str(self.version), "uid": metadata.get("uid", f"00000000-0000-4000-8000-{self.version:012}"), "creationTimestamp": metadata.get("creationTimestamp", "2026-11-28T12:00:00Z")}
            known = key in self.objects
            self.objects[key] = thing = json.loads(json.dumps(thing))
            self.events.append((self.version, "MODIFIED" if known else "ADDED", resource, thing))
            self.changed.notify_all()
            return thing

    def delete(self, resource, space, name):
        with self.changed:
            thing = self.objects.pop((resource, space, name), None)
            if thing is None:
                raise Refusal(404, "NotFound", f'{resource} "{name}" not found')
            self.version += 1
            thing = json.loads(json.dumps(thing))
            thing["metadata"]["resourceVersion"] = str(self.version)
            self.events.append((self.version, "DELETED", resource, thing))
            self.changed.notify_all()
            return thing

    def forget(self):
        with self.changed:
            self.version += 1  # so that whoever is up to date has missed something, too
            self.forgotten = self.version
            self.events.clear()
            self.snapshots.clear()
            self.changed.notify_all()


def selected(thing, selector, fields):
    labels = thing["metadata"].get("labels", {})
    for term in filter(None, selector.split(",")):
        name, _, value = term.replace("==", "=").partition("!=" if "!=" in term else "=")
        if (labels.get(name) == value) == ("!=" in term):
            return False
    for term in filter(None, fields.split(",")):
        name, _, value = term.partition("!=" if "!=" in term else "=")
        have = thing.get("type") if name == "type" else thing["metadata"].get(name.removeprefix("metadata."))
        if (have == value) == ("!=" in term):
            return False
    return True


class Api:
    """The server, on a free port. `troubles` may change while it runs:
    refuse: {(resource, namespace): Refusal}; cut_after: a watch is cut off after so many events; slow: seconds before an answer;
    stale_pages: a list's second page is 410."""

    def __init__(self, certificate=None, key=None, client_ca=None, tokens=(), bookmark_every=1.0):
        self.store, self.tokens, self.bookmark_every = Store(), set(tokens), bookmark_every
        self.refuse, self.cut_after, self.slow, self.stale_pages = {}, None, 0, False
        self.asked = []  # (resource, namespace, query) of lists and watches
        self.cuts, self.stopping = 0, False
        api = self

        class Handler(Requests):
            pass

        Handler.api = api
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, key)
            if client_ca:
                context.load_verify_locations(client_ca)
                context.verify_mode = ssl.CERT_OPTIONAL
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"http{'s' if certificate else ''}://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.stopping = True
        with self.store.changed:
            self.store.changed.notify_all()
        self.server.shutdown()
        self.server.server_close()


class Requests(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    api = None

    def log_message(self, *_):
        pass

    def answer(self, code, value, headers=None):
        body = json.dumps(value).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, text in (headers or {}).items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)

    def dispatch(self, act):
        try:
            try:
                self.allow()
                time.sleep(self.api.slow)
                act()
            except Refusal as refusal:
                self.answer(refusal.code, refusal.status(), refusal.headers)
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            self.close_connection = True

    def allow(self):
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        certificate = self.connection.getpeercert() if isinstance(self.connection, ssl.SSLSocket) else {"plain": True}
        if not certificate and token not in self.api.tokens:
            raise Refusal(401, "Unauthorized", "Unauthorized")

    def place(self):
        parts = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
        found = PATH.match(parts.path)
        if not found or found["resource"] not in RESOURCES:
            raise Refusal(404, "NotFound", "the server could not find the requested resource")
        version = f"{found['group']}/{found['version']}" if found["group"] else found["version"]
        if RESOURCES[found["resource"]][0] != version:
            raise Refusal(404, "NotFound", "the server could not find the requested resource")
        return found["resource"], found["space"] or "", found["name"], query

    def do_GET(self):
        self.dispatch(self.get)

    def get(self):
        path = urllib.parse.urlsplit(self.path).path.rstrip("/")
        about = self.about(path)
        if about:
            return self.answer(200, about)
        resource, space, name, query = self.place()
        for where in ((resource, space), (resource, "")):
            if where in self.api.refuse:
                raise self.api.refuse[where]
        if name:
            thing = self.api.store.objects.get((resource, space, name))
            if thing is None:
                raise Refusal(404, "NotFound", f'{resource} "{name}" not found')
            return self.answer(200, self.typed(resource, thing))
        self.api.asked.append((resource, space, query))
        if query.get("watch") in ("1", "true"):
            return self.watch(resource, space, query)
        return self.list(resource, space, query)

    @staticmethod
    def typed(resource, thing):
        return {"kind": RESOURCES[resource][1], "apiVersion": RESOURCES[resource][0]} | thing

    def about(self, path):
        groups = sorted({group for group, _, _ in RESOURCES.values() if "/" in group})
        if path == "/version":
            return {"major": "1", "minor": "32", "gitVersion": "v1.32.0"}
        if path == "/api":
            return {"kind": "APIVersions", "versions": ["v1"]}
        if path == "/apis":
            return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [{"name": group.split("/")[0], "versions": [{"groupVersion": group, "version": "v1"}], "preferredVersion": {"groupVersion": group, "version": "v1"}} for group in groups]}
        group = path.removeprefix("/apis/").removeprefix("/api/")
        if path.startswith("/api") and group in {version for version, _, _ in RESOURCES.values()}:
            return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group, "resources": [
                {"name": resource, "singularName": kind.lower(), "namespaced": spaced, "kind": kind, "verbs": ["create", "delete", "get", "list", "update", "watch"]}
                for resource, (version, kind, spaced) in RESOURCES.items() if version == group]}
        return None

    def list(self, resource, space, query):
        store, limit = self.api.store, int(query.get("limit", 0))
        with store.changed:
            if query.get("continue"):
                version, start = json.loads(base64.b64decode(query["continue"]))
                if self.api.stale_pages or version not in store.snapshots:
                    raise Refusal(410, "Expired", "The provided continue parameter is too old to display a consistent list result.")
                found = store.snapshots[version]
            else:
                version, start = store.version, 0
                found = [thing for (kind, of, _), thing in sorted(store.objects.items()) if kind == resource and space in ("", of) and selected(thing, query.get("labelSelector", ""), query.get("fieldSelector", ""))]
                if limit and len(found) > limit:
                    store.snapshots[version] = found
        page = found[start : start + limit] if limit else found[start:]
        metadata = {"resourceVersion": str(version)}
        if start + len(page) < len(found):
            metadata |= {"continue": base64.b64encode(json.dumps([version, start + len(page)]).encode()).decode(), "remainingItemCount": len(found) - start - len(page)}
        self.answer(200, {"kind": RESOURCES[resource][1] + "List", "apiVersion": RESOURCES[resource][0], "metadata": metadata, "items": page})

    def watch(self, resource, space, query):
        store, api = self.api.store, self.api
        version = int(query.get("resourceVersion") or 0)
        end = time.monotonic() + float(query.get("timeoutSeconds", 300))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        sent, bookmark = 0, time.monotonic() + api.bookmark_every
        while not api.stopping and time.monotonic() < end:
            with store.changed:
                gone = version < store.forgotten
                events = [event for event in store.events if event[0] > version]
                latest = store.version  # before the wait: what comes meanwhile is in no bookmark
                if not gone and not events:
                    store.changed.wait(0.1)
            if gone:
                self.tell("ERROR", Refusal(410, "Expired", f"too old resource version: {version}").status())
                break
            for number, kind, of, thing in events:
                version = number
                if of != resource or space not in ("", thing["metadata"].get("namespace", "")) or not selected(thing, query.get("labelSelector", ""), query.get("fieldSelector", "")):
                    continue
                self.tell(kind, self.typed(resource, thing))
                sent += 1
                if api.cut_after is not None and sent >= api.cut_after:
                    api.cuts += 1
                    self.close_connection = True
                    self.wfile.flush()
                    return  # in the middle of the answer: no last chunk
            if not events and query.get("allowWatchBookmarks") == "true" and time.monotonic() > bookmark:
                version = max(version, latest)
                self.tell("BOOKMARK", {"kind": RESOURCES[resource][1], "apiVersion": RESOURCES[resource][0], "metadata": {"resourceVersion": str(version)}})
                bookmark = time.monotonic() + api.bookmark_every
        self.wfile.write(b"0\r\n\r\n")

    def tell(self, kind, thing):
        line = json.dumps({"type": kind, "object": thing}).encode() + b"\n"
        self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
        self.wfile.flush()

    def body(self):
        return json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")

    def do_POST(self):
        def create():
            thing = self.body()
            resource, space, _, _ = self.place()
            if space:
                thing.setdefault("metadata", {})["namespace"] = space
            if "stringData" in thing:
                thing.setdefault("data", {}).update({name: base64.b64encode(value.encode()).decode() for name, value in thing.pop("stringData").items()})
            self.answer(201, self.api.store.put(resource, thing, only_new=True))
        self.dispatch(create)

    def do_PUT(self):
        def replace():
            thing = self.body()
            self.answer(200, self.api.store.put(self.place()[0], thing))
        self.dispatch(replace)

    def do_DELETE(self):
        def delete():
            self.body()
            resource, space, name, _ = self.place()
            self.answer(200, self.api.store.delete(resource, space, name))
        self.dispatch(delete)
