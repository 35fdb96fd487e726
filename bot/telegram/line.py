"""Kept-alive HTTP/1.1 connections for one kind of call: a POST of a JSON object that is answered by another.

That is nearly all that a bot does, and a general client takes six times as long over it. Files, forms and proxies go
through the general one.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections import deque
from dataclasses import dataclass
from functools import lru_cache
from math import inf
from typing import NamedTuple, cast
from urllib.parse import quote, urlsplit

from aiohappyeyeballs import start_connection

_IDLE_SECONDS = 15.0
_MOST_HEAD = 1 << 16
_ROUNDS = 10
_STATUS = re.compile(rb"HTTP/1\.([01]) (\d{3})[ \r]", re.IGNORECASE)
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)[ \t]*\r\n")
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r]*\bchunked\b")
_CLOSE = re.compile(rb"\r\nconnection:[^\r]*\bclose\b")
_BODYLESS = (204, 304)
_FINAL = 200
_TICK = 0.001
"""Seconds by which a timer may come early."""


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
        self._most, self._used = most, 0
        self._queue = deque[asyncio.Future[None]]()
        self._idle: dict[tuple[str, int], list[_Line]] = {}
        self._open: set[_Line] = set()
        self._tls: ssl.SSLContext | None = None
        self._alarm: asyncio.TimerHandle | None = None

    async def post(self, url: str, body: bytes, seconds: float, connect_seconds: float) -> Answer:
        """Status and body. Raises Unreached, Broken, and TimeoutError where the answer took longer than `seconds`."""
        answer = self.ask(url, body, seconds)
        if answer is None:
            await self._enter(seconds)
            target = _target(url, self._agent)
            try:
                line = self._waiting(target) or await self._connect(target, connect_seconds)
            except BaseException:
                self._leave()
                raise
            answer = self._ask(target, line, body, seconds)
        return await answer

    def ask(self, url: str, body: bytes, seconds: float) -> asyncio.Future[Answer] | None:
        """The same without a task of its own, where a connection is idle; None where there is none."""
        target = _target(url, self._agent)
        line = self._waiting(target) if self._used < self._most else None
        if line is None:
            return None
        self._used += 1
        return self._ask(target, line, body, seconds)

    def _ask(self, target: _Target, line: _Line, body: bytes, seconds: float) -> asyncio.Future[Answer]:
        answer = line.ask(b"%b%d\r\n\r\n%b" % (target.head, len(body), body), seconds)
        self._watch(line.patient_until)
        answer.add_done_callback(lambda _: self._put_back(target, line))
        return answer

    def _watch(self, until: float) -> None:
        """One alarm for all lines: most calls are over long before they would have taken too long."""
        if self._alarm is None or until < self._alarm.when():
            if self._alarm is not None:
                self._alarm.cancel()
            self._alarm = asyncio.get_running_loop().call_at(until, self._give_up)

    def _give_up(self) -> None:
        self._alarm = None
        now = asyncio.get_running_loop().time()
        for line in [line for line in self._open if line.patient_until <= now + _TICK]:
            line.fail(TimeoutError())
        until = min((line.patient_until for line in self._open), default=inf)
        if until < inf:
            self._watch(until)

    async def close(self) -> None:
        """Those in use too. A socket is closed only in one of the loop's next rounds."""
        self._idle.clear()
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        for line in self._open:
            line.hang_up()
        for _ in range(_ROUNDS):
            if self._open:
                await asyncio.sleep(0)

    async def _enter(self, seconds: float) -> None:
        if self._used < self._most:
            self._used += 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._queue.append(turn)
        try:
            async with asyncio.timeout(seconds):
                await turn
        except BaseException as error:
            if not turn.cancelled():
                self._leave()  # it was given in the same moment
            if isinstance(error, TimeoutError):
                raise Unreached("no connection was free") from None
            raise

    def _leave(self) -> None:
        """To whoever has waited longest."""
        while self._queue:
            if not (turn := self._queue.popleft()).done():
                turn.set_result(None)
                return
        self._used -= 1

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
        self._leave()
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
    """One connection: one call at a time. `patient_until`: when the call under way will have taken too long."""

    def __init__(self, among: set[_Line]) -> None:
        self.idle_since = 0.0
        self.patient_until = inf
        self._among = among
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[Answer] | None = None
        self._received = b""
        self._reading = _Reading()
        self._again = True

    @property
    def usable(self) -> bool:
        return self._again and self._answer is None and self._transport is not None

    def ask(self, request: bytes, seconds: float) -> asyncio.Future[Answer]:
        loop = asyncio.get_running_loop()
        self._answer = loop.create_future()
        if self._transport is None:
            self._answer.set_exception(Broken("the connection was closed"))
        else:
            self.patient_until = loop.time() + seconds
            self._transport.write(request)
        return self._answer

    def hang_up(self) -> None:
        self._again, self.patient_until = False, inf
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # of whatever loop
        self._among.add(self)

    def data_received(self, data: bytes) -> None:
        if self._answer is None or self._answer.done():
            self.hang_up()  # nobody has asked
            return
        self._received = self._received + data if self._received else data
        try:
            found = self._reading.read(self._received, ended=False)
        except ValueError as error:
            self.fail(Broken(str(error)))
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
            self.fail(Broken("the connection was closed"))

    def _give(self, found: Answer) -> None:
        assert self._answer is not None
        self._again = self._again and self._reading.keeps and len(self._received) == self._reading.end
        self._received, self._reading, self.patient_until = b"", _Reading(), inf
        self._answer.set_result(found)
        self._answer = None

    def fail(self, error: Exception) -> None:
        self._again, self.patient_until = False, inf
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)


