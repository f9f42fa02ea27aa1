"""A process that plays peers: it accepts for its cases, runs each behaviour in a thread, and notes from the outside when a connection came
in and when the exporter closed it. The kernel says so (EPOLLRDHUP), whatever the behaviour is doing meanwhile."""
import multiprocessing
import os
import select
import signal
import socket
import ssl
import struct
import threading
import time
import traceback
from dataclasses import dataclass, field

from peer.tls12 import Tls12
from peer.tls13 import Tls13
from peer.wire import Gone, Wire

GONE = select.EPOLLRDHUP | select.EPOLLHUP | select.EPOLLERR
HOLD_AT_MOST = 30  # seconds that a connection is held when the exporter does not close it


@dataclass
class Visit:
    """One connection of the exporter, by time.monotonic()."""
    case: str
    came: float
    left: float = 0.0          # 0: not seen to leave
    sent: int = 0
    notes: list = field(default_factory=list)  # what a behaviour says for others: "flood", or a complaint "! ..."


class Peer:
    """What a behaviour works with. Where it ends, the connection stays silent until the exporter leaves; where the exporter leaves, what
    it does next raises Gone."""

    def __init__(self, connection, visit, world, number):
        self.connection, self.visit, self.world, self.number = connection, visit, world, number
        self.left = threading.Event()

    def _wire(self, made):
        send = made.send

        def counted(data):
            for at in range(0, len(data), 65536):
                send(data[at:at + 65536])
                self.visit.sent += len(data[at:at + 65536])
        made.send = counted
        return made

    def bare(self):
        return self._wire(Wire(self.connection))

    def tls13(self, chain=None, key=None):
        return self._wire(Tls13(self.connection, chain or [self.world.leaf], key or self.world.key))

    def tls12(self, chain=None, key=None, **fields):
        return self._wire(Tls12(self.connection, chain or [self.world.leaf], key or self.world.key, **fields))

    def library(self, context):
        """The real thing, where nothing about TLS itself is to be bent."""
        try:
            return context.wrap_socket(self.connection.dup(), server_side=True)
        except (OSError, ssl.SSLError) as error:
            raise Gone(str(error)) from None

    def pause(self, seconds):
        if self.left.wait(seconds):
            raise Gone("left")

    def close(self):
        """The end of our side; what the exporter still sends is taken in silence."""
        try:
            self.connection.shutdown(socket.SHUT_WR)
        except OSError as error:
            raise Gone(str(error)) from None

    def reset(self):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.visit.left = -1.0  # nobody can see it leave
        self.left.set()

    def note(self, text):
        self.visit.notes.append(text)

    def complain(self, text):
        self.visit.notes.append("! " + text)


class Host:
    """Plays `cases` (with their listeners) in a process of its own, from start() to stop()."""

    def __init__(self, cases, listeners, world, nice=0):
        self.cases, self.listeners, self.world, self.nice = cases, listeners, world, nice

    def start(self):
        self.ours, theirs = multiprocessing.Pipe()
        self.process = multiprocessing.get_context("fork").Process(target=self._run, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()

    def visits(self):
        """The connections that have ended since the last call."""
        self.ours.send("done")
        return self.ours.recv()

    def under_way(self):
        self.ours.send("under way")
        return self.ours.recv()

    def stop(self):
        self.process.terminate()
        self.process.join(5)

    # in the child
    def _run(self, pipe):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        os.nice(self.nice)  # a flood is not to take the cores from who has to bear it
        self.lock, self.noted, self.open, self.counts = threading.Lock(), [], {}, {}
        self.poll = select.epoll()
        listening = {}
        for case in self.cases:
            listener = self.listeners[case.name]
            if listener is None or case.listener != "tcp":
                continue
            listener.setblocking(False)
            self.poll.register(listener, select.EPOLLIN)
            listening[listener.fileno()] = (listener, case)
        self.poll.register(pipe, select.EPOLLIN)
        while True:
            for descriptor, event in self.poll.poll():
                now = time.monotonic()
                if descriptor in listening:
                    self._accept(*listening[descriptor], now)
                elif descriptor == pipe.fileno():
                    if not self._answer(pipe):
                        return
                elif event & GONE:
                    self._noted_left(descriptor, now)

    def _accept(self, listener, case, now):
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        connection.setblocking(True)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.counts[case.name] = self.counts.get(case.name, 0) + 1
        visit = Visit(case.name, now)
        peer = Peer(connection, visit, self.world, self.counts[case.name])
        with self.lock:
            self.noted.append(visit)
            self.open[connection.fileno()] = peer
        self.poll.register(connection.fileno(), GONE)
        threading.Thread(target=self._play, args=(case, peer), daemon=True).start()

    def _noted_left(self, descriptor, now):
        with self.lock:
            peer = self.open.pop(descriptor, None)
        if peer:
            self._forget(descriptor)
            if peer.visit.left == 0.0:
                peer.visit.left = now
            peer.left.set()

    def _forget(self, descriptor):
        try:
            self.poll.unregister(descriptor)
        except (OSError, ValueError):
            pass

    def _play(self, case, peer):
        try:
            case.behave(peer)
        except (Gone, ssl.SSLError, OSError):
            pass
        except Exception:  # a mistake of ours must not pass for the exporter's
            peer.complain("the peer itself failed: " + traceback.format_exc(limit=-3))
        peer.left.wait(HOLD_AT_MOST)
        with self.lock:
            self.open.pop(peer.connection.fileno(), None)
        self._forget(peer.connection.fileno())
        peer.connection.close()

    def _answer(self, pipe):
        try:
            asked = pipe.recv()
        except (EOFError, OSError):
            return False
        with self.lock:
            open_now = [visit for visit in self.noted if visit.left == 0.0]
            done = [visit for visit in self.noted if visit.left != 0.0]
            if asked == "done":
                self.noted = open_now
        pipe.send(done if asked == "done" else open_now)
        return True
