"""The lean client: what may come over a connection, whole or in pieces, and when a connection is used again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.telegram.line import Broken, Lines, Unreached

PLAIN = b'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"ok":true}'
CHUNKED = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6;part=1\r\n{"ok":\r\n5\r\ntrue}\r\n0\r\n\r\n'
BACKWARDS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-6\r\n"
TRAILED = CHUNKED[:-2] + b"Checked: yes\r\n\r\n"
INFORMED = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + PLAIN
OLD = b'HTTP/1.0 200 OK\r\n\r\n{"ok":true}'
LAST = PLAIN.replace(b"200 OK\r\n", b"200 OK\r\nConnection: close\r\n")


class Server:
    """Says the same bytes to each request, `size` at a time; hangs up afterwards if told to."""

    def __init__(self, says: bytes, size: int = 0, hang_up: bool = False) -> None:
        self.says, self.size, self.hang_up = says, size or len(says) or 1, hang_up
        self.connections, self.requests = 0, list[bytes]()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
                self.requests.append(head + await reader.readexactly(length))
                for place in range(0, len(self.says), self.size):
                    writer.write(self.says[place : place + self.size])
                    await writer.drain()
                    await asyncio.sleep(0)
                if self.hang_up:
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()


@asynccontextmanager
async def talking(server: Server) -> AsyncIterator[tuple[Lines, str]]:
    lines = Lines("test", 2)
    async with await asyncio.start_server(server.serve, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        try:
            yield lines, f"http://127.0.0.1:{port}/bot1:a/sendMessage"
        finally:
            await lines.close()


@pytest.mark.parametrize("size", [0, 1, 7])
@pytest.mark.parametrize("says", [PLAIN, CHUNKED, TRAILED, INFORMED])
async def test_an_answer_is_read_whole_and_its_connection_used_again(says: bytes, size: int) -> None:
    server = Server(says, size)
    async with talking(server) as (lines, url):
        for _ in range(3):
            assert await lines.post(url, b"{}", 5, 5) == (200, b'{"ok":true}')
    assert server.connections == 1
    assert server.requests[0].startswith(b"POST /bot1:a/sendMessage HTTP/1.1\r\nHost: 127.0.0.1:")
    assert server.requests[0].endswith(b"\r\n\r\n{}")


@pytest.mark.parametrize("says", [OLD, LAST, PLAIN + b"more"])
async def test_a_connection_that_ends_or_says_too_much_is_not_used_again(says: bytes) -> None:
    server = Server(says, hang_up=says is OLD)
    async with talking(server) as (lines, url):
        for _ in range(2):
            assert await lines.post(url, b"{}", 5, 5) == (200, b'{"ok":true}')
    assert server.connections == 2


@pytest.mark.parametrize(
    "says", [b"", PLAIN[:-1], PLAIN[:20], CHUNKED[:-1], BACKWARDS, b"SSH-2.0-x\r\n\r\n", b"x" * 70_000]
)
async def test_half_an_answer_or_something_else_is_an_error(says: bytes) -> None:
    async with talking(Server(says, hang_up=True)) as (lines, url):
        with pytest.raises(Broken):
            await lines.post(url, b"{}", 5, 5)


async def test_a_connection_closed_meanwhile_is_not_used() -> None:
    server = Server(PLAIN, hang_up=True)
    async with talking(server) as (lines, url):
        for _ in range(3):
            await lines.post(url, b"{}", 5, 5)
            await asyncio.sleep(0.01)
    assert server.connections == 3


async def test_a_late_answer_is_never_taken_for_that_to_the_next_call() -> None:
    server = Server(b"")
    async with talking(server) as (lines, url):
        with pytest.raises(TimeoutError):
            await lines.post(url, b"1", 0.05, 5)
        server.says, server.size = PLAIN, len(PLAIN)
        assert (await lines.post(url, b"2", 5, 5))[0] == 200
    assert server.connections == 2


async def test_each_call_has_its_own_patience() -> None:
    async with talking(Server(b"")) as (lines, url):
        calls = [asyncio.create_task(lines.post(url, b"{}", seconds, 5)) for seconds in (0.3, 0.05)]
        begun = asyncio.get_running_loop().time()
        done, _ = await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
        assert done == {calls[1]}
        for call in calls:
            with pytest.raises(TimeoutError):
                await call
        assert 0.29 < asyncio.get_running_loop().time() - begun < 3
        with pytest.raises(TimeoutError):
            await lines.post(url, b"{}", 0.05, 5)


async def test_a_call_that_is_given_up_takes_its_connection_along() -> None:
    server = Server(b"")
    async with talking(server) as (lines, url):
        call = asyncio.create_task(lines.post(url, b"{}", 5, 5))
        while not server.requests:
            await asyncio.sleep(0.001)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        server.says, server.size = PLAIN, len(PLAIN)
        await lines.post(url, b"{}", 5, 5)
    assert server.connections == 2


async def test_no_more_connections_than_allowed() -> None:
    server = Server(PLAIN)
    async with talking(server) as (lines, url):
        answers = await asyncio.gather(*(lines.post(url, b"{}", 5, 5) for _ in range(20)))
    assert len(answers) == 20
    assert server.connections <= 2


async def test_nobody_there_is_told_apart() -> None:
    lines = Lines("test", 2)
    for url in ("http://127.0.0.1:9/x", "http://no-such-host.invalid/x"):
        with pytest.raises(Unreached):
            await lines.post(url, b"{}", 5, 5)
    await lines.close()


async def test_one_that_waits_for_nothing_goes_over_an_idle_connection_or_not_at_all() -> None:
    server = Server(PLAIN)
    async with talking(server) as (lines, url):
        assert lines.ask(url, b"{}", 5) is None
        await asyncio.gather(*(lines.post(url, b"{}", 5, 5) for _ in range(2)))
        asked = [lines.ask(url, b"{}", 5) for _ in range(3)]
        assert asked[2] is None  # both are in use
        assert [await one for one in asked[:2] if one] == [(200, b'{"ok":true}')] * 2
        await asyncio.sleep(0)
        assert await lines.post(url, b"{}", 5, 5) == (200, b'{"ok":true}')
    assert server.connections == 2


async def test_a_turn_is_lost_by_nobody_who_goes_away_while_waiting_for_it() -> None:
    server = Server(b"")
    async with talking(server) as (lines, url):
        calls = [asyncio.create_task(lines.post(url, b"{}", 5, 5)) for _ in range(5)]
        await asyncio.sleep(0.05)
        with pytest.raises(Unreached):
            await lines.post(url, b"{}", 0.02, 5)  # two are on their way, and the others wait
        calls[0].cancel()  # its turn goes to the third, who leaves in that moment
        await asyncio.sleep(0)
        calls[2].cancel()
        server.says, server.size = PLAIN, len(PLAIN)
        assert await asyncio.wait_for(calls[3], 5) == (200, b'{"ok":true}')
        calls[1].cancel()
        assert await asyncio.wait_for(calls[4], 5) == (200, b'{"ok":true}')
        await asyncio.wait(calls)
        await asyncio.sleep(0)
        assert lines._used == 0
