"""The transport: PTB's errors, and never the token."""

from __future__ import annotations

import asyncio
import json
import logging
import traceback
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from telegram import InputFile, error

from bot.demo.world import World
from bot.telegram.bot import TokenRefused, connect, hide_token
from bot.telegram.http import AiohttpRequest, Api, ForeignAnswer, TooBig, Unsent
from bot.telegram.media import MOST_BYTES, fetch
from care.records.fields import Media, MediaKind

from .conftest import LI, TOKEN

SECRET = TOKEN.partition(":")[2]
Answer = Callable[[web.Request], Any]


@asynccontextmanager
async def server(answer: Answer) -> AsyncIterator[Api]:
    """Anything at all on the other end of the line."""

    async def handle(request: web.Request) -> web.StreamResponse:
        result = answer(request)
        return await result if asyncio.iscoroutine(result) else result

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with AiohttpRequest(trust_env=False) as request:
            yield Api(TOKEN, f"http://127.0.0.1:{runner.addresses[0][1]}", request)
    finally:
        await runner.cleanup()


def refusal(status: int, description: str = "no", **parameters: Any) -> web.Response:
    body = {"ok": False, "error_code": status, "description": description}
    return web.json_response(body | ({"parameters": parameters} if parameters else {}), status=status)


def reset(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def late(_: web.Request) -> web.Response:
    await asyncio.sleep(5)
    return web.Response()


async def fails(api: Api, seconds: float = 5.0) -> error.TelegramError:
    with pytest.raises(error.TelegramError) as caught:
        await api.call("sendMessage", {"chat_id": LI, "text": "x"}, seconds)
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + repr(api)
    assert SECRET not in told
    return caught.value


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (lambda _: refusal(429, retry_after=3), error.RetryAfter),
        (lambda _: refusal(403), error.Forbidden),
        (lambda _: refusal(400), error.BadRequest),
        (lambda _: refusal(400, migrate_to_chat_id=-100), error.ChatMigrated),
        (lambda _: refusal(401), error.InvalidToken),
        (lambda _: refusal(404), error.InvalidToken),
        (lambda _: refusal(409), error.Conflict),
        (lambda _: refusal(500), error.NetworkError),
        (lambda request: web.Response(status=502, text=f"<html>{request.path}</html>"), error.NetworkError),
        (lambda request: web.Response(status=404, text=f"no {request.path}"), error.InvalidToken),
        (lambda _: web.json_response([1], status=400), error.BadRequest),
        (lambda _: web.Response(text='{"ok":true,"resu'), ForeignAnswer),
        (lambda _: web.Response(text="<html>log in to the wireless</html>"), ForeignAnswer),
        (lambda _: web.json_response({"hello": 1}), ForeignAnswer),
        (lambda _: web.json_response([1]), ForeignAnswer),
        (lambda _: web.Response(status=204), ForeignAnswer),
        (reset, error.NetworkError),
    ],
)
async def test_t13_t15_each_answer_has_its_error(answer: Answer, expected: type[error.TelegramError]) -> None:
    async with server(answer) as api:
        assert type(await fails(api)) is expected


async def test_an_answer_that_does_not_come_is_a_timeout() -> None:
    async with server(late) as api:
        assert type(await fails(api, seconds=0.1)) is error.TimedOut


async def test_a_server_that_is_not_there_got_nothing() -> None:
    async with server(lambda _: web.Response()) as api:
        pass
    async with AiohttpRequest(trust_env=False) as request:
        gone = Api(TOKEN, "http://127.0.0.1:9", request)
        assert type(await fails(gone)) is Unsent
    with pytest.raises(error.NetworkError):
        await api.call("getMe", {})


async def test_an_unreadable_answer_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with server(lambda _: web.Response(text='[{"text":"a child said')) as api:
        await fails(api)
    assert "a child said" not in caplog.text


