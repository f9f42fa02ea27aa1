#!/usr/bin/python3 -B
"""remedies_test.py EXPORTER [NAME...]: every trouble of troubles.py on real servers. The exporter is asked what to do, the hands do
just that, and the next probe must find nothing: a remedy that does not mend its trouble is worse than none."""
import pathlib
import shutil
import sys
import tempfile

import hands
import troubles
from world import World, usual_pki


def tried(exporter, pki, cause, make):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="remedy."))
    world = World(exporter, folder, pki)
    try:
        make(world)
        world.write_stores()
        report = world.probe()
        if report["good"]:
            return "there is no trouble", report
        if cause not in report["causes"]:
            return f"another row speaks: {report['causes']}", report
        text = report["remedies"][report["causes"].index(cause)]
        if hands.apply(text, world) is None:
            return "no hand knows what to do", report
        after = world.probe()
        return ("" if after["good"] else f"not mended: {after['causes']} {after['remedies']}"), report
    finally:
        world.close()
        shutil.rmtree(folder)


def main():
    exporter, only = str(pathlib.Path(sys.argv[1]).resolve()), sys.argv[2:]
    mended = failed = 0
    shelf = tempfile.TemporaryDirectory(prefix="remedy.")
    pki = usual_pki(pathlib.Path(shelf.name) / "pki")
    spoken = set()
    for cause, make in troubles.ALL:
        if only and make.__name__ not in only:
            continue
        wrong, report = tried(exporter, pki, cause, make)
        spoken.add(cause)
        if wrong:
            failed += 1
            print(f"FAILED {make.__name__} ({cause}): {wrong}\n  it said: {report['remedies']}")
        else:
            mended += 1
            print(f"ok {make.__name__} ({cause})")
    print(f"{mended} troubles mended by what the exporter said, {failed} not; {len(spoken)} rows")
    return 1 if failed or (not only and mended < 30) else 0


if __name__ == "__main__":
    sys.exit(main())
