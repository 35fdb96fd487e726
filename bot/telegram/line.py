"""Kept-alive HTTP/1.1 connections for one kind of call: a POST of a JSON object that is answered by another.

That is nearly all that a bot does, and a general client takes six times as long over it. Files, forms and proxies go
through the general one.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, urlsplit

from aiohappyeyeballs import start_connection

_IDLE_SECONDS = 15.0
_MOST_HEAD = 1 << 16
_ROUNDS = 10
_STATUS = re.compile(rb"HTTP/1\.([01]) (\d{3})[ \r]")
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)[ \t]*\r\n")
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r]*\bchunked\b")
_CLOSE = re.compile(rb"\r\nconnection:[^\r]*\bclose\b")
_BODYLESS = (204, 304)


class Unreached(Exception):
    """There was no connection: the call had no effect."""


class Broken(Exception):
    """The connection ended, or what came was no HTTP; whether the call had an effect is not known."""


Answer = tuple[int, bytes]


@dataclass(frozen=True, slots=True)
class _Target:
    """`head` is what a request begins with, up to the length of its body."""

    host: str
    port: int
    tls: bool
    head: bytes


@lru_cache(64)
def _target(url: str, agent: str) -> _Target:
    parts = urlsplit(url)
    tls = parts.scheme == "https"
    lines = (
        f"POST {quote(parts.path, safe='/:@-._~')} HTTP/1.1",
        f"Host: {parts.netloc.rpartition('@')[2]}",
        f"User-Agent: {agent}",
        "Content-Type: application/json",
        "Content-Length: ",
    )
    return _Target(parts.hostname or "", parts.port or (443 if tls else 80), tls, "\r\n".join(lines).encode("ascii"))


class Lines:
    """The connections, `most` at once; idle ones are used again, the last one first."""

    def __init__(self, agent: str, most: int) -> None:
        self._agent = agent
        self._room = asyncio.Semaphore(most)
        self._idle: dict[tuple[str, int], list[_Line]] = {}
        self._open: set[_Line] = set()
        self._tls: ssl.SSLContext | None = None

    async def post(self, url: str, body: bytes, seconds: float, connect_seconds: float) -> Answer:
        """Status and body. Raises Unreached, Broken, and TimeoutError where the answer took longer than `seconds`."""
        target = _target(url, self._agent)
        await self._enter(seconds)
        try:
            line = self._waiting(target) or await self._connect(target, connect_seconds)
            try:
                return await line.ask(b"%b%d\r\n\r\n%b" % (target.head, len(body), body), seconds)
            finally:
                self._put_back(target, line)
        finally:
            self._room.release()

    async def close(self) -> None:
        """Those in use too. A socket is closed only in one of the loop's next rounds."""
        self._idle.clear()
        for line in self._open:
            line.hang_up()
        for _ in range(_ROUNDS):
            if self._open:
                await asyncio.sleep(0)

    async def _enter(self, seconds: float) -> None:
        if not self._room.locked():
            await self._room.acquire()
            return
        try:
            async with asyncio.timeout(seconds):
                await self._room.acquire()
        except TimeoutError:
            raise Unreached("no connection was free") from None

    def _waiting(self, target: _Target) -> _Line | None:
        lines = self._idle.get((target.host, target.port), [])
        now = asyncio.get_running_loop().time()
        while lines:
            line = lines.pop()
            if line.usable and now - line.idle_since < _IDLE_SECONDS:
                return line
            line.hang_up()
        return None

    def _put_back(self, target: _Target, line: _Line) -> None:
        if line.usable:
            line.idle_since = asyncio.get_running_loop().time()
            self._idle.setdefault((target.host, target.port), []).append(line)
        else:
            line.hang_up()

    async def _connect(self, target: _Target, seconds: float) -> _Line:
        if target.tls and self._tls is None:
            self._tls = ssl.create_default_context()
        loop, tls = asyncio.get_running_loop(), self._tls if target.tls else None
        try:
            async with asyncio.timeout(seconds):
                places = await loop.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
                reached = await start_connection(places, happy_eyeballs_delay=0.25)
                _, line = await loop.create_connection(
                    lambda: _Line(self._open), sock=reached, ssl=tls, server_hostname=target.host if tls else None
                )
                return line
        except (OSError, TimeoutError, UnicodeError) as error:
            raise Unreached(f"{type(error).__name__}: {getattr(error, 'strerror', None) or 'no connection'}") from None


