"""Real servers on loopback with settings that can be changed and loaded anew."""
import pathlib
import socket
import subprocess
import sys
import textwrap
import time


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """Settings: leaf and key, chain (names of what is sent behind the leaf), client_cas and crls (texts), depth."""

    def __init__(self, folder, pki, leaf, chain=(), client_cas=(), crls=(), port=None, **more):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.pki, self.leaf, self.chain = pki, leaf, list(chain)
        self.client_cas, self.crls, self.more = list(client_cas), list(crls), more
        self.port = port or free_port()
        self.process = None

    def files(self):
        leaf = self.pki.by_name[self.leaf]
        (self.folder / "leaf.pem").write_text(leaf.text)
        rest = "".join(self.pki.by_name[name].text for name in self.chain)
        (self.folder / "rest.pem").write_text(rest)
        (self.folder / "chain.pem").write_text(leaf.text + rest)
        (self.folder / "both.pem").write_text(leaf.text + rest + leaf.key.read_text())
        (self.folder / "clients.pem").write_text("".join(self.pki.by_name[name].text for name in self.client_cas))
        (self.folder / "crls.pem").write_text("".join(self.crls))
        return leaf

    def load(self):
        self.stop()
        leaf = self.files()
        self.process = subprocess.Popen(self.command(leaf), stdout=subprocess.DEVNULL, stderr=(self.folder / "log").open("w"),
                                        stdin=subprocess.DEVNULL, cwd=self.folder)
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.05)
        raise RuntimeError(f"{self.command(leaf)} did not start: {(self.folder / 'log').read_text()}")

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait()
            self.process = None


class Squid:
    """A proxy on loopback. Settings: login (the password of `watcher`; None: everybody may), forbidden (destinations)."""

    def __init__(self, folder, login=None, forbidden=()):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.login, self.forbidden, self.port, self.process = login, list(forbidden), free_port(), None

    def load(self):
        self.stop()
        here = self.folder
        lines = [f"http_port 127.0.0.1:{self.port}", "pid_filename none", "access_log none", "cache deny all", "visible_hostname proxy",
                 "shutdown_lifetime 0 seconds", f"coredump_dir {here}", f"cache_log {here}/cache.log"]
        if self.login is not None:
            crypted = subprocess.run(["openssl", "passwd", "-apr1", self.login], capture_output=True, text=True, check=True).stdout.strip()
            (here / "users").write_text(f"watcher:{crypted}\n")
            lines += [f"auth_param basic program /usr/lib/squid/basic_ncsa_auth {here}/users", "auth_param basic children 1",
                      "acl known proxy_auth REQUIRED"]
        if self.forbidden:
            lines += ["acl forbidden dst " + " ".join(self.forbidden), "http_access deny forbidden"]
        lines += ["http_access allow " + ("known" if self.login is not None else "all"), "http_access deny all"]
        (here / "squid.conf").write_text("\n".join(lines) + "\n")
        for folder in (here, *here.parents):  # squid gives up its rights
            if str(folder).startswith("/tmp/"):
                folder.chmod(0o777)
        for file in here.iterdir():
            file.chmod(0o666)
        self.process = subprocess.Popen(["/usr/sbin/squid", "-N", "-f", here / "squid.conf"], stdout=subprocess.DEVNULL,
                                        stderr=(here / "log").open("w"), stdin=subprocess.DEVNULL)
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.05)
        raise RuntimeError(f"squid did not start: {(here / 'log').read_text()}")

    def stop(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


class SServer(Server):
    def command(self, leaf):
        words = ["openssl", "s_server", "-accept", f"127.0.0.1:{self.port}", "-cert", "leaf.pem", "-key", str(leaf.key), "-www"]
        if self.chain:
            words += ["-cert_chain", "rest.pem"]
        if self.client_cas:
            words += ["-Verify", str(self.more.get("depth", 5)), "-verify_return_error", "-CAfile", "clients.pem"]
        if self.more.get("asks_only"):
            words += ["-verify", "5"]
        return words + list(self.more.get("words", ()))


class Nginx(Server):
    def command(self, leaf):
        verify = ""
        if self.client_cas:
            verify = f"ssl_verify_client on; ssl_client_certificate {self.folder}/clients.pem;"
            if "depth" in self.more:
                verify += f" ssl_verify_depth {self.more['depth']};"
            if self.crls:
                verify += f" ssl_crl {self.folder}/crls.pem;"
        tls = "" if self.more.get("plain") else " ssl"
        (self.folder / "nginx.conf").write_text(textwrap.dedent(f"""
            pid {self.folder}/pid; error_log {self.folder}/error.log; daemon off;
            events {{}}
            http {{
              access_log off;
              server {{
                listen 127.0.0.1:{self.port}{tls}{' proxy_protocol' if self.more.get('proxy_protocol') else ''};
                ssl_certificate {self.folder}/chain.pem; ssl_certificate_key {leaf.key}; {verify}
                location / {{ return {self.more.get('status', 200)}; }}
                location /health {{ return 200; }}
              }}
            }}
            """))
        return ["nginx", "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")]


class Haproxy(Server):
    def command(self, leaf):
        verify = f"ca-file {self.folder}/clients.pem verify required" if self.client_cas else ""
        if self.crls:
            verify += f" crl-file {self.folder}/crls.pem"
        (self.folder / "haproxy.cfg").write_text(textwrap.dedent(f"""
            defaults
              mode http
              timeout client 5s
              timeout server 5s
              timeout connect 2s
            frontend f
              bind 127.0.0.1:{self.port} ssl crt {self.folder}/both.pem {verify}
              http-request return status 200
            """))
        return ["haproxy", "-f", str(self.folder / "haproxy.cfg")]


# Says a greeting; where it has a dialogue, answers STARTTLS and goes on in TLS.
TALK = """
import socket, ssl, sys
port, greeting, starts = int(sys.argv[1]), sys.argv[2].encode(), sys.argv[3] == "1"
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
if starts: context.load_cert_chain("chain.pem", "leaf.key")
def say(to, text): to.sendall(text)
def answer(line):
    tag, _, rest = line.partition(b" ")
    if greeting.startswith(b"*"):
        if b"CAPABILITY" in rest.upper(): return b"* CAPABILITY IMAP4rev1 STARTTLS\\r\\n" + tag + b" OK done\\r\\n"
        return tag + b" OK done\\r\\n"
    if line.upper().startswith(b"EHLO"): return b"250-mail.estate.test\\r\\n250 STARTTLS\\r\\n"
    if line.upper().startswith(b"STARTTLS"): return b"220 go ahead\\r\\n"
    return b"250 fine\\r\\n"
def talk(peer):
    peer.settimeout(3)
    say(peer, greeting)
    while line := peer.recv(4096):
        if not starts: return
        say(peer, answer(line.strip()))
        if b"STARTTLS" in line.upper(): peer = context.wrap_socket(peer, server_side=True)
server = socket.create_server(("127.0.0.1", port))
while True:
    peer, _ = server.accept()
    try: talk(peer)
    except OSError: pass
    peer.close()
"""


class Talker(Server):
    """A server that does not begin with TLS: greeting, and starttls where TLS comes later."""

    def files(self):
        leaf = super().files()
        (self.folder / "leaf.key").write_text(leaf.key.read_text())
        return leaf

    def command(self, leaf):
        script = TALK.replace("\\\\", "\\")
        return [sys.executable, "-c", script, str(self.port), self.more["greeting"], "1" if self.more.get("starttls") else "0"]
