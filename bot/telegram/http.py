"""Calls to the Bot API, raising PTB's own errors. The token stands in no log, repr or error.

Calls of ours go over `line`; PTB's own, files and whatever needs a proxy over one aiohttp session. Errors of the HTTP
library are replaced rather than chained: the text of many holds the address, and so the token.
"""

from __future__ import annotations

import asyncio
import mimetypes
from datetime import timedelta
from functools import cache
from http import HTTPStatus
from typing import Any, NoReturn
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from telegram.error import NetworkError, RetryAfter, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.telegram.line import Broken, Lines, Unreached
from storage.compact import dump, load
from storage.documents import Document

CONNECT_SECONDS = 10.0
READ_SECONDS = 20.0
UPLOAD_SECONDS = 120.0
_CONNECTIONS = 256
_JSON = {"Content-Type": "application/json"}


class Unsent(NetworkError):
    """The server was not reached: the call had no effect."""


class ForeignAnswer(NetworkError):
    """Something answered, but not as a Bot API does; whether the call had an effect is not known."""


class TooBig(Exception):
    """The file is larger than a bot may fetch."""


def _as_json(payload: Any) -> bytes:
    return dump(payload, "replace")


def told_to_wait(error: RetryAfter) -> float:
    """The seconds that a 429 asks for."""
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


def _seconds(value: Any, otherwise: float) -> float | None:
    """A timeout as PTB passes it: a number, None for none, or its own mark for 'not said'."""
    return value if value is None or isinstance(value, (int, float)) else otherwise


def _form(data: RequestData) -> aiohttp.FormData | dict[str, str]:
    if not data.contains_files:
        return data.json_parameters
    form = aiohttp.FormData()
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (file_name, content, mime) in data.multipart_data.items():
        form.add_field(name, content, filename=file_name, content_type=mime)
    return form


def _translate(error: Exception) -> NoReturn:
    what = type(error).__name__
    if isinstance(error, aiohttp.ClientConnectorError):
        raise Unsent(f"{what}: {error.os_error.strerror or 'no connection'}") from None
    if isinstance(error, (aiohttp.ConnectionTimeoutError, aiohttp.ClientHttpProxyError)):
        raise Unsent(what) from None
    if isinstance(error, TimeoutError):
        raise TimedOut from None
    raise NetworkError(what) from None


class AiohttpRequest(BaseRequest):
    """PTB's transport over aiohttp, at a third to a sixth of what httpx costs per call, and ours over lines.

    `trust_env`: proxies are taken from the environment.
    """

    __slots__ = ("_lines", "_session", "_trust_env")

    def __init__(self, *, trust_env: bool = True) -> None:
        self._trust_env = trust_env
        self._session: aiohttp.ClientSession | None = None
        self._lines = Lines(self.USER_AGENT, _CONNECTIONS)

    @property
    def read_timeout(self) -> float | None:
        return READ_SECONDS

    async def initialize(self) -> None:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=_CONNECTIONS, ttl_dns_cache=300)
            self._session = aiohttp.ClientSession(
                connector=connector, trust_env=self._trust_env, headers={"User-Agent": self.USER_AGENT}
            )

    async def shutdown(self) -> None:
        session, self._session = self._session, None
        await self._lines.close()
        if session is not None:
            await session.close()

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """PTB's own logs what it cannot read, which may be people's messages."""
        try:
            answer = load(payload)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise ForeignAnswer("the answer is not a JSON object")
        return answer

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        read = _seconds(read_timeout, READ_SECONDS)
        upload = request_data is not None and bool(getattr(request_data, "contains_files", False))
        write = _seconds(write_timeout, UPLOAD_SECONDS if upload else READ_SECONDS)
        total = None if read is None or write is None else read + write
        connect = _seconds(connect_timeout, CONNECT_SECONDS)
        patience = aiohttp.ClientTimeout(total, _seconds(pool_timeout, READ_SECONDS), read, connect)
        return await self._exchange(url, method, request_data, patience)

    async def exchange(self, url: str, payload: dict[str, Any], seconds: float) -> tuple[int, bytes]:
        """A call whose parameters are one JSON object: status and body. Raises NetworkError: Unsent, TimedOut."""
        if self._session is None:
            raise NetworkError("the connection is not open")
        body = _as_json(payload)
        try:
            if not (self._trust_env and _proxied(url)):
                return await self._lines.post(url, body, seconds, CONNECT_SECONDS)
            patience = aiohttp.ClientTimeout(seconds, connect=READ_SECONDS, sock_connect=CONNECT_SECONDS)
            async with self._session.post(url, data=body, headers=_JSON, timeout=patience) as response:
                return response.status, await response.read()
        except Unreached as error:
            raise Unsent(str(error)) from None
        except Broken as error:
            raise NetworkError(str(error)) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            _translate(error)

    def ask(self, url: str, payload: dict[str, Any], seconds: float) -> asyncio.Future[tuple[int, bytes]] | None:
        """The same at once, where a connection is idle; None where there is none. What it raises is the line's own."""
        if self._session is None or (self._trust_env and _proxied(url)):
            return None
        return self._lines.ask(url, _as_json(payload), seconds)

    async def upload(self, url: str, payload: dict[str, Any], document: Document) -> tuple[int, bytes]:
        """A call with a file: status and body. Raises NetworkError: Unsent, TimedOut."""
        form = aiohttp.FormData(quote_fields=False)  # the name is shown as it is sent
        for field, value in payload.items():
            form.add_field(field, value if isinstance(value, str) else _as_json(value).decode())
        mime = mimetypes.guess_type(document.name)[0] or "application/octet-stream"
        form.add_field(document.id, document.content, filename=document.name, content_type=mime)
        patience = aiohttp.ClientTimeout(UPLOAD_SECONDS, connect=READ_SECONDS, sock_connect=CONNECT_SECONDS)
        try:
            async with self._open().post(url, data=form, timeout=patience) as response:
                return response.status, await response.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            _translate(error)

    async def _exchange(
        self, url: str, method: str, data: object, patience: aiohttp.ClientTimeout
    ) -> tuple[int, bytes]:
        body = _form(data) if isinstance(data, RequestData) else None
        try:
            async with self._open().request(method, url, data=body, timeout=patience) as response:
                return response.status, _presentable(response.status, await response.read())
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            _translate(error)

    async def stream(self, url: str, limit: int, seconds: float) -> bytes:
        """The body of a GET, at most `limit` bytes. Raises TooBig and NetworkError."""
        content = bytearray()
        try:
            async with self._open().get(url, timeout=aiohttp.ClientTimeout(seconds)) as response:
                if response.status != HTTPStatus.OK:
                    raise NetworkError(f"the file server answered {response.status}")
                async for chunk in response.content.iter_chunked(1 << 16):
                    content += chunk
                    if len(content) > limit:
                        raise TooBig
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            _translate(error)
        return bytes(content)

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("the connection is not open")
        return self._session


