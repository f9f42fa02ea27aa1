"""Independent clients: what curl, openssl s_client and Python's ssl module see of a cell. None of our code is asked."""
import re
import socket
import ssl
import subprocess
from dataclasses import dataclass

SETTLE = 0.5   # seconds of silence after which a raw server has accepted or will never tell
REFUSALS = (b"No required SSL certificate was sent", b"The SSL certificate error")


@dataclass
class Seen:
    """What one client saw. None: this client cannot tell."""
    verdict: str = None
    alert: int = None
    requested: str = None
    certificate: bool = None
    listed_names: str = None
    note: str = ""


def files(world, identity):
    return world.clients.get(identity)


def of_answer(status, body, setup):
    refused = (status == 400 and any(text in body for text in REFUSALS)) or (setup.refused_status and str(status) == setup.refused_status)
    return "rejected" if refused else "accepted"


def curl(world, setup, tls, identity):
    if setup.protocol != "https":
        return Seen()
    argv = ["curl", "-sS", "-i", "--max-time", "20", "--cacert", str(world.root), f"--tlsv{tls}", "--tls-max", tls,
            "--resolve", f"localhost:{setup.port}:127.0.0.1", "--http2" if setup.alpn == "h2" else "--http1.1"]
    if files(world, identity):
        argv += ["--cert", str(files(world, identity)[0]), "--key", str(files(world, identity)[1])]
    done = subprocess.run([*argv, f"https://localhost:{setup.port}{setup.path}"], capture_output=True, check=False)
    status = re.match(rb"HTTP/\S+ (\d+)", done.stdout)
    if status:
        return Seen(of_answer(int(status[1]), done.stdout, setup), note=f"HTTP {status[1].decode()}")
    return Seen("rejected", note=done.stderr.decode(errors="replace").strip())


# OpenSSL's names of the alerts a server may send, as Python reports them
ALERTS = {"HANDSHAKE_FAILURE": 40, "BAD_CERTIFICATE": 42, "UNSUPPORTED_CERTIFICATE": 43, "CERTIFICATE_REVOKED": 44,
          "CERTIFICATE_EXPIRED": 45, "CERTIFICATE_UNKNOWN": 46, "UNKNOWN_CA": 48, "ACCESS_DENIED": 49, "DECODE_ERROR": 50,
          "DECRYPT_ERROR": 51, "CERTIFICATE_REQUIRED": 116}


# What s_client calls the protocols that begin in the clear.
STARTTLS = {"smtp": "smtp", "lmtp": "lmtp", "imap": "imap", "pop3": "pop3", "sieve": "sieve", "nntp": "nntp", "ftp": "ftp", "ldap": "ldap",
            "postgres": "postgres", "mysql": "mysql", "xmpp-client": "xmpp", "xmpp-server": "xmpp-server", "irc": "irc"}
UNKNOWN = ("rdp",)  # to all of these clients


def python(world, setup, tls, identity):
    """Asks with Python's ssl; reads on until the server has shown what it thinks of the certificate."""
    if setup.protocol in STARTTLS or setup.protocol in UNKNOWN:
        return Seen()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(world.root)
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2 if tls == "1.2" else ssl.TLSVersion.TLSv1_3
    context.post_handshake_auth = True
    if files(world, identity):
        context.load_cert_chain(*files(world, identity))
    try:
        with socket.create_connection(("127.0.0.1", setup.port_of(tls, identity)), timeout=20) as plain:
            with context.wrap_socket(plain, server_hostname="localhost") as connection:
                if setup.protocol == "https":
                    return http(connection, setup)
                connection.settimeout(SETTLE)
                try:
                    data = connection.recv(1)
                except TimeoutError:
                    return Seen("silence", note="silent after the handshake")
                return Seen("accepted", note="data") if data else Seen("rejected", note="close")
    except ssl.SSLEOFError as problem:
        return Seen("rejected", note=f"EOF: {problem}")
    except ssl.SSLError as problem:
        found = re.search(r"ALERT_(\w+)", problem.reason or "")
        number = ALERTS.get(found[1]) if found else None
        return Seen("rejected", number, note=str(problem.reason or problem))
    except ConnectionError as problem:
        return Seen("rejected", note=f"reset: {problem}")


def http(connection, setup):
    if setup.alpn == "h2":
        return Seen()
    # Read before writing: a refusal that is already on its way would be lost to the reset our request provokes.
    connection.settimeout(0.05)
    answer = b""
    try:
        answer = connection.recv(65536)
        if not answer:
            return Seen("rejected", note="close before the request")
    except TimeoutError:
        pass
    connection.settimeout(20)
    connection.sendall(f"GET {setup.path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    while chunk := connection.recv(65536):
        answer += chunk
        if len(answer) > 1 << 20:
            break
    status = re.match(rb"HTTP/1.[01] (\d+)", answer)
    if not status:
        return Seen("rejected", note="close without an answer")
    return Seen(of_answer(int(status[1]), answer, setup), note=f"HTTP {status[1].decode()}")


def s_client(world, setup, tls, identity):
    """openssl s_client with its message trace: whether and when a certificate was asked for, and the list sent with it."""
    argv = ["openssl", "s_client", "-connect", f"127.0.0.1:{setup.port_of(tls, identity)}", "-servername", "localhost", "-CAfile",
            str(world.root), f"-tls{tls.replace('.', '_')}", "-msg", "-enable_pha", "-ign_eof"]
    if setup.alpn:
        argv += ["-alpn", setup.alpn]
    if setup.protocol in STARTTLS:
        argv += ["-starttls", STARTTLS[setup.protocol], "-xmpphost", "localhost"] if "xmpp" in setup.protocol else ["-starttls", STARTTLS[setup.protocol]]
    if files(world, identity):
        argv += ["-cert", str(files(world, identity)[0]), "-key", str(files(world, identity)[1]), "-cert_chain", str(files(world, identity)[0])]
    client = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        if setup.protocol == "https" and not setup.alpn:
            request = f"GET {setup.path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
            output = client.communicate(request, timeout=SETTLE if setup.protocol == "tls" else 10)[0]
        else:
            output = client.communicate(timeout=4 * SETTLE if setup.protocol in STARTTLS else SETTLE)[0]
    except subprocess.TimeoutExpired:
        client.kill()
        output = client.communicate()[0]
    text = output.decode(errors="replace")
    requests = [found.start() for found in re.finditer(r"<<< TLS 1\.\d, Handshake \[length \w+\], CertificateRequest", text)]
    done = text.find("SSL handshake has read")
    requested = "no" if not requests else "handshake" if done < 0 or requests[0] < done else "late"
    alert = re.search(r"<<< TLS 1\.\d, Alert \[length 0002\], fatal (\w+)", text)
    number = ALERTS.get(alert[1].upper()) if alert else None
    names = re.search(r"Acceptable client certificate CA names\n(.*?)\n(?:Requested|Client Certificate)", text, re.S)
    return Seen(None, number, requested, "BEGIN CERTIFICATE" in text or "Certificate chain" in text or
                re.search(r"<<< TLS 1\.\d, Handshake \[length \w+\], Certificate\n", text) is not None, names[1] if names else "",
                note=f"fatal {alert[1]}" if alert else "")
