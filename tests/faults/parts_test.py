"""The suite's own parts: a judge that cannot fail would show nothing, and a peer that cannot shake hands would blame the exporter."""
import copy
import re
import socket
import ssl
import tempfile
import threading
import time
import unittest
from dataclasses import replace
from pathlib import Path

import judge
from case import MODULES, Case, good, refused
from cases import all_cases
from peer import tls12, tls13
from peer.certificates import SERVER_NAME, World
from peer.exchange import P521
from peer.host import Host, Visit
from scenarios import SCENARIOS
from verdicts import Verdicts

LEAF = {"subject_common_name": "x", "not_after": "2030-01-01T00:00:00Z"}
SEEN = {"failure": None, "certificates": [LEAF], "chain": {"valid": True, "verify_code": 0, "problems": [{"finding": "wildcard"}]},
        "hostname_match": True, "client": {"requested": True, "sent": True, "verdict": "accepted"}}
RIGHT = good(hostname_match=True, verify_code=0, findings=("wildcard",), leaf={"not_after": "2030-01-01T00:00:00Z"}, client={"requested": True})
REFUSED = SEEN | {"failure": {"stage": "client_certificate", "reason": "unknown_ca", "alert": "unknown_ca"},
                  "client": {"requested": True, "sent": True, "verdict": "rejected"}}
TEXT = """
mtls_probe_success{target="a",identity="",address=""} 0
mtls_handshake_failure_info{target="a",identity="",address="",stage="client_certificate",reason="unknown_ca",alert="unknown_ca"} 1
mtls_certificate_info{source="server",target="a",position="0",subject_cn="a \\"quoted\\" \\\\ name"} 1
mtls_chain_valid{source="server",target="a"} 1
mtls_exporter_schedule_lag_seconds_bucket{le="0.05"} 7
mtls_exporter_schedule_lag_seconds_bucket{le="0.5"} 8
mtls_exporter_schedule_lag_seconds_bucket{le="+Inf"} 10
"""


class Observation(unittest.TestCase):
    def differs(self, seen, right=RIGHT, broken=()):
        return judge.observation_differences(right, seen, list(broken))

    def test_the_right_observation_has_no_differences(self):
        self.assertEqual([], self.differs(SEEN))
        self.assertEqual([], self.differs(REFUSED, refused("unknown_ca", "unknown_ca"), ["client_certificate"]))

    def test_every_fact_that_is_demanded_can_be_missed(self):
        for path, wrong in ((("failure",), REFUSED["failure"]), (("certificates",), []), (("chain", "valid"), False), (("chain", "verify_code"), 10),
                            (("chain", "problems"), []), (("hostname_match",), False), (("client", "requested"), False), (("client", "verdict"), "unconfirmed"),
                            (("certificates", 0, "not_after"), "1970-01-01T00:00:00Z")):
            seen = copy.deepcopy(SEEN)
            at = seen
            for step in path[:-1]:
                at = at[step]
            at[path[-1]] = wrong
            self.assertNotEqual([], self.differs(seen), path)

    def test_success_and_its_absence_are_judged(self):
        self.assertNotEqual([], self.differs(SEEN, broken=["hostname"]))
        self.assertNotEqual([], self.differs(REFUSED, refused("unknown_ca", "unknown_ca")))
        self.assertNotEqual([], self.differs(SEEN, replace(RIGHT, success=0, broken=("chain",)), ["hostname"]))

    def test_every_word_of_a_failure_is_judged(self):
        for field, wrong in (("stage", "handshake"), ("reason", "bad_certificate"), ("alert", None)):
            seen = REFUSED | {"failure": REFUSED["failure"] | {field: wrong}}
            self.assertNotEqual([], self.differs(seen, refused("unknown_ca", "unknown_ca"), ["client_certificate"]), field)

    def test_an_earlier_probe_that_ended_otherwise_is_noticed(self):
        right, entry = refused("unknown_ca", "unknown_ca"), {"stage": "client_certificate", "reason": "unknown_ca", "duration_seconds": 0.1}
        quick, spent = {"stage": None, "reason": None, "duration_seconds": 0.1}, {"stage": "handshake", "reason": "handshake_timeout", "duration_seconds": 2.0}
        self.assertEqual([], judge.history_differences(right, [entry, entry], 2.0, True))
        self.assertNotEqual([], judge.history_differences(right, [quick, entry], 2.0, False))
        self.assertEqual([], judge.history_differences(right, [spent, entry], 2.0, False))
        self.assertNotEqual([], judge.history_differences(right, [spent, entry], 2.0, True))
        self.assertNotEqual([], judge.history_differences(right, [spent, spent, entry], 2.0, False))


