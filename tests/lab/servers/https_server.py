"""https_server.py CERT KEY CA_AND_CRLS PORT: serves "ok" to clients with a certificate, by Python's ssl module."""
import http.server
import ssl
import sys

certificate, key, trusted, port = sys.argv[1:5]


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "3")
        self.end_headers()
        self.wfile.write(b"ok\n")

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 512

    def finish_request(self, request, client_address):  # in the connection's own thread: a slow handshake delays nobody
        with context.wrap_socket(request, server_side=True) as connection:
            super().finish_request(connection, client_address)

    def handle_error(self, request, client_address):
        pass


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
context.load_verify_locations(trusted)
context.verify_mode = ssl.CERT_REQUIRED
context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
Server(("127.0.0.1", int(port)), Page).serve_forever()
