#!/usr/bin/env python3
"""links_test.py: every relative link and anchor of every Markdown page in the tree leads somewhere, every page of docs/ can be reached
from README.md, README.md is as short as it promises to be, and the metrics and alerts that pages name are there."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
README_AT_MOST = 12 * 1024  # bytes: what it is takes twenty seconds to read

LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^()\s]+)\)")


def prose(text):
    """The page without what stands in code blocks: neither links nor headings are meant there."""
    return re.sub(r"^(```|~~~).*?^\1[^\S\n]*$", "", text, flags=re.M | re.S)


def links(text):
    """Where the page's links lead, those in `code` left out."""
    return LINK.findall(re.sub(r"(?<!`)`[^`\n]+`(?!`)(?!\]\()", "", prose(text)))


def anchors(text):
    """What GitHub makes of the headings: lower case, punctuation dropped, spaces to hyphens, the second of a name with -1 behind it."""
    found = {}
    for heading in re.findall(r"^#{1,6} +(.+?) *#*$", prose(text), re.M):
        plain = re.sub(r"[`*]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)).lower()
        slug = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        found[slug] = found.get(slug, -1) + 1
    return {slug + (f"-{number}" if number else "") for slug, last in found.items() for number in range(last + 1)}


def broken(page, text, root=ROOT):
    """The links of a page that lead nowhere, each with why."""
    for link in links(text):
        if re.match(r"[a-z][a-z0-9+.-]*:", link):
            continue  # somebody else's page: nobody is asked here
        path, _, anchor = link.partition("#")
        there = (page.parent / path).resolve() if path else page
        if not there.is_relative_to(root):
            yield f"{link}: outside the tree"
        elif there != page and not there.exists():
            yield f"{link}: no such file"
        elif anchor and anchor not in anchors(text if there == page else there.read_text()):
            yield f"{link}: no such heading"


def pages():
    for page in sorted(ROOT.rglob("*.md")):
        parts = page.relative_to(ROOT).parts
        if not any(part.startswith((".", "build")) or part == "node_modules" for part in parts):
            yield page


class EveryLink(unittest.TestCase):
    def test_leads_somewhere(self):
        for page in pages():
            with self.subTest(page=str(page.relative_to(ROOT))):
                self.assertEqual([], list(broken(page, page.read_text())))

    def test_that_leads_nowhere_is_found(self):
        page = ROOT / "docs/page.md"
        for text in ("[a](nothing.md)", "[a](../nothing)", "[a](#nothing)\n# Something", "[a](../README.md#nothing)", "[`a`](nothing.md)",
                     "[a](../../elsewhere.md)", "![a](images/nothing.png)", "| [a](nothing.md) |"):
            self.assertEqual(len(list(broken(page, text))), 1, text)
        for text in ("[a](../README.md)", "[a](#some-thing-1)\n# Some thing\n# Some *thing*", "`[a](nothing.md)`", "```\n[a](nothing.md)\n```",
                     "[a](https://nowhere.example/nothing.md)", "[a](../README.md#quick-start)"):
            self.assertEqual(list(broken(page, text)), [], text)


class EveryName(unittest.TestCase):
    """What stands in the tables of docs/metrics.md and docs/alerts.md, which other tests hold to the code and the rules."""

    def named(self, pattern):
        for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
            for name in re.findall(pattern, page.read_text()):
                yield page.name, name

    def test_of_a_metric_is_one(self):
        published = set(re.findall(r"^\| `(mtls_\w+)`", (ROOT / "docs/metrics.md").read_text(), re.M))
        wholes = published | {"mtls_exporter", "mtls_estate", "mtls_https"}  # the program, an example's file, an example's module
        wholes |= {f"mtls_exporter_{key}" for key in ("probe", "port", "module", "server_name")}  # Meta of Consul
        unknown = {(page, name) for page, name in self.named(r"\bmtls_[a-z_]+\b(?![*_])") if name not in wholes}
        self.assertEqual(unknown, set())

    def test_of_an_alert_is_one(self):
        known = set(re.findall(r"^\| \[`(Mtls\w+)`\]", (ROOT / "docs/alerts.md").read_text(), re.M))
        self.assertEqual({(page, name) for page, name in self.named(r"\bMtls[A-Z]\w+") if name not in known}, set())


class EveryPage(unittest.TestCase):
    def test_of_docs_is_reached_from_the_readme(self):
        reached, to_read = set(), [ROOT / "README.md"]
        while to_read:
            page = to_read.pop()
            if page in reached or page.suffix != ".md" or not page.exists():
                continue
            reached.add(page)
            to_read += [(page.parent / link.partition("#")[0]).resolve() for link in links(page.read_text()) if ":" not in link]
        self.assertEqual([], [str(page) for page in (ROOT / "docs").rglob("*.md") if page not in reached])

    def test_the_readme_is_short(self):
        self.assertLessEqual(len((ROOT / "README.md").read_bytes()), README_AT_MOST, "the rest belongs into docs/")


if __name__ == "__main__":
    unittest.main(verbosity=2)
