#!/usr/bin/python3
"""listeners_test.py EXPORTER: `listeners` on a host of its own: a network namespace with nginx, a mail server on a port that is nobody's, a
server that greets in a way of its own, one that says nothing, and a port that is left out. What speaks TLS is a target with its holder, what
greets is never sent TLS, and our own ports are not touched."""
import fcntl
import os
import pathlib
import re
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

if os.environ.get("MTLS_OWN_NETWORK") != "1":
    os.environ["MTLS_OWN_NETWORK"] = "1"
    os.execvp("unshare", ["unshare", "--net", sys.executable, "-B", *sys.argv])

EXPORTER = str(pathlib.Path(sys.argv[1]).resolve())
WEB, MAIL, SHELL, MUTE, HIDDEN, OURS = 8443, 10025, 2222, 9999, 7777, 10219


class Peer:
    """Listens, greets, and keeps the first bytes of each connection; `secured`: speaks SMTP up to STARTTLS, and TLS after it."""

    def __init__(self, port, greeting=b"", context=None):
        self.heard, self.connections = [], 0
        self.greeting, self.context = greeting, context
        self.listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            peer, _ = self.listener.accept()
            self.connections += 1
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        peer.settimeout(10)
        try:
            peer.sendall(self.greeting)
            heard = peer.recv(4096)
            if heard:
                self.heard.append(heard)
            if self.context and heard[:4].upper() == b"EHLO":
                peer.sendall(b"250-mail.test\r\n250 STARTTLS\r\n")
                peer.recv(4096)
                peer.sendall(b"220 go ahead\r\n")
                secure = self.context.wrap_socket(peer, server_side=True)
                secure.recv(4096)
                secure.sendall(b"250 mail.test\r\n")
                secure.recv(4096)
        except OSError:
            pass
        finally:
            peer.close()


def certificate(folder):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-days", "10", "-subj", "/CN=host.test", "-addext",
                    "subjectAltName=DNS:host.test", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"], check=True, capture_output=True)


def nginx(folder):
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/log;\nevents {{}}\nhttp {{ access_log off;\n"
        f"  server {{ listen 0.0.0.0:{WEB} ssl; listen [::]:{WEB} ssl; ssl_certificate {folder}/cert.pem; ssl_certificate_key {folder}/key.pem; return 200; }}\n}}\n")
    return subprocess.Popen(["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")])


def loopback_up():
    """A new network namespace has its loopback interface down."""
    set_flags, up = 0x8914, 1
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, set_flags, struct.pack("16sh14x", b"lo", up))


def scrape():
    return urllib.request.urlopen(f"https://127.0.0.1:{OURS}/metrics", timeout=5, context=ssl._create_unverified_context()).read().decode()


def series(text, name):
    return [dict(re.findall(r'(\w+)="([^"]*)"', line)) for line in text.splitlines() if line.startswith(name + "{")]


def wait(what, reached):
    text = ""
    for _ in range(200):
        try:
            text = scrape()
            if reached(text):
                return text
        except OSError:
            pass
        time.sleep(0.1)
    lines = [line for line in text.splitlines() if "listener" in line or "mtls_target_info" in line]
    sys.exit(f"FAILED: {what}\n" + "\n".join(lines))


def targets(text):
    return sorted(one["target"] for one in series(text, "mtls_target_info"))


def main():
    loopback_up()
    with tempfile.TemporaryDirectory(prefix="listeners.") as name:
        folder = pathlib.Path(name)
        certificate(folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
        mail = Peer(MAIL, b"220 mail.test ESMTP\r\n", context)
        shell, mute, hidden = Peer(SHELL, b"SSH-2.0-test\r\n"), Peer(MUTE), Peer(HIDDEN)
        (folder / "c.yml").write_text(f"defaults: {{interval: 1s, timeout: 900ms}}\ndiscovery:\n  - {{listeners: {{exclude_ports: [{HIDDEN}]}}, interval: 1s, labels: {{owner: us}}}}\n")
        (folder / "web.yml").write_text(f"tls_server_config: {{cert_file: {folder}/cert.pem, key_file: {folder}/key.pem}}\n")  # our port speaks TLS, too
        processes = [nginx(folder)]
        log = (folder / "exporter.log").open("w")
        try:
            processes.append(subprocess.Popen([EXPORTER, f"--config.file={folder}/c.yml", f"--web.listen-address=127.0.0.1:{OURS}", f"--web.config.file={folder}/web.yml"], stderr=log))
            both = [f"127.0.0.1:{MAIL}", f"127.0.0.1:{WEB}"]
            text = wait("nginx and the mail server are targets", lambda text: targets(text) == both and len(series(text, "mtls_certificate_expiry_days")) == 2)
            held = {one["target"]: one for one in series(text, "mtls_listener_info")}
            wrong = []
            for target, process in ((both[0], pathlib.Path(sys.executable).resolve().name), (both[1], "nginx")):
                one = held.get(target, {})
                if not one.get("process") or not process.startswith(one["process"]) or one.get("user") != "root":
                    wrong.append(f"{target} is held by {process} of root, and is said to be by {one}")
            if "mail" not in str(mail.heard) and not any(heard[:4].upper() == b"EHLO" for heard in mail.heard):
                wrong.append(f"the mail server was not spoken to: {mail.heard}")
            if any(heard[:1] == b"\x16" for heard in mail.heard + shell.heard):
                wrong.append("one that greets was sent TLS")
            if shell.heard or not shell.connections:
                wrong.append(f"the shell's server heard {shell.heard} on {shell.connections} connections")
            if not any(heard[:1] == b"\x16" for heard in mute.heard):
                wrong.append(f"one that is silent was not tried: {mute.heard}")
            if hidden.connections:
                wrong.append("a port that is left out was touched")
            processes[0].terminate()
            processes[0].wait()
            wait("nginx is gone, and its target with it", lambda text: targets(text) == both[:1])
            processes[0] = nginx(folder)
            wait("nginx is there again", lambda text: targets(text) == both)
        finally:
            for process in reversed(processes):
                process.terminate()
                process.wait()
            print((folder / "exporter.log").read_text()[-1500:])
        if wrong:
            sys.exit("\n".join(f"FAILED: {one}" for one in wrong))
    print("ok: the ports of this host are found, with who holds them")


if __name__ == "__main__":
    main()
