#!/usr/bin/env python3
"""completion_test.py EXPORTER: the completions in deploy/completion are what the command line's own help makes, and bash, zsh and fish
complete by them. A shell that is not installed is left out, and said."""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "deploy/completion"
sys.path.insert(0, str(FOLDER))
sys.dont_write_bytecode = True


def output_of(*command, **options):
    result = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False, **options)
    return result.stdout + result.stderr


class TheCompletions(unittest.TestCase):
    exporter = ""

    def test_are_what_the_help_makes(self):
        from generate import every_completion
        for name, text in every_completion(self.exporter).items():
            self.assertEqual((FOLDER / name).read_text(), text, "run deploy/completion/generate.py EXPORTER")

    def test_know_every_flag(self):
        from generate import Table
        table = Table(self.exporter)
        self.assertLessEqual({"probe", "inventory", "check-config"}, set(table.commands))
        flags = {name: flag for flag in table.every_flag() for name in flag.names}
        self.assertEqual(flags["--log.level"].words, ["debug", "info", "warn", "warning", "error"])
        self.assertEqual((flags["--web.listen-address"].value, flags["--key"].value, flags["--identity"].value, flags["--knock"].value),
                         ("ADDRESS", "FILE", "TEXT", ""))
        self.assertTrue(flags["--identity"].help.startswith("Offer this identity"))
        self.assertIn("-h", flags)

    def bash(self, *words):
        """What bash offers for the last word."""
        script = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _mtls_exporter; printf "%s\\n" "${COMPREPLY[@]}"'
        return output_of("bash", "-c", script, "bash", FOLDER / "mtls_exporter", "mtls_exporter", *words).split()

    def test_of_bash(self):
        self.assertEqual(self.bash("pro"), ["probe"])
        self.assertEqual(self.bash("--log.l"), ["--log.level"])
        self.assertEqual(self.bash("--log.level", "w"), ["warn", "warning"])
        self.assertEqual(self.bash("--log.level", "=", "w"), ["warn", "warning"])
        self.assertEqual(self.bash("--log.format", "="), ["logfmt", "json"])
        self.assertEqual(self.bash("--kn"), [])
        self.assertEqual(self.bash("probe", "--kn"), ["--knock"])
        self.assertEqual(self.bash("probe", "--shard", "0"), [])
        self.assertEqual(self.bash("probe", "--format", ""), ["text", "json"])
        self.assertEqual(self.bash("inventory", "--format", "=", ""), ["json", "csv", "cyclonedx"])
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "a.yml").touch()
            for words in (("check-config", f"{folder}/"), ("--config.file", f"{folder}/"), ("--config.file", "=", f"{folder}/")):
                self.assertEqual(self.bash(*words), [f"{folder}/a.yml"])

    @unittest.skipUnless(shutil.which("fish"), "fish is not installed")
    def test_of_fish(self):
        def offered(line):
            script = "source $argv[1]; complete -C $argv[2]"
            return {one.split("\t")[0] for one in output_of("fish", "--no-config", "-c", script, FOLDER / "mtls_exporter.fish", line).splitlines()}

        self.assertEqual(offered("mtls_exporter pro"), {"probe"})
        self.assertEqual(offered("mtls_exporter --log.level w"), {"warn", "warning"})
        self.assertIn("--knock", offered("mtls_exporter probe --kn"))
        self.assertNotIn("--knock", offered("mtls_exporter --kn"))

    @unittest.skipUnless(shutil.which("zsh"), "zsh is not installed")
    def test_of_zsh(self):
        # _arguments is zsh's own: what it is asked is what is looked at.
        script = '_arguments() { print -rl -- "$@" }; words=("${@:2}"); CURRENT=$#words; source "$1"'

        def asked(*words):
            return output_of("zsh", "-f", "-c", script, "zsh", FOLDER / "_mtls_exporter", "mtls_exporter", *words)

        self.assertEqual(output_of("zsh", "-f", "-n", FOLDER / "_mtls_exporter"), "")
        self.assertIn("*--log.level=[Log this and worse (debug, info, warn, warning, error)]:WORD:(debug info warn warning error)\n", asked(""))
        self.assertIn("*--config.file=[Configuration file (mtls_exporter.yml unless told)]:FILE:_files\n", asked(""))
        self.assertIn("1:command:", asked("pro"))
        self.assertNotIn("--knock", asked(""))
        self.assertIn("--knock[", asked("probe", ""))
        self.assertIn("*:file:_files\n", asked("check-config", ""))
        self.assertNotIn("not found", asked("probe", ""))


if __name__ == "__main__":
    TheCompletions.exporter = sys.argv.pop()
    unittest.main(verbosity=2)
