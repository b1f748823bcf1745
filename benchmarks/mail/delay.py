"""A wire of some length: everything takes half of the round trip in each direction, in a process of its own.

python -m benchmarks.mail.delay PORT PORT_BEHIND MILLISECONDS
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable


def passing(
    port_behind: int, seconds: float
) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    async def passed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(seconds * 2)  # the handshake of TCP crosses the wire, too
        behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", port_behind)
        await asyncio.gather(_pump(reader, behind_writer, seconds), _pump(behind_reader, writer, seconds))

    return passed


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
    """Each piece arrives `seconds` after it left, and pieces overtake nobody."""
    loop = asyncio.get_running_loop()
    under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def arrive() -> None:
        while True:
            at, data = await under_way.get()
            await asyncio.sleep(max(0, at - loop.time()))
            if not data:
                writer.close()
                return
            writer.write(data)

    arriving = asyncio.create_task(arrive())
    try:
        while data := await reader.read(65_536):
            under_way.put_nowait((loop.time() + seconds, data))
    except ConnectionError:
        pass
    under_way.put_nowait((loop.time() + seconds, b""))
    await arriving


async def main(port: int, port_behind: int, milliseconds: float) -> None:
    server = await asyncio.start_server(passing(port_behind, milliseconds / 2000), "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
