#!/usr/bin/python3
"""Every mutation is a mistake that can still be made: what it replaces stands in its file once. tests/mutations.sh makes them; that takes hours."""
import re
import sys
from pathlib import Path

TREE = Path(__file__).resolve().parents[2]
FORM = re.compile(r".+\nfile: (?P<file>.+)\nbuild: \S+\n(test|ctest): .+\n--- was\n(?P<was>.*?)\n--- becomes\n(?P<becomes>.*?)(^|\n)--- end\n*\Z", re.S | re.M)


def trouble(path):
    """What is wrong with it, or nothing."""
    parts = FORM.match(path.read_text(encoding="utf-8"))
    if not parts:
        return "is not in the form of tests/mutations/README.md"
    file = TREE / parts["file"]
    if not file.is_file():
        return f"{parts['file']} is gone"
    times = file.read_text(encoding="utf-8").count(parts["was"])
    return "" if times == 1 else f"what it replaces stands {times} times in {parts['file']}"


mutations = sorted((TREE / "tests/mutations").glob("*.mutation"))
troubles = [f"{path.name}: {said}" for path in mutations if (said := trouble(path))]
print("\n".join(troubles))
print(f"{len(mutations)} mutations, {len(troubles)} of them unfit")
sys.exit(1 if troubles or len(mutations) < 200 else 0)
