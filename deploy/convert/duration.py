"""Durations as Go writes them (1m30s, 1.5s, nanoseconds as a number) into Prometheus's (90s, 500ms)."""

import re

UNITS = {"ns": 1e-6, "us": 1e-3, "µs": 1e-3, "ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}


def milliseconds(value):
    """None where it is no duration, or none worth waiting for."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        total = value / 1e6
    else:
        parts = re.findall(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|[smhdw])", str(value))
        if not parts or "".join(number + unit for number, unit in parts) != str(value):
            return None
        total = sum(float(number) * UNITS[unit] for number, unit in parts)
    return int(total) if total >= 1 else None


def written(total):
    return f"{total // 1000}s" if total % 1000 == 0 else f"{total}ms"


def take_timeout(value, module, name, made):
    """A timeout is at most the interval, which is a minute unless it is written."""
    if value is None:
        return
    total = milliseconds(value)
    if total is None:
        made.note(f"module {name}: the timeout {value} is no duration")
        return
    if total > 60_000:
        module["interval"] = written(total)
    module["timeout"] = written(total)
