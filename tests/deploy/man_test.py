#!/usr/bin/python3
"""man_test.py MTLS_EXPORTER: the man page is well-formed, and its flags are those of --help."""
import os
import re
import subprocess
import sys

PAGE = os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../deploy/man/mtls_exporter.1")


def said(*command):
    return subprocess.run(command, text=True, capture_output=True).stdout


def flags_of_help(text):
    """The name of each flag, and whether it takes a value."""
    return {match[1]: bool(match[2]) for match in re.finditer(r"^  (?:-\w,)?--([a-z.-]+)(?: ([A-Z]{2,}\b))?", text, re.MULTILINE)}


def flags_of_page(text):
    return {match[1]: bool(match[2]) for match in re.finditer(r"^\.It Fl -([a-z.-]+)( Ns = Ns Ar .+)?$", text, re.MULTILINE)}


program = sys.argv[1]
page = open(PAGE).read()
serving, probing = page.split(".Ss Options of probe")
probing, listing = probing.split(".Ss Options of inventory")
listing, calling = listing.split(".Ss Options of callers")
calling, depending = calling.split(".Ss Options of dependents")
depending, rotating = depending.split(".Ss Options of rotation")
mistakes = []
for command, part, fewest in (([], serving, 8), (["probe"], probing, 8), (["inventory"], listing, 2), (["callers"], calling, 3),
                                (["dependents"], depending, 2), (["rotation"], rotating, 2)):
    shown, documented = flags_of_help(said(program, *command, "--help")), flags_of_page(part)
    if command:
        del shown["help"]
    if len(shown) < fewest:
        mistakes.append(f"only {len(shown)} flags in the help of {command}")
    mistakes += [f"--{flag} is in --help and not, or otherwise, on the page" for flag in shown if documented.get(flag) != shown[flag]]
    mistakes += [f"--{flag} is on the page and not in --help" for flag in documented if flag not in shown]
for command in [line.split()[0] for line in said(program, "--help").split("Subcommands:")[1].splitlines() if line.strip()]:
    if f".It Cm {command}\n" not in page:
        mistakes.append(f"the command {command} is not on the page")
# What mandoc knows of this machine's other pages is no mistake of ours.
mistakes += [line for line in said("mandoc", "-Tlint", "-W", "style", PAGE).splitlines() if "mandoc.db" not in line and "referenced manual not found" not in line]
if mistakes:
    raise SystemExit("FAILED: " + "\n".join(mistakes))
print("the man page has every flag")
