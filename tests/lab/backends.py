"""Three plain TCP backends for the servers that only terminate TLS: silent, talking (it greets) and HTTP."""
import asyncio
import sys

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n"


async def silent(reader, writer):
    while await reader.read(4096):
        pass
    writer.close()


async def talking(reader, writer):
    writer.write(b"220 backend of the lab\r\n")
    await silent(reader, writer)


async def http(reader, writer):
    request = b""
    while b"\r\n\r\n" not in request and len(request) < 65536:
        chunk = await reader.read(4096)
        if not chunk:
            break
        request += chunk
    if request:
        writer.write(ANSWER)
        await writer.drain()
    writer.close()


def quietly(handler):
    async def handle(reader, writer):
        try:
            await handler(reader, writer)
        except OSError:
            writer.close()
    return handle


async def main(ports):
    servers = [await asyncio.start_server(quietly(handler), "127.0.0.1", port, backlog=512)
               for handler, port in zip((silent, talking, http), ports)]
    await asyncio.gather(*(server.serve_forever() for server in servers))


asyncio.run(main([int(argument) for argument in sys.argv[1:4]]))