class Series(unittest.TestCase):
    right = refused("unknown_ca", "unknown_ca")

    def differs(self, text):
        return judge.series_differences(self.right, judge.by_target(text).get("a", {}), REFUSED)

    def test_the_right_series_have_no_differences(self):
        self.assertEqual([], self.differs(TEXT))

    def test_every_line_that_is_missing_is_noticed(self):
        for line in TEXT.strip().splitlines():
            if "target=" in line and "success" not in line:
                self.assertNotEqual([], self.differs(TEXT.replace(line, "")), line)

    def test_every_wrong_word_is_noticed(self):
        for right, wrong in (('address=""} 0', 'address=""} 1'), ('stage="client_certificate"', 'stage="handshake"'), ('reason="unknown_ca"', 'reason="alert"'),
                             ('alert="unknown_ca"', 'alert=""'), ('source="server",target="a",position', 'source="identity",target="a",position')):
            self.assertNotEqual([], self.differs(TEXT.replace(right, wrong)), wrong)

    def test_label_values_are_unescaped(self):
        labels = judge.by_target(TEXT)["a"]["mtls_certificate_info"][0][0]
        self.assertEqual('a "quoted" \\ name', labels["subject_cn"])

    def test_a_histogram_is_read_from_its_buckets(self):
        own = judge.by_target(TEXT)[""]
        self.assertEqual(3, judge.buckets_above(own, "mtls_exporter_schedule_lag_seconds", 0.05))
        self.assertEqual(2, judge.buckets_above(own, "mtls_exporter_schedule_lag_seconds", 0.1))
        self.assertIsNone(judge.buckets_above(own, "mtls_exporter_nothing_seconds", 0.1))


class Time(unittest.TestCase):
    def test_one_late_round_is_the_machine_and_all_late_rounds_are_a_fault(self):
        idle = [(1.5, 0.1), (1.6, 0.1), (2.5, 0.1)]
        self.assertEqual([], judge.time_differences(idle, 1.75, False))
        self.assertNotEqual([], judge.time_differences(idle, 1.75, True))
        self.assertNotEqual([], judge.time_differences([(1.8, 0.1), (1.9, 0.1)], 1.75, False))
        self.assertNotEqual([], judge.time_differences([(1.5, 0.1), (4.8, 2.2)], 3.75, False))

    def test_lateness_is_counted_from_the_usual_place(self):
        beats = [10.2, 11.2, 12.21, 13.2, 14.2]
        self.assertLess(max(how for _, how in judge.lateness(beats, 1.0)), 0.02)
        for late in (0.3, 0.7, 0.95):
            worst = max(how for _, how in judge.lateness([*beats, 15.2 + late, 16.2, 17.2], 1.0))
            self.assertAlmostEqual(late, worst, delta=0.02)
        self.assertGreaterEqual(max(how for _, how in judge.lateness([*beats, 18.2, 19.2], 1.0)), 3.0)

    def test_a_lag_is_laid_at_the_door_of_whose_every_visit_it_fell_into(self):
        late = [(12.5, 0.4), (22.5, 0.4)]
        guilty = [Visit("a", 12.0, 13.0), Visit("a", 22.0, 23.0)]
        self.assertEqual(0.4, judge.lag_beside(guilty, late))
        self.assertEqual(0.0, judge.lag_beside([*guilty, Visit("a", 30.0, 31.0)], late))


class Forgiveness(unittest.TestCase):
    case = Case("a", "1", None, refused("unknown_ca", "unknown_ca"))
    spent = {"duration_seconds": 2.0}

    def test_a_probe_out_of_time_is_asked_again_once(self):
        verdicts = Verdicts(strict=False)
        verdicts.judge(self.case, self.spent, ["odd"], last_time=False)
        self.assertEqual(({"a": ["odd"]}, {}), (verdicts.again, verdicts.wrong))
        verdicts.judge(self.case, self.spent, ["odd"], last_time=True)
        self.assertEqual({"a": ["odd"]}, verdicts.wrong)

    def test_a_wrong_word_in_time_is_never_forgiven(self):
        verdicts = Verdicts(strict=False)
        verdicts.judge(self.case, {"duration_seconds": 0.1}, ["odd"], last_time=False)
        self.assertEqual({"a": ["odd"]}, verdicts.wrong)

    def test_strict_forgives_nothing(self):
        verdicts = Verdicts(strict=True)
        verdicts.judge(self.case, self.spent, ["odd"], last_time=False)
        self.assertEqual({"a": ["odd"]}, verdicts.wrong)