class _Head(NamedTuple):
    """`length` of the body where it is said; `keeps`: the connection stays open."""

    status: int
    length: int | None
    chunked: bool
    keeps: bool


@lru_cache(256)  # within a second many are the same
def _read_head(head: bytes) -> _Head:
    """Raises ValueError where it is no HTTP."""
    found = _STATUS.match(head)
    if not found:
        raise ValueError("the answer is no HTTP")
    status, told = int(found[2]), head.lower()
    said = _LENGTH.search(told)
    chunked = _CHUNKED.search(told) is not None
    length = 0 if status in _BODYLESS else int(said[1]) if said else None
    framed = chunked or length is not None
    return _Head(status, length, chunked, framed and found[1] == b"1" and not _CLOSE.search(told))


class _Reading:
    """Where in the bytes received one answer stands. `end` is where it ended."""

    __slots__ = ("_head", "_start", "end")

    def __init__(self) -> None:
        self.end = 0
        self._head: _Head | None = None
        self._start = 0

    @property
    def keeps(self) -> bool:
        return self._head is not None and self._head.keeps

    def read(self, received: bytes, *, ended: bool) -> Answer | None:
        """None while something is missing. Raises ValueError where it is no HTTP."""
        head = self._head or self._find_head(received)
        if head is None:
            return None
        if head.chunked:
            body = self._chunks(received)
        elif head.length is not None:
            self.end = self._start + head.length
            body = received[self._start : self.end] if len(received) >= self.end else None
        else:
            body = received[self._start :] if ended else None
        return None if body is None else (head.status, body)

    def _find_head(self, received: bytes) -> _Head | None:
        while (end := received.find(b"\r\n\r\n", self._start)) >= 0:
            head = _read_head(received[self._start : end + 2])
            self._start = end + 4
            if head.status >= _FINAL:
                self._head = head
                return head
        if len(received) > _MOST_HEAD:
            raise ValueError("the head of the answer does not end")
        return None

    def _chunks(self, received: bytes) -> bytes | None:
        parts, place = list[bytes](), self._start
        while (line := received.find(b"\r\n", place)) >= 0:
            size = int(received[place:line].partition(b";")[0], 16)
            if size < 0:
                raise ValueError("the answer is no HTTP")
            place = line + 2 + size
            if size == 0:
                return self._trailed(received, line + 2, parts)
            if len(received) < place + 2:
                return None
            parts.append(received[line + 2 : place])
            place += 2
        return None

    def _trailed(self, received: bytes, place: int, parts: list[bytes]) -> bytes | None:
        """After the last chunk: an empty line, or trailers up to one."""
        if received[place : place + 2] == b"\r\n":
            self.end = place + 2
        elif (end := received.find(b"\r\n\r\n", place)) >= 0:
            self.end = end + 4
        else:
            return None
        return b"".join(parts)
