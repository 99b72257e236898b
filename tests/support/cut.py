"""A way to the database that breaks at the worst moment."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit


@asynccontextmanager
async def cut_at_commit(admin_url: str) -> AsyncIterator[str]:
    """The server's URL by a way that breaks once: when the server has committed and its answer is on the way."""
    server = urlsplit(admin_url)
    cut = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_connection(server.hostname, server.port)
        committing = asyncio.Event()

        async def requests() -> None:
            while sent := await reader.read(2**16):
                if b"COMMIT\0" in sent and not cut.is_set():
                    committing.set()
                to_server.write(sent)

        async def answers() -> None:
            while (said := await from_server.read(2**16)) and not committing.is_set():
                writer.write(said)
            cut.set()

        passing = [asyncio.create_task(requests()), asyncio.create_task(answers())]
        await asyncio.wait(passing, return_when=asyncio.FIRST_COMPLETED)
        for task in passing:
            task.cancel()
        to_server.close()
        writer.close()

    way = await asyncio.start_server(serve, "127.0.0.1")
    port = way.sockets[0].getsockname()[1]
    try:
        login = server.netloc.rpartition("@")[0]
        yield urlunsplit(server._replace(netloc=f"{login}@127.0.0.1:{port}"))
    finally:
        way.close()
