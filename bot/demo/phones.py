"""The half that the page of phones talks to."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from bot.demo.display import message_for_page
from bot.demo.errors import Impossible
from bot.demo.places import Phone
from bot.demo.state import Event
from bot.demo.world import World

TurnClock = Callable[[datetime], Awaitable[None]]
_PING_SECONDS = 15


class Phones:
    def __init__(self, world: World, turn_clock: TurnClock) -> None:
        self.world = world
        self.turn_clock = turn_clock

    def routes(self) -> list[web.RouteDef]:
        phone = "/demo/phones/{user_id:-?[0-9]+}"
        return [
            web.get("/demo/state", self.state),
            web.get("/demo/events", self.events),
            web.get("/demo/files/{file_id}", self.file),
            web.post("/demo/clock", self.clock),
            web.post(f"{phone}/photo", self.photo),
            web.post(f"{phone}/voice", self.voice),
            web.post(f"{phone}/file", self.document),
            web.post(phone + "/{act}", self.act),
        ]

    async def state(self, request: web.Request) -> web.Response:
        world = self.world
        return web.json_response(
            {
                "now": world.now().isoformat(),
                "time_zone": world.time_zone,
                "bot": {"name": world.bot_name, "username": world.bot_username},
                "phones": [_phone(phone) for phone in world.phones.values()],
                "messages": {
                    str(user_id): [message_for_page(post) for post in world.chats[user_id].posts.values()]
                    for user_id in world.phones
                },
                "commands": {str(user_id): world.commands_for(user_id) for user_id in world.phones},
            }
        )

    async def events(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        watcher = self.world.watch()
        try:
            await response.prepare(request)
            await response.write(b": hello\n\n")
            await _pump(watcher, response)
        except ConnectionError:
            pass  # the page was closed
        finally:
            self.world.unwatch(watcher)
        return response

    async def file(self, request: web.Request) -> web.Response:
        file_id = request.match_info["file_id"]
        if not self.world.files.has(file_id):
            return _error("there is no such file", 404)
        file = self.world.files.find(file_id)
        shown = file.kind in {"photo", "voice"}
        headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
        headers |= {} if shown else {"Content-Disposition": "attachment"}
        return web.Response(
            body=file.data, content_type=file.mime if shown else "application/octet-stream", headers=headers
        )

    async def clock(self, request: web.Request) -> web.Response:
        target = _target(await _json(request), self.world.now())
        try:
            await self.turn_clock(target)
        except ValueError as error:
            raise Impossible(str(error)) from None
        now = {"now": self.world.now().isoformat()}
        self.world.tell("clock", now)
        return web.json_response(now)

    async def act(self, request: web.Request) -> web.Response:
        act = _ACTS.get(request.match_info["act"])
        if act is None:
            return _error("a phone cannot do that", 404)
        return _done(act(self.world, self._user_id(request), await _json(request)))

    async def photo(self, request: web.Request) -> web.Response:
        files, fields = await _upload(request)
        images = [data for _, data, _ in files]
        return _done(self.world.photos(self._user_id(request), images, fields.get("caption", "")))

    async def voice(self, request: web.Request) -> web.Response:
        files, fields = await _upload(request)
        seconds = fields.get("seconds", "1")
        if not seconds.replace(".", "", 1).isdecimal():
            raise Impossible("seconds must be a number")
        return _done(self.world.voice(self._user_id(request), files[0][1], round(float(seconds))))

    async def document(self, request: web.Request) -> web.Response:
        files, fields = await _upload(request)
        ids = [
            self.world.document(self._user_id(request), data, name, mime=mime, caption=fields.get("caption", ""))
            for name, data, mime in files
        ]
        return _done(ids)

    def _user_id(self, request: web.Request) -> int:
        user_id = int(request.match_info["user_id"])
        if user_id not in self.world.phones:
            raise web.HTTPNotFound(
                text=json.dumps({"error": "there is no such phone"}), content_type="application/json"
            )
        return user_id


def _say(world: World, user_id: int, body: dict[str, Any]) -> int:
    reply_to = body.get("reply_to")
    return world.say(user_id, str(body["text"]), int(reply_to) if reply_to is not None else None)


_ACTS: dict[str, Callable[[World, int, dict[str, Any]], Any]] = {
    "text": _say,
    "tap": lambda world, user_id, body: world.tap(user_id, int(body["message_id"]), str(body["data"])),
    "edit": lambda world, user_id, body: world.edit(user_id, int(body["message_id"]), str(body["text"])),
    "start": lambda world, user_id, body: world.start(user_id, str(body.get("payload") or "")),
    "block": lambda world, user_id, body: world.block(user_id, bool(body["blocked"])),
    "language": lambda world, user_id, body: world.language(user_id, str(body["language_code"])),
    "contact": lambda world, user_id, body: world.contact(user_id),
}


async def _pump(watcher: "asyncio.Queue[Event | None]", response: web.StreamResponse) -> None:
    while True:
        try:
            event = await asyncio.wait_for(watcher.get(), _PING_SECONDS)
        except TimeoutError:
            await response.write(b": still here\n\n")
            continue
        if event is None:
            return
        name, data = event
        await response.write(f"event: {name}\ndata: {json.dumps(data)}\n\n".encode())


async def _json(request: web.Request) -> dict[str, Any]:
    """Only as application/json, which no foreign page may send unasked."""
    if request.content_type != "application/json":
        raise Impossible("send JSON")
    try:
        body = await request.json()
    except ValueError:
        raise Impossible("this is not JSON") from None
    if not isinstance(body, dict):
        raise Impossible("send a JSON object")
    return body


async def _upload(request: web.Request) -> tuple[list[tuple[str, bytes, str]], dict[str, str]]:
    """The "file" parts (name, bytes, type), at least one, and the other fields."""
    form = await request.post()
    files = [
        (part.filename, part.file.read(), part.content_type)
        for part in form.getall("file", [])
        if isinstance(part, web.FileField)
    ]
    if not files:
        raise Impossible("there is no file")
    return files, {name: value for name, value in form.items() if isinstance(value, str)}


def _target(body: dict[str, Any], now: datetime) -> datetime:
    try:
        if "seconds" in body:
            return now + timedelta(seconds=float(body["seconds"]))
        target = datetime.fromisoformat(str(body["to"]))
    except (KeyError, ValueError, OverflowError, TypeError):
        raise Impossible("say seconds, or to with an ISO time") from None
    return target if target.tzinfo else target.replace(tzinfo=UTC)


def _phone(phone: Phone) -> dict[str, Any]:
    return {
        "user_id": phone.user_id,
        "name": phone.name,
        "role": phone.role,
        "note": phone.note,
        "note_en": phone.note_en,
        "language_code": phone.language_code,
        "blocked": phone.blocked,
    }


def _done(result: Any) -> web.Response:
    return web.json_response({"ok": True, "result": result})


def _error(reason: str, status: int = 400) -> web.Response:
    return web.json_response({"error": reason}, status=status)


@web.middleware
async def polite(
    request: web.Request,
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
) -> web.StreamResponse:
    """Errors of the page's half as JSON; nothing for pages of other sites."""
    if not request.path.startswith("/demo/"):
        return await handler(request)
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        return _error("this page belongs to another site", 403)
    try:
        return await handler(request)
    except Impossible as error:
        return _error(str(error))
    except (KeyError, ValueError, TypeError):
        return _error("something is missing, or not what it should be")
    except web.HTTPClientError as error:
        if error.content_type == "application/json":
            raise
        return _error(error.reason, error.status)
