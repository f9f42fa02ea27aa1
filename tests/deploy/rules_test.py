#!/usr/bin/python3 -B
"""rules_test.py EXPORTER [UNITTEST ARGUMENT...]: what deploy/prometheus promises of every alert. That it has its unit tests (just
before, just after, resolved, series gone, one probe in five failing), that these pass and would notice a weaker rule, that its
runbook's commands exist, that its expression carries no label which changes from probe to probe, and that docs/alerts.md lists it."""
import functools
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROMETHEUS = ROOT / "deploy/prometheus"
RUNBOOKS = ROOT / "deploy/runbooks"
CASES = ("just before", "just after", "resolved", "series gone", "one probe in five failing")
# A refusal's reason may differ from probe to probe: an alert that carried one would begin anew each time.
RESTLESS = ("reason", "alert", "verdict")
# Families of the metrics contract that may not be in the table of docs/metrics.md yet.
TO_COME = {"mtls_served_certificate_stale", "mtls_crl_next_update_timestamp_seconds", "mtls_crl_this_update_timestamp_seconds"}
# A rule made weaker, as a mistake would: the file, what stands there, what the mistake makes of it, and the test that notices.
WEAKER = (
    ("certificates", '{source=~"server|file", position="0"}[10m]) < 7 > 0', '{source=~"server|file", position="0"}[10m]) < 6 > 0',
     "MtlsCertificateExpiring (critical): just after"),
    ("certificates", "ratio[10m]) >= 0.25", "ratio[10m]) >= 0.5", "A 90-day certificate is left alone at 29 days"),
    ("certificates", "[10m]) <= 0", "[10m]) <= -2", "MtlsCertificateExpired (critical): just after"),
    ("certificates", "by (subject_cn, issuer_key)", "by (subject_cn, issuer_key, instance)", "An intermediate that three exporters meet alerts once"),
    ("certificates", "by (source, target, position, subject_cn, owner, team)", "by (source, target, subject_cn, owner, team)",
     "Each certificate of an authority has an alert of its own, also where names are alike"),
    ("certificates", "< 365 > 0", "< 365", "Two roots of one name with keys of their own are two alerts, and one that has expired is none of them"),
    ("certificates", "< 30 > 0", "< 30", "What has expired is not expiring any more, at its very end too"),
    ("certificates", 'mtls_caller_calling[10m]) == 1\n            or', 'mtls_caller_calling[10m]) == 2\n            or', "A certificate that was issued and still calls is one alert: the caller"),
    ("certificates", "|stored_ca", "", "A CA in a store at rest is told where it is used"),
    ("certificates", 'source="file", problem=~"superseded|revoked|expired_ca|stored_ca"', 'source="file", problem=~"revoked|expired_ca|stored_ca"', "A superseded certificate in a folder is silent"),
    ("certificates", "by (source, target, position, subject_cn, owner, team)", "by (source, target, identity, position, subject_cn, owner, team)",
     "One leaf seen by three identities, at eight addresses, by two exporters, alerts once"),
    ("certificates", "last_over_time(mtls_certificate_expiry_days{source=~\"server|file\", position=\"0\"}[10m])",
     "mtls_certificate_expiry_days{source=~\"server|file\", position=\"0\"}", "MtlsCertificateExpiring (warning): one probe in five failing"),
    ("clients", "(avg_over_time(mtls_client_certificate_accepted[5m])) < 0.5", "(mtls_client_certificate_accepted) == 0",
     "MtlsClientRefused (critical): one probe in five failing"),
    ("doors", "min_over_time(mtls_client_auth_enforced[15m])", "max_over_time(mtls_client_auth_enforced[15m])",
     "One backend of five without a lock is enough"),
    ("targets", "avg_over_time(mtls_handshake_failure[5m]) > 0.5", "min_over_time(mtls_handshake_failure[5m]) > 0.5",
     "MtlsHandshakeFailing (critical): one probe in five failing"),
    ("sources", "avg_over_time(mtls_source_up[5m])", "max_over_time(mtls_source_up[1h])", "MtlsSourceFailing (warning): just after"),
    ("certificates", "last_over_time(mtls_caller_calling[10m]) == 1", "last_over_time(mtls_caller_calling[10m]) >= 0", "A caller that is silent is no concern when its certificate ends"),
    ("callers", "< -0.05", "< 100", "A caller that was let in before its certificate ended is in order"),
    ("callers", "< 21600", "< 2160000", "A caller that changed to its new certificate within the day is in order"),
    ("certificates", "sort_desc(max by (kind)", "sort_desc(sum by (kind)", "The alert for a root says how many of which kind depend on it"),
    ("rotations", "> 0", "> 1", "MtlsRotationOutOfOrder (warning): just after"),
    ("exporter", "up == 0 and on", "up == 0 unless on", "MtlsExporterDown (critical): just after"),
    ("estate", "min by (target) (mtls_probe_success)", "max by (target) (mtls_probe_success)",
     "A target, a door, a certificate counts once, as its worst view has it"),
)


