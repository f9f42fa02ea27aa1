"""A name server that answers as the name asked for says: nxdomain.*, silent.*, servfail.*, refused.*, garbage.*, thousand.*, changing.*,
broken-aaaa.*; every other name is 127.0.0.1. UDP, and TCP for what does not fit."""
import socket
import struct
import threading

A, AAAA = 1, 28


def record(kind, data):
    return b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 1, len(data)) + data


class NameServer:
    def __init__(self, address):
        self.address, self.asked = address, 0
        self.start()

    def start(self):
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind((self.address, 53))
        self.tcp = socket.create_server((self.address, 53))
        self.threads = [threading.Thread(target=self._datagrams, args=(self.udp,), daemon=True),
                        threading.Thread(target=self._streams, args=(self.tcp,), daemon=True)]
        for thread in self.threads:
            thread.start()

    def stop(self):
        for one in (self.udp, self.tcp):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            one.close()
        for thread in self.threads:
            thread.join(2)

    def answers(self):
        """Whether an ordinary client gets an answer."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(2)
            client.sendto(b"\x12\x34\x01\x00\x00\x01" + bytes(6) + b"\x03one\x04test\x00\x00\x01\x00\x01", (self.address, 53))
            try:
                return client.recv(512)[-4:] == bytes([127, 0, 0, 1])
            except OSError:
                return False

    def _datagrams(self, udp):
        while True:
            try:
                query, client = udp.recvfrom(4096)
            except OSError:
                return
            if len(query) < 17:  # the end of a socket that was shut down
                return
            answer = self.answer(query)
            if answer and len(answer) > 512:
                answer = answer[:2] + struct.pack("!HHHHH", 0x8380, 1, 0, 0, 0) + query[12:self._end(query)]  # truncated
            if answer:
                udp.sendto(answer, client)

    def _streams(self, tcp):
        while True:
            try:
                connection, _ = tcp.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(2)
                try:
                    size = struct.unpack("!H", connection.recv(2))[0]
                    answer = self.answer(connection.recv(size))
                    connection.sendall(struct.pack("!H", len(answer)) + answer)
                except (OSError, struct.error):
                    pass

    @staticmethod
    def _end(query):
        at = 12
        while query[at]:
            at += query[at] + 1
        return at + 5

    def answer(self, query):
        end = self._end(query)
        first = query[13:13 + query[12]].decode()
        kind = struct.unpack("!H", query[end - 4:end - 2])[0]
        self.asked += 1
        code = {"nxdomain": 3, "servfail": 2, "refused": 5}.get(first, 0)
        records = []
        if first == "silent":
            return None
        if first == "garbage":
            return query[:2] + b"\x81\x80" + b"\xff" * 40
        if not code and kind == A:
            records = [record(A, bytes([127, 0, 0, 1]))]
            if first == "thousand":
                records = [record(A, bytes([127, 9, number >> 8, number & 255])) for number in range(1000)]
            if first == "changing":
                records = [record(A, bytes([127, 0, 0, 1])) for _ in range(1 + self.asked % 3)]
        if first == "broken-aaaa" and kind == AAAA:
            records = [record(AAAA, bytes(15) + b"\x01")]
        return query[:2] + struct.pack("!HHHHH", 0x8180 | code, 1, len(records), 0, 0) + query[12:end] + b"".join(records)
