"""Dates as certificates write them: rows 48 to 50, and the third and fifth of the seven faults."""
import datetime

from case import Case, anonymous
from cases.certificates import serves
from peer.certificates import generalized, utc

EXPIRED, NOT_YET_VALID, BAD_NOT_BEFORE, BAD_NOT_AFTER = 10, 9, 13, 14


def gauge(family, value):
    def judged(series):
        seen = [one for labels, one in series.get(family, []) if labels.get("position") == "0"]
        return [] if seen == [value] else [f"{family} is {seen}, right is {value:.0f}"]
    return judged


def absent(*families):
    """A date that cannot be read is no date: neither 1970 nor 0."""
    def judged(series):
        return [f"{family} is {value} where no date can be read" for family in families for labels, value in series.get(family, [])
                if labels.get("position") == "0"]
    return judged


def absent_or(family, value):
    """A date that OpenSSL's verification does not take and a reader can: exact, or not there."""
    def judged(series):
        return [f"{family} is {one}, right is {value:.0f} or nothing" for labels, one in series.get(family, []) if labels.get("position") == "0" and one != value]
    return judged


def seconds(year, month, day, hour=0, minute=0, second=0):
    """Unix time of any year from 1 to 9999."""
    days = datetime.date(year, month, day).toordinal() - datetime.date(1970, 1, 1).toordinal()
    return float(((days * 24 + hour) * 60 + minute) * 60 + second)


def moving(world):
    """Expires two seconds after the connection came, that is between two probes or during one."""
    def behave(peer):
        end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=1)
        serves([world.server(not_after=utc(end.strftime("%y%m%d%H%M%SZ")))])(peer)
    return behave


def expired_a_second_ago(world):
    def behave(peer):
        end = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=1)
        serves([world.server(not_after=utc(end.strftime("%y%m%d%H%M%SZ")))])(peer)
    return behave


AFTER, BEFORE = "mtls_certificate_not_after_timestamp_seconds", "mtls_certificate_not_before_timestamp_seconds"


def far(world, text, iso, moment, **fields):
    leaf = world.server(not_after=generalized(text), **fields)
    return serves([leaf]), anonymous(leaf={"not_after": iso}, metrics=(gauge(AFTER, moment),))


def unreadable(world, **dates):
    which = "after" if "not_after" in dates else "before"
    families = ((AFTER, "mtls_certificate_expiry_days") if which == "after" else (BEFORE,))
    return (serves([world.server(**dates)]),
            anonymous(success=0, valid=False, verify_code=BAD_NOT_AFTER if which == "after" else BAD_NOT_BEFORE,
                      findings=("unreadable_date",), metrics=(absent(*families, *(("mtls_certificate_lifetime_remaining_ratio",))),)))


def cases(world):
    invalid = anonymous(success=0, valid=False, broken=("chain",), findings=("expired",), verify_code=EXPIRED)
    table = [
        Case("ends_9999", "f3", *far(world, "99991231235959Z", "9999-12-31T23:59:59Z", 253402300799.0), "plain"),
        Case("ends_2262_04_12", "f3", *far(world, "22620412000000Z", "2262-04-12T00:00:00Z", seconds(2262, 4, 12)), "plain"),
        Case("ends_2262_04_11", "48", *far(world, "22620411000000Z", "2262-04-11T00:00:00Z", seconds(2262, 4, 11)), "plain"),
        Case("ends_2038_01_20", "48", *far(world, "20380120000000Z", "2038-01-20T00:00:00Z", seconds(2038, 1, 20)), "plain"),
        Case("ends_2106_02_08", "48", *far(world, "21060208000000Z", "2106-02-08T00:00:00Z", seconds(2106, 2, 8)), "plain"),
        Case("begins_0001", "f3", serves([world.server(not_before=generalized("00010101000000Z"))]),
             anonymous(leaf={"not_before": "0001-01-01T00:00:00Z"}, metrics=(gauge(BEFORE, seconds(1, 1, 1)),)), "plain"),
        Case("begins_1677", "f3", serves([world.server(not_before=generalized("16770920000000Z"))]),
             anonymous(leaf={"not_before": "1677-09-20T00:00:00Z"}, metrics=(gauge(BEFORE, seconds(1677, 9, 20)),)), "plain"),
        # RFC 5280 4.1.2.5.1: YY >= 50 is 19YY.
        Case("utc_time_49", "49", serves([world.server(not_after=utc("491231235959Z"))]),
             anonymous(leaf={"not_after": "2049-12-31T23:59:59Z"}), "plain"),
        Case("utc_time_50", "49", serves([world.server(not_before=utc("490101000000Z"), not_after=utc("500101000000Z"))]),
             anonymous(success=0, valid=False, leaf={"not_after": "1950-01-01T00:00:00Z", "not_before": "2049-01-01T00:00:00Z"}), "plain"),
        Case("generalized_before_2050", "49", serves([world.server(not_after=generalized("20490101000000Z"))]),
             anonymous(leaf={"not_after": "2049-01-01T00:00:00Z"}), "plain"),
        Case("ends_before_it_begins", "50", serves([world.server(not_before=utc("300101000000Z"), not_after=utc("290101000000Z"))]),
             anonymous(success=0, valid=False, verify_code=NOT_YET_VALID), "plain"),
        Case("not_yet_valid", "50", serves([world.server(not_before=utc("400101000000Z"), not_after=utc("410101000000Z"))]),
             anonymous(success=0, valid=False, verify_code=NOT_YET_VALID, findings=("not_yet_valid",)), "plain"),
        Case("expired_long_ago", "50", serves([world.server(not_before=utc("000101000000Z"), not_after=utc("010101000000Z"))]),
             anonymous(success=0, valid=False, verify_code=EXPIRED, findings=("expired",), leaf={"not_after": "2001-01-01T00:00:00Z"}), "plain"),
        Case("expired_a_second_ago", "50", expired_a_second_ago(world), invalid, "plain"),
        Case("expires_meanwhile", "50", moving(world), anonymous(success=None, valid=None, verify_code=(0, EXPIRED)), "plain"),
    ]
    bad = {
        "generalized_local": generalized("20300101000000"), "month_13": utc("301301000000Z"), "day_30_of_february": utc("300230000000Z"),
        "words": utc("next tuesday"), "nothing": utc(""), "a_nul": utc("300101\x000000Z"),
    }
    table += [Case(f"not_after_{name}", "f5", *unreadable(world, not_after=value), "plain") for name, value in bad.items()]
    lax = {
        "utc_without_seconds": (utc("3001010000Z"), seconds(2030, 1, 1)), "utc_with_offset": (utc("300101000000+0100"), seconds(2029, 12, 31, 23)),
        "generalized_with_fraction": (generalized("20300101000000.5Z"), seconds(2030, 1, 1)),
        "generalized_with_offset": (generalized("20300101000000+0100"), seconds(2029, 12, 31, 23)),
    }
    table += [Case(f"not_after_{name}", "49", serves([world.server(not_after=value)]),
                   anonymous(success=0, valid=False, verify_code=BAD_NOT_AFTER, metrics=(absent_or(AFTER, moment),)), "plain")
              for name, (value, moment) in lax.items()]
    table.append(Case("not_before_words", "f5", *unreadable(world, not_before=utc("last tuesday")), "plain"))
    return table