def rule_files():
    return sorted((PROMETHEUS / "rules").glob("*.yml"))


def rules(kind):
    """(file's stem, rule) of every rule of a kind, alert or record."""
    for file in rule_files():
        for group in yaml.safe_load(file.read_text())["groups"]:
            for rule in group["rules"]:
                if kind in rule:
                    yield file.stem, rule


def title(rule):
    return f"{rule['alert']} ({rule['labels']['severity']})"


@functools.lru_cache(maxsize=None)
def unit_tests(stem):
    return yaml.safe_load((PROMETHEUS / f"tests/{stem}_test.yml").read_text())["tests"]


def promtool_test(folder, stem):
    return subprocess.run(["promtool", "test", "rules", f"{stem}_test.yml"], cwd=folder / "tests", capture_output=True, text=True)


def with_rules(stem, change, names):
    """Runs the unit tests of these names against rules of that file that were changed."""
    with tempfile.TemporaryDirectory() as name:
        copy = pathlib.Path(name) / "prometheus"
        shutil.copytree(PROMETHEUS, copy)
        file = copy / f"rules/{stem}.yml"
        before = file.read_text()
        after = change(before)
        assert after != before, f"nothing was changed in {file.name}"
        file.write_text(after)
        kept = [test for test in unit_tests(stem) if test["name"] in names]
        assert len(kept) == len(names), names
        (copy / f"tests/{stem}_test.yml").write_text(json.dumps(
            {"rule_files": [f"../rules/{stem}.yml"], "evaluation_interval": "1m", "tests": kept}))
        return promtool_test(copy, stem)


