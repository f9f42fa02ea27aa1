#!/usr/bin/python3
"""crowd.py --exporter PATH [--clients 500]: how long a scrape takes while others idle, trickle and read slowly.

Prints the first, the longest other and the median of 100 scrapes each (the first meets the crowd at the door: five hundred requests in one moment): alone; among idle connections; among requests that trickle in; among clients that
asked for the scrape and do not read it; and among all three kinds at once.
"""
import argparse
import pathlib
import socket
import statistics
import sys
import tempfile
import threading
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lab"))
from lab import Lab  # noqa: E402

SCRAPES = 100
TARGETS = 200  # a scrape of some 300 KB, more than a socket's buffers take from a reader that does not read
REQUEST = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"


def idle(port):
    return socket.create_connection(("127.0.0.1", port))


def slow_reader(port):
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(("127.0.0.1", port))
    client.sendall(REQUEST)
    return client


def trickle(clients, stop):
    """Each client gets one byte of its request further every second."""
    position = 0
    while not stop.wait(1.0) and position < len(REQUEST) - 1:
        for client in clients:
            try:
                client.send(REQUEST[position:position + 1])
            except OSError:
                pass
        position += 1


def scrapes(port):
    times = []
    for _ in range(SCRAPES):
        begun = time.perf_counter()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60) as answer:
            answer.read()
        times.append((time.perf_counter() - begun) * 1000)
    return times[0], max(times[1:]), statistics.median(times)


def measure(name, port, openers):
    clients, stop = [], threading.Event()
    for opener in openers:
        clients.append(opener(port))
    tricklers = [client for client, opener in zip(clients, openers) if opener is trickling]
    thread = threading.Thread(target=trickle, args=(tricklers, stop))
    thread.start()
    first, longest, median = scrapes(port)
    stop.set()
    thread.join()
    for client in clients:
        client.close()
    print(f"{name:<24} first {first:7.1f} ms   longest {longest:7.1f} ms   median {median:6.1f} ms", flush=True)


def trickling(port):
    return idle(port)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--exporter", required=True)
    arguments.add_argument("--clients", type=int, default=500)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        lab = Lab(folder, None, pathlib.Path(folder) / "cache")
        try:
            port, config = lab.port(), lab.folder / "m.yml"
            config.write_text("targets:\n" + "".join(f"  - {{name: t{number}, address: '127.0.0.1:{lab.talking}', interval: 1h}}\n" for number in range(TARGETS)))
            lab.run("exporter", [options.exporter, f"--config.file={config}", f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"])
            lab.listening(port)
            while True:
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/-/ready", timeout=10).close()
                    break
                except OSError:
                    time.sleep(0.1)
            count = options.clients
            measure("alone", port, [])
            measure(f"{count} idle", port, [idle] * count)
            measure(f"{count} trickling", port, [trickling] * count)
            measure(f"{count} not reading", port, [slow_reader] * count)
            measure(f"{count} of each third", port, [idle, trickling, slow_reader] * (count // 3))
        finally:
            lab.stop()


main()
