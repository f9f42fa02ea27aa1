#!/usr/bin/python3 -B
"""The harness of the simulation against `promtool test rules`: two days of 24-hour certificates in every kind of trouble, every five
minutes. At each half hour promtool must find exactly those alerts firing that the harness says fire."""
import json
import pathlib
import subprocess
import tempfile
import unittest

import estate
import harness

STEP = 300
HOURS = 48


def values(samples, times):
    """Samples as promtool's notation of a series that begins at time 0; `_` is no sample."""
    have = dict(samples)
    return " ".join(f"{have[time]:.6g}" if time in have else "_" for time in times)


class Harness(unittest.TestCase):
    def test_fires_exactly_when_promtool_does(self):
        times = range(estate.START, estate.START + HOURS * estate.HOUR, STEP)
        slots = estate.slots("h24", 20, estate.DAY, estate.dice(7), length=HOURS * estate.HOUR * 2)
        series = estate.Series()
        for one in slots:
            estate.publish(series, one, times)
        estate.publish_exporter(series, times)
        with harness.Prometheus(series) as prometheus:
            fired = harness.history(prometheus, estate.START, times[-1], STEP)
        self.assertGreaterEqual(len({labels["alertname"] for labels, _, _ in fired}), 4, fired)

        tests = []
        for moment in times[::6]:
            samples = [{"labels": "ALERTS" + json.dumps(labels | {"alertstate": "firing"}).replace('": "', '="').replace(', "', ', ').replace('{"', "{"),
                        "value": 1} for labels, since, until in fired if since <= moment < until]
            tests.append({"expr": 'ALERTS{alertstate="firing"}', "eval_time": f"{moment - estate.START}s", "exp_samples": samples})
        self.assertGreater(sum(len(test["exp_samples"]) for test in tests), 50)
        inputs = [{"series": f"{family}{{{labels}}}", "values": values(samples, times)}
                  for family, by_labels in series.families.items() for labels, samples in by_labels.items()]
        with tempfile.TemporaryDirectory() as name:
            file = pathlib.Path(name) / "test.yml"
            file.write_text(json.dumps({"rule_files": [str(one) for one in sorted((harness.ROOT / "deploy/prometheus/rules").glob("*.yml"))],
                                        "evaluation_interval": f"{STEP}s",
                                        "tests": [{"interval": f"{STEP}s", "input_series": inputs, "promql_expr_test": tests}]}))
            result = subprocess.run(["promtool", "test", "rules", str(file)], capture_output=True, text=True)
            self.assertEqual(result.returncode, 0, (result.stdout + result.stderr)[:4000])

    def test_applies_for_as_prometheus_does(self):
        self.assertEqual(harness.firing([0, 60, 120, 180], 120, 60), [(120, 240)])
        self.assertEqual(harness.firing([0, 60], 120, 60), [])
        self.assertEqual(harness.firing([0, 60, 180, 240, 300], 120, 60), [(300, 360)])
        self.assertEqual(harness.firing([0], 0, 60), [(0, 60)])
        self.assertEqual(harness.firing([0], 300, 3600), [(300, 3600)])


if __name__ == "__main__":
    unittest.main(verbosity=2)