async def test_a_call_is_one_json_object(api: Api, world: World) -> None:
    sent = await api.call("sendMessage", {"chat_id": LI, "text": "心 <b>&amp;</b>", "parse_mode": "HTML"})
    assert sent["text"] == "心 &"
    assert world.ledger[-1].params["parse_mode"] == "HTML"


async def test_ptb_itself_sends_forms_and_files_through_it(base: str, world: World) -> None:
    from telegram.ext import ExtBot

    request = AiohttpRequest(trust_env=False)
    bot: ExtBot[None] = ExtBot(TOKEN, f"{base}/bot", f"{base}/file/bot", request=request, get_updates_request=request)
    async with bot:
        assert bot.username == "xinqiao_demo_bot"
        await bot.send_message(LI, "你好", disable_notification=True)
        message = await bot.send_document(LI, InputFile(b"a,b\n", filename="表.csv"), caption="名单")
        assert message.document is not None
        file = await bot.get_file(message.document.file_id)
        assert bytes(await file.download_as_bytearray()) == b"a,b\n"
    assert world.ledger[0].name == "getMe"


async def test_files_come_whole(api: Api, world: World) -> None:
    world.voice(LI, b"OggS" * 1000)
    (update,) = await api.call("getUpdates", {})
    voice = Media(kind=MediaKind.VOICE, file_id=update["message"]["voice"]["file_id"])
    assert await fetch(api, voice) == b"OggS" * 1000


@pytest.mark.parametrize("known", [MOST_BYTES + 1, 0])
async def test_t47_a_file_of_20_mb_and_one_byte_is_refused(api: Api, world: World, known: int) -> None:
    world.document(LI, b"x", "big.bin", size=MOST_BYTES + 1)
    (update,) = await api.call("getUpdates", {})
    with pytest.raises(TooBig):
        await fetch(api, Media(kind=MediaKind.FILE, file_id=update["message"]["document"]["file_id"], size=known))
    assert [entry.name for entry in world.ledger if entry.name == "getFile"] == ([] if known else ["getFile"])


async def test_t47_a_stream_is_cut_at_the_cap() -> None:
    async with server(lambda _: web.Response(body=b"x" * 5000)) as api:
        assert len(await api.download("f", 5000)) == 5000
        with pytest.raises(TooBig):
            await api.download("f", 4999)


async def test_the_start_removes_a_webhook_and_sets_the_menus(base: str, world: World) -> None:
    world.webhook_url = "https://example.org/hook"
    menus = {"": [("start", "开始")], "en": [("start", "Begin")]}
    async with connect(TOKEN, base + "/", menus) as channel:
        assert (channel.username, channel.name, channel.bot_id) == ("xinqiao_demo_bot", "心桥", 4242)
        assert await channel.api.call("getMe", {})
        assert SECRET not in repr(channel)
    assert world.webhook_url == ""
    assert world.commands["default", ""] == [{"command": "start", "description": "开始"}]
    assert world.commands["default", "en"] == [{"command": "start", "description": "Begin"}]


async def test_t17_an_unknown_token_ends_the_start_in_one_line(base: str) -> None:
    wrong = TOKEN + "-but-wrong"
    with pytest.raises(TokenRefused) as caught:
        async with connect(wrong, base):
            pass
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    assert "\n" not in str(caught.value)


def test_t59_no_record_holds_the_token(caplog: pytest.LogCaptureFixture) -> None:
    before = logging.getLogRecordFactory()
    hide_token(TOKEN)
    try:
        log = logging.getLogger("anything")
        log.warning("calling %s", f"https://host/bot{TOKEN}/getMe")
        try:
            raise ValueError(f"bad address bot{TOKEN}")
        except ValueError:
            log.exception("failed")
        log.warning("plain %d", 1)
    finally:
        logging.setLogRecordFactory(before)
    assert SECRET not in caplog.text
    assert "bad address bot***" in caplog.text
    assert "plain 1" in caplog.text
    assert json.dumps([str(record.args) for record in caplog.records]).find(SECRET) == -1
