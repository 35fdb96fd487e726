"""A lean Bot API for load: the calls that bots make in a conversation, without limits, and answers late on request.

It runs in the harness, on the other core, and costs a fraction of any bot. What it must be as strict as Telegram in,
the demo's server is; here only speed counts.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl

import orjson

Said = Callable[[str, Mapping[str, Any]], int]
"""Told of each message and edit: method and parameters; gives the number of the message."""
BOT = {"id": 1000001, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}
_MOST = 100


class Server:
    """The updates that wait, and what the bot said. `delay` (seconds) is added to every answer."""

    def __init__(self, delay: float = 0.0) -> None:
        self.delay = delay
        self.said: Said = lambda method, parameters: 1
        self.calls: Counter[str] = Counter()
        self.polled = asyncio.Event()
        self._waiting: deque[tuple[int, bytes]] = deque()
        self._next = 1
        self._poll: asyncio.Future[None] | None = None

    def offer(self, kind: str, content: Mapping[str, Any]) -> None:
        """An update for the bot."""
        number, self._next = self._next, self._next + 1
        body = orjson.dumps({"update_id": number, kind: content})
        self._waiting.append((number, body))
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(None)

    def answer(self, method: str, parameters: Mapping[str, Any]) -> bytes:
        """The body of the answer to one call, other than `getUpdates`."""
        self.calls[method] += 1
        match method:
            case "sendMessage" | "editMessageText" | "editMessageReplyMarkup":
                return _good(self._posted(method, parameters))
            case "getMe":
                return _good(orjson.dumps(BOT))
        return _good(b"true")

    def _posted(self, method: str, parameters: Mapping[str, Any]) -> bytes:
        number, chat_id = self.said(method, parameters), int(parameters["chat_id"])
        chat = {"id": chat_id, "type": "private", "first_name": "Someone"}
        post = {"message_id": number, "date": 1790000000, "chat": chat, "from": BOT, "text": parameters.get("text", "")}
        if markup := parameters.get("reply_markup"):
            post["reply_markup"] = orjson.loads(markup) if isinstance(markup, str) else markup
        return orjson.dumps(post)

    async def updates(self, parameters: Mapping[str, Any]) -> bytes:
        """The body of the answer to `getUpdates`: once there is something, or `timeout` is over."""
        self.calls["getUpdates"] += 1
        offset, patience = int(parameters.get("offset") or 0), float(parameters.get("timeout") or 0)
        while self._waiting and self._waiting[0][0] < offset:
            self._waiting.popleft()
        self.polled.set()
        if not self._waiting and patience:
            self._poll = asyncio.get_running_loop().create_future()
            await asyncio.wait((self._poll,), timeout=patience)
        most = min(int(parameters.get("limit") or _MOST), _MOST)
        batch = [self._waiting[place][1] for place in range(min(len(self._waiting), most))]
        return _good(b"[" + b",".join(batch) + b"]")


def _good(result: bytes) -> bytes:
    return b'{"ok":true,"result":' + result + b"}"


class _Connection(asyncio.Protocol):
    """HTTP/1.1 as the clients of bots speak it: kept alive, one request after the other, the length said before."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._buffer = b""
        self._tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, _: Exception | None) -> None:
        for task in self._tasks:
            task.cancel()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end]
            start, length = end + 4, _length(head)
            if len(self._buffer) < start + length:
                return
            body, self._buffer = self._buffer[start : start + length], self._buffer[start + length :]
            self._serve(head, body)

    def _serve(self, head: bytes, body: bytes) -> None:
        """At once, where nothing is to be waited for: a task for each call would cost more than the answer."""
        target = head.split(b" ", 2)[1].decode()
        path, _, query = target.partition("?")
        method, parameters = path.rpartition("/")[2], _parameters(head, body, query)
        if method != "getUpdates" and not self._server.delay:
            self._send(self._server.answer(method, parameters))
            return
        task = asyncio.ensure_future(self._serve_late(method, parameters))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve_late(self, method: str, parameters: Mapping[str, Any]) -> None:
        polled = method == "getUpdates"
        answer = await self._server.updates(parameters) if polled else self._server.answer(method, parameters)
        if self._server.delay:
            await asyncio.sleep(self._server.delay)
        self._send(answer)

    def _send(self, answer: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
                % (len(answer), answer)
            )


def _length(head: bytes) -> int:
    small = head.lower()
    place = small.find(b"\r\ncontent-length:")
    if place < 0:
        if b"\r\ntransfer-encoding:" in small:
            raise ValueError("this server reads no chunks")
        return 0
    return int(small[place + 17 :].split(b"\r\n", 1)[0])


def _parameters(head: bytes, body: bytes, query: str) -> Mapping[str, Any]:
    if b"json" in head.lower():
        return orjson.loads(body) if body else {}
    return dict(parse_qsl(body.decode() or query))


@asynccontextmanager
async def serve(server: Server) -> AsyncIterator[str]:
    """Yields the base address."""
    listening = await asyncio.get_running_loop().create_server(lambda: _Connection(server), "127.0.0.1", 0)
    try:
        host, port = listening.sockets[0].getsockname()[:2]
        yield f"http://{host}:{port}"
    finally:
        listening.close()
