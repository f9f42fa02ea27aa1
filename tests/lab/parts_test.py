"""The lab's own parts: a comparison that cannot fail would show nothing, and a proxy that bends a reset would blame the exporter."""
import json
import re
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import unittest
from dataclasses import replace

import scrape
import truth
from lab import HERE, Setup

REFUSED = truth.Cell("nginx", "1.3", "rogue", "rejected", "client_certificate", "unknown_ca", "48", "yes", "handshake", "yes", "d", "s")
ADMITTED = replace(REFUSED, identity="good", verdict="accepted", stage="-", reason="-", alert="-")
REFUSED_TEXT = """
mtls_probes_total{target="nginx/1.3/rogue",identity="rogue",address=""} 3
mtls_target_reachable{target="nginx/1.3/rogue",identity="rogue",address=""} 1
mtls_handshake_failure{target="nginx/1.3/rogue",identity="rogue",address=""} 1
mtls_handshake_failure_info{target="nginx/1.3/rogue",identity="rogue",address="",stage="client_certificate",reason="unknown_ca",alert="unknown_ca"} 1
mtls_client_certificate_verdict{target="nginx/1.3/rogue",identity="rogue",address="",verdict="rejected"} 1
mtls_client_certificate_requested{target="nginx/1.3/rogue",identity="rogue",address=""} 1
mtls_client_certificate_accepted{target="nginx/1.3/rogue",identity="rogue",address=""} 0
mtls_client_ca_listed{target="nginx/1.3/rogue",identity="rogue",address=""} 1
mtls_certificate_expiry_days{source="server",target="nginx/1.3/rogue",identity="rogue",address="",position="0",subject_cn="lab.test"} 29.9
mtls_certificate_expiry_days{source="server",target="nginx/1.3/rogue",identity="rogue",address="",position="1",subject_cn="Lab Servers CA"} 3650
mtls_chain_valid{source="server",target="nginx/1.3/rogue",identity="rogue",address=""} 1
"""
DOOR = truth.Door("nginx", "1.3", "required", "")
DOOR_TEXT = """
mtls_client_auth_mode{target="door",identity="good",address="",mode="required"} 1
mtls_client_auth_enforced{target="door",identity="good",address=""} 1
mtls_client_auth_knock{target="door",identity="good",address="",knock="rogue",answer="refused"} 1
"""


def differences(text, cell=REFUSED):
    return scrape.differences(cell, scrape.read(text)["nginx/1.3/rogue"])


class Comparison(unittest.TestCase):
    def test_the_right_answer_has_no_differences(self):
        self.assertEqual([], differences(REFUSED_TEXT))

    def test_a_reason_and_an_alert_of_another_version_go_together(self):
        both = replace(REFUSED, reason="bad_certificate|unknown_ca", alert="42|48")
        self.assertEqual([], differences(REFUSED_TEXT, both))
        self.assertNotEqual([], differences(REFUSED_TEXT, replace(both, alert="48|42")))

    def test_any_alert_and_reason_satisfy_a_star(self):
        self.assertEqual([], differences(REFUSED_TEXT, replace(REFUSED, reason="*", alert="*")))

    def test_every_missing_line_is_noticed(self):
        for line in REFUSED_TEXT.strip().splitlines():
            if "mtls_probes_total" not in line and 'position="1"' not in line:
                self.assertNotEqual([], differences(REFUSED_TEXT.replace(line, "")), line)

    def test_every_wrong_word_is_noticed(self):
        for right, wrong in (('verdict="rejected"', 'verdict="accepted"'), ('stage="client_certificate"', 'stage="handshake"'),
                             ('reason="unknown_ca"', 'reason="bad_certificate"'), ('alert="unknown_ca"', 'alert=""'),
                             ('reachable{target="nginx/1.3/rogue",identity="rogue",address=""} 1', 'reachable{target="nginx/1.3/rogue"} 0'),
                             ("} 29.9", "} 3649")):
            self.assertNotEqual([], differences(REFUSED_TEXT.replace(right, wrong)), wrong)

    def test_a_refusal_differs_from_an_admission_in_verdict_acceptance_and_failure(self):
        self.assertEqual(["verdict", "accepted", "handshake_failure", "failure"],
                         [one.split(":")[0] for one in differences(REFUSED_TEXT, ADMITTED)])

    def test_a_silent_target_is_wrong(self):
        self.assertNotEqual([], differences(""))

    def test_a_door_is_compared_by_mode_and_enforcement(self):
        def door(text, *modes):
            return scrape.door_differences(list(modes) or ["required"], scrape.read(text)["door"])
        self.assertEqual([], door(DOOR_TEXT))
        self.assertNotEqual([], door(DOOR_TEXT, "open"))
        self.assertNotEqual([], door(DOOR_TEXT, "undetermined"))
        self.assertNotEqual([], door(DOOR_TEXT.replace('address=""} 1', 'address=""} 0')))
        self.assertEqual([], door("", "undetermined"))
        self.assertNotEqual([], door(""))
        self.assertEqual([], door(DOOR_TEXT, "required", "undetermined"))
        self.assertEqual([], door("", "required", "undetermined"))
        self.assertNotEqual([], door(DOOR_TEXT, "open", "undetermined"))

    def test_under_another_protocol_much_may_be_unsettled_and_nothing_the_opposite(self):
        setups = {name: Setup(name, path=path) for name, path in (("nginx_required", "/"), ("go_require_and_verify", "/"), ("apache_location", "/private"))}
        for cell in truth.cells():
            for protocol in ("auto", "tls"):
                allowed = {one.verdict for one in truth.answers(cell, setups.get(cell.setup, Setup(cell.setup)), protocol)}
                opposite = {"accepted": "rejected", "rejected": "accepted"}.get(cell.verdict, "accepted")
                self.assertNotIn(opposite, allowed, f"{cell.name} under {protocol}")
        refused = replace(REFUSED, reason="refused_by_application", alert="-")
        self.assertEqual(["unconfirmed"], [one.verdict for one in truth.answers(refused, setups["nginx_required"], "tls")])
        self.assertEqual(["rejected"], [one.verdict for one in truth.answers(refused, setups["nginx_required"], "auto")])
        self.assertNotEqual([], scrape.differences_of_any(truth.answers(refused, setups["nginx_required"], "tls"), scrape.read(REFUSED_TEXT)["nginx/1.3/rogue"]))

    def test_in_an_outage_certificates_stay_and_no_verdict_does(self):
        down = re.sub(r'(reachable|failure)({.*}) \d', lambda found: f"{found[1]}{found[2]} {int(found[1] == 'failure')}",
                      "\n".join(line for line in REFUSED_TEXT.splitlines() if "client_c" not in line or "info" in line))
        down = down.replace('stage="client_certificate",reason="unknown_ca",alert="unknown_ca"', 'stage="connect",reason="refused",alert=""')
        outage = lambda text, door=False: scrape.outage_differences(scrape.read(text)["nginx/1.3/rogue"], door)
        self.assertEqual([], outage(down))
        for line in down.strip().splitlines():
            if "mtls_probes_total" not in line and 'position="1"' not in line and "chain_valid" not in line:
                self.assertNotEqual([], outage(down.replace(line, "")), line)
        self.assertNotEqual([], outage(REFUSED_TEXT))
        enforced = down + DOOR_TEXT.replace('target="door"', 'target="nginx/1.3/rogue"')
        self.assertEqual(2, len(outage(enforced, door=True)))


