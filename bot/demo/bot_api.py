"""The half that bots talk to: /bot<token>/<method> and /file/bot<token>/<path>."""

import inspect
import json
import logging
import re
from typing import Any

from aiohttp import web

from bot.demo import limits
from bot.demo.errors import Refused, too_many_requests
from bot.demo.faults import Fault
from bot.demo.ledger import Entry
from bot.demo.methods import METHODS
from bot.demo.methods.call import Ready
from bot.demo.params import Params, Upload
from bot.demo.world import World

_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")
_NOT_FOUND = Refused(404, "Not Found")
_LOG = logging.getLogger(__name__)


class BotApi:
    def __init__(self, world: World) -> None:
        self.world = world

    def routes(self) -> list[web.RouteDef]:
        return [web.route("*", "/bot{token:[^/]*}/{method:.*}", self.call),
                web.get("/file/bot{token:[^/]*}/{path:.*}", self.download)]

    async def call(self, request: web.Request) -> web.StreamResponse:
        method, params = request.match_info["method"], Params({})
        try:
            self._check_token(request.match_info["token"])
            params = await read_params(request)
            fault = self.world.faults.strike(method, params.number("chat_id"))
            if fault is not None:
                return await self._fail(request, fault, method, params)
            response, outcome = await self._answer(method, params)
        except Refused as refused:
            response, outcome = refusal(refused), str(refused)
        self._note(method, params, outcome)
        return response

    async def _fail(self, request: web.Request, fault: Fault, method: str, params: Params) -> web.StreamResponse:
        """What the ledger holds is what happened, not what the bot hears of it; it is noted before the bot does."""
        answer, outcome = None, fault.name
        if fault.effect:
            try:
                answer, outcome = await self._answer(method, params)
            except Refused as refused:
                answer, outcome = refusal(refused), str(refused)
        self._note(method, params, outcome, fault.name)
        return await fault.spoil(request, answer)

    def _note(self, method: str, params: Params, outcome: str, answer: str = "") -> None:
        chat_id = params.number("chat_id") or None
        self.world.note(Entry(self.world.now(), "call", method, chat_id, None, params.fields, outcome, answer))

    async def download(self, request: web.Request) -> web.StreamResponse:
        try:
            self._check_token(request.match_info["token"])
        except Refused as refused:
            return refusal(refused)
        file = self.world.files.at_path(request.match_info["path"])
        if file is None:
            return refusal(_NOT_FOUND)
        return web.Response(body=file.data, content_type="application/octet-stream")

    async def _answer(self, name: str, params: Params) -> tuple[web.StreamResponse, str]:
        for hook in self.world.before:
            instead = await hook(name, params)
            if instead is not None:
                return instead, f"{instead.status} by a hook"
        self._hold_back(name, params)
        result = await self._run(name, params)
        text = result.json if isinstance(result, Ready) else json.dumps(result)
        return web.Response(text=f'{{"ok":true,"result":{text}}}', content_type="application/json"), "ok"

    def _hold_back(self, name: str, params: Params) -> None:
        if self.world.throttle is not None:
            album = params.parsed("media") if name.lower() == "sendmediagroup" else None
            wait = self.world.throttle.admit(name, params.number("chat_id"), len(album) if album else 1)
            if wait:
                raise too_many_requests(wait)

    async def _run(self, name: str, params: Params) -> Any:
        method = METHODS.get(name.lower())
        if method is None:
            self._complain(name, "the demo's server does not know this method")
            raise _NOT_FOUND
        try:
            result = method(self.world, params)
            return await result if inspect.isawaitable(result) else result
        except Refused:
            raise
        except Exception as error:
            self._complain(f"{name}: {type(error).__name__}", "the demo's server broke")
            raise Refused(500, "Internal Server Error") from error

    def _complain(self, what: str, why: str) -> None:
        _LOG.error("REFUSED %s: %s", what, why)
        self.world.refused.append(what)

    def _check_token(self, token: str) -> None:
        if not _TOKEN.fullmatch(token):
            raise _NOT_FOUND
        if token != self.world.token:
            raise Refused(401, "Unauthorized")


def refusal(refused: Refused) -> web.Response:
    """The response for an error, also for hooks to answer with."""
    return web.json_response(refused.body(), status=refused.code)


async def read_params(request: web.Request) -> Params:
    """From the address and the body: JSON, urlencoded or multipart."""
    fields: dict[str, Any] = dict(request.query)
    uploads: dict[str, Upload] = {}
    try:
        if request.content_type == "application/json":
            return Params(fields | (await request.json() if request.can_read_body else {}))
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                uploads[name] = Upload(value.filename, value.content_type, value.file.read())
            else:
                fields[name] = value
    except web.HTTPRequestEntityTooLarge:
        raise Refused(413, "Request Entity Too Large") from None
    except ValueError:
        raise Refused(400, "Bad Request: can't parse request body") from None
    return Params(fields, uploads)


MAX_BODY = limits.UPLOAD_BYTES + (1 << 20)
