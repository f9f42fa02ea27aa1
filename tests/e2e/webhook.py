#!/usr/bin/python3 -B
"""webhook.py PORT FILE: where Alertmanager's messages go. Each becomes a line of FILE: {"receiver": ..., "status": ..., "alerts": [...]}."""
import http.server
import json
import sys


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with open(sys.argv[2], "a") as file:
            file.write(json.dumps({key: message[key] for key in ("receiver", "status", "alerts")}) + "\n")
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