class Proxy(unittest.TestCase):
    """A client behind the proxy must meet what a server did, in order."""

    def meets(self, server):
        """Runs `server(connection)` behind the proxy; returns a connected client."""
        listener = socket.create_server(("127.0.0.1", 0))

        def serve():
            connection, _ = listener.accept()
            server(connection)
            listener.close()
        threading.Thread(target=serve, daemon=True).start()
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        routes = tempfile.NamedTemporaryFile("w", suffix=".json")
        self.addCleanup(routes.close)
        json.dump([["127.0.0.1", port, listener.getsockname()[1]]], routes)
        routes.flush()
        process = subprocess.Popen([sys.executable, HERE / "proxy.py", routes.name, "5"])
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        while process.poll() is None:
            try:
                client = socket.create_connection(("127.0.0.1", port), timeout=10)
                self.addCleanup(client.close)
                return client
            except ConnectionRefusedError:
                continue
        raise AssertionError("the proxy ended")

    @staticmethod
    def reset(connection):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    def test_a_close_arrives_as_an_end_after_the_data(self):
        def server(connection):
            connection.sendall(b"bye")
            connection.close()
        client = self.meets(server)
        self.assertEqual(b"bye", client.recv(10))
        self.assertEqual(b"", client.recv(10))

    def test_a_reset_arrives_as_a_reset(self):
        client = self.meets(lambda connection: self.reset(connection) if connection.recv(1) else None)
        client.sendall(b"x")
        with self.assertRaises(ConnectionResetError):
            client.recv(1)

    def test_a_half_close_leaves_the_other_direction_open(self):
        def server(connection):
            heard = b""
            while chunk := connection.recv(10):
                heard += chunk
            connection.sendall(heard[::-1])
            connection.close()
        client = self.meets(server)
        client.sendall(b"abc")
        client.shutdown(socket.SHUT_WR)
        self.assertEqual(b"cba", client.recv(10))
        self.assertEqual(b"", client.recv(10))

    def test_chunks_keep_their_order(self):
        def server(connection):
            for number in range(100):
                connection.sendall(bytes([number]))
            connection.close()
        client, heard = self.meets(server), b""
        while chunk := client.recv(1000):
            heard += chunk
        self.assertEqual(bytes(range(100)), heard)


class Truth(unittest.TestCase):
    def test_every_set_up_has_a_door_for_both_versions(self):
        setups = {(cell.setup, cell.tls) for cell in truth.cells()}
        self.assertEqual(setups, {(door.setup, door.tls) for door in truth.doors()} - {("nobody_home", "1.2"), ("nobody_home", "1.3")})

    def test_every_set_up_is_asked_by_its_own_identity_and_by_none(self):
        for setup, tls in {(cell.setup, cell.tls) for cell in truth.cells()}:
            self.assertLessEqual({"good", "none"}, set(truth.identities_of(setup, tls)), setup)


if __name__ == "__main__":
    unittest.main()
