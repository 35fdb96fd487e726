"""Ways in which a call of the Bot API goes wrong, and a script of when."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase

from aiohttp import web

from bot.demo.errors import Refused

Spoil = Callable[[web.Request, web.StreamResponse | None], Awaitable[web.StreamResponse]]
_PORTAL = "<html><body>Please log in to this network.</body></html>"


@dataclass(frozen=True)
class Fault:
    """`effect`: the call does what it should, and only then does its answer (which `spoil` gets) go wrong."""

    name: str
    spoil: Spoil
    effect: bool = False


def says(refused: Refused) -> Fault:
    """An error in the words of Telegram."""

    async def spoil(_: web.Request, __: web.StreamResponse | None) -> web.StreamResponse:
        return web.json_response(refused.body(), status=refused.code)

    return Fault(str(refused), spoil)


def page(status: int = 502, *, effect: bool = False) -> Fault:
    """An HTML page of some server between."""

    async def spoil(_: web.Request, __: web.StreamResponse | None) -> web.StreamResponse:
        return web.Response(status=status, text=f"<html><h1>{status}</h1></html>", content_type="text/html")

    return Fault(f"a page with {status}", spoil, effect)


def empty(status: int = 204) -> Fault:
    async def spoil(_: web.Request, __: web.StreamResponse | None) -> web.StreamResponse:
        return web.Response(status=status)

    return Fault(f"nothing, with {status}", spoil)


def cut_short(*, effect: bool = True) -> Fault:
    """Half of the JSON of the answer."""

    async def spoil(_: web.Request, answer: web.StreamResponse | None) -> web.StreamResponse:
        text = (answer.text if isinstance(answer, web.Response) else None) or '{"ok":true,"result":{}}'
        return web.Response(text=text[: len(text) // 2], content_type="application/json")

    return Fault("cut short", spoil, effect)


def reset(*, effect: bool = False) -> Fault:
    """The connection breaks off, before the call or (`effect`) in place of its answer."""

    async def spoil(request: web.Request, _: web.StreamResponse | None) -> web.StreamResponse:
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    return Fault("reset", spoil, effect)


def slow(seconds: float, *, effect: bool = True) -> Fault:
    """The answer comes so much later (real seconds)."""

    async def spoil(_: web.Request, answer: web.StreamResponse | None) -> web.StreamResponse:
        await asyncio.sleep(seconds)
        return answer or web.Response(status=504)

    return Fault("slow", spoil, effect)


def foreign(body: str = _PORTAL) -> Fault:
    """200, from somebody else."""

    async def spoil(_: web.Request, __: web.StreamResponse | None) -> web.StreamResponse:
        kind = "text/html" if body.startswith("<") else "application/json"
        return web.Response(text=body, content_type=kind)

    return Fault("foreign", spoil)


@dataclass
class _Scene:
    method: str
    chat_id: int | None
    after: int
    faults: deque[Fault] = field(default_factory=deque)
    endless: Fault | None = None
    until: datetime | None = None

    def strike(self, method: str, chat_id: int, now: datetime) -> Fault | None:
        if not fnmatchcase(method.lower(), self.method.lower()) or self.chat_id not in (None, chat_id):
            return None
        if self.after > 0:
            self.after -= 1
            return None
        if self.endless is not None:
            return self.endless if self.until is None or now < self.until else None
        return self.faults.popleft() if self.faults else None


class Faults:
    """`method` may hold wildcards ('send*'); without `chat_id` every chat is meant; `after` calls go well first."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._scenes: list[_Scene] = []

    def add(self, *faults: Fault, method: str = "*", chat_id: int | None = None, after: int = 0) -> None:
        """These, one call after the other."""
        self._scenes.append(_Scene(method, chat_id, after, deque(faults)))

    def last(self, fault: Fault, *, method: str = "*", chat_id: int | None = None, after: int = 0,
             until: datetime | None = None) -> None:
        """Every call, until then by the world's clock, or until `clear`."""
        self._scenes.append(_Scene(method, chat_id, after, endless=fault, until=until))

    def clear(self) -> None:
        self._scenes.clear()

    def strike(self, method: str, chat_id: int) -> Fault | None:
        """What happens to this call."""
        now = self._now()
        for scene in self._scenes:
            if fault := scene.strike(method, chat_id, now):
                return fault
        return None