class Tables(unittest.TestCase):
    def test_the_readme_and_the_tables_have_the_same_rows(self):
        text = (Path(__file__).parent / "README.md").read_text()
        told = {row: words for row, words in re.findall(r"^\| (f?\d+) \| (.*)$", text, re.MULTILINE)}
        with tempfile.TemporaryDirectory() as folder:
            world = World()
            world.folder, world.unfetched = Path(folder), ["http://127.0.0.1:9/"]
            cases = all_cases(world)
        played = {case.row.rstrip("+") for case in cases if not case.row.endswith("+")}
        self.assertEqual(set(), {case.row.rstrip("+") for case in cases} - set(told), "rows that the README does not tell")
        for row, words in told.items():
            elsewhere = "not yet:" in words or "not yet (" in words or "scenario `" in words
            self.assertEqual(not elsewhere, row in played, f"row {row}: {words}")
        self.assertEqual({str(row) for row in range(1, 75)}, {row for row in told if row.isdigit()})
        for name in re.findall(r"scenario `(\w+)`", text):
            self.assertIn(name, SCENARIOS)

    def test_every_case_has_a_module(self):
        self.assertIn(Case("x", "", None, good()).module, MODULES)


class Peers(unittest.TestCase):
    """An ordinary client gets through a peer that does nothing odd."""

    @classmethod
    def setUpClass(cls):
        cls.world, cls.made = World(), tempfile.TemporaryDirectory()
        cls.folder = Path(cls.made.name)
        cls.world.write(cls.folder)

    @classmethod
    def tearDownClass(cls):
        cls.made.cleanup()

    def client(self, port, version=ssl.TLSVersion.TLSv1_3):
        context = ssl.create_default_context(cafile=self.folder / "root.pem")
        context.load_cert_chain(self.folder / "client.pem", self.folder / "client.key")
        context.maximum_version, context.post_handshake_auth = version, True
        return context.wrap_socket(socket.create_connection(("127.0.0.1", port), timeout=20), server_hostname=SERVER_NAME)

    def meets(self, serve, version=ssl.TLSVersion.TLSv1_3):
        listener, failures, done = socket.create_server(("127.0.0.1", 0)), [], threading.Event()

        def play():
            connection, _ = listener.accept()
            with connection:
                try:
                    serve(connection)
                except Exception as error:  # told to the test
                    failures.append(error)
                done.wait(20)  # a close with unread bytes would be a reset
        thread = threading.Thread(target=play)
        thread.start()
        with self.client(listener.getsockname()[1], version) as client:
            heard = client.recv(5)
            done.set()
        thread.join(20)
        listener.close()
        self.assertEqual([], failures)
        self.assertEqual(b"hello", heard)

    def test_tls_1_3_with_certificate_tickets_and_key_updates(self):
        def serve(connection):
            server = tls13.Tls13(connection, [self.world.leaf], self.world.key)
            self.assertIn(self.world.client.der, server.accept())
            server.ticket()
            server.send(server.key_updates(2700, time.monotonic() + 5))
            server.application(b"hello")
        self.meets(serve)

    def test_tls_1_3_after_a_retry(self):
        def serve(connection):
            server = tls13.Tls13(connection, [self.world.leaf], self.world.key)
            server.read_hello()
            server.retry(P521)
            server.server_hello(P521)
            server.handshake(server.flight())
            server.start_application()
            server.read_finished()
            server.application(b"hello")
        self.meets(serve)

    def test_tls_1_2_and_a_renegotiation(self):
        def serve(connection):
            server = tls12.Tls12(connection, [self.world.leaf], self.world.key)
            server.accept(request=False)
            self.assertIn(self.world.client.der, server.renegotiate())
            server.application(b"hello")
        self.meets(serve, ssl.TLSVersion.TLSv1_2)

    def test_a_host_notes_when_a_client_came_and_left(self):
        def behave(peer):
            peer.note("flood")
            while True:
                peer.bare().send(bytes(65536))
        case, listener = Case("flood", "", behave, good()), socket.create_server(("127.0.0.1", 0))
        host = Host([case], {"flood": listener}, self.world)
        host.start()
        self.addCleanup(host.stop)
        began = time.monotonic()
        client = socket.create_connection(listener.getsockname(), timeout=20)
        client.recv(1)
        self.assertEqual([], host.visits())
        time.sleep(0.2)
        client.close()
        deadline = began + 20
        while not (visits := host.visits()) and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertEqual(["flood"], visits[0].notes)
        self.assertGreater(visits[0].sent, 65536)
        self.assertGreater(visits[0].left - visits[0].came, 0.15)
        listener.close()


if __name__ == "__main__":
    unittest.main()