class EveryAlert(unittest.TestCase):
    def test_there_are_at_least_twenty(self):
        self.assertGreaterEqual(len({rule["alert"] for _, rule in rules("alert")}), 20)

    def test_has_its_five_unit_tests_that_ask_for_it(self):
        for stem, rule in rules("alert"):
            tests = {test.get("name"): test for test in unit_tests(stem)}
            for case in CASES:
                with self.subTest(rule=title(rule), case=case):
                    asked = tests[f"{title(rule)}: {case}"]["alert_rule_test"]
                    self.assertTrue(all(one["alertname"] == rule["alert"] for one in asked))
                    fires = any(alert["exp_labels"]["severity"] == rule["labels"]["severity"]
                                for one in asked for alert in one["exp_alerts"])
                    # What is alerted on when it is gone, or is quiet while it is only lame, is the one exception.
                    if rule["alert"] == "MtlsEstateUnwatched":
                        self.assertEqual(fires, case in ("just after", "series gone"))
                    else:
                        self.assertEqual(fires, case in ("just after", "one probe in five failing"))

    def test_tells_the_person_on_call_what_where_and_what_to_do(self):
        for _, rule in rules("alert"):
            with self.subTest(rule=title(rule)):
                self.assertIn(rule["labels"]["severity"], ("warning", "critical"))
                self.assertEqual(set(rule["annotations"]), {"summary", "description", "runbook_url", "dashboard_url"})
                self.assertTrue(rule["annotations"]["runbook_url"].endswith(f"/deploy/runbooks/{rule['alert']}.md"))
                by = re.search(r"by \(([^)]*)\)", rule["expr"])
                for label in ("target", "identity", "source", "subject_cn", "issuer", "name", "path"):
                    if by and label in by.group(1).split(", "):
                        self.assertIn(f"$labels.{label}", rule["annotations"]["summary"] + rule["annotations"]["description"])
                if by and "owner" in by.group(1).split(", "):
                    self.assertIn("$labels.owner", rule["annotations"]["description"])

    def test_leads_to_a_dashboard_that_exists(self):
        boards = {board["uid"]: {variable["name"] for variable in board["templating"]["list"]}
                  for board in (json.loads(file.read_text()) for file in (ROOT / "grafana/dashboards").glob("*.json"))}
        for _, rule in rules("alert"):
            with self.subTest(rule=title(rule)):
                # One place, or one for each source that the alert can be about.
                link = re.compile(r"([\w-]+)(?:\?var-(\w+)=\{\{ \$labels\.(\w+) \| urlquery \}\})?")
                text = rule["annotations"]["dashboard_url"].removeprefix("https://grafana.example.net/d/")
                ways = re.split(r"\{\{ (?:if eq \$labels\.source \"\w+\"|else if eq \$labels\.source \"\w+\"|else|end) \}\}", text)
                for way in filter(None, ways):
                    uid, variable, _ = link.fullmatch(way).groups()
                    self.assertIn(uid, boards)
                    self.assertIn(variable or "job", boards[uid])

    def test_carries_no_label_that_changes_from_probe_to_probe(self):
        for _, rule in rules("alert"):
            with self.subTest(rule=title(rule)):
                # A matcher that leaves some out gives the alert no label.
                carried = re.sub(r'\b\w+!="[a-z_]+"', "", rule["expr"])
                for word in RESTLESS:
                    self.assertNotRegex(carried, rf"\b{word}\b")
                self.assertNotIn("failure_info", rule["expr"])
                # Whatever else a series has of labels, the alert has those it is grouped by.
                self.assertRegex(rule["expr"], r"^(min|max|sum|count) by \(|^up == 0|^absent_over_time|^max_over_time\(mtls_exporter_")

    def test_asks_for_families_that_exist(self):
        table = re.search(r"<!-- metrics:begin -->(.*)<!-- metrics:end -->", (ROOT / "docs/metrics.md").read_text(), re.S).group(1)
        published = set(re.findall(r"^\| `(\w+)`", table, re.M))
        for kind in ("alert", "record"):
            for _, rule in rules(kind):
                texts = [rule["expr"], *(rule.get("annotations") or {}).values()]
                for name in re.findall(r"\bmtls_[a-z_]+\b(?=[\[{) ]|$)", " ".join(texts)):
                    if name != "mtls_exporter":  # the program
                        self.assertIn(name, published | TO_COME, rule.get("alert") or rule.get("record"))

    def test_stands_in_docs_with_its_severities(self):
        table = re.search(r"<!-- alerts:begin -->(.*)<!-- alerts:end -->", (ROOT / "docs/alerts.md").read_text(), re.S).group(1)
        listed = {name: severities.split(", ") for name, severities in
                  re.findall(r"^\| \[`(\w+)`\]\(\.\./deploy/runbooks/\1\.md\) \| ([a-z, ]+) \| \S.* \|$", table, re.M)}
        written = {}
        for _, rule in rules("alert"):
            written.setdefault(rule["alert"], []).append(rule["labels"]["severity"])
        self.assertEqual(listed, written)


