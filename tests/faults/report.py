"""A finished run as text: one line per case, and a closing line."""
import judge
from case import timeout_of
from verdicts import EXPORTER


class Report:
    def __init__(self, suite):
        self.suite, self.verdicts, self.expected = suite, suite.verdicts, suite.expected
        self.counts = {"right": 0, "expected": 0, "wrong": 0, "not here": 0}
        self.strict = suite.options.strict

    def word(self, name):
        return "right" if name not in self.verdicts.wrong else "expected" if name in self.expected else "wrong"

    def line(self, name, word, text):
        self.counts[word] += 1
        print(f"{word:8} {text}")
        for sentence in self.verdicts.wrong.get(name, [])[:6]:
            print(f"           {sentence}")
        if word == "expected":
            print(f"           expected: {self.expected[name]}")
        elif word == "right" and name in self.expected:
            print("           stands in expected_failures.txt and is right now: take it out")

    def case(self, case):
        suite = self.suite
        visits = [visit for visit in suite.visits[case.name] if visit.left > 0]
        if case.name in suite.expected:
            visits = visits[:1]
        lasted = [(visit.left - visit.came, suite.threads.busiest(visit.came, visit.left)) for visit in visits]
        slower = 4 if suite.sanitized and case.right.within else 1
        # Sanitized, the exporter computes several times as long: what hangs is told apart from that, and no more.
        bound = min((case.right.within or 99) * slower, timeout_of(case) + (3.0 if suite.sanitized else 0.25))
        self.verdicts.complain(case.name, judge.time_differences(lasted, bound, self.strict))
        self.verdicts.complain(case.name, [note for visit in suite.visits[case.name] for note in visit.notes if note.startswith("!")])
        sent = max([visit.sent for visit in visits] or [0])
        if case.right.sent and sent > case.right.sent:
            self.verdicts.complain(case.name, [f"{sent} bytes were taken from the peer, right is at most {case.right.sent}"])
        lag = suite.alone.get(case.name, judge.lag_beside(visits, suite.late))
        said = judge.failure_words((self.verdicts.said.get(case.name) or {}).get("failure"))[0] or "-"
        self.line(case.name, self.word(case.name), f"{case.row:4} {case.name:46} {said:44} {max([one for one, _ in lasted] or [0]):5.2f} s  "
                                                   f"lag {lag * 1000:4.0f} ms  {sent / 1048576:5.1f} MB")

    def own(self):
        """The exporter as a whole; returns how late the worst probe of a neighbour was."""
        suite = self.suite
        worst = max([how for _, how in suite.late] or [0.0])
        if worst > (0.05 if self.strict else 0.5) and not suite.sanitized:
            self.verdicts.complain(EXPORTER, [f"a neighbour was probed {worst * 1000:.0f} ms late"])
            for at, how, near in judge.episodes(suite.late, [visit for case in suite.cases for visit in suite.visits[case.name]]):
                self.verdicts.complain(EXPORTER, [f"lag of {how * 1000:.0f} ms at {at - suite.began:.1f} s; shortly before came {', '.join(near)}"])
        if suite.fetched():
            self.verdicts.complain(EXPORTER, ["something came to an address that stands in a certificate"])
        if EXPORTER in self.verdicts.wrong:
            self.line(EXPORTER, self.word(EXPORTER), f"     {EXPORTER}")
        return worst

    def write(self):
        """Whether all is well but for what is expected."""
        suite = self.suite
        for case in suite.cases:
            self.case(case)
        for name in suite.scenarios:
            self.line(name, "not here" if name in suite.not_here else self.word(name), f"     {name:46} {suite.not_here.get(name, '')}")
        worst = self.own()
        print(f"{len(suite.cases)} cases, {len(suite.scenarios)} scenarios: {self.counts['right']} right, {self.counts['expected']} expected to fail, "
              f"{self.counts['wrong']} wrong, {self.counts['not here']} not here; neighbours at most {worst * 1000:.0f} ms late; "
              f"descriptors {' -> '.join(map(str, suite.descriptors))}; RSS {' -> '.join(f'{one:.0f}' for one in suite.resident)} MB, at most {suite.peak:.0f}; "
              f"SIGTERM {suite.took:.2f} s")
        return self.counts["wrong"] == 0
