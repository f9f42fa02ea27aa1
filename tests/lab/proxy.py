"""A TCP proxy that delays every chunk by a random time and passes FIN and RST on as what they are.

proxy.py ROUTES.json DELAY_MS: ROUTES.json is a list of [listen address, listen port, upstream port]. Order is kept: a chunk, an
end or a reset never overtakes what came before it. One asyncio loop over plain sockets, because transports hide resets.
"""
import asyncio
import json
import random
import socket
import struct
import sys

LIFETIME = 60  # seconds; bounds what a peer that never closes can hold
RESET = object()


class Link:
    """One direction. `broken` holds the sockets whose peer is known to be gone, which a later read would report as a mere end."""

    def __init__(self, source, sink, delay, broken):
        self.source, self.sink, self.delay, self.broken = source, sink, delay, broken
        self.queue = asyncio.Queue()

    async def read(self):
        loop, due = asyncio.get_running_loop(), 0.0
        while True:
            try:
                chunk = await loop.sock_recv(self.source, 16384)
                if not chunk and self.source in self.broken:
                    chunk = RESET
            except OSError:
                chunk = RESET
            due = max(due, loop.time() + random.uniform(0, self.delay))
            self.queue.put_nowait((due, chunk))
            if chunk is RESET or not chunk:
                return

    async def write(self):
        """Returns True when the connection ended in a reset."""
        loop = asyncio.get_running_loop()
        while True:
            due, chunk = await self.queue.get()
            await asyncio.sleep(due - loop.time())
            if chunk is RESET:
                return True
            try:
                if not chunk:
                    self.sink.shutdown(socket.SHUT_WR)
                    return False
                await loop.sock_sendall(self.sink, chunk)
            except OSError:
                self.broken.add(self.sink)  # what its peer said before stays readable: let the other direction deliver it
                return False


def close(sockets, reset):
    for one in sockets:
        if reset:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        one.close()


async def carry(client, port, delay):
    loop = asyncio.get_running_loop()
    upstream, broken, reset, tasks = socket.socket(), set(), True, []
    try:
        for one in (client, upstream):
            one.setblocking(False)
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await loop.sock_connect(upstream, ("127.0.0.1", port))
        links = [Link(client, upstream, delay, broken), Link(upstream, client, delay, broken)]
        readers = [asyncio.create_task(link.read()) for link in links]
        writers = [asyncio.create_task(link.write()) for link in links]
        tasks = readers + writers
        async with asyncio.timeout(LIFETIME):
            for ended in asyncio.as_completed(writers):
                reset = await ended
                if reset:
                    break
    except (OSError, TimeoutError):
        pass
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        close((client, upstream), reset)


async def listen(address, port, upstream, delay):
    loop, listener, running = asyncio.get_running_loop(), socket.socket(), set()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, port))
    listener.listen(512)
    listener.setblocking(False)
    while True:
        client, _ = await loop.sock_accept(listener)
        task = asyncio.create_task(carry(client, upstream, delay))
        running.add(task)
        task.add_done_callback(running.discard)


async def main():
    with open(sys.argv[1], encoding="utf-8") as routes:
        delay = float(sys.argv[2]) / 1000
        await asyncio.gather(*(listen(*route, delay) for route in json.load(routes)))


asyncio.run(main())
