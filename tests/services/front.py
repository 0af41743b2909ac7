"""The proxy before the two servers of production: `/live/` goes to the second, everything else to the first.

    python -m tests.services.front PORT PAGES_PORT LIVE_PORT

One request a connection and nothing held back, which is all that docs/operating.md asks of a proxy.
"""

import asyncio
import sys
from contextlib import suppress

MOST_HEAD = 64 * 1024


async def serve(port: int, *, pages: int, live: int) -> None:
    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            first, *fields = head[:-4].split(b"\r\n")
            kept = [field for field in fields if not field.lower().startswith(b"connection:")]
            upstream = live if first.split(b" ")[1].startswith(b"/live/") else pages
            back, forth = await asyncio.open_connection("127.0.0.1", upstream)
            forth.write(b"\r\n".join([first, *kept, b"Connection: close"]) + b"\r\n\r\n")
            asked = asyncio.create_task(pump(reader, forth))
            await pump(back, writer)
            asked.cancel()
            forth.close()
        writer.close()

    server = await asyncio.start_server(pass_on, "127.0.0.1", port, limit=MOST_HEAD)
    await server.serve_forever()


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(MOST_HEAD):
            writer.write(data)
            await writer.drain()


if __name__ == "__main__":
    own, pages_port, live_port = (int(word) for word in sys.argv[1:])
    asyncio.run(serve(own, pages=pages_port, live=live_port))
