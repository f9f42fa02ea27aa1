"""busy.py SECONDS: loads one core at a lower priority, until the time is over or its parent is gone."""
import os
import sys
import time

os.nice(5)
parent, end = os.getppid(), time.monotonic() + float(sys.argv[1])
while time.monotonic() < end and os.getppid() == parent:
    for number in range(100000):
        number * number
