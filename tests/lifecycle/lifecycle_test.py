#!/usr/bin/python3 -B
"""Two years of an estate of 2,000 certificates pass by the alerting rules and Alertmanager's inhibition. Nothing may end without a page
in good time, nobody may be called about a healthy certificate, and nobody twice about the same cause."""
import resource
import sys
import time
import unittest

import yaml

import estate
import harness

sys.path.insert(0, str(harness.ROOT / "tests/support"))
import inhibition  # noqa: E402

DAY, HOUR, START, YEARS = estate.DAY, estate.HOUR, estate.START, estate.YEARS
INHIBIT_RULES = yaml.safe_load((harness.ROOT / "deploy/alertmanager/alertmanager.yml").read_text())["inhibit_rules"]


def good_time(lifetime):
    """How long before its end a certificate must have paged: half of what the rules promise, the rest is the coarse grid's."""
    return min(3 * DAY, lifetime / 20)


class Run:
    """One grid: the slots on it, what was published of them, and what the rules made of that."""

    def __init__(self, name, step, slots, roots=False):
        self.name, self.step, self.slots = name, step, slots
        times = range(START, START + YEARS, step)
        series = estate.Series()
        for one in slots:
            estate.publish(series, one, times)
        estate.publish_intermediates(series, slots, times)
        estate.publish_exporter(series, times)
        found = [one.cause for one in slots if one.cause]
        found += [authority.cause for authority in {id(one.authority): one.authority for one in slots if one.authority}.values() if authority.cause]
        if roots:
            found += estate.publish_roots(series, times)
        # What had not begun or not ended within the two years cannot be judged.
        self.causes = {cause.name: cause for cause in found if cause.begin < START + YEARS - 2 * step}
        begun = time.monotonic()
        with harness.Prometheus(series) as prometheus:
            self.samples = prometheus.samples
            self.fired = harness.history(prometheus, START, times[-1], step)
        self.took = time.monotonic() - begun
        self.unmuted = self._unmuted()

    def _unmuted(self):
        """{cause's name: {moment of the grid: [labels of the alerts that reach somebody]}}."""
        by_moment = {}
        for labels, since, until in self.fired:
            moment = START + (since - START) // self.step * self.step
            while moment < until:
                by_moment.setdefault(moment, []).append(labels)
                moment += self.step
        told = {}
        for moment, alerts in by_moment.items():
            for labels in inhibition.unmuted(alerts, INHIBIT_RULES):
                told.setdefault(cause_of(labels), {}).setdefault(moment, []).append(labels)
        return told

    def issued(self):
        return sum(len(one.certificates) for one in self.slots)


def cause_of(labels):
    """Whose trouble an alert is about: an authority's, else a slot's."""
    if "target" in labels or "identity" in labels:
        return labels.get("identity") if labels["alertname"].startswith(("MtlsIdentity", "MtlsClient")) else labels.get("target")
    return labels.get("subject_cn", labels["alertname"])


class Lifecycle(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        dice = estate.dice(20240101)
        slow = [*estate.slots("d47", 220, 47 * DAY, dice), *estate.slots("d90", 900, 90 * DAY, dice), *estate.slots("d398", 680, 398 * DAY, dice),
                *estate.slots("y10", 40, 3650 * DAY, dice)]
        estate.authorities([one for one in slow if one.source == "server" and not one.cause][:200])
        cls.runs = [Run("47 days to 10 years", 36 * HOUR, slow, roots=True),
                    Run("7 days", 6 * HOUR, estate.slots("d7", 120, 7 * DAY, dice)),
                    Run("24 hours", HOUR, estate.slots("h24", 40, DAY, dice))]

    def each(self):
        for run in self.runs:
            for cause in run.causes.values():
                yield run, cause, run.unmuted.get(cause.name, {})

    def test_the_estate_is_as_large_and_as_troubled_as_it_is_said_to_be(self):
        self.assertGreaterEqual(sum(len(run.slots) for run in self.runs), 2000)
        kinds = [(cause.kind, cause.expiry is not None) for _, cause, _ in self.each()]
        for kind in (("late", False), ("never", True), ("not_reloaded", False), ("revoked", False), ("authority", False), ("authority", True)):
            self.assertIn(kind, kinds)

    def test_nothing_ends_without_a_page_in_good_time(self):
        for run, cause, told in self.each():
            if cause.expiry is None:
                continue
            with self.subTest(run=run.name, cause=cause.name):
                pages = [moment for moment, alerts in told.items() if any(one["severity"] == "critical" for one in alerts)]
                self.assertTrue(pages, "never paged")
                self.assertLessEqual(min(pages), cause.expiry - good_time(cause.lifetime))

    def test_every_cause_is_told(self):
        for run, cause, told in self.each():
            with self.subTest(run=run.name, cause=cause.name, kind=cause.kind):
                self.assertTrue(told)

    def test_nobody_is_called_about_what_is_healthy(self):
        for run in self.runs:
            for name, told in run.unmuted.items():
                with self.subTest(run=run.name, about=name):
                    self.assertIn(name, run.causes, list(told.values())[0])
                    cause = run.causes[name]
                    self.assertGreaterEqual(min(told) + run.step, cause.begin, "before there was anything wrong")
                    self.assertLess(max(told) - run.step, cause.end, "after it was mended")

    def test_nobody_is_called_twice_about_the_same_cause(self):
        for run, cause, told in self.each():
            with self.subTest(run=run.name, cause=cause.name, kind=cause.kind):
                for moment, alerts in told.items():
                    self.assertEqual(len(alerts), 1, (moment, alerts))
                # Without a gap: a warning that becomes a page is one matter, one that resolves and returns is two.
                moments = sorted(told)
                self.assertEqual(moments, list(range(moments[0], moments[-1] + run.step, run.step)))

    @classmethod
    def tearDownClass(cls):
        for run in cls.runs:
            ended = [cause for cause in run.causes.values() if cause.expiry]
            ahead = [cause for cause in ended if any(moment < cause.expiry and one["severity"] == "critical"
                                                     for moment, alerts in run.unmuted.get(cause.name, {}).items() for one in alerts)]
            told = [name for name in run.unmuted if name in run.causes]
            print(f"{run.name}: {len(run.slots)} certificates at a time, {run.issued()} in all; {run.samples} samples, a step of {run.step // HOUR} h, "
                  f"{run.took:.0f} s. {len(run.causes)} causes, {len(told)} told; {len(ended)} ended, {len(ahead)} paged before; "
                  f"{len(run.unmuted) - len(told)} healthy ones called about")
        usage = [resource.getrusage(who).ru_maxrss // 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        print(f"peak memory: this process {usage[0]} MB, its largest child {usage[1]} MB")


if __name__ == "__main__":
    unittest.main(verbosity=2)
