"""What is held against whom. Unless strict, a probe that ran out of time is asked again in smaller company: on a busy machine that happens to
any, and what is a fault stays one."""
import judge
from case import timeout_of

EXPORTER = "the exporter"


class Verdicts:
    def __init__(self, strict):
        self.strict = strict
        self.wrong = {}  # name of a case, a scenario, or EXPORTER -> sentences
        self.again = {}  # case -> what is said of it unless it is right when asked again
        self.said = {}   # case -> its last probe as the API told it

    def complain(self, name, sentences):
        if sentences:
            known = self.wrong.setdefault(name, [])
            known += [one for one in sentences if one not in known]

    def judge(self, case, seen, sentences, last_time):
        """One judgement of a case by one probe. `last_time`: nothing is forgiven any more."""
        if sentences and not last_time and not self.strict and judge.out_of_time(seen["duration_seconds"], timeout_of(case)):
            self.again[case.name] = sentences
        else:
            self.complain(case.name, sentences)

    def account(self, case, account, series, last_time):
        """What the API and /metrics say after some rounds."""
        last = account["last"]
        if not last:
            self.complain(case.name, ["was never probed"])
            return
        self.said[case.name] = last
        self.judge(case, last, judge.observation_differences(case.right, last, account["expectation_failed"]) +
                   judge.series_differences(case.right, series, last), last_time)
        self.complain(case.name, judge.history_differences(case.right, account["history"], timeout_of(case), self.strict))

    def report(self, case, account, last_time):
        """What `probe --all` said; None: nothing."""
        if account is None:
            self.complain(case.name, ["probe --all does not tell of it"])
            return
        differences = judge.observation_differences(case.right.without_knocks(), account, account["broken"])
        self.judge(case, account, ["probe: " + one for one in differences], last_time)