class _Line(asyncio.Protocol):
    """One connection: one call at a time."""

    def __init__(self, among: set[_Line]) -> None:
        self.idle_since = 0.0
        self._among = among
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[Answer] | None = None
        self._received = bytearray()
        self._reading = _Reading()
        self._again = True

    @property
    def usable(self) -> bool:
        return self._again and self._answer is None and self._transport is not None

    async def ask(self, request: bytes, seconds: float) -> Answer:
        if self._transport is None:
            raise Broken("the connection was closed")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Answer] = loop.create_future()
        self._answer = answer
        timer = loop.call_later(seconds, self._fail, TimeoutError())
        self._transport.write(request)
        try:
            found = await answer
        except BaseException:
            self._again = False
            raise
        finally:
            timer.cancel()
        self._answer = None
        return found

    def hang_up(self) -> None:
        self._again = False
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._among.add(self)

    def data_received(self, data: bytes) -> None:
        if self._answer is None or self._answer.done():
            self.hang_up()  # nobody has asked
            return
        self._received += data
        try:
            found = self._reading.read(self._received, ended=False)
        except ValueError as error:
            self._fail(Broken(str(error)))
            return
        if found is not None:
            self._give(found)

    def connection_lost(self, error: Exception | None) -> None:
        self._transport, self._again = None, False
        self._among.discard(self)
        if self._answer is None or self._answer.done():
            return
        try:
            found = None if error else self._reading.read(self._received, ended=True)
        except ValueError:
            found = None
        if found is not None:
            self._give(found)
        else:
            self._fail(Broken("the connection was closed"))

    def _give(self, found: Answer) -> None:
        assert self._answer is not None
        self._again = self._again and self._reading.keeps and len(self._received) == self._reading.end
        self._received.clear()
        self._reading = _Reading()
        self._answer.set_result(found)

    def _fail(self, error: Exception) -> None:
        self._again = False
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)


class _Reading:
    """Where in the bytes received one answer stands. `end` is where it ended; `keeps`: the connection stays open."""

    def __init__(self) -> None:
        self.keeps, self.end = False, 0
        self._status, self._start = 0, 0
        self._length: int | None = None
        self._chunked = False

    def read(self, received: bytearray, *, ended: bool) -> Answer | None:
        """None while something is missing. Raises ValueError where it is no HTTP."""
        if not self._status and not self._head(received):
            return None
        if self._chunked:
            body = self._chunks(received)
        elif self._length is not None:
            self.end = self._start + self._length
            body = bytes(received[self._start : self.end]) if len(received) >= self.end else None
        else:
            body = bytes(received[self._start :]) if ended else None
        return None if body is None else (self._status, body)

    def _head(self, received: bytearray) -> bool:
        end = received.find(b"\r\n\r\n", self._start)
        if end < 0:
            if len(received) > _MOST_HEAD:
                raise ValueError("the head of the answer does not end")
            return False
        head = bytes(received[self._start : end + 2]).lower()
        found = _STATUS.match(head.upper())
        if not found:
            raise ValueError("the answer is no HTTP")
        self._start, status = end + 4, int(found[2])
        if status < 200:
            return self._head(received)
        length = _LENGTH.search(head)
        self._chunked = _CHUNKED.search(head) is not None
        self._length = 0 if status in _BODYLESS else int(length[1]) if length else None
        framed = self._chunked or self._length is not None
        self.keeps = framed and found[1] == b"1" and not _CLOSE.search(head)
        self._status = status
        return True

    def _chunks(self, received: bytearray) -> bytes | None:
        parts, place = list[bytes](), self._start
        while (line := received.find(b"\r\n", place)) >= 0:
            size = int(bytes(received[place:line]).partition(b";")[0], 16)
            place = line + 2 + size
            if size == 0:
                return self._trailed(received, line + 2, parts)
            if len(received) < place + 2:
                return None
            parts.append(bytes(received[line + 2 : place]))
            place += 2
        return None

    def _trailed(self, received: bytearray, place: int, parts: list[bytes]) -> bytes | None:
        """After the last chunk: an empty line, or trailers up to one."""
        if received[place : place + 2] == b"\r\n":
            self.end = place + 2
        elif (end := received.find(b"\r\n\r\n", place)) >= 0:
            self.end = end + 4
        else:
            return None
        return b"".join(parts)