def _presentable(status: int, payload: bytes) -> bytes:
    """PTB quotes an error page that it cannot read in the error's text; ours are empty instead."""
    if status < HTTPStatus.MULTIPLE_CHOICES:
        return payload
    try:
        return payload if isinstance(load(payload), dict) else b"{}"
    except ValueError:
        return b"{}"


@cache
def _proxied(url: str) -> bool:
    """Whether the environment names a proxy for this address."""
    parts = urlsplit(url)
    return parts.scheme in getproxies() and not proxy_bypass(parts.hostname or "")


class _Given(BaseRequest):
    """Lets PTB make its error of an answer that is here already."""

    __slots__ = ("_answer",)

    def __init__(self, status: int, payload: bytes) -> None:
        self._answer = status, _presentable(status, payload)

    @property
    def read_timeout(self) -> float | None:
        return READ_SECONDS

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    parse_json_payload = staticmethod(AiohttpRequest.parse_json_payload)

    async def do_request(self, *_: Any, **__: Any) -> tuple[int, bytes]:
        return self._answer


class Api:
    """The lean way: JSON out, JSON in, no PTB object. Nothing of it shows the token."""

    __slots__ = ("_calls", "_files", "_request")

    def __init__(self, token: str, url: str, request: AiohttpRequest) -> None:
        """`url` of the server, without a slash at its end; `request` is opened and closed by its owner."""
        self._calls = f"{url}/bot{token}/"
        self._files = f"{url}/file/bot{token}/"
        self._request = request

    async def call(self, method: str, payload: dict[str, Any], seconds: float = READ_SECONDS) -> Any:
        """The `result` of the answer, awaited for `seconds`. Raises TelegramError: Unsent, ForeignAnswer and others."""
        return await self._result(*await self._request.exchange(self._calls + method, payload, seconds))

    def tell(self, method: str, payload: dict[str, Any], seconds: float = READ_SECONDS) -> asyncio.Future[Any]:
        """A call whose answer nobody needs: no task where a connection is idle. Done when it is over."""
        told = self._request.ask(self._calls + method, payload, seconds)
        return told if told is not None else asyncio.ensure_future(self.call(method, payload, seconds))

    async def _result(self, status: int, answer: bytes) -> Any:
        try:
            if status != HTTPStatus.OK:
                return await _Given(status, answer).post("")
            return AiohttpRequest.parse_json_payload(answer)["result"]
        except (KeyError, AttributeError):
            raise ForeignAnswer("the answer holds no result") from None

    async def upload(self, method: str, payload: dict[str, Any], document: Document) -> Any:
        """The same with a file, which a parameter names 'attach://<its id>'."""
        return await self._result(*await self._request.upload(self._calls + method, payload, document))

    async def download(self, path: str, limit: int, seconds: float = 60.0) -> bytes:
        """The bytes of a file by the `file_path` of getFile. Raises TooBig beyond `limit` bytes."""
        return await self._request.stream(self._files + path, limit, seconds)
