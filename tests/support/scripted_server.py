"""What the scripted servers of platform APIs share: an HTTPS server with HTTP/1.1 that keeps connections, can be stopped and started again on its port
with another certificate, and keeps what it was asked; and a certificate authority in memory."""
import datetime
import http.server
import ipaddress
import json
import socket
import ssl
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

PEM = serialization.Encoding.PEM


def now():
    return datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None, microsecond=0)


class Ca:
    """A self-signed root. Certificates are (x509 object, key)."""

    def __init__(self, name):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.certificate = self._sign(self.name, self.key, 3650, [(x509.BasicConstraints(True, None), True)])
        self.numbers = 0

    def _sign(self, subject, key, days, extensions, ago=datetime.timedelta(hours=1)):
        own = x509.SubjectKeyIdentifier.from_public_key(self.key.public_key())
        builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(key.public_key()).serial_number(x509.random_serial_number())
                   .not_valid_before(now() - ago).not_valid_after(now() + datetime.timedelta(days=days))
                   .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
                   .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own), False))
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        return builder.sign(self.key, hashes.SHA256())

    def issue(self, name, days=30, ago=datetime.timedelta(hours=1)):
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.DNSName(name), x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        usages = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        return self._sign(subject, key, days, [(names, False), (usages, False)], ago), key

    def crl(self, serials):
        """PEM of a list with these serials, numbered one above the last."""
        self.numbers += 1
        own = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        builder = (x509.CertificateRevocationListBuilder().issuer_name(self.name).last_update(now() - datetime.timedelta(minutes=1))
                   .next_update(now() + datetime.timedelta(days=3)).add_extension(x509.CRLNumber(self.numbers), False).add_extension(own, False))
        for serial in serials:
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now() - datetime.timedelta(minutes=2)).build())
        return builder.sign(self.key, hashes.SHA256()).public_bytes(PEM).decode()


def pem(certificate):
    return certificate.public_bytes(PEM).decode()


def write(folder, name, issued):
    """NAME.pem and NAME.key in `folder`."""
    certificate, key = issued
    (folder / f"{name}.pem").write_text(pem(certificate))
    (folder / f"{name}.key").write_bytes(key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return folder / f"{name}.pem", folder / f"{name}.key"


class Server:
    """Answers by self.answer(request) -> (status, headers, body); `body` is JSON unless it is text. asked: (method, path with query)."""

    def __init__(self, certificate, key, client_ca):
        self.asked, self.lock, self.port = [], threading.Lock(), 0
        self.certificate, self.key, self.client_ca = certificate, key, client_ca
        self.connections = set()
        self.start()

    def start(self, certificate=None, key=None):
        outer = self
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate or self.certificate, key or self.key)
        context.load_verify_locations(self.client_ca)
        context.verify_mode = ssl.CERT_REQUIRED

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                outer.connections.add(self.request)
                self.request.settimeout(60)
                super().setup()

            def finish(self):
                outer.connections.discard(self.request)
                try:
                    super().finish()
                except OSError:
                    pass

            def respond(self):
                with outer.lock:
                    outer.asked.append((self.command, self.path))
                status, headers, body = outer.answer(self)
                data = (body if isinstance(body, str) else json.dumps(body)).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_LIST = respond

            def log_message(self, *_):
                pass

        class Threads(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def get_request(self):
                peer, address = self.socket.accept()
                peer.settimeout(5)
                return context.wrap_socket(peer, server_side=True, do_handshake_on_connect=False), address

            def handle_error(self, *_):  # a client that hangs up, or does not trust us
                pass

        self.server = Threads(("127.0.0.1", self.port), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        for connection in list(self.connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def count(self, part):
        with self.lock:
            return sum(part in path for _, path in self.asked)

    def url(self):
        return f"https://127.0.0.1:{self.port}"
