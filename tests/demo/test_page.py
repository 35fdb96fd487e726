"""The page's half: its state, its acts, its stream of events."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from bot.demo.clock import Clock
from bot.demo.server import serve
from bot.demo.world import World
from tests.demo.conftest import LI, WANG, Api
from tests.demo.pictures import png

MESSAGE_FIELDS = {
    "id",
    "from_bot",
    "date",
    "edited",
    "text",
    "html",
    "caption_html",
    "photo",
    "voice",
    "document",
    "sticker",
    "contact",
    "album",
    "reply_to",
    "keyboard",
    "deleted",
}


class Page:
    def __init__(self, api: Api) -> None:
        self.api = api

    async def post(self, path: str, body: dict[str, Any], status: int = 200) -> dict[str, Any]:
        async with self.api.session.post(f"{self.api.base}/demo/{path}", json=body) as response:
            assert response.status == status, await response.text()
            answer: dict[str, Any] = await response.json()
            return answer

    async def upload(self, path: str, files: list[tuple[str, bytes]], **fields: str) -> dict[str, Any]:
        form = aiohttp.FormData(fields, quote_fields=False)
        for name, data in files:
            form.add_field("file", data, filename=name)
        async with self.api.session.post(f"{self.api.base}/demo/{path}", data=form) as response:
            assert response.status == 200, await response.text()
            answer: dict[str, Any] = await response.json()
            return answer

    async def state(self) -> dict[str, Any]:
        async with self.api.session.get(f"{self.api.base}/demo/state") as response:
            state: dict[str, Any] = await response.json()
            return state

    async def last(self, user_id: int = LI) -> dict[str, Any]:
        found: dict[str, Any] = (await self.state())["messages"][str(user_id)][-1]
        return found


class Stream:
    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response

    async def next(self) -> tuple[str, dict[str, Any]]:
        """The name and the data of the next event."""
        lines: list[str] = []
        async with asyncio.timeout(5):
            while not lines or lines[-1]:
                lines.append((await self.response.content.readline()).decode().strip())
        if not lines[0] or lines[0].startswith(":"):
            return await self.next()
        assert lines[0].startswith("event: ")
        assert lines[1].startswith("data: ")
        return lines[0][7:], json.loads(lines[1][6:])


@pytest.fixture
def page(api: Api) -> Page:
    return Page(api)


@pytest.fixture
async def stream(api: Api, world: World) -> AsyncIterator[Stream]:
    async with api.session.get(f"{api.base}/demo/events") as response:
        assert response.content_type == "text/event-stream"
        await response.content.readline()
        yield Stream(response)


async def test_the_state_is_whole(page: Page, api: Api, world: World, clock: Clock) -> None:
    world.say(LI, "hello")
    await api.ok("setMyCommands", commands=[{"command": "help", "description": "Help"}])
    state = await page.state()
    assert set(state) == {"now", "time_zone", "bot", "phones", "messages", "commands"}
    assert abs(datetime.fromisoformat(state["now"]) - clock.now()) < timedelta(seconds=5)
    assert (state["time_zone"], state["bot"]) == ("Asia/Shanghai", {"name": "心桥", "username": "xinqiao_demo_bot"})
    assert state["phones"][0] == {
        "user_id": LI,
        "name": "李妈妈",
        "role": "volunteer",
        "note": "",
        "note_en": "",
        "language_code": "zh-hans",
        "blocked": False,
    }
    (message,) = state["messages"][str(LI)]
    assert set(message) == MESSAGE_FIELDS
    assert (message["text"], message["html"]) == ("hello", "hello")
    assert (message["from_bot"], message["keyboard"]) == (False, None)
    assert datetime.fromisoformat(message["date"]).tzinfo == UTC
    assert state["commands"][str(WANG)] == [{"command": "help", "description": "Help"}]


async def test_a_phone_shows_what_the_bot_sends(page: Page, api: Api, world: World) -> None:
    keys = [
        [
            {"text": "a", "callback_data": "1"},
            {"text": "b", "url": "https://a.example"},
            {"text": "c", "copy_text": {"text": "XYZ"}},
        ]
    ]
    sent = await api.ok(
        "sendMessage", chat_id=LI, text="<b>a</b>\n&lt;", parse_mode="HTML", reply_markup={"inline_keyboard": keys}
    )
    shown = await page.last()
    assert (shown["text"], shown["html"], shown["from_bot"]) == ("a\n<", "<b>a</b><br>&lt;", True)
    assert shown["keyboard"] == [
        [{"text": "a", "data": "1"}, {"text": "b", "url": "https://a.example"}, {"text": "c", "copy_text": "XYZ"}]
    ]
    await api.ok("editMessageText", chat_id=LI, message_id=sent["message_id"], text="done")
    assert ((await page.last())["edited"], (await page.last())["keyboard"]) == (True, None)
    await api.ok("deleteMessage", chat_id=LI, message_id=sent["message_id"])
    assert ((await page.last())["deleted"], (await page.last())["text"]) == (True, None)


async def test_a_phone_writes_taps_edits_and_starts(page: Page, api: Api, world: World) -> None:
    card = await api.ok("sendMessage", chat_id=LI, text="card")
    await page.post(f"phones/{LI}/text", {"text": "hi", "reply_to": card["message_id"]})
    await page.post(f"phones/{LI}/tap", {"message_id": card["message_id"], "data": "x"})
    await page.post(f"phones/{LI}/edit", {"message_id": 2, "text": "hey"})
    await page.post(f"phones/{WANG}/start", {"payload": "abc"})
    await page.post(f"phones/{LI}/contact", {})
    await page.post(f"phones/{LI}/language", {"language_code": "en"})
    await page.post(f"phones/{LI}/block", {"blocked": True})
    found = [list(update)[1] for update in await api.ok("getUpdates")]
    assert found == ["message", "callback_query", "edited_message", "message", "message", "my_chat_member"]
    first = (await page.state())["phones"][0]
    assert (first["language_code"], first["blocked"]) == ("en", True)
    assert (await page.last(WANG))["text"] == "/start abc"
    assert (await page.last())["contact"]["user_id"] == LI


async def test_a_phone_sends_photos_voice_and_files(page: Page, api: Api) -> None:
    await page.upload(f"phones/{LI}/photo", [("a.png", png()), ("b.png", png())], caption="two")
    await page.upload(f"phones/{LI}/voice", [("v.ogg", b"OggS")], seconds="2.6")
    await page.upload(f"phones/{LI}/file", [("报告 1.pdf", b"%PDF")])
    first, second, voice, file = (await page.state())["messages"][str(LI)]
    assert first["album"]
    assert first["album"] == second["album"]
    assert (first["caption_html"], second["caption_html"]) == ("two", None)
    assert (await api.ok("getUpdates"))[2]["message"]["voice"]["duration"] == 3
    assert (file["document"]["name"], file["document"]["size"]) == ("报告 1.pdf", 4)
    for url, data in ((first["photo"], png()), (voice["voice"], b"OggS"), (file["document"]["url"], b"%PDF")):
        async with api.session.get(api.base + url) as response:
            assert await response.read() == data
            assert response.headers["X-Content-Type-Options"] == "nosniff"


async def test_the_stream_tells_everything_at_once(page: Page, api: Api, world: World, stream: Stream) -> None:
    world.say(LI, "hello")
    name, data = await stream.next()
    assert (name, data["user_id"], data["message"]["text"]) == ("message", LI, "hello")
    await api.ok("sendChatAction", chat_id=LI, action="typing")
    assert await stream.next() == ("action", {"user_id": LI, "action": "typing"})
    card = await api.ok("sendMessage", chat_id=LI, text="card")
    assert (await stream.next())[1]["message"]["from_bot"]
    query = world.tap(LI, card["message_id"], "x")
    await api.ok("answerCallbackQuery", callback_query_id=query, text="好", show_alert=True)
    assert await stream.next() == ("answered", {"user_id": LI, "text": "好", "alert": True})
    await api.ok("editMessageText", chat_id=LI, message_id=card["message_id"], text="card 2")
    assert (await stream.next())[1]["message"]["edited"]
    await api.ok("deleteMessage", chat_id=LI, message_id=card["message_id"])
    assert await stream.next() == ("deleted", {"user_id": LI, "id": card["message_id"]})
    await page.post("clock", {"seconds": 60})
    name, data = await stream.next()
    assert (name, set(data)) == ("clock", {"now"})


async def test_menus_follow_scope_and_language(api: Api, world: World, stream: Stream) -> None:
    def menu(word: str) -> list[dict[str, str]]:
        return [{"command": "help", "description": word}]

    await api.ok("setMyCommands", commands=menu("Help"))
    assert {(await stream.next())[1]["user_id"] for _ in range(3)} == set(world.phones)
    await api.ok("setMyCommands", commands=menu("帮助"), language_code="zh")
    assert [(await stream.next())[1]["user_id"] for _ in range(2)] == [LI, 103]
    scope = {"type": "chat", "chat_id": LI}
    await api.ok("setMyCommands", commands=menu("李"), scope=scope)
    assert await stream.next() == ("commands", {"user_id": LI, "commands": menu("李")})
    assert world.commands_for(WANG) == menu("Help")
    await api.ok("deleteMyCommands", scope=scope)
    assert await stream.next() == ("commands", {"user_id": LI, "commands": menu("帮助")})
    world.language(LI, "en")
    assert await stream.next() == ("commands", {"user_id": LI, "commands": menu("Help")})


async def test_the_clock_is_turned_forward(page: Page, clock: Clock) -> None:
    before = clock.now()
    answer = await page.post("clock", {"seconds": 86_400})
    assert timedelta() <= datetime.fromisoformat(answer["now"]) - before - timedelta(days=1) < timedelta(seconds=5)
    await page.post("clock", {"to": (before + timedelta(days=9)).isoformat()})
    assert clock.now() - before >= timedelta(days=9)
    for wrong in ({"seconds": -5}, {"to": "2001-01-01"}, {"to": "later"}, {"seconds": "nan"}, {"seconds": 1e300}, {}):
        assert "error" in await page.post("clock", wrong, 400)


async def test_whoever_turns_the_clock_is_awaited(world: World, clock: Clock, session: aiohttp.ClientSession) -> None:
    turned: list[datetime] = []

    async def turn(target: datetime) -> None:
        await asyncio.sleep(0)
        turned.append(target)
        clock.forward(target)

    async with serve(world, turn_clock=turn) as base:
        await Page(Api(session, base)).post("clock", {"seconds": 3600})
    assert turned
    assert turned[0] <= clock.now()


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (f"phones/{LI}/text", {"text": " "}, 400),
        (f"phones/{LI}/text", {}, 400),
        (f"phones/{LI}/text", {"text": "x", "reply_to": 99}, 400),
        (f"phones/{LI}/tap", {"message_id": "x", "data": "y"}, 400),
        (f"phones/{LI}/edit", {"message_id": 99, "text": "y"}, 400),
        (f"phones/{LI}/fly", {}, 404),
        ("phones/999/text", {"text": "x"}, 404),
        ("nothing", {}, 404),
    ],
)
async def test_mistakes_are_told_in_json(page: Page, path: str, body: dict[str, Any], status: int) -> None:
    assert (await page.post(path, body, status))["error"]


async def test_other_sites_and_other_bodies_are_refused(api: Api) -> None:
    url = f"{api.base}/demo/phones/{LI}/text"
    async with api.session.post(url, json={"text": "x"}, headers={"Sec-Fetch-Site": "cross-site"}) as response:
        assert response.status == 403
    async with api.session.post(url, data='{"text": "x"}') as response:
        assert response.status == 400
    async with api.session.get(f"{api.base}/demo/files/none") as response:
        assert response.status == 404


async def test_the_page_itself_is_served(api: Api) -> None:
    async with api.session.get(f"{api.base}/") as response:
        assert (response.status, response.content_type) == (200, "text/html")
    async with api.session.get(f"{api.base}/static/index.html") as response:
        assert response.status == 200


async def test_leaving_ends_polls_and_streams(world: World, session: aiohttp.ClientSession) -> None:
    async with serve(world) as base:
        api = Api(session, base)
        poll = asyncio.create_task(api.update_ids(timeout=50))
        response = await session.get(f"{base}/demo/events")
        await response.content.readline()
        while not world.updates.waiting:
            await asyncio.sleep(0.01)
    assert await poll == []
    assert (await response.content.read()).strip() == b""