class EveryRunbook(unittest.TestCase):
    exporter = ""

    def help_of(self, *command):
        return subprocess.run([self.exporter, *command, "--help"], capture_output=True, text=True, check=True).stdout

    def test_belongs_to_an_alert_and_says_what_it_means_does_and_takes(self):
        self.assertEqual({file.stem for file in RUNBOOKS.glob("*.md")}, {rule["alert"] for _, rule in rules("alert")})
        for file in RUNBOOKS.glob("*.md"):
            with self.subTest(runbook=file.name):
                text = file.read_text()
                self.assertEqual(re.findall(r"^#+ (.*)$", text, re.M), [file.stem, "Meaning", "Impact", "Diagnosis", "Mitigation"])
                self.assertRegex(text.split("## Diagnosis")[1], r"(?m)^    \S")
                for link in re.findall(r"\]\((\w+\.md)\)", text):
                    self.assertTrue((RUNBOOKS / link).exists(), link)

    def test_commands_have_flags_that_exist(self):
        flags = {command: set(re.findall(r"--[a-z][a-z.-]*", self.help_of(*command))) for command in ((), ("probe",), ("check-config",), ("callers",), ("dependents",), ("rotation",))}
        commands = 0
        for file in RUNBOOKS.glob("*.md"):
            for line in re.findall(r"^    (?:.*do )?(mtls_exporter .*?)(?: \|.*)?$", file.read_text(), re.M):
                with self.subTest(runbook=file.name, line=line):
                    commands += 1
                    before, word, after = re.match(r"mtls_exporter (.*?)\b(probe|check-config|callers|dependents|rotation) ?(.*)", line).groups()
                    self.assertLessEqual(set(re.findall(r"--[a-z][a-z.-]*", before)), flags[()])
                    self.assertLessEqual(set(re.findall(r"--[a-z][a-z.-]*", after)), flags[(word,)])
            for flag in re.findall(r"`(--[a-z][a-z.-]*)", file.read_text()):
                self.assertIn(flag, set().union(*flags.values()))
        self.assertGreater(commands, 30)

    def test_of_what_a_probe_can_explain_gives_the_probe(self):
        for stem, rule in rules("alert"):
            if stem in ("certificates", "clients", "doors", "targets"):
                self.assertRegex((RUNBOOKS / f"{rule['alert']}.md").read_text(), r"(?m)^    (.*do )?mtls_exporter .*probe ", rule["alert"])


class TheUnitTests(unittest.TestCase):
    def test_pass(self):
        checked = subprocess.run(["promtool", "check", "rules", *map(str, rule_files())], capture_output=True, text=True)
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)
        for file in rule_files():
            with self.subTest(file=file.name):
                result = promtool_test(PROMETHEUS, file.stem)
                self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_notice_an_alert_that_waits_a_minute_longer(self):
        slower = lambda text: re.sub(r"(?m)^( +for: )(\d+)([mh])$", lambda m: f"{m[1]}{int(m[2]) * (60 if m[3] == 'h' else 1) + 1}m", text)
        for stem in {stem for stem, _ in rules("alert")}:
            names = [f"{title(rule)}: just after" for of, rule in rules("alert") if of == stem and "for" in rule]
            result = with_rules(stem, slower, names)
            for name in names:
                with self.subTest(name):
                    self.assertIn(name, result.stdout + result.stderr)

    def test_notice_a_weaker_rule(self):
        for stem, strong, weak, name in WEAKER:
            with self.subTest(file=stem, weak=weak):
                result = with_rules(stem, lambda text: text.replace(strong, weak), [name])
                self.assertNotEqual(result.returncode, 0)
                self.assertIn("FAILED", result.stdout + result.stderr)
                self.assertNotIn("error", (result.stdout + result.stderr).split("FAILED")[0])


class TheScrapeConfiguration(unittest.TestCase):
    def test_is_accepted_and_loads_every_rule_file(self):
        with tempfile.TemporaryDirectory() as name:
            text = (PROMETHEUS / "prometheus.yml").read_text().replace("/etc/prometheus/mtls", str(PROMETHEUS))
            file = pathlib.Path(name) / "prometheus.yml"
            file.write_text(text)
            result = subprocess.run(["promtool", "check", "config", str(file)], capture_output=True, text=True)
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
            self.assertIn(f"{len(rule_files())} rule files found", result.stdout)


if __name__ == "__main__":
    EveryRunbook.exporter = sys.argv.pop(1)
    unittest.main(verbosity=2)
