#!/usr/bin/env python3
"""configurations_test.py EXPORTER: every configuration that README.md and docs/ show is one that `check-config` takes. What a fragment
names and leaves to the rest of the file (a trust store, a module) is filled in; that a file is not on this machine is no mistake."""

import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROMETHEUS = {"scrape_configs", "rule_files", "groups"}  # Prometheus's own configuration
REST = {
    "trust": {"internal": {"ca_files": ["/nowhere/root.pem"]}},
    "identities": {"monitoring": {"certificate_file": "/nowhere/a.crt", "key_file": "/nowhere/a.key"}},
    "modules": {"mtls_https": {"protocol": "https", "trust": "internal", "identity": "monitoring"}},
}


def shown():
    """Every block of YAML: where it stands, and what it says."""
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        text = page.read_text()
        for block in re.finditer(r"^```yaml\n(.*?)^```", text, re.M | re.S):
            line = text.count("\n", 0, block.start()) + 1
            yield f"{page.relative_to(ROOT)}:{line}", yaml.safe_load(block.group(1))


def check(exporter, configuration):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "mtls_exporter.yml"
        path.write_text(yaml.safe_dump(configuration))
        return subprocess.run([exporter, "check-config", path], capture_output=True, text=True, timeout=30, check=False)


class EveryConfiguration(unittest.TestCase):
    exporter = ""

    def test_that_is_shown_is_taken(self):
        blocks = [(where, block) for where, block in shown() if not PROMETHEUS & block.keys()]
        self.assertGreater(len(blocks), 4)
        for where, block in blocks:
            with self.subTest(where=where):
                result = check(self.exporter, {**REST, **block})
                self.assertIn(result.returncode, (0, 1), result.stdout + result.stderr)

    def test_a_mistake_is_found(self):
        self.assertEqual(check(self.exporter, {**REST, "files": [{"name": "web", "path": ["/a"]}]}).returncode, 2)


if __name__ == "__main__":
    EveryConfiguration.exporter = sys.argv.pop()
    unittest.main(verbosity=2)
